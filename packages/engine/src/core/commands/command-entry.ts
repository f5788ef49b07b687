import type { ReplyWriter } from '../resp/reply-writer.ts'
import { aclFacts, tipFacts } from './command-facts.ts'
import type { CommandDefinition, CommandGroup } from './define-command.ts'
import { type DescribedKeys, describedKeys, legacyRange } from './key-specs.ts'

const CATEGORY_OF_GROUP: ReadonlyMap<CommandGroup, string> = new Map([
  ['generic', '@keyspace'],
  ['string', '@string'],
  ['hash', '@hash'],
  ['list', '@list'],
  ['set', '@set'],
  ['sorted-set', '@sortedset'],
  ['bitmap', '@bitmap'],
  ['hyperloglog', '@hyperloglog'],
  ['geo', '@geo'],
  ['stream', '@stream'],
  ['connection', '@connection'],
  ['transactions', '@transaction']
])

/** The order in which COMMAND prints categories. */
const CATEGORIES: readonly string[] = (
  '@keyspace @read @write @set @sortedset @list @hash @string @bitmap @hyperloglog @geo @stream @pubsub @admin @fast @slow ' +
  '@blocking @dangerous @connection @transaction @scripting'
).split(' ')

/** The same without their sign, as ACL CAT names them. */
export const categoryNames: readonly string[] = CATEGORIES.map((category) => category.slice(1))

/** ACL categories: those that flags and group imply (`setImplicitACLCategories`), changed by the facts. */
export function aclCategories({ name, group, flags, run }: CommandDefinition): readonly string[] {
  const categories = new Set<string>([flags.includes('fast') ? '@fast' : '@slow'])
  if (flags.includes('write')) categories.add('@write')
  if (flags.includes('readonly')) categories.add('@read')
  if (flags.includes('admin')) categories.add('@admin').add('@dangerous')
  if (flags.includes('pubsub')) categories.add('@pubsub')
  if (flags.includes('blocking')) categories.add('@blocking')
  const own = CATEGORY_OF_GROUP.get(group)
  if (own !== undefined && run) categories.add(own)
  for (const change of aclFacts.get(name.toLowerCase())?.split(' ') ?? []) {
    if (change.startsWith('+')) categories.add(change.slice(1))
    else categories.delete(change.slice(1))
  }
  return CATEGORIES.filter((category) => categories.has(category))
}

/** One command as COMMAND and COMMAND INFO print it: ten elements, the last its subcommands in the same form. */
export function writeCommandEntry(reply: ReplyWriter, definition: CommandDefinition): void {
  const name = definition.name.toLowerCase()
  const [first, last, step] = legacyRange(definition)
  reply.array(10)
  reply.latin1(name)
  reply.integer(definition.arity)
  writeWords(reply, definition.flags)
  reply.integer(first)
  reply.integer(last)
  reply.integer(step)
  writeWords(reply, aclCategories(definition))
  const tips = tipFacts.get(name)?.split(' ') ?? []
  reply.set(tips.length)
  for (const tip of tips) reply.latin1(tip)
  const keys = describedKeys(definition)
  reply.set(keys.length)
  for (const one of keys) writeKeys(reply, one)
  const subcommands = definition.subcommands ?? []
  reply.array(subcommands.length)
  for (const subcommand of subcommands) writeCommandEntry(reply, subcommand)
}

/** A set of simple strings. */
export function writeWords(reply: ReplyWriter, words: readonly string[]): void {
  reply.set(words.length)
  for (const word of words) reply.simple(word)
}

function writeKeys(reply: ReplyWriter, { flags, begin, find }: DescribedKeys): void {
  reply.map(3)
  reply.latin1('flags')
  writeWords(reply, flags)
  reply.latin1('begin_search')
  if (begin.type === 'index') writeSpec(reply, 'index', [['index', begin.index]])
  else if (begin.type === 'keyword') {
    writeSpec(reply, 'keyword', [
      ['keyword', begin.keyword],
      ['startfrom', begin.from]
    ])
  } else writeSpec(reply, 'unknown', [])
  reply.latin1('find_keys')
  if (find.type === 'range') {
    writeSpec(reply, 'range', [
      ['lastkey', find.last],
      ['keystep', find.step],
      ['limit', find.limit ?? 0]
    ])
  } else if (find.type === 'keynum') {
    writeSpec(reply, 'keynum', [
      ['keynumidx', 0],
      ['firstkey', 1],
      ['keystep', find.step]
    ])
  } else writeSpec(reply, 'unknown', [])
}

function writeSpec(reply: ReplyWriter, type: string, fields: readonly (readonly [string, number | string])[]): void {
  reply.map(2)
  reply.latin1('type')
  reply.latin1(type)
  reply.latin1('spec')
  reply.map(fields.length)
  for (const [name, value] of fields) {
    reply.latin1(name)
    if (typeof value === 'number') reply.integer(value)
    else reply.latin1(value)
  }
}
