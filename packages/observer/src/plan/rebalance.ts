import type { SlotRange } from '../stream/core-state.ts'
import { eachSlot, normalise, SLOTS, toRanges } from '../stream/moves.ts'

/** A shard that gives or takes. `weight` is its share of the whole beside the others: 1 each is even, 0 gives all that it has. */
export type RebalanceShard = { readonly key: string; readonly slots: readonly SlotRange[]; readonly weight: number }

/** Slots of one shard that go to another: one job. */
export type RebalanceMove = { readonly source: string; readonly target: string; readonly slots: readonly SlotRange[] }

/** A pair of shards exchanges at most so many ranges: what is left over then is not worth a longer routing table. */
const RANGES_PER_MOVE = 8

/**
 * Moves that even out a load over the shards. `load` has the load of each of the 16,384 slots (1 each: by number of slots). Each shard
 * ends at its share of the whole, as near as whole slots in few ranges allow, and never beyond it: nothing goes away that has to come
 * back, and no shard both gives and takes. When every shard is within `tolerance` (0..1) of its share, nothing moves. A shard of weight 0
 * is drained first; any other keeps at least one slot.
 */
export function rebalance(shards: readonly RebalanceShard[], load: ArrayLike<number>, tolerance: number): readonly RebalanceMove[] {
  const drained: RebalanceMove[] = []
  let held = shards
  for (const shard of shards.filter((one) => one.weight === 0)) {
    const moves = drain(shard, held, load)
    drained.push(...moves)
    held = held.map((one) => ({ ...one, slots: one.key === shard.key ? [] : withMoves(one, moves) }))
  }
  const took = new Set(drained.map((move) => move.target))
  return [...drained, ...evenOut(held, load, tolerance, took)]
}

/** `took`: shards that take from one that is drained, and so give nothing. */
function evenOut(
  shards: readonly RebalanceShard[],
  load: ArrayLike<number>,
  tolerance: number,
  took: ReadonlySet<string>
): readonly RebalanceMove[] {
  const held = shards.map((shard) => ({ ...shard, load: sumOf(shard.slots, load) }))
  const weights = held.reduce((sum, shard) => sum + shard.weight, 0)
  const total = held.reduce((sum, shard) => sum + shard.load, 0)
  if (weights <= 0 || total <= 0) return []
  const over = held.map((shard) => ({ shard, amount: shard.load - (total * shard.weight) / weights }))
  const isEven = over.every(({ shard, amount }) => Math.abs(amount) <= tolerance * ((total * shard.weight) / weights))
  if (isEven) return []
  const givers = over.filter(({ shard, amount }) => amount > 0 && !took.has(shard.key)).sort(byAmount)
  const takers = over.flatMap(({ shard, amount }) => (amount < 0 ? [{ shard, amount: -amount }] : [])).sort(byAmount)
  const moves: RebalanceMove[] = []
  for (const giver of givers) {
    const left = new Set(eachSlot(giver.shard.slots))
    for (const taker of takers) {
      const slots = take(left, new Set(eachSlot(taker.shard.slots)), load, Math.min(giver.amount, taker.amount))
      if (slots.length === 0) continue
      const moved = slots.reduce((sum, slot) => sum + (load[slot] ?? 0), 0)
      giver.amount -= moved
      taker.amount -= moved
      moves.push({ source: giver.shard.key, target: taker.shard.key, slots: toRanges(slots) })
    }
  }
  return moves
}

/**
 * Moves that take every slot off a shard: its slots are cut, in order, into one piece per taker, each as large as what the taker lacks
 * of its share of the whole. Takers that have more than their share already get nothing, unless all have.
 */
export function drain(shard: RebalanceShard, takers: readonly RebalanceShard[], load: ArrayLike<number>): readonly RebalanceMove[] {
  const own = sumOf(shard.slots, load)
  const able = takers.filter((taker) => taker.weight > 0)
  const weights = able.reduce((sum, taker) => sum + taker.weight, 0)
  const slots = [...eachSlot(shard.slots)]
  if (able.length === 0 || slots.length === 0) return []
  const total = own + able.reduce((sum, taker) => sum + sumOf(taker.slots, load), 0)
  const lacks = able.map((taker) => Math.max(0, (total * taker.weight) / weights - sumOf(taker.slots, load)))
  const lacking = lacks.reduce((sum, lack) => sum + lack, 0)
  // By load where there is any, else by number of slots.
  const weightOf = (slot: number) => (own > 0 ? (load[slot] ?? 0) : 1)
  const share = (index: number) =>
    (own > 0 ? own : slots.length) * (lacking > 0 ? (lacks[index] as number) / lacking : (able[index] as RebalanceShard).weight / weights)
  const moves: RebalanceMove[] = []
  let [at, given, due] = [0, 0, 0]
  for (const [index, taker] of able.entries()) {
    due += share(index)
    const piece: number[] = []
    const isLast = index === able.length - 1
    while (at < slots.length) {
      const slot = slots[at] as number
      // A slot goes to whoever is due more than half of it.
      if (!isLast && given + weightOf(slot) / 2 > due) break
      given += weightOf(slot)
      piece.push(slot)
      at++
    }
    if (piece.length > 0) moves.push({ source: shard.key, target: taker.key, slots: toRanges(piece) })
  }
  return moves
}

function withMoves(shard: RebalanceShard, moves: readonly RebalanceMove[]): readonly SlotRange[] {
  return normalise([...shard.slots, ...moves.filter((move) => move.target === shard.key).flatMap((move) => move.slots)])
}

/** Takes slots of at most that load out of `left`, in few pieces, beside what the taker has where there is a choice. */
function take(left: Set<number>, near: ReadonlySet<number>, load: ArrayLike<number>, amount: number): number[] {
  const taken: number[] = []
  let open = amount
  for (let piece = 0; piece < RANGES_PER_MOVE; piece++) {
    const best = bestPiece(left, near, load, open)
    if (!best) break
    for (let slot = best.first; slot <= best.last; slot++) {
      left.delete(slot)
      taken.push(slot)
    }
    open -= best.load
  }
  return taken.sort((a, b) => a - b)
}

type Piece = { readonly first: number; readonly last: number; readonly load: number; readonly edges: number }

/** The run of slots that comes nearest to the amount without going over it; of equal ones the one that leaves fewest ranges. */
function bestPiece(left: ReadonlySet<number>, near: ReadonlySet<number>, load: ArrayLike<number>, amount: number): Piece | undefined {
  let best: Piece | undefined
  for (const [first, last] of toRanges([...left].sort((a, b) => a - b))) {
    let from = first
    let sum = 0
    for (let to = first; to <= last; to++) {
      sum += load[to] ?? 0
      while (from <= to && (sum > amount + slack(amount) || (load[from] ?? 0) === 0)) sum -= load[from++] ?? 0
      // Nothing that has no load is worth a move, and the last slot stays.
      if (from > to || (load[to] ?? 0) === 0 || to - from + 1 >= left.size) continue
      const edges = (from === first ? 1 : 0) + (to === last ? 1 : 0) + (near.has(from - 1) ? 1 : 0) + (near.has(to + 1) ? 1 : 0)
      const isBetter = !best || sum > best.load + slack(amount) || (sum > best.load - slack(amount) && edges > best.edges)
      if (isBetter) best = { first: from, last: to, load: sum, edges }
    }
  }
  return best && best.load > 0 ? best : undefined
}

/** Sums of many fractions are not exact. */
function slack(amount: number): number {
  return Math.abs(amount) * 1e-9
}

function sumOf(slots: readonly SlotRange[], load: ArrayLike<number>): number {
  let sum = 0
  for (const slot of eachSlot(slots)) if (slot < SLOTS) sum += load[slot] ?? 0
  return sum
}

function byAmount(
  a: { readonly amount: number; readonly shard: RebalanceShard },
  b: { readonly amount: number; readonly shard: RebalanceShard }
): number {
  return b.amount - a.amount || (a.shard.key < b.shard.key ? -1 : 1)
}
