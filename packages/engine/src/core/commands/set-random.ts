import type { SetValue } from '../keyspace/values/set.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { distinctPicks, readPickCount, writeRepeats } from './random-picks.ts'

/** Members per SREM that a replica gets. */
const MEMBERS_PER_SREM = 1024

function picks(ctx: CommandContext, set: SetValue, count: number | bigint): Uint8Array[] {
  const pick = (bound: number) => ctx.node.random.below(bound)
  return distinctPicks(
    count,
    set.size,
    () => set.members(),
    () => set.random(pick),
    (member) => member,
    pick
  )
}

export const spop = defineCommand({
  name: 'SPOP',
  group: 'set',
  since: '1.0.0',
  summary: 'Removes and returns members at random.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    if (args.length > 3) return reply.error(errors.syntax)
    const hasCount = args.length === 3
    const count = hasCount ? args.integer(2) : 1
    if (count === undefined || count < 0) return reply.error(errors.notPositive)
    const key = args.bytes(1)
    const set = ctx.write('set', key)
    if (set === 'wrong') return
    if (!set) return hasCount ? reply.set(0) : reply.null()
    const taken = picks(ctx, set, count)
    for (const member of taken) set.delete(member)
    if (hasCount) reply.set(taken.length)
    for (const member of taken) reply.bulk(member)
    if (taken.length === 0) return
    if (set.size === 0) ctx.database.remove(key)
    ctx.changed(key, taken.length)
    ctx.notify('s', 'spop', key)
    if (set.size === 0) ctx.notify('g', 'del', key)
    // A replica cannot draw the same ones.
    if (hasCount && set.size === 0) return ctx.propagateAs('UNLINK', key)
    for (let i = 0; i < taken.length; i += MEMBERS_PER_SREM) ctx.propagateAs('SREM', key, ...taken.slice(i, i + MEMBERS_PER_SREM))
  }
})

export const srandmember = defineCommand({
  name: 'SRANDMEMBER',
  group: 'set',
  since: '1.0.0',
  summary: 'Returns members at random: different ones, or, with a negative count, any.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    if (args.length > 3) return reply.error(errors.syntax)
    const pick = (bound: number) => ctx.node.random.below(bound)
    if (args.length === 2) {
      const set = ctx.read('set', args.bytes(1))
      if (set !== 'wrong') reply.bulkOrNull(set?.random(pick))
      return
    }
    const count = readPickCount(ctx, args, 2)
    if (count === undefined) return
    const set = ctx.read('set', args.bytes(1))
    if (set === 'wrong') return
    if (!set || count === 0) return reply.array(0)
    if (count < 0) return writeRepeats(ctx, -count, 1, () => reply.bulk(set.random(pick) as Uint8Array))
    const chosen = picks(ctx, set, count)
    reply.array(chosen.length)
    for (const member of chosen) reply.bulk(member)
  }
})
