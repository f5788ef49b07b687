import type { CoreState, JobState, NodeState, PlanState, ShardState, SlotRange, WatchingCost } from '../stream/core-state.ts'
import { countSlots, sameRanges } from '../stream/moves.ts'
import { beliefsOf, type LabelsFor, layoutOf, nodeOrder } from './core-layout.ts'
import type { ShardLabel } from './labels.ts'
import type { NodeRecord } from './node-record.ts'
import { nodeState } from './node-state.ts'
import type { Belief, Topology } from './topology.ts'

/** Everything that a core state is made of, events and health aside. */
export type CoreParts = {
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly topology: Topology
  readonly records: ReadonlyMap<string, NodeRecord>
  readonly labelsFor: LabelsFor
  readonly jobs: Readonly<Record<string, JobState>>
  readonly plans: Readonly<Record<string, PlanState>>
  readonly watching: WatchingCost
  readonly standalone: boolean
  /** Slots can be moved atomically; null: not known. */
  readonly atomicMigration: boolean | null
  /** Between two readings of a node's figures, as it is meant to be. */
  readonly figuresPeriodMs: number
  readonly nowMs: number
}

/** Builds nodes, shards and the summary. Parts that did not change are the same objects as in `before`. */
export function buildCore(parts: CoreParts, before: CoreState): CoreState {
  const { topology } = parts
  const { members, order, owned } = layoutOf(topology, parts.labelsFor)
  const nodes: Record<string, NodeState> = {}
  for (const id of nodeOrder(topology)) nodes[id] = nodeState(parts, topology.nodes.get(id) as Belief, before.nodes[id])
  const shards: Record<string, ShardState> = {}
  for (const { key, label } of order)
    shards[key] = shardState(key, label, beliefsOf(topology, members.get(key)), owned.get(key) ?? [], nodes, topology, before.shards[key])
  const unassigned = owned.get('') ?? []
  return {
    ...before,
    cluster: summary(parts, nodes, shards),
    nodes,
    shards,
    unassigned: sameRanges(before.unassigned, unassigned) ? before.unassigned : unassigned,
    jobs: parts.jobs,
    plans: parts.plans,
    watching: parts.watching
  }
}

function shardState(
  key: string,
  label: ShardLabel,
  members: readonly Belief[],
  slots: readonly SlotRange[],
  nodes: Readonly<Record<string, NodeState>>,
  topology: Topology,
  before: ShardState | undefined
): ShardState {
  const rank = (belief: Belief) => (topology.healthOf(belief.id) === 'fail' ? 0 : 2) + (belief.slots.length > 0 ? 1 : 0)
  let primary: Belief | undefined
  for (const belief of members) {
    if (belief.role !== 'primary') continue
    const isBetter = (other: Belief) =>
      rank(belief) - rank(other) || belief.configEpoch - other.configEpoch || (belief.id < other.id ? 1 : -1)
    if (!primary || isBetter(primary) > 0) primary = belief
  }
  const keys = primary === undefined ? 0 : (nodes[primary.id]?.keys ?? 0)
  const isSame =
    before !== undefined &&
    before.primary === (primary?.id ?? null) &&
    before.keys === keys &&
    before.label === label.label &&
    before.color === label.color &&
    sameRanges(before.slots, slots) &&
    before.replicas.length === members.length - (primary ? 1 : 0) &&
    members.every((belief) => belief === primary || before.replicas.includes(belief.id))
  if (isSame) return before
  return {
    key,
    label: label.label,
    color: label.color,
    primary: primary?.id ?? null,
    replicas: members
      .filter((belief) => belief !== primary)
      .map((belief) => belief.id)
      .sort(),
    slots: before && sameRanges(before.slots, slots) ? before.slots : slots,
    slotCount: countSlots(slots),
    keys
  }
}

function summary(
  parts: CoreParts,
  nodes: Readonly<Record<string, NodeState>>,
  shards: Readonly<Record<string, ShardState>>
): CoreState['cluster'] {
  const versions = new Set<string>()
  for (const { version } of Object.values(nodes)) if (version !== null) versions.add(version)
  // The lowest counts: beyond it some node refuses SELECT.
  let databases: number | null = null
  let slotStatsEnabled: boolean | null = null
  for (const { databaseLimit, slotStatsEnabled: enabled } of parts.records.values()) {
    if (databaseLimit !== null) databases = Math.min(databases ?? databaseLimit, databaseLimit)
    if (enabled !== null) slotStatsEnabled = (slotStatsEnabled ?? true) && enabled
  }
  let keys = 0
  let operationsPerSecond = 0
  for (const shard of Object.values(shards)) {
    keys += shard.keys
    operationsPerSecond += (shard.primary === null ? undefined : nodes[shard.primary])?.operationsPerSecond ?? 0
  }
  const known = [...versions].sort()
  return {
    name: parts.name,
    kind: parts.kind,
    ...(parts.standalone ? { mode: 'standalone' } : {}),
    ...whyNoAtomicMigration(parts, known),
    state: parts.topology.state(),
    currentEpoch: parts.topology.currentEpoch(),
    // Clusters had one database before slots could be moved atomically.
    databases: databases ?? (parts.atomicMigration === false && !parts.standalone ? 1 : null),
    keys,
    operationsPerSecond,
    versions: known,
    slotStatsEnabled
  }
}

function whyNoAtomicMigration(
  { standalone, atomicMigration }: CoreParts,
  versions: readonly string[]
): { readonly noAtomicMigration?: string } {
  if (standalone) return { noAtomicMigration: 'This server is no cluster: it has no slots that could be moved.' }
  if (atomicMigration !== false) return {}
  const who =
    versions.length === 0 ? 'This server' : versions.map((version) => (/^\d/.test(version) ? `Valkey ${version}` : version)).join(', ')
  return {
    noAtomicMigration: `${who} cannot move slots atomically: that came with Valkey 9.0. Slots are moved key by key there (valkey-cli --cluster reshard), which Slotscope shows but does not start.`
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
