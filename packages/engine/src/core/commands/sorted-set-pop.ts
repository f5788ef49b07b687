import type { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { type MultiPop, readMultiPop } from './multi-pop.ts'
import { finishRemoval } from './sorted-set-remove.ts'

export type ScoreEnd = 'min' | 'max'

/** Takes up to `count` members from one end, in the order in which they are popped. */
export function take(set: SortedSetValue, end: ScoreEnd, count: number): [member: Uint8Array, score: number][] {
  const taken = Math.min(count, set.size)
  const isReverse = end === 'max'
  const range = isReverse ? { from: set.size - taken, to: set.size } : { from: 0, to: taken }
  const pairs = set.slice(range, isReverse).map(([member, score]): [Uint8Array, number] => [member.slice(), score])
  set.deleteRanks(range)
  return pairs
}

function pop(ctx: CommandContext, args: Args, end: ScoreEnd) {
  const { reply } = ctx
  if (args.length > 3) return reply.error(errors.syntax)
  const count = args.length === 3 ? args.integer(2) : 1
  if (count === undefined || count < 0) return reply.error(errors.notPositive)
  const key = args.bytes(1)
  const set = ctx.write('zset', key)
  if (set === 'wrong') return
  if (!set) return reply.array(0)
  const pairs = take(set, end, Number(count))
  // In RESP3 pairs are nested, except for the only one of a call without a count.
  const isNested = reply.protocol === 3 && args.length === 3
  reply.array(isNested ? pairs.length : pairs.length * 2)
  for (const [member, score] of pairs) {
    if (isNested) reply.array(2)
    reply.bulk(member)
    reply.double(score)
  }
  if (pairs.length > 0) finishRemoval(ctx, key, set, pairs.length, `zpop${end}`)
}

export const zpopmin = defineCommand({
  name: 'ZPOPMIN',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Removes and returns the members with the lowest scores.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => pop(ctx, args, 'min')
})

export const zpopmax = defineCommand({
  name: 'ZPOPMAX',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Removes and returns the members with the highest scores.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => pop(ctx, args, 'max')
})

/** MIN or MAX at `index`. */
export function scoreEndAt(args: Args, index: number): ScoreEnd | undefined {
  return args.is(index, 'MIN') ? 'min' : args.is(index, 'MAX') ? 'max' : undefined
}

/** Writes what is taken from the first sorted set that is there; others hear of the plain pop. False: there is none. */
export function popFirstSet(ctx: CommandContext, args: Args, { keyIndexes, end, count }: MultiPop<ScoreEnd>): boolean {
  const { reply } = ctx
  for (const index of keyIndexes) {
    const key = args.bytes(index)
    const set = ctx.write('zset', key)
    if (set === 'wrong') return true
    if (!set) continue
    const pairs = take(set, end, count)
    reply.array(2)
    reply.bulk(key)
    reply.array(pairs.length)
    for (const [member, score] of pairs) {
      reply.array(2)
      reply.bulk(member)
      reply.double(score)
    }
    finishRemoval(ctx, key, set, pairs.length, `zpop${end}`)
    ctx.propagateAs(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key, String(pairs.length))
    return true
  }
  return false
}

export const zmpop = defineCommand({
  name: 'ZMPOP',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Removes and returns members from the first sorted set, of several, that is there.',
  arity: -4,
  flags: ['write', 'movablekeys'],
  keys: countedKeys(1),
  run: (ctx, args) => {
    const wanted = readMultiPop(ctx, args, 1, scoreEndAt)
    if (wanted && !popFirstSet(ctx, args, wanted)) ctx.reply.nullArray()
  }
})
