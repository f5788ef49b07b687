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
  const order = many && words === '' ? byWeight : byLabel
  const shown = many ? firstOf(legal, best, order) : legal.sort(order)
  return { shown, legal: legal.length, illegal: all.filter((ghost) => !ghost.legal) }
}

/** The first `count` in order. A thousand targets are gone through each second while something is carried: they are not all sorted for five. */
function firstOf<T>(items: readonly T[], count: number, order: (a: T, b: T) => number): readonly T[] {
  const first: T[] = []
  for (const item of items) {
    let at = first.length
    while (at > 0 && order(item, first[at - 1] as T) < 0) at--
    if (at === count) continue
    first.splice(at, 0, item)
    if (first.length > count) first.pop()
  }
  return first
}

function weight(shard: ShardState | undefined, balance: BalanceFigure): number {
  if (!shard) return Number.POSITIVE_INFINITY
  return balance === 'keys' ? shard.keys : shard.slotCount
}
