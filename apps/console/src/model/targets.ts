import type { CoreState, ShardState } from '@slotscope/observer/stream'
import type { BalanceFigure, Ghost } from './ghost.ts'
import { compareLabels } from './shard-order.ts'

/** The best targets, until somebody types. */
const best = 5

export type Targets = {
  readonly shown: readonly Ghost[]
  /** How many can take it and fit what was typed; `shown` may be fewer. */
  readonly legal: number
  readonly illegal: readonly Ghost[]
}

/**
 * Which targets are shown: those whose letter begins with what was typed, else, where there are many, the few that have least, since that is
 * where slots are wanted.
 */
export function targetsOf(
  ghosts: ReadonlyMap<string, Ghost>,
  shards: CoreState['shards'],
  filter: string,
  balance: BalanceFigure,
  many: boolean
): Targets {
  const words = filter.trim().toLowerCase()
  const all = [...ghosts.values()]
  const legal = all.filter((ghost) => ghost.legal && (words === '' || shards[ghost.shard]?.label.toLowerCase().startsWith(words)))
  const byLabel = (a: Ghost, b: Ghost) => compareLabels(shards[a.shard]?.label ?? 'Z9', shards[b.shard]?.label ?? 'Z9')
  const byWeight = (a: Ghost, b: Ghost) => weight(shards[a.shard], balance) - weight(shards[b.shard], balance) || byLabel(a, b)
  const shown = legal.sort(many && words === '' ? byWeight : byLabel).slice(0, many ? best : undefined)
  return { shown, legal: legal.length, illegal: all.filter((ghost) => !ghost.legal) }
}

function weight(shard: ShardState | undefined, balance: BalanceFigure): number {
  if (!shard) return Number.POSITIVE_INFINITY
  return balance === 'keys' ? shard.keys : shard.slotCount
}
