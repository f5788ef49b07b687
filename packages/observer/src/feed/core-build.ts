import type { CoreState, JobState, NodeState, PlanState, ShardState, SlotRange, WatchingCost } from '../stream/core-state.ts'
import { countSlots, normalise } from '../stream/moves.ts'
import type { ShardLabel } from './labels.ts'
import type { NodeFigures } from './node-figures.ts'
import type { NodeRecord } from './node-record.ts'
import type { Belief, Topology } from './topology.ts'

/** Everything that a core state is made of, events and health aside. */
export type CoreParts = {
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly topology: Topology
  readonly records: ReadonlyMap<string, NodeRecord>
  readonly labelsFor: (shards: readonly { key: string; formerKeys: readonly string[] }[]) => ReadonlyMap<string, ShardLabel>
  readonly jobs: Readonly<Record<string, JobState>>
  readonly plans: Readonly<Record<string, PlanState>>
  readonly watching: WatchingCost
}

/** Builds nodes, shards and the summary. Parts that did not change are the same objects as in `before`. */
export function buildCore(parts: CoreParts, before: CoreState): CoreState {
  const { topology } = parts
  const owned = slotsByShard(topology)
  const members = new Map<string, Belief[]>()
  for (const belief of topology.nodes.values()) {
    const key = topology.shardOf(belief.id)
    const list = members.get(key)
    if (list) list.push(belief)
    else members.set(key, [belief])
  }
  const nodes: Record<string, NodeState> = {}
  for (const belief of [...topology.nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const next = nodeState(parts, belief)
    nodes[belief.id] = quiet(before.nodes[belief.id], next, readAtStepMs(topology.nodes.size))
  }
  const order = [...members.keys()].sort((a, b) => firstSlot(owned.get(a)) - firstSlot(owned.get(b)) || (a < b ? -1 : 1))
  const labels = parts.labelsFor(order.map((key) => ({ key, formerKeys: (members.get(key) ?? []).map((belief) => belief.id) })))
  const shards: Record<string, ShardState> = {}
  for (const key of order) {
    const label = labels.get(key)
    if (!label) continue
    shards[key] = shardState(key, label, members.get(key) ?? [], owned.get(key) ?? [], nodes, topology)
  }
  return {
    ...before,
    cluster: summary(parts, nodes, shards),
    nodes,
    shards,
    unassigned: owned.get('') ?? [],
    jobs: parts.jobs,
    plans: parts.plans,
    watching: parts.watching
  }
}

const slotsOf = new WeakMap<object, { readonly memberships: number; readonly slots: ReadonlyMap<string, SlotRange[]> }>()

/** Ranges of each shard in slot order; the empty key has the slots that nobody owns. Kept as long as the owners are the same. */
function slotsByShard(topology: Topology): ReadonlyMap<string, SlotRange[]> {
  const held = slotsOf.get(topology.owners())
  if (held?.memberships === topology.memberships) return held.slots
  const slots = groupByShard(topology)
  slotsOf.set(topology.owners(), { memberships: topology.memberships, slots })
  return slots
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

function nodeState(parts: CoreParts, belief: Belief): NodeState {
  const { topology } = parts
  const record = parts.records.get(belief.id)
  const figures = record?.figures
  const reported = topology.healthOf(belief.id)
  const error = record?.link.error ?? null
  const primary = belief.primaryId === null ? undefined : parts.records.get(belief.primaryId)?.figures
  const lag =
    belief.role === 'replica' && primary?.offset != null && figures?.offset != null ? Math.max(0, primary.offset - figures.offset) : null
  const operations = figures?.rates?.commands ?? figures?.instantaneousOperations ?? null
  const host = belief.host || record?.link.address.host || belief.hostname || ''
  return {
    id: belief.id,
    name: record?.humanName || (host === '' ? belief.id.slice(0, 8) : `${host.includes(':') ? `[${host}]` : host}:${belief.port}`),
    host,
    port: belief.port,
    role: belief.role,
    shard: topology.shardOf(belief.id),
    health: healthOf(reported, error, figures),
    configEpoch: belief.configEpoch,
    version: figures?.version ?? null,
    usedMemory: figures?.usedMemory ?? null,
    maxMemory: figures?.maxMemory ?? null,
    operationsPerSecond: operations === null ? null : Math.round(operations),
    keys: figures?.keys ?? null,
    lagBytes: lag,
    readAtMs: record?.link.readAtMs ?? 0,
    error,
    paused: figures?.paused ?? null
  }
}

/** The cluster's verdict, then our own link; whether it is loading a node knows best itself, and CLUSTER SHARDS is gossip-old. */
function healthOf(reported: ReturnType<Topology['healthOf']>, error: string | null, figures: NodeFigures | undefined): NodeState['health'] {
  if (reported === 'fail') return 'fail'
  if (error !== null) return 'unreachable'
  if (figures?.loading) return 'loading'
  return figures && reported === 'loading' ? 'online' : reported
}

/** A node that only was read again keeps its old state for a while; tiny changes of memory are no news either. */
function quiet(before: NodeState | undefined, next: NodeState, stepMs: number): NodeState {
  if (!before) return next
  const usedMemory =
    before.usedMemory !== null &&
    next.usedMemory !== null &&
    Math.abs(before.usedMemory - next.usedMemory) < Math.max(65_536, before.usedMemory * 0.002)
      ? before.usedMemory
      : next.usedMemory
  const calm: NodeState = { ...next, usedMemory, readAtMs: before.readAtMs }
  const changed = (Object.keys(calm) as (keyof NodeState)[]).some((name) => !Object.is(calm[name], before[name]))
  if (!changed && next.readAtMs - before.readAtMs < stepMs) return before
  return { ...next, usedMemory }
}

/** `readAtMs` alone is sent no more often than so: some 2.5 KB a second in a cluster of any size. */
function readAtStepMs(nodeCount: number): number {
  return Math.max(5_000, nodeCount * 40)
}

function shardState(
  key: string,
  label: ShardLabel,
  members: readonly Belief[],
  slots: readonly SlotRange[],
  nodes: Readonly<Record<string, NodeState>>,
  topology: Topology
): ShardState {
  const rank = (belief: Belief) => (topology.healthOf(belief.id) === 'fail' ? 0 : 2) + (belief.slots.length > 0 ? 1 : 0)
  const primaries = members.filter((belief) => belief.role === 'primary')
  const primary = primaries.toSorted((a, b) => rank(b) - rank(a) || b.configEpoch - a.configEpoch || (a.id < b.id ? -1 : 1))[0]
  return {
    key,
    label: label.label,
    color: label.color,
    primary: primary?.id ?? null,
    replicas: members
      .filter((belief) => belief !== primary)
      .map((belief) => belief.id)
      .sort(),
    slots,
    slotCount: countSlots(slots),
    keys: primary === undefined ? 0 : (nodes[primary.id]?.keys ?? 0)
  }
}

function summary(
  parts: CoreParts,
  nodes: Readonly<Record<string, NodeState>>,
  shards: Readonly<Record<string, ShardState>>
): CoreState['cluster'] {
  const all = Object.values(nodes)
  const limits = [...parts.records.values()].map((record) => record.databaseLimit).filter((limit) => limit !== null)
  const enabled = [...parts.records.values()].map((record) => record.slotStatsEnabled).filter((value) => value !== null)
  const primaries = Object.values(shards).flatMap((shard) => (shard.primary === null ? [] : [nodes[shard.primary]]))
  return {
    name: parts.name,
    kind: parts.kind,
    state: parts.topology.state(),
    currentEpoch: parts.topology.currentEpoch(),
    // The lowest counts: beyond it some node refuses SELECT.
    databases: limits.length === 0 ? null : Math.min(...limits),
    keys: Object.values(shards).reduce((sum, shard) => sum + shard.keys, 0),
    operationsPerSecond: primaries.reduce((sum, node) => sum + (node?.operationsPerSecond ?? 0), 0),
    versions: [...new Set(all.map((node) => node.version).filter((version) => version !== null))].sort(),
    slotStatsEnabled: enabled.length === 0 ? null : enabled.every((value) => value)
  }
}

/** Before the first reply. */
export function emptyCore(name: string, kind: 'embedded' | 'connected'): CoreState {
  return {
    cluster: {
      name,
      kind,
      state: 'unknown',
      currentEpoch: 0,
      databases: null,
      keys: 0,
      operationsPerSecond: 0,
      versions: [],
      slotStatsEnabled: null
    },
    nodes: {},
    shards: {},
    unassigned: [],
    jobs: {},
    plans: {},
    health: {},
    events: [],
    watching: { commandsPerSecond: 0, commandsPerSecondPerNode: 0, shareOfNodeTime: null, byCause: {} }
  }
}
