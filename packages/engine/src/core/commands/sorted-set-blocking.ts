import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { type CommandDefinition, defineCommand, keysBeforeLast } from './define-command.ts'
import { readMultiPop } from './multi-pop.ts'
import { keysBeforeTime, runOrWait } from './run-or-wait.ts'
import { popFirstSet, type ScoreEnd, scoreEndAt, take } from './sorted-set-pop.ts'
import { finishRemoval } from './sorted-set-remove.ts'

/** Takes one member of the first sorted set that is there; what others hear of is the plain pop. False: there is none. */
function popFirst(ctx: CommandContext, args: Args, end: ScoreEnd): boolean {
  const { reply } = ctx
  for (let i = 1; i < args.length - 1; i++) {
    const key = args.bytes(i)
    const set = ctx.write('zset', key)
    if (set === 'wrong') return true
    if (!set) continue
    const [pair] = take(set, end, 1)
    if (!pair) continue
    reply.array(3)
    reply.bulk(key)
    reply.bulk(pair[0])
    reply.double(pair[1])
    finishRemoval(ctx, key, set, 1, `zpop${end}`)
    ctx.propagateAs(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key)
    return true
  }
  return false
}

function blockingPop(ctx: CommandContext, args: Args, end: ScoreEnd): void {
  const attempt = (again: CommandContext, given: Args) => popFirst(again, given, end)
  runOrWait(ctx, args, { type: 'zset', keys: keysBeforeTime(args), timeoutAt: args.length - 1, attempt })
}

export const bzpopmin = defineCommand({
  name: 'BZPOPMIN',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Removes and returns the member with the lowest score of the first sorted set that is there; waits for one.',
  arity: -3,
  flags: ['write', 'blocking', 'fast'],
  keys: keysBeforeLast,
  run: (ctx, args) => blockingPop(ctx, args, 'min')
})

export const bzpopmax = defineCommand({
  name: 'BZPOPMAX',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Removes and returns the member with the highest score of the first sorted set that is there; waits for one.',
  arity: -3,
  flags: ['write', 'blocking', 'fast'],
  keys: keysBeforeLast,
  run: (ctx, args) => blockingPop(ctx, args, 'max')
})

export const bzmpop = defineCommand({
  name: 'BZMPOP',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Removes and returns members from the first sorted set, of several, that is there; waits for one.',
  arity: -5,
  flags: ['write', 'blocking', 'movablekeys'],
  keys: countedKeys(2),
  run: (ctx, args) => {
    const wanted = readMultiPop(ctx, args, 2, scoreEndAt)
    if (!wanted) return
    const attempt = (again: CommandContext, given: Args) => popFirstSet(again, given, wanted)
    runOrWait(ctx, args, { type: 'zset', keys: wanted.keyIndexes, timeoutAt: 1, attempt })
  }
})

export const sortedSetBlockingCommands: readonly CommandDefinition[] = [bzpopmin, bzpopmax, bzmpop]
