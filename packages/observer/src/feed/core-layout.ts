import type { SlotRange } from '../stream/core-state.ts'
import { normalise } from '../stream/moves.ts'
import type { ShardLabel } from './labels.ts'
import type { Belief, Topology } from './topology.ts'

/** Labels of the shards, given to those that have none yet. */
export type LabelsFor = (shards: readonly { key: string; formerKeys: readonly string[] }[]) => ReadonlyMap<string, ShardLabel>

/** Who belongs where. Only a change of nodes or owners changes it, so it is not made anew at each telling. */
type Layout = {
  readonly memberships: number
  /** Ranges of each shard in slot order; the empty key has the slots that nobody owns. */
  readonly owned: ReadonlyMap<string, SlotRange[]>
  /** Node ids by shard. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** Shards by their first slot. */
  readonly order: readonly { readonly key: string; readonly label: ShardLabel }[]
}

/** By the list of owners. */
const layouts = new WeakMap<object, Layout>()
const nodeOrders = new WeakMap<Topology, { readonly structure: number; readonly ids: readonly string[] }>()

/** Kept as long as the owners and the memberships are the same. */
export function layoutOf(topology: Topology, labelsFor: LabelsFor): Layout {
  const held = layouts.get(topology.owners())
  if (held?.memberships === topology.memberships) return held
  const owned = groupByShard(topology)
  const members = new Map<string, string[]>()
  for (const id of topology.nodes.keys()) {
    const key = topology.shardOf(id)
    const list = members.get(key)
    if (list) list.push(id)
    else members.set(key, [id])
  }
  const keys = [...members.keys()].sort((a, b) => firstSlot(owned.get(a)) - firstSlot(owned.get(b)) || (a < b ? -1 : 1))
  const labels = labelsFor(keys.map((key) => ({ key, formerKeys: members.get(key) ?? [] })))
  const order = keys.flatMap((key) => {
    const label = labels.get(key)
    return label ? [{ key, label }] : []
  })
  const layout = { memberships: topology.memberships, owned, members, order }
  layouts.set(topology.owners(), layout)
  return layout
}

/** Node ids in order. */
export function nodeOrder(topology: Topology): readonly string[] {
  const held = nodeOrders.get(topology)
  if (held?.structure === topology.structure) return held.ids
  const ids = [...topology.nodes.keys()].sort()
  nodeOrders.set(topology, { structure: topology.structure, ids })
  return ids
}

export function beliefsOf(topology: Topology, ids: readonly string[] = []): readonly Belief[] {
  return ids.map((id) => topology.nodes.get(id) as Belief)
}

function groupByShard(topology: Topology): ReadonlyMap<string, SlotRange[]> {
  const byShard = new Map<string, SlotRange[]>()
  const owners = topology.owners()
  const keyOf = new Map<string | undefined, string>([[undefined, '']])
  let from = 0
  for (let slot = 1; slot <= owners.length; slot++) {
    if (slot < owners.length && owners[slot] === owners[from]) continue
    const owner = owners[from]
    let key = keyOf.get(owner)
    if (key === undefined) {
      key = topology.shardOf(owner as string)
      keyOf.set(owner, key)
    }
    const list = byShard.get(key)
    if (list) list.push([from, slot - 1])
    else byShard.set(key, [[from, slot - 1]])
    from = slot
  }
  for (const [key, list] of byShard) byShard.set(key, normalise(list))
  return byShard
}

function firstSlot(ranges: readonly SlotRange[] | undefined): number {
  return ranges?.[0]?.[0] ?? Number.MAX_SAFE_INTEGER
}
