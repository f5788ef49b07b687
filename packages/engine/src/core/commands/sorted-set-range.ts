import { parseAnyDouble } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { type LexBound, type RankRange, SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey, firstTwoKeys } from './define-command.ts'
import { finishRemoval } from './sorted-set-remove.ts'

/** Ranges of sorted sets: by rank, by score, by bytes. Each becomes a range of ranks, which is then counted, given or removed. */

type By = 'rank' | 'score' | 'lex'

/** The ranks, counted upwards, that two arguments name in a set. */
type RangeOf = (set: SortedSetValue) => RankRange

/**
 * Two bounds at `index` and the next. With `isReverse` ranks count from the top and the higher bound of scores or bytes
 * stands first. Writes the error and returns undefined when they are none.
 */
function readRange(ctx: CommandContext, args: Args, index: number, by: By, isReverse: boolean): RangeOf | undefined {
  if (by === 'rank') return readRankRange(ctx, args, index, isReverse)
  const [lowIndex, highIndex] = isReverse ? [index + 1, index] : [index, index + 1]
  return by === 'score' ? readScoreRange(ctx, args, lowIndex, highIndex) : readLexRange(ctx, args, lowIndex, highIndex)
}

function readRankRange(ctx: CommandContext, args: Args, index: number, isReverse: boolean): RangeOf | undefined {
  const first = args.integer(index)
  const last = first === undefined ? undefined : args.integer(index + 1)
  if (first === undefined || last === undefined) {
    ctx.reply.error(errors.notAnInteger)
    return undefined
  }
  return ({ size }) => {
    const start = Math.max(0, first < 0 ? size + Number(first) : Number(first))
    const stop = Math.min(size - 1, last < 0 ? size + Number(last) : Number(last))
    if (start > stop) return { from: 0, to: 0 }
    return isReverse ? { from: size - 1 - stop, to: size - start } : { from: start, to: stop + 1 }
  }
}

function readScoreRange(ctx: CommandContext, args: Args, lowIndex: number, highIndex: number): RangeOf | undefined {
  const low = readScoreBound(args.bytes(lowIndex))
  const high = readScoreBound(args.bytes(highIndex))
  if (low && high) {
    const range = { low: low.score, lowExcluded: low.isExcluded, high: high.score, highExcluded: high.isExcluded }
    return (set) => set.ranksByScore(range)
  }
  ctx.reply.error('ERR min or max is not a float')
  return undefined
}

/** A score, after `(` when it is not included itself; no digits at all are zero, and what follows a NUL is not looked at. */
function readScoreBound(bytes: Uint8Array): { readonly score: number; readonly isExcluded: boolean } | undefined {
  const isExcluded = bytes[0] === 40
  const end = bytes.indexOf(0)
  const digits = bytes.subarray(isExcluded ? 1 : 0, end < 0 ? bytes.length : end)
  const score = digits.length === 0 ? 0 : parseAnyDouble(digits)
  return score === undefined ? undefined : { score, isExcluded }
}

function readLexRange(ctx: CommandContext, args: Args, lowIndex: number, highIndex: number): RangeOf | undefined {
  const low = readLexBound(args.copy(lowIndex))
  const high = readLexBound(args.copy(highIndex))
  if (low && high) return (set) => set.ranksByMember(low, high)
  ctx.reply.error('ERR min or max not valid string range item')
  return undefined
}

/** `-`, `+`, or a member after `[` or `(`. */
function readLexBound(bytes: Uint8Array): LexBound | undefined {
  if (bytes[0] === 91 || bytes[0] === 40) return { member: bytes.subarray(1), excluded: bytes[0] === 40 }
  if (bytes.length !== 1) return undefined
  return bytes[0] === 45 ? '-' : bytes[0] === 43 ? '+' : undefined
}

type Options = { by: By; isReverse: boolean; withScores: boolean; offset: number; count: number; hasLimit: boolean }

/** What the older names fix, and ZRANGE leaves to its options: undefined. */
type Fixed = { readonly by: By | undefined; readonly isReverse: boolean | undefined }

function readOptions(ctx: CommandContext, args: Args, from: number, fixed: Fixed, allowsScores: boolean): Options | undefined {
  const { reply } = ctx
  const options: Options = {
    by: fixed.by ?? 'rank',
    isReverse: fixed.isReverse ?? false,
    withScores: false,
    offset: 0,
    count: -1,
    hasLimit: false
  }
  let isByGiven = fixed.by !== undefined
  const fail = (text: string) => {
    reply.error(text)
    return undefined
  }
  for (let at = from; at < args.length; at++) {
    if (allowsScores && args.is(at, 'WITHSCORES')) options.withScores = true
    else if (args.is(at, 'LIMIT') && at + 2 < args.length) {
      const offset = args.integer(at + 1)
      const count = offset === undefined ? undefined : args.integer(at + 2)
      if (offset === undefined || count === undefined) return fail(errors.notAnInteger)
      options.offset = Number(offset)
      options.count = Number(count)
      options.hasLimit = true
      at += 2
    } else if (fixed.isReverse === undefined && args.is(at, 'REV')) options.isReverse = true
    else if (!isByGiven && args.is(at, 'BYSCORE')) {
      options.by = 'score'
      isByGiven = true
    } else if (!isByGiven && args.is(at, 'BYLEX')) {
      options.by = 'lex'
      isByGiven = true
    } else return fail(errors.syntax)
  }
  // A limit that changes nothing is not noticed, as in the reference.
  if (options.by === 'rank' && options.hasLimit && (options.offset !== 0 || options.count !== -1)) {
    return fail('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  }
  if (options.by === 'lex' && options.withScores) return fail('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  return options
}

function limited({ from, to }: RankRange, { by, isReverse, offset, count }: Options): RankRange {
  if (by === 'rank') return { from, to }
  if (offset < 0) return { from, to: from }
  const size = Math.max(0, to - from - offset)
  const wanted = count < 0 ? size : Math.min(size, count)
  return isReverse ? { from: to - offset - wanted, to: to - offset } : { from: from + offset, to: from + offset + wanted }
}

function answer(ctx: CommandContext, args: Args, fixed: Fixed) {
  const { reply } = ctx
  const options = readOptions(ctx, args, 4, fixed, true)
  if (!options) return
  const rangeOf = readRange(ctx, args, 2, options.by, options.isReverse)
  if (!rangeOf) return
  const set = ctx.read('zset', args.bytes(1))
  if (set === 'wrong') return
  if (!set) return reply.array(0)
  const { from, to } = limited(rangeOf(set), options)
  const isNested = options.withScores && reply.protocol === 3
  const count = Math.max(0, to - from)
  reply.array(options.withScores && !isNested ? count * 2 : count)
  set.tell(options.isReverse ? to - 1 : from, count, options.isReverse, (bytes, start, length, score) => {
    if (isNested) reply.array(2)
    reply.bulkOf(bytes, start, length)
    if (options.withScores) reply.double(score)
  })
}

const readDefinition = { group: 'sorted-set', arity: -4, flags: ['readonly'], keys: firstKey } as const satisfies Partial<CommandDefinition>

export const zrange = defineCommand({
  name: 'ZRANGE',
  since: '1.2.0',
  summary: 'Returns the members of a range of ranks, scores or bytes.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: undefined, isReverse: undefined })
})

export const zrevrange = defineCommand({
  name: 'ZREVRANGE',
  since: '1.2.0',
  summary: 'Returns the members of a range of ranks, the highest score first.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: 'rank', isReverse: true })
})

export const zrangebyscore = defineCommand({
  name: 'ZRANGEBYSCORE',
  since: '1.0.5',
  summary: 'Returns the members of a range of scores.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: 'score', isReverse: false })
})

export const zrevrangebyscore = defineCommand({
  name: 'ZREVRANGEBYSCORE',
  since: '2.2.0',
  summary: 'Returns the members of a range of scores, the highest first.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: 'score', isReverse: true })
})

export const zrangebylex = defineCommand({
  name: 'ZRANGEBYLEX',
  since: '2.8.9',
  summary: 'Returns the members of a range of bytes, when all have the same score.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: 'lex', isReverse: false })
})

export const zrevrangebylex = defineCommand({
  name: 'ZREVRANGEBYLEX',
  since: '2.8.9',
  summary: 'Returns the members of a range of bytes, the last first, when all have the same score.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, { by: 'lex', isReverse: true })
})

export const zrangestore = defineCommand({
  name: 'ZRANGESTORE',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Stores the members of a range of ranks, scores or bytes in another sorted set.',
  arity: -5,
  flags: ['write', 'denyoom'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const options = readOptions(ctx, args, 5, { by: undefined, isReverse: undefined }, false)
    if (!options) return
    const rangeOf = readRange(ctx, args, 3, options.by, options.isReverse)
    if (!rangeOf) return
    const source = ctx.lookup(ctx.database, args.bytes(2))?.value
    if (source && source.type !== 'zset') return ctx.reply.error(errors.wrongType)
    const pairs = source ? source.slice(limited(rangeOf(source), options), options.isReverse) : []
    const result = new SortedSetValue()
    if (options.by === 'rank') result.expect(pairs.length, 0)
    for (const [member, score] of pairs) result.set(member, score)
    storeResult(ctx, args.bytes(1), result, 'zrangestore')
  }
})

/** Puts a result in the place of a key, or removes the key when the result is empty, and answers with its size. */
export function storeResult(ctx: CommandContext, target: Uint8Array, result: SortedSetValue, event: string): void {
  if (result.size > 0) {
    ctx.lookup(ctx.database, target)
    ctx.database.put(target, result, NEVER)
    ctx.changed(target, result.size)
    ctx.notify('z', event, target)
  } else if (ctx.database.remove(target)) {
    // Expired or not: the reference does not look.
    ctx.changed(target)
    ctx.notify('g', 'del', target)
  }
  ctx.reply.integer(result.size)
}

function count(ctx: CommandContext, args: Args, by: By) {
  const rangeOf = readRange(ctx, args, 2, by, false)
  if (!rangeOf) return
  const set = ctx.read('zset', args.bytes(1))
  if (set === 'wrong') return
  const { from, to } = set ? rangeOf(set) : { from: 0, to: 0 }
  ctx.reply.integer(to - from)
}

export const zcount = defineCommand({
  name: 'ZCOUNT',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Counts the members of a range of scores.',
  arity: 4,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => count(ctx, args, 'score')
})

export const zlexcount = defineCommand({
  name: 'ZLEXCOUNT',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Counts the members of a range of bytes, when all have the same score.',
  arity: 4,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => count(ctx, args, 'lex')
})

function removeRange(ctx: CommandContext, args: Args, by: By) {
  const rangeOf = readRange(ctx, args, 2, by, false)
  if (!rangeOf) return
  const key = args.bytes(1)
  const set = ctx.write('zset', key)
  if (set === 'wrong') return
  const { from, to } = set ? rangeOf(set) : { from: 0, to: 0 }
  const removed = Math.max(0, to - from)
  if (set && removed > 0) {
    set.deleteRanks({ from, to })
    finishRemoval(ctx, key, set, removed, `zremrangeby${by}`)
  }
  ctx.reply.integer(removed)
}

const removeDefinition = { group: 'sorted-set', arity: 4, flags: ['write'], keys: firstKey } as const satisfies Partial<CommandDefinition>

export const zremrangebyrank = defineCommand({
  name: 'ZREMRANGEBYRANK',
  since: '2.0.0',
  summary: 'Removes the members of a range of ranks.',
  ...removeDefinition,
  run: (ctx, args) => removeRange(ctx, args, 'rank')
})

export const zremrangebyscore = defineCommand({
  name: 'ZREMRANGEBYSCORE',
  since: '1.2.0',
  summary: 'Removes the members of a range of scores.',
  ...removeDefinition,
  run: (ctx, args) => removeRange(ctx, args, 'score')
})

export const zremrangebylex = defineCommand({
  name: 'ZREMRANGEBYLEX',
  since: '2.8.9',
  summary: 'Removes the members of a range of bytes, when all have the same score.',
  ...removeDefinition,
  run: (ctx, args) => removeRange(ctx, args, 'lex')
})
