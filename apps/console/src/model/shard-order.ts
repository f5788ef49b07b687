import { type CoreState, type ShardState, SLOTS } from '@slotscope/observer/stream'

/**
 * Shards in the order of their labels, and for each slot the index of its owner in that order; -1: nobody owns it. `ground` is
 * what the map draws: it and `of` are the same objects until a slot, a label or a primary changes.
 */
export type Owners = {
  readonly order: readonly ShardState[]
  readonly of: Int16Array
  readonly ground: readonly Omit<ShardState, 'keys'>[]
}

/** Reads who owns what once per change of topic `core`; everything on the map is computed from it. `before` is the last reading. */
export function readOwners(shards: CoreState['shards'], before: Owners | null = null): Owners {
  const known = before?.order.length === Object.keys(shards).length ? before.order.map(({ key }) => shards[key]) : []
  const isSame = before !== null && known.length > 0 && known.every((shard, index) => shard && isSameShard(shard, before.order[index]!))
  if (isSame) return { ...before, order: known as ShardState[] }
  const order = Object.values(shards).sort((a, b) => compareLabels(a.label, b.label))
  const of = new Int16Array(SLOTS).fill(-1)
  order.forEach((shard, index) => {
    for (const [first, last] of shard.slots) of.fill(index, first, last + 1)
  })
  return { order, of, ground: order }
}

function isSameShard(now: ShardState, before: ShardState): boolean {
  return now.slots === before.slots && now.label === before.label && now.color === before.color && now.primary === before.primary
}

/** A before B before Z before A2: labels are letters in turns. */
export function compareLabels(a: string, b: string): number {
  const [turnA, turnB] = [a.length === 1 ? 1 : Number(a.slice(1)), b.length === 1 ? 1 : Number(b.slice(1))]
  if (turnA !== turnB) return turnA - turnB
  return a < b ? -1 : a > b ? 1 : 0
}
