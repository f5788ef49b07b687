import { latin1Text } from '../bytes.ts'
import { aclCategories } from '../commands/command-entry.ts'
import { type CommandDefinition, keyIndexes, namesKeys } from '../commands/define-command.ts'
import { usageOfKey } from '../commands/key-specs.ts'
import type { Args } from '../resp/args.ts'
import type { Selector } from './selector.ts'
import type { User } from './user.ts'

/** Why a command is not allowed, from the least telling reason to the most; and the argument that it is about. */
export type Denial = { readonly reason: 'database' | 'command' | 'key' | 'channel'; readonly index: number }

const WEIGHT = { database: 0, command: 1, key: 2, channel: 3 } as const

/**
 * May the user run this command in this database? Undefined: yes. Of the reasons that its selectors give the weightiest is told,
 * and of equal ones that of the last argument (`ACLCheckAllUserCommandPerm`).
 */
export function denialOf(user: User, definition: CommandDefinition, args: Args, database: number): Denial | undefined {
  let worst: Denial | undefined
  for (const selector of user.selectors) {
    const denial = denialOfSelector(selector, definition, args, database)
    if (!denial) return undefined
    const more = worst ? WEIGHT[denial.reason] - WEIGHT[worst.reason] : 1
    if (!worst || more > 0 || (more === 0 && denial.index > worst.index)) worst = denial
  }
  return worst
}

function denialOfSelector(selector: Selector, definition: CommandDefinition, args: Args, database: number): Denial | undefined {
  if (selector.databases) {
    const index = deniedDatabase(selector.databases, definition, args, database)
    if (index !== undefined) return { reason: 'database', index }
  }
  const firstArgument = args.length > 1 ? args.text(1) : undefined
  // Whoever may connect may log in and leave.
  if (!definition.flags.includes('no_auth') && !selector.allowsCommand(definition, firstArgument)) return { reason: 'command', index: 0 }
  if (!selector.allKeys && namesKeys(definition)) {
    for (const index of keyIndexes(definition.keys, args)) {
      if (!allowsKey(selector, definition, args, index)) return { reason: 'key', index }
    }
  }
  if (selector.allChannels) return undefined
  const channels = CHANNELS.get(definition.name)
  if (!channels) return undefined
  const last = channels.count ?? args.length - 1
  for (let index = 1; index <= last; index++) {
    if (!allowsChannel(selector, args.bytes(index), channels.arePatterns)) return { reason: 'channel', index }
  }
  return undefined
}

/** Does something that allows this command also let every key be read? Then keys may be read that are not among the arguments. */
export function readsEveryKey(user: User, definition: CommandDefinition, args: Args, database: number): boolean {
  return user.selectors.some(
    (selector) =>
      (selector.allKeys || selector.keyPatterns.some(({ reads, text }) => reads && text === '*')) &&
      !denialOfSelector(selector, definition, args, database)
  )
}

/** Only what the command does with the key counts: EXISTS, which shows nothing of the value, needs a pattern of any kind. */
function allowsKey(selector: Selector, definition: CommandDefinition, args: Args, index: number): boolean {
  const usage = usageOfKey(definition, args, index)
  const reads = usage === undefined || usage.includes('access')
  const writes = usage === undefined || usage.some((word) => word === 'insert' || word === 'update' || word === 'delete')
  const key = args.bytes(index)
  return selector.keyPatterns.some((pattern) => (pattern.reads || !reads) && (pattern.writes || !writes) && pattern.glob.matches(key))
}

/** Who listens by a pattern needs that very pattern, since others may match more. */
function allowsChannel(selector: Selector, channel: Uint8Array, isPattern: boolean): boolean {
  if (isPattern) {
    const text = latin1Text(channel)
    return selector.channelPatterns.some((pattern) => pattern.text === text)
  }
  return selector.channelPatterns.some((pattern) => pattern.glob.matches(channel))
}

/** May what a client listens to go on being listened to? */
export function mayListen(user: User, channel: Uint8Array, isPattern: boolean): boolean {
  return user.selectors.some((selector) => selector.allChannels || allowsChannel(selector, channel, isPattern))
}

/** Commands with channels: all arguments, or the first `count`. Ending a subscription is always allowed. */
const CHANNELS: ReadonlyMap<string, { readonly count?: number; readonly arePatterns: boolean }> = new Map([
  ['SUBSCRIBE', { arePatterns: false }],
  ['SSUBSCRIBE', { arePatterns: false }],
  ['PSUBSCRIBE', { arePatterns: true }],
  ['PUBLISH', { count: 1, arePatterns: false }],
  ['SPUBLISH', { count: 1, arePatterns: false }]
])

/** Commands that reach into every database. */
const OVER_ALL = new Set(['FLUSHALL', 'CLUSTER|FLUSHSLOT', 'CLUSTER|MIGRATESLOTS', 'CLUSTER|CANCELSLOTMIGRATIONS'])

/** The argument that names a database that is not allowed, else 0 when the one that the command works in is not. */
function deniedDatabase(allowed: ReadonlySet<number>, definition: CommandDefinition, args: Args, database: number): number | undefined {
  if (OVER_ALL.has(definition.name)) return 0
  const denied = namedDatabases(definition.name, args).find((index) => {
    const chosen = args.integer(index)
    return chosen !== undefined && !allowed.has(Number(chosen))
  })
  if (denied !== undefined || definition.name === 'SELECT' || definition.name === 'SWAPDB') return denied
  return worksOnKeys(definition) && !allowed.has(database) ? 0 : undefined
}

/** Where these arguments name databases. */
function namedDatabases(name: string, args: Args): readonly number[] {
  if (name === 'SELECT') return [1]
  if (name === 'SWAPDB') return [1, 2]
  if (name === 'MOVE') return [2]
  if (name !== 'COPY') return []
  const indexes: number[] = []
  for (let i = 3; i + 1 < args.length; i++) if (args.is(i, 'DB')) indexes.push(++i)
  return indexes
}

const keyCommands = new Map<CommandDefinition, boolean>()

/** Does the command work on keys of the selected database? */
function worksOnKeys(definition: CommandDefinition): boolean {
  let works = keyCommands.get(definition)
  if (works === undefined) {
    const isAboutData = aclCategories(definition).some((category) => DATA.has(category))
    works = namesKeys(definition) || (isAboutData && definition.group !== 'pubsub')
    keyCommands.set(definition, works)
  }
  return works
}

const DATA = new Set(['@keyspace', '@read', '@write'])
