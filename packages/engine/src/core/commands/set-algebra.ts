import { ByteTable } from '../keyspace/byte-table.ts'
import { NEVER } from '../keyspace/entry.ts'
import { type SetEncoding, SetValue } from '../keyspace/values/set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { allKeys, type CommandDefinition, defineCommand } from './define-command.ts'

type Operation = 'inter' | 'union' | 'diff'

/**
 * The sets at keys from..to-1, undefined where there is none. Writes the error and returns undefined when one of them holds
 * something else; all are looked at before any is used.
 */
function readSets(ctx: CommandContext, args: Args, from: number, to: number, isRead: boolean): (SetValue | undefined)[] | undefined {
  const sets: (SetValue | undefined)[] = []
  for (let i = from; i < to; i++) {
    const value = (isRead ? ctx.find(args.bytes(i)) : ctx.lookup(ctx.database, args.bytes(i)))?.value
    if (value && value.type !== 'set') {
      ctx.reply.error(errors.wrongType)
      return undefined
    }
    sets.push(value)
  }
  return sets
}

/** Members that all sets have, up to `limit`; the smallest set is walked. */
function intersection(sets: readonly (SetValue | undefined)[], limit = Number.POSITIVE_INFINITY): Uint8Array[] {
  const present = sets.filter((set) => set !== undefined)
  if (present.length < sets.length) return []
  const [smallest, ...others] = present.sort((a, b) => a.size - b.size)
  const members: Uint8Array[] = []
  if (!smallest) return members
  for (const member of smallest.members()) {
    if (!others.every((set) => set.has(member))) continue
    members.push(member)
    if (members.length >= limit) break
  }
  return members
}

function union(sets: readonly (SetValue | undefined)[]): Uint8Array[] {
  const members = new ByteTable<true>()
  for (const set of sets) for (const member of set?.members() ?? []) members.set(member, true)
  return [...members.keys()]
}

function difference([first, ...others]: readonly (SetValue | undefined)[]): Uint8Array[] {
  const members: Uint8Array[] = []
  for (const member of first?.members() ?? []) if (!others.some((set) => set?.has(member))) members.push(member)
  return members
}

function compute(operation: Operation, sets: readonly (SetValue | undefined)[]): Uint8Array[] {
  if (operation === 'inter') return intersection(sets)
  return operation === 'union' ? union(sets) : difference(sets)
}

function answer(ctx: CommandContext, args: Args, operation: Operation) {
  const sets = readSets(ctx, args, 1, args.length, true)
  if (!sets) return
  const members = compute(operation, sets)
  ctx.reply.set(members.length)
  for (const member of members) ctx.reply.bulk(member)
}

/** An intersection begins in the form of the set that is walked, but never as a table; the others grow from an intset. */
function firstEncoding(operation: Operation, sets: readonly (SetValue | undefined)[]): SetEncoding {
  if (operation !== 'inter') return 'intset'
  const walked = sets.reduce((smallest, set) => (smallest && set && set.size < smallest.size ? set : smallest))?.encoding ?? 'intset'
  return walked === 'hashtable' ? 'listpack' : walked
}

function store(ctx: CommandContext, args: Args, operation: Operation) {
  const sets = readSets(ctx, args, 2, args.length, false)
  if (!sets) return
  const target = args.bytes(1)
  const members = compute(operation, sets)
  if (members.length === 0) {
    // Expired or not: the reference does not look.
    if (ctx.database.remove(target)) {
      ctx.changed(target)
      ctx.notify('g', 'del', target)
    }
    return ctx.reply.integer(0)
  }
  const result = new SetValue(firstEncoding(operation, sets))
  for (const member of members) result.add(member)
  if (operation === 'inter') result.packIntegers()
  ctx.lookup(ctx.database, target)
  ctx.database.put(target, result, NEVER)
  ctx.changed(target, members.length)
  ctx.notify('s', `s${operation}store`, target)
  ctx.reply.integer(members.length)
}

const readDefinition = {
  group: 'set',
  since: '1.0.0',
  arity: -2,
  flags: ['readonly'],
  keys: allKeys
} as const satisfies Partial<CommandDefinition>
const storeDefinition = {
  group: 'set',
  since: '1.0.0',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: allKeys
} as const satisfies Partial<CommandDefinition>

export const sinter = defineCommand({
  name: 'SINTER',
  summary: 'Returns the members that all sets have.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'inter')
})

export const sunion = defineCommand({
  name: 'SUNION',
  summary: 'Returns the members that any of the sets has.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'union')
})

export const sdiff = defineCommand({
  name: 'SDIFF',
  summary: 'Returns the members of the first set that none of the others has.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'diff')
})

export const sinterstore = defineCommand({
  name: 'SINTERSTORE',
  summary: 'Stores the members that all sets have.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'inter')
})

export const sunionstore = defineCommand({
  name: 'SUNIONSTORE',
  summary: 'Stores the members that any of the sets has.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'union')
})

export const sdiffstore = defineCommand({
  name: 'SDIFFSTORE',
  summary: 'Stores the members of the first set that none of the others has.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'diff')
})

export const sintercard = defineCommand({
  name: 'SINTERCARD',
  group: 'set',
  since: '7.0.0',
  summary: 'Counts the members that all sets have, up to a limit if wanted.',
  arity: -3,
  flags: ['readonly', 'movablekeys'],
  keys: countedKeys(1),
  run: (ctx, args) => {
    const limits = readCountLimit(ctx, args)
    if (!limits) return
    const sets = readSets(ctx, args, 2, 2 + limits.keyCount, true)
    if (sets) ctx.reply.integer(intersection(sets, limits.limit).length)
  }
})

/** The number of keys at 1 and a LIMIT after them, of SINTERCARD and ZINTERCARD. Writes the error and returns undefined. */
export function readCountLimit(ctx: CommandContext, args: Args): { readonly keyCount: number; readonly limit: number } | undefined {
  const problem = (text: string) => {
    ctx.reply.error(text)
    return undefined
  }
  const keyCount = args.integer(1)
  if (keyCount === undefined || keyCount < 1) return problem('ERR numkeys should be greater than 0')
  if (keyCount > args.length - 2) return problem("ERR Number of keys can't be greater than number of args")
  let limit = Number.POSITIVE_INFINITY
  for (let at = 2 + Number(keyCount); at < args.length; at += 2) {
    if (!args.is(at, 'LIMIT') || at + 1 >= args.length) return problem(errors.syntax)
    const given = args.integer(at + 1)
    if (given === undefined || given < 0) return problem("ERR LIMIT can't be negative")
    limit = given === 0 ? Number.POSITIVE_INFINITY : Number(given)
  }
  return { keyCount: Number(keyCount), limit }
}
