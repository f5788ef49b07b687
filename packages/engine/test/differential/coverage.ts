import type { Command } from './command-runs.ts'
import type { ReplyTree } from './reply-frame.ts'

/** Occurrences of a command or of an option of it, and how many of them were answered by no error. */
export type Occurrences = { count: number; served: number }

/** Groups of commands that belong to the data plane. */
const GROUPS = new Set([
  'string',
  'bitmap',
  'hash',
  'list',
  'set',
  'sorted-set',
  'hyperloglog',
  'geo',
  'stream',
  'generic',
  'transactions',
  'pubsub'
])

/** Commands of these groups that are not counted. */
const LEFT_OUT = new Set([
  // The engine does not have them; the README says what they wait for.
  'MIGRATE',
  'WAITAOF',
  // It takes the real server a second each time, so it comes once per seed.
  'PFSELFTEST'
])

type Tracked = Occurrences & { readonly options: ReadonlyMap<string, Occurrences> }

/**
 * How often each command and each option occurs. What there is comes from COMMAND DOCS of the real server, not from the
 * generator that is judged by it.
 */
export class Coverage {
  readonly #commands = new Map<string, Tracked>()
  readonly #containers = new Set<string>()

  /** `docs`: the reply to COMMAND DOCS in RESP2. */
  constructor(docs: ReplyTree) {
    for (const [name, facts] of pairsOf(docs)) this.#add(name.toUpperCase(), facts)
  }

  count(command: Command, reply: string): void {
    let name = (command[0] ?? '').toUpperCase()
    let rest = 1
    if (this.#containers.has(name) && command.length > 1) {
      name += ` ${(command[1] as string).toUpperCase()}`
      rest = 2
    }
    const tracked = this.#commands.get(name)
    if (!tracked) return
    const served = reply.charCodeAt(0) === 0x2d ? 0 : 1
    tracked.count++
    tracked.served += served
    if (tracked.options.size === 0) return
    const seen = new Set<string>()
    for (let at = rest; at < command.length; at++) {
      const part = command[at] as string
      if (part.length > 15 || !/^[a-z~=$*]/i.test(part)) continue
      const option = part.toUpperCase()
      const occurrences = tracked.options.get(option)
      if (!occurrences || seen.has(option)) continue
      seen.add(option)
      occurrences.count++
      occurrences.served += served
    }
  }

  /** `NAME` or `NAME OPTION` with its occurrences. */
  *rows(): Generator<readonly [string, Occurrences]> {
    for (const [name, tracked] of [...this.#commands].sort(([a], [b]) => (a < b ? -1 : 1))) {
      yield [name, tracked]
      for (const [option, occurrences] of tracked.options) yield [`${name} … ${option}`, occurrences]
    }
  }

  #add(name: string, facts: ReplyTree): void {
    const fields = new Map(pairsOf(facts))
    const subcommands = fields.get('subcommands')
    const group = textOf(fields.get('group'))
    if (subcommands) {
      this.#containers.add(name)
      for (const [sub, subFacts] of pairsOf(subcommands)) if (GROUPS.has(group)) this.#add(sub.toUpperCase().replace('|', ' '), subFacts)
      return
    }
    if (!GROUPS.has(group) || LEFT_OUT.has(name)) return
    const options = new Map<string, Occurrences>()
    for (const token of tokensOf(fields.get('arguments'))) options.set(token.toUpperCase(), { count: 0, served: 0 })
    this.#commands.set(name, { count: 0, served: 0, options })
  }
}

/** What is required of each row in a run of a million commands. */
export const LEAST_COUNT = 300
export const LEAST_SERVED = 0.3

function* tokensOf(args: ReplyTree | undefined): Generator<string> {
  if (args === undefined || typeof args === 'string') return
  for (const argument of args.items) {
    const fields = new Map(pairsOf(argument))
    const token = textOf(fields.get('token'))
    if (token !== '' && token !== '""') yield token
    yield* tokensOf(fields.get('arguments'))
  }
}

function pairsOf(tree: ReplyTree): (readonly [string, ReplyTree])[] {
  if (typeof tree === 'string') return []
  const pairs: (readonly [string, ReplyTree])[] = []
  for (let at = 0; at + 1 < tree.items.length; at += 2) pairs.push([textOf(tree.items[at]), tree.items[at + 1] as ReplyTree])
  return pairs
}

function textOf(tree: ReplyTree | undefined): string {
  return typeof tree === 'string' ? tree.slice(1) : ''
}
