import { SLOTS } from '../cluster/slot.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { wrongForm } from './cluster-topology.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'

const INVALID_SLOT = 'ERR Invalid or out of range slot'

type Metric = 'key-count' | 'cpu-usec' | 'network-bytes-in' | 'network-bytes-out'

const METRICS: readonly Metric[] = ['key-count', 'cpu-usec', 'network-bytes-in', 'network-bytes-out']

/**
 * Load by slot, for the slots of this node's shard. Keys are counted over all databases; the other figures only while
 * `cluster-slot-stats-enabled` is yes.
 */
export const slotStats = defineCommand({
  name: 'CLUSTER|SLOT-STATS',
  group: 'cluster',
  since: '8.0.0',
  summary: 'Figures of the slots of this shard: by SLOTSRANGE start end, or ORDERBY metric [LIMIT limit] [ASC|DESC].',
  arity: -4,
  flags: ['loading', 'stale'],
  run: (ctx, args) => {
    if (args.is(2, 'SLOTSRANGE') && args.length === 5) return byRange(ctx, args)
    if (args.is(2, 'ORDERBY')) return byMetric(ctx, args)
    ctx.reply.error(wrongForm(args))
  }
})

/** Slots of the shard that this node belongs to, ascending. */
function slotsOfShard(node: Node): Generator<number> {
  const { view } = node.cluster
  return view.slotsOf(view.myself.primary ?? view.myself)
}

function byRange(ctx: CommandContext, args: Args): void {
  const first = args.integerBetween(3, 0, SLOTS - 1)
  const last = args.integerBetween(4, 0, SLOTS - 1)
  if (first === undefined || last === undefined) return ctx.reply.error(INVALID_SLOT)
  if (first > last) return ctx.reply.error(`ERR Start slot number ${first} is greater than end slot number ${last}`)
  const slots: number[] = []
  for (const slot of slotsOfShard(ctx.node)) if (slot >= first && slot <= last) slots.push(slot)
  write(ctx, slots)
}

function byMetric(ctx: CommandContext, args: Args): void {
  const { node, reply } = ctx
  const metric = METRICS.find((name) => args.is(3, name.toUpperCase()))
  if (!metric || (metric !== 'key-count' && !node.config.enabled('cluster-slot-stats-enabled'))) {
    return reply.error('ERR Unrecognized sort metric for ORDERBY.')
  }
  let limit: number | undefined
  let descending: boolean | undefined
  for (let at = 4; at < args.length; at++) {
    if (args.is(at, 'LIMIT') && at + 1 < args.length) {
      if (limit !== undefined) return reply.error('ERR Multiple filters of the same type are disallowed.')
      limit = args.integerBetween(++at, 1, SLOTS)
      if (limit === undefined) return reply.error('ERR Limit has to lie in between 1 and 16384 (maximum number of slots).')
    } else if (args.is(at, 'ASC') || args.is(at, 'DESC')) {
      if (descending !== undefined) return reply.error('ERR Multiple filters of the same type are disallowed.')
      descending = args.is(at, 'DESC')
    } else return reply.error(errors.syntax)
  }
  const sign = (descending ?? true) ? -1 : 1
  const rows = Array.from(slotsOfShard(node), (slot) => ({ slot, value: figureOf(node, metric, slot) }))
  rows.sort((a, b) => sign * (a.value - b.value) || a.slot - b.slot)
  write(
    ctx,
    rows.slice(0, limit ?? SLOTS).map(({ slot }) => slot)
  )
}

function figureOf(node: Node, metric: Metric, slot: number): number {
  switch (metric) {
    case 'key-count':
      return node.keyspace.sizeOfSlot(slot)
    case 'cpu-usec':
      return Math.round(node.slotStats.cpuUs[slot] as number)
    case 'network-bytes-in':
      return node.slotStats.bytesIn[slot] as number
    case 'network-bytes-out':
      return node.slotStats.bytesOut[slot] as number
  }
}

function write({ node, reply }: CommandContext, slots: readonly number[]): void {
  const shown = node.config.enabled('cluster-slot-stats-enabled') ? METRICS : METRICS.slice(0, 1)
  reply.array(slots.length)
  for (const slot of slots) {
    reply.array(2)
    reply.integer(slot)
    reply.map(shown.length)
    for (const metric of shown) {
      reply.latin1(metric)
      reply.integer(figureOf(node, metric, slot))
    }
  }
}
