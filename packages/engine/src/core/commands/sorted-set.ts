import type { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { zscan } from './scan.ts'
import { zadd, zincrby } from './sorted-set-add.ts'
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './sorted-set-algebra.ts'
import { sortedSetBlockingCommands } from './sorted-set-blocking.ts'
import { zmpop, zpopmax, zpopmin } from './sorted-set-pop.ts'
import { zrandmember } from './sorted-set-random.ts'
import {
  zcount,
  zlexcount,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore
} from './sorted-set-range.ts'
import { finishRemoval } from './sorted-set-remove.ts'

const zrem = defineCommand({
  name: 'ZREM',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Removes members from a sorted set.',
  arity: -3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const set = ctx.write('zset', key)
    if (set === 'wrong') return
    let removed = 0
    for (let i = 2; i < args.length; i++) if (set?.delete(args.bytes(i))) removed++
    if (set && removed > 0) finishRemoval(ctx, key, set, removed, 'zrem')
    ctx.reply.integer(removed)
  }
})

const zscore = defineCommand({
  name: 'ZSCORE',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Returns the score of a member.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const set = ctx.read('zset', args.bytes(1))
    if (set !== 'wrong') writeScore(ctx, set?.score(args.bytes(2)))
  }
})

function writeScore(ctx: CommandContext, score: number | undefined): void {
  if (score === undefined) ctx.reply.null()
  else ctx.reply.double(score)
}

const zmscore = defineCommand({
  name: 'ZMSCORE',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns the scores of several members.',
  arity: -3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('zset', args.bytes(1))
    if (set === 'wrong') return
    ctx.reply.array(args.length - 2)
    for (let i = 2; i < args.length; i++) writeScore(ctx, set?.score(args.bytes(i)))
  }
})

const zcard = defineCommand({
  name: 'ZCARD',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Returns the number of members.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('zset', args.bytes(1))
    if (set !== 'wrong') ctx.reply.integer(set?.size ?? 0)
  }
})

function writeRank(ctx: CommandContext, args: Args, place: (set: SortedSetValue, rank: number) => number) {
  const { reply } = ctx
  if (args.length > 4) return reply.error(errors.wrongArity(ctx.commandName))
  const withScore = args.length === 4
  if (withScore && !args.is(3, 'WITHSCORE')) return reply.error(errors.syntax)
  const set = ctx.read('zset', args.bytes(1))
  if (set === 'wrong') return
  const rank = set?.rank(args.bytes(2))
  if (!set || rank === undefined) {
    if (withScore) reply.nullArray()
    else reply.null()
    return
  }
  if (withScore) reply.array(2)
  reply.integer(place(set, rank))
  if (withScore) writeScore(ctx, set.score(args.bytes(2)))
}

const zrank = defineCommand({
  name: 'ZRANK',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Returns the place of a member, counted from the lowest score.',
  arity: -3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => writeRank(ctx, args, (_, rank) => rank)
})

const zrevrank = defineCommand({
  name: 'ZREVRANK',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Returns the place of a member, counted from the highest score.',
  arity: -3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => writeRank(ctx, args, (set, rank) => set.size - 1 - rank)
})

export const sortedSetCommands: readonly CommandDefinition[] = [
  ...sortedSetBlockingCommands,
  zadd,
  zcard,
  zcount,
  zdiff,
  zdiffstore,
  zincrby,
  zinter,
  zintercard,
  zinterstore,
  zlexcount,
  zmpop,
  zmscore,
  zpopmax,
  zpopmin,
  zrandmember,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrank,
  zrem,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
  zrevrank,
  zscan,
  zscore,
  zunion,
  zunionstore
]
