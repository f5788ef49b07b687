import type { CoreState, JobState, NodeState, ShardState, SlotRange } from '@slotscope/observer/stream'
import { countSlots } from '@slotscope/observer/stream'

/** A cluster for tests: shards A, B, ... with the given ranges, one primary each, no replicas. */
export function clusterOf(shards: Readonly<Record<string, readonly SlotRange[]>>, change: Partial<CoreState> = {}): CoreState {
  const labels = Object.keys(shards)
  return {
    cluster: {
      name: 'test',
      kind: 'embedded',
      state: 'ok',
      currentEpoch: labels.length,
      databases: 16,
      keys: 0,
      operationsPerSecond: 0,
      versions: ['9.1.2'],
      slotStatsEnabled: false
    },
    nodes: Object.fromEntries(labels.map((label, index) => [`node-${label}`, nodeOf(label, index)])),
    shards: Object.fromEntries(labels.map((label, index) => [`shard-${label}`, shardOf(label, index, shards[label]!)])),
    unassigned: [],
    jobs: {},
    plans: {},
    health: {},
    events: [],
    watching: { commandsPerSecond: 0, commandsPerSecondPerNode: 0, shareOfNodeTime: null, byCause: {} },
    ...change
  }
}

export function nodeOf(label: string, index: number): NodeState {
  return {
    id: `node-${label}`,
    name: `node-${index + 1}`,
    host: '127.0.0.1',
    port: 7_000 + index,
    role: 'primary',
    shard: `shard-${label}`,
    health: 'online',
    configEpoch: index + 1,
    version: '9.1.2',
    usedMemory: null,
    maxMemory: null,
    operationsPerSecond: null,
    keys: null,
    lagBytes: null,
    readAtMs: 0,
    error: null,
    paused: null
  }
}

export function shardOf(label: string, index: number, slots: readonly SlotRange[]): ShardState {
  return {
    key: `shard-${label}`,
    label,
    color: index % 8,
    primary: `node-${label}`,
    replicas: [],
    slots,
    slotCount: countSlots(slots),
    keys: countSlots(slots) * 10
  }
}

/** A running job of `slots` from shard `from` to shard `to` (labels). */
export function jobOf(name: string, from: string, to: string, slots: readonly SlotRange[], change: Partial<JobState> = {}): JobState {
  return {
    name,
    slots,
    slotCount: countSlots(slots),
    sourceNode: `node-${from}`,
    targetNode: `node-${to}`,
    sourceShard: `shard-${from}`,
    targetShard: `shard-${to}`,
    export: { state: 'snapshotting', message: '', sinceMs: 1_050 },
    import: { state: 'receiving-snapshot', message: '', sinceMs: 1_050 },
    step: 'copy',
    stepsMs: { connect: 50 },
    history: [],
    keysDone: null,
    keysTotal: null,
    startedAtMs: 1_000,
    endedAtMs: null,
    outcome: 'running',
    reason: null,
    explanation: null,
    startedBy: 'admin',
    planId: null,
    stuck: false,
    ...change
  }
}
