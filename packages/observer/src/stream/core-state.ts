import type { NodeDeed } from './node-plans.ts'

/**
 * Topic `core`: nodes, shards, who owns which slot, jobs, plans, health and events. Everything is keyed by an id that
 * survives a failover, so that a patch is as small as the change.
 */

/** First and last slot of a range, both included: 0..16383. */
export type SlotRange = readonly [first: number, last: number]

/** A figure with where and when it was read. `atMs` is the api's wall clock. */
export type Reading<T> = { readonly value: T; readonly node: string; readonly atMs: number }

export type CoreState = {
  readonly cluster: ClusterSummary
  /** By node id (40 hex digits). */
  readonly nodes: Readonly<Record<string, NodeState>>
  /** By shard key: the shard id, or the primary's node id where the server has no shard ids. */
  readonly shards: Readonly<Record<string, ShardState>>
  /** Label and hue of shards that are gone and that a job or a queue still speaks of. Absent: none. */
  readonly formerShards?: Readonly<Record<string, ShardName>>
  /** Slots that no node owns in the majority's view. */
  readonly unassigned: readonly SlotRange[]
  /** Slots that two primaries have claimed of themselves for several seconds, with what each claims. Absent: none. */
  readonly disputed?: readonly Dispute[]
  /** By job name (40 hex digits), the same on source and target. */
  readonly jobs: Readonly<Record<string, JobState>>
  /** By plan id. Plans of all viewers: a plan of somebody else is drawn too. */
  readonly plans: Readonly<Record<string, PlanState>>
  /** Confirmed plans and how far each has come, by plan id: those that run and the last that ended. Absent: none. */
  readonly queues?: Readonly<Record<string, QueueState>>
  /** What is to be done, is being done and was done to nodes, by plan id: plans, those that run and the last that ended. Absent: none. */
  readonly deeds?: Readonly<Record<string, NodeDeed>>
  /** By problem id, which is stable while the problem lasts. */
  readonly health: Readonly<Record<string, Problem>>
  /** What our user may not read, by the ACL rule that is missing (`+cluster|slot-stats`). Absent: nothing is denied. */
  readonly denied?: Readonly<Record<string, Denial>>
  /** What people call databases here, by number. Absent: none has a name. */
  readonly databaseNames?: Readonly<Record<string, string>>
  /** Newest last, at most 200. */
  readonly events: readonly ClusterEvent[]
  readonly watching: WatchingCost
}

/** Slots with more than one owner by the owners' own words. The drawn owner is the claim with the greatest epoch that the majority knows. */
export type Dispute = {
  readonly slots: readonly SlotRange[]
  /** Greatest epoch first. */
  readonly claims: readonly { readonly node: string; readonly shard: string; readonly configEpoch: number }[]
}

/** What is drawn from a question: a panel that was denied it says so. `topology` is owners, epochs and the state of the cluster. */
export type Panel = 'topology' | 'nodes' | 'slots' | 'jobs' | 'databases' | 'traffic' | 'expiry' | 'hash'

/** A rule that our user lacks: on which nodes, and which panels miss something for it. */
export type Denial = {
  /** One node's words. */
  readonly words: string
  readonly panels: readonly Panel[]
  /** Ids; `host:port` of a seed while no node is known. */
  readonly nodes: readonly string[]
}

export type ClusterSummary = {
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  /**
   * A server that is no cluster, with its replicas, is drawn as one shard that owns every slot: its keys have no other place. Absent: a
   * cluster.
   */
  readonly mode?: 'standalone'
  /** Why slots cannot be moved atomically here, in words. Absent: they can, or that is not known yet. */
  readonly noAtomicMigration?: string
  /** The majority's word: `cluster_state`, or `unknown` before the first reply. */
  readonly state: 'ok' | 'fail' | 'unknown'
  readonly currentEpoch: number
  /** `cluster-databases`, 1 before Valkey 9; null where it cannot be read. */
  readonly databases: number | null
  /** Totals over primaries, all databases. */
  readonly keys: number
  readonly operationsPerSecond: number
  /** e.g. `9.1.2` or `Redis 7.0.15`; several when nodes differ. */
  readonly versions: readonly string[]
  readonly slotStatsEnabled: boolean | null
  /** Our clock, when slot figures were seen to be on at every node; null: they are off, or were on before we came. */
  readonly slotStatsSinceMs?: number | null
}

export type NodeState = {
  readonly id: string
  /** human-nodename, else host:port, else 8 hex digits. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly role: 'primary' | 'replica'
  readonly shard: string
  /** The node's own health as its shard reports it, joined with our link: `unreachable` is ours. */
  readonly health: 'online' | 'fail' | 'suspected' | 'loading' | 'unreachable'
  readonly configEpoch: number
  readonly version: string | null
  /** Bytes; null until read. maxMemory 0 means no limit. */
  readonly usedMemory: number | null
  readonly maxMemory: number | null
  readonly operationsPerSecond: number | null
  readonly keys: number | null
  /** Replica: bytes behind its primary. */
  readonly lagBytes: number | null
  /** Replica: its link to its primary as it says itself; `syncing`: it takes its first copy. Absent: not known, or a primary. */
  readonly primaryLink?: 'up' | 'down' | 'syncing'
  /** Who of the nodes that were asked lately thinks that it has failed. Absent: nobody. */
  readonly doubts?: readonly NodeDoubt[]
  /**
   * Wall clock of the last reply, and why there is none since. A node that only was read again is not sent for it alone before
   * 5 s have passed (30 ms per node in large clusters): `health` and `error` say at once when it stops answering.
   */
  readonly readAtMs: number
  readonly error: string | null
  /** When the figures were read that are older than two periods of asking: to be greyed with their age. Absent: they are fresh. */
  readonly staleSinceMs?: number
  /** The node's clock minus ours, where it is surely off by more than a second. Absent: it is not, or is not known. */
  readonly clockSkewMs?: number
  /** `paused_reason` of INFO clients while writes are paused, else null. */
  readonly paused: string | null
}

/** What a shard is called and which hue it has, also after it has ended. */
export type ShardName = Pick<ShardState, 'label' | 'color'>

/** One node's view of another: `fail?` is its own opinion, `fail` what a majority has agreed on. */
export type NodeDoubt = { readonly by: string; readonly as: 'suspected' | 'failed' }

export type ShardState = {
  readonly key: string
  /** A..Z, then A2.. : given by the api once and kept for ever. */
  readonly label: string
  /** Index of the hue: 0..7; past eight the letter and a pattern tell shards apart. */
  readonly color: number
  /** Node id of the primary that is in charge in the majority's view; null when it has none. */
  readonly primary: string | null
  readonly replicas: readonly string[]
  readonly slots: readonly SlotRange[]
  readonly slotCount: number
  readonly keys: number
}

/** The wire's own strings: Valkey `cluster_migrateslots.c`. */
export type JobWireState =
  | 'connecting'
  | 'sending-auth-command'
  | 'reading-auth-response'
  | 'sending-establish-command'
  | 'reading-establish-response'
  | 'waiting-to-snapshot'
  | 'snapshotting'
  | 'replicating'
  | 'waiting-to-pause'
  | 'failover-paused'
  | 'failover-granted'
  | 'waiting-for-ack'
  | 'receiving-snapshot'
  | 'waiting-for-paused'
  | 'failover-requested'
  | 'cleaning-up'
  | 'occurring-on-primary'
  | 'success'
  | 'failed'
  | 'cancelled'

/** Four steps in words: what a person follows. */
export type JobStep = 'connect' | 'copy' | 'catch-up' | 'hand-over'

export type JobSide = {
  readonly state: JobWireState
  readonly message: string
  /** Our clock, when this state was first seen. */
  readonly sinceMs: number
}

export type JobState = {
  readonly name: string
  readonly slots: readonly SlotRange[]
  readonly slotCount: number
  readonly sourceNode: string
  readonly targetNode: string
  readonly sourceShard: string
  readonly targetShard: string
  readonly export: JobSide | null
  readonly import: JobSide | null
  readonly step: JobStep
  /** Our clock; a step that no poll met is absent ("not seen"). Milliseconds of each step that ended. */
  readonly stepsMs: Readonly<Partial<Record<JobStep, number>>>
  /** Every wire state seen, in order, with our clock. */
  readonly history: readonly { readonly side: 'export' | 'import'; readonly state: JobWireState; readonly atMs: number }[]
  /** Keys of the moving slots on the target over those on the source, all databases. Null: not known. */
  readonly keysDone: number | null
  readonly keysTotal: number | null
  /** Bytes that the source has sent over migration links since we first saw the job, other jobs of that node included. Absent: not known. */
  readonly bytesSent?: number
  /** 9.1: bytes of writes that still wait in the export link. Absent: not known. */
  readonly bytesQueued?: number
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  /** Both sides' states and the observed ownership. `unclear` stays until acknowledged. */
  readonly outcome: 'running' | 'moved' | 'not-moved' | 'unclear'
  /** The server's words, then the cause in ours. */
  readonly reason: string | null
  readonly explanation: string | null
  /** Who confirmed it; null: started elsewhere. */
  readonly startedBy: string | null
  readonly planId: string | null
  /** No change of state, no copied key and no byte for 30 s, or waiting to fork for 30 s. */
  readonly stuck: boolean
  /** Somebody took note of an unclear outcome. */
  readonly acknowledged?: boolean
}

export type PlanState = {
  readonly planId: string
  readonly actor: string
  readonly madeAtMs: number
  readonly expiresAtMs: number
  readonly targetShard: string
  /** One per source; each becomes a job of its own, not atomic together. */
  readonly moves: readonly PlannedMove[]
  /** Slots asked for that stay, with the reason. */
  readonly leftOut: readonly LeftOut[]
  readonly checks: readonly PlanCheck[]
  /** Slots per shard, before and after. */
  readonly balance: readonly {
    readonly shard: string
    readonly slotsBefore: number
    readonly slotsAfter: number
    readonly keysBefore: number
    readonly keysAfter: number
    /** In plans that are made by bytes: estimated from a sample. */
    readonly bytesBefore?: number
    readonly bytesAfter?: number
  }[]
}

/** An estimate from a sample of keys, in bytes: most probably not outside the range. */
export type SampledBytes = { readonly low: number; readonly high: number; readonly sampledKeys: number }

export type PlannedMove = {
  readonly sourceShard: string
  readonly sourceNode: string
  readonly targetNode: string
  /** Absent: the plan's target. */
  readonly targetShard?: string
  /** The source runs several exports at once: ours does, a real server forks once at a time. */
  readonly sideBySide?: boolean
  readonly slots: readonly SlotRange[]
  readonly slotCount: number
  /** Config epoch of the source when the plan was made. */
  readonly ownerEpoch: number
  readonly keysByDatabase: readonly { readonly database: number; readonly keys: number }[]
  readonly keys: number
  /** What the keys take in memory, from a sample; null: that could not be asked. */
  readonly bytes: SampledBytes | null
  /** Exactly what is sent to `sourceNode`, one string per argument. */
  readonly command: readonly string[]
  /** The same for a shell: `valkey-cli -h .. -p .. CLUSTER MIGRATESLOTS ..`. */
  readonly shell: string
}

/** How far a confirmed move has come. All but `planned` are on the api's disk before they are true. */
export type MoveProgress = 'planned' | 'sent' | 'running' | 'done' | 'failed' | 'unknown' | 'skipped'

/** A confirmed plan: its moves, one after another where a source can do only one at a time. */
export type QueueState = {
  readonly planId: string
  readonly actor: string
  readonly confirmedAtMs: number
  /**
   * `running`: goes on by itself. `stopping`: starts no more, what runs is finished. `stopped`: waits for a person. `ended`: no move is
   * left to be sent; some may have failed.
   */
  readonly status: 'running' | 'stopping' | 'stopped' | 'ended'
  /** Why it is stopping or stopped, in words. */
  readonly because: string | null
  readonly moves: readonly QueuedMove[]
}

export type QueuedMove = {
  readonly sourceShard: string
  readonly targetShard: string
  readonly sourceNode: string
  readonly targetNode: string
  readonly slots: readonly SlotRange[]
  readonly slotCount: number
  readonly command: readonly string[]
  readonly progress: MoveProgress
  /** Name of its job, once known: the key in `jobs`. */
  readonly job: string | null
  /** What it waits for, in words; null: for nothing. */
  readonly waitsFor: string | null
  /** What a node said or what was found, when it failed or is unknown. */
  readonly detail: string | null
  /** When it came to this state. */
  readonly atMs: number
  /** After the move: the target beside its replicas. Absent: not compared. */
  readonly comparison?: MoveComparison
}

/** What a look at the target's replicas found after a move. */
export type MoveComparison = { readonly text: string; readonly wrongReplicas: readonly WrongReplica[] }

/** A replica that does not hold what its primary holds, over the slots that were looked at. */
export type WrongReplica = {
  readonly node: string
  readonly differences: readonly {
    readonly database: number
    /** Slots with another number of keys, their keys on the primary and on the replica. */
    readonly slotCount: number
    readonly keys: number
    readonly keysThere: number
    /** Of the keys that were compared byte by byte. */
    readonly wrongKeys: number
  }[]
  /** A full resync, for a shell; null where it cannot be had without a restart. */
  readonly repair: string | null
}

export type LeftOutReason = 'already-there' | 'migrating' | 'unassigned' | 'disputed'
export type LeftOut = {
  readonly reason: LeftOutReason
  readonly slots: readonly SlotRange[]
  readonly slotCount: number
  readonly detail: string
}

/** `stop` means Confirm is refused; `warn` is said and may be confirmed. */
export type PlanCheck = { readonly id: string; readonly level: 'ok' | 'warn' | 'stop'; readonly text: string }

export type Problem = {
  readonly id: string
  readonly severity: 'critical' | 'warning' | 'info'
  readonly title: string
  readonly evidence: string
  readonly sinceMs: number
  readonly node: string | null
  /** A command that repairs it, for a shell; null where there is none. */
  readonly repair: string | null
}

export type ClusterEvent = {
  readonly sequence: number
  readonly atMs: number
  readonly kind: 'job-started' | 'job-ended' | 'ownership' | 'failover' | 'node' | 'epoch' | 'watch' | 'deed'
  readonly text: string
}

/** What our own observation costs the cluster. */
export type WatchingCost = {
  readonly commandsPerSecond: number
  readonly commandsPerSecondPerNode: number
  /** Share of the busiest node's main thread, 0..1, from its own commandstats; null until two readings. */
  readonly shareOfNodeTime: number | null
  /** Commands per second. */
  readonly byCause: Readonly<Record<string, number>>
  /** Parts of `shareOfNodeTime`. Absent until two readings. */
  readonly shareByCause?: Readonly<Record<string, number>>
}
