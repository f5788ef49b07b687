import { type CoreState, type ShardState, SLOTS } from '@slotscope/observer/stream'

/** Shards in the order of their labels, and for each slot the index of its owner in that order; -1: nobody owns it. */
export type Owners = { readonly order: readonly ShardState[]; readonly of: Int16Array }

/** Reads who owns what once per change of topic `core`; everything on the map is computed from it. */
export function readOwners(shards: CoreState['shards']): Owners {
  const order = Object.values(shards).sort((a, b) => compareLabels(a.label, b.label))
  const of = new Int16Array(SLOTS).fill(-1)
  order.forEach((shard, index) => {
    for (const [first, last] of shard.slots) of.fill(index, first, last + 1)
  })
  return { order, of }
}

/** A before B before Z before A2: labels are letters in turns. */
export function compareLabels(a: string, b: string): number {
  const [turnA, turnB] = [Number(a.slice(1) || '1'), Number(b.slice(1) || '1')]
  return turnA - turnB || a.localeCompare(b)
}
