import {
  countSlots,
  type DrainRequest,
  formatRanges,
  type MoveBackRequest,
  type PlanRequest,
  type PlanState,
  type RebalanceLoad,
  type RebalanceRequest,
  type SlotRange
} from '@slotscope/observer/stream'
import { listWords, plural } from './format.ts'
import { labelOf, type ShardNames } from './migration-progress.ts'
import { takeSlots } from './selection.ts'

export type Weights = Readonly<Record<string, number>>

/** What a person wants a plan for. */
export type Wish =
  | {
      readonly kind: 'move'
      readonly targetShard: string
      /** What the amount is taken from: a selection, or the block of a lane that was pressed. */
      readonly pool: readonly SlotRange[]
      readonly count: number
      readonly end: 'first' | 'last'
    }
  | {
      readonly kind: 'rebalance'
      readonly by: RebalanceLoad
      readonly tolerance: number
      /** By shard, where it is not 1; 0 takes every slot off it. */
      readonly weights?: Weights
    }
  | { readonly kind: 'drain'; readonly shard: string; readonly by: RebalanceLoad }
  /** The finished moves of a confirmed plan, the other way round. */
  | { readonly kind: 'move-back'; readonly planId: string }

/** Within this of its share a shard counts as even: 2 %. */
export const usualTolerance = 0.02

export function requestOf(wish: Wish): PlanRequest | RebalanceRequest | DrainRequest | MoveBackRequest {
  switch (wish.kind) {
    case 'move':
      return { slots: takeSlots(wish.pool, wish.count, wish.end), targetShard: wish.targetShard }
    case 'rebalance':
    case 'drain':
    case 'move-back':
      return wish
  }
}

/** The heading of a plan: `Move 512 slots from A to C`, `Rebalance by keys: 2 moves, 1,204 slots`, `Drain A: 5,461 slots to B and C`. */
export function planTitle(wish: Wish, plan: PlanState | null, names: ShardNames): string {
  const slots = plan?.moves.reduce((sum, move) => sum + move.slotCount, 0) ?? 0
  const sources = listWords(labels(plan?.moves.map((move) => move.sourceShard) ?? [], names))
  const targets = listWords(labels(plan ? plan.moves.map((move) => targetOf(plan, move)) : [], names))
  switch (wish.kind) {
    case 'move': {
      const target = labelOf(wish.targetShard, names)
      return `Move ${plural(plan ? slots : wish.count, 'slot')} ${sources === '' ? '' : `from ${sources} `}to ${target}`
    }
    case 'rebalance':
      return `Rebalance by ${loadWords[wish.by]}${wish.weights ? ' and weights' : ''}${plan ? `: ${plural(plan.moves.length, 'move')}, ${plural(slots, 'slot')}` : ''}`
    case 'drain':
      return `Drain ${labelOf(wish.shard, names)}${plan ? `: ${plural(slots, 'slot')} to ${targets}` : ''}`
    case 'move-back':
      return plan ? `Move back ${plural(slots, 'slot')} from ${sources} to ${targets}` : 'Move back'
  }
}

/** The same in one breath, as the name of the plan's card: of a move without its sources, which the amount may change. */
export function planName(wish: Wish, plan: PlanState | null, names: ShardNames): string {
  if (wish.kind !== 'move') return planTitle(wish, plan, names)
  const slots = plan ? plan.moves.reduce((sum, move) => sum + move.slotCount, 0) : wish.count
  return `move ${plural(slots, 'slot')} to ${labelOf(wish.targetShard, names)}`
}

export const loadWords: Record<RebalanceLoad, string> = { slots: 'slots', keys: 'keys', bytes: 'memory', cpu: 'CPU' }

/** What a plan of anybody is about, without knowing what was wished: `512 slots to C`, `3 moves, 1,204 slots`. */
export function planWords(plan: PlanState, names: ShardNames): string {
  const slots = plan.moves.reduce((sum, move) => sum + move.slotCount, 0)
  const targets = labels(
    plan.moves.map((move) => targetOf(plan, move)),
    names
  )
  const moves = plan.moves.length > 1 ? `${plural(plan.moves.length, 'move')}, ` : ''
  return `${moves}${plural(slots, 'slot')}${targets.length > 0 && targets.length <= 4 ? ` to ${listWords(targets)}` : ''}`
}

/** The ranges of a plan in short. */
export function planRanges(plan: PlanState): string {
  return formatRanges(
    plan.moves.flatMap((move) => move.slots),
    2
  )
}

/** A plan of one target says it once; one of many says it per move. */
export function targetOf(plan: PlanState, move: PlanState['moves'][number]): string {
  return move.targetShard ?? plan.targetShard
}

/** The weights with one changed; none at all when every shard has the same. */
export function withWeight(weights: Weights | undefined, shard: string, weight: number): Weights | undefined {
  const { [shard]: _, ...rest } = weights ?? {}
  const next = weight === 1 ? rest : { ...rest, [shard]: weight }
  return Object.keys(next).length > 0 ? next : undefined
}

/** The greatest amount that the amount control can ask for; 0 where the amount is not a person's to choose. */
export function mostSlots(wish: Wish): number {
  return wish.kind === 'move' ? countSlots(wish.pool) : 0
}

function labels(keys: readonly string[], names: ShardNames): string[] {
  return [...new Set(keys)].map((key) => labelOf(key, names)).sort()
}
