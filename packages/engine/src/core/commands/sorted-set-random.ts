import { errors } from '../resp/errors.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { distinctPicks, isTooManyPairs, readPickCount, writeRepeats } from './random-picks.ts'

type Pair = readonly [member: Uint8Array, score: number]

export const zrandmember = defineCommand({
  name: 'ZRANDMEMBER',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns members at random: different ones, or, with a negative count, any.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    const pick = (bound: number) => ctx.node.random.below(bound)
    if (args.length === 2) {
      const set = ctx.read('zset', args.bytes(1))
      if (set !== 'wrong') reply.bulkOrNull(set?.random(pick)?.[0])
      return
    }
    const count = readPickCount(ctx, args, 2)
    if (count === undefined) return
    const withScores = args.length === 4 && args.is(3, 'WITHSCORES')
    if (args.length > 4 || (args.length === 4 && !withScores)) return reply.error(errors.syntax)
    if (withScores && isTooManyPairs(count)) return reply.error(errors.outOfRange)
    const set = ctx.read('zset', args.bytes(1))
    if (set === 'wrong') return
    if (!set || count === 0) return reply.array(0)
    const isNested = withScores && reply.protocol === 3
    const perPick = withScores && !isNested ? 2 : 1
    const write = ([member, score]: Pair) => {
      if (isNested) reply.array(2)
      reply.bulk(member)
      if (withScores) reply.double(score)
    }
    if (count < 0) return writeRepeats(ctx, -count, perPick, () => write(set.random(pick) as Pair))
    const picks = distinctPicks<Pair>(
      count,
      set.size,
      () => set.entries(),
      () => set.random(pick),
      ([member]) => member,
      pick
    )
    reply.array(picks.length * perPick)
    for (const pair of picks) write(pair)
  }
})
