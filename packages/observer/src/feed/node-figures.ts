import { figuresOf, type Info } from '../replies/info.ts'
import { type DatabaseFigures, databasesOf } from '../replies/keyspace.ts'
import { type ReplicaLine, type Replication, replicationOf } from '../replies/replication.ts'

/** What INFO of one node said last, with rates over the time since the reading before. */
export type NodeFigures = {
  readonly atMs: number
  /** e.g. `9.1.2`, or `Redis 7.0.15`. */
  readonly version: string | null
  /** Our own engine names itself with `slotscope_version`; its migrations keep databases apart. */
  readonly ownEngine: boolean
  readonly usedMemory: number | null
  readonly maxMemory: number | null
  readonly paused: string | null
  readonly uptimeSeconds: number | null
  /** Connections of clients, and how many it takes. */
  readonly clients: number | null
  readonly maxClients: number | null
  readonly databases: ReadonlyMap<number, DatabaseFigures>
  readonly keys: number
  /** Replica: its own offset; primary: the offset that replicas are to reach. */
  readonly offset: number | null
  readonly replication: Replication | null
  /** The node's clock minus ours, and how far that may be off; null: not known. */
  readonly clock: ClockReading | null
  /** A child that keeps a real server from forking for a slot snapshot: `RDB save`, `AOF rewrite`, `slot snapshot`. */
  readonly child: string | null
  /** Commands that a probe of ours had sent there by then. */
  readonly probeCommands: number
  /** Bytes sent over links of slot exports since the process began; null: an older server. */
  readonly exportedBytes: number | null
  /** It reads its own file, or the first copy from its primary. */
  readonly loading: boolean
  readonly counters: Counters
  /** Null until two readings of the same process. */
  readonly rates: Rates | null
  readonly instantaneousOperations: number | null
  /** Another text than before means that its keys may be others: written, expired or evicted. Null: it does not say. */
  readonly contents: string | null
}

/** `skewMs` is right within `errorMs` to both sides: half of the time that the question took. */
export type ClockReading = { readonly skewMs: number; readonly errorMs: number; readonly atMs: number }

/** Counters that only grow while the process lives. */
export type Counters = {
  readonly runId: string | null
  readonly commands: number
  readonly expiredKeys: number
  readonly expiredFields: number
  readonly errors: ReadonlyMap<string, number>
}

/** Per second. */
export type Rates = {
  readonly intervalMs: number
  readonly commands: number
  readonly expiredKeys: number
  readonly expiredFields: number
  readonly errors: ReadonlyMap<string, number>
}

/** Sections that are asked in one INFO. */
export const INFO_SECTIONS = ['server', 'clients', 'memory', 'stats', 'replication', 'keyspace', 'persistence', 'errorstats'] as const

/** A reading of the clock that was surer than a new one stands for so long: clocks drift by less than 0.1 ms in a second. */
const CLOCK_LASTS_MS = 60_000

/** Folds one INFO, asked at `askedAtMs` and answered at `atMs`, into the figures of its node. */
export function foldInfo(previous: NodeFigures | undefined, info: Info, atMs: number, askedAtMs = atMs): NodeFigures {
  const counters = countersOf(info)
  const databases = databasesOf(info)
  let keys = 0
  for (const figures of databases.values()) keys += figures.keys
  return {
    atMs,
    version: versionOf(info) ?? previous?.version ?? null,
    ownEngine: info.text('slotscope_version') !== undefined,
    usedMemory: info.number('used_memory') ?? null,
    maxMemory: info.number('maxmemory') ?? null,
    paused: pausedOf(info),
    uptimeSeconds: info.number('uptime_in_seconds') ?? null,
    clients: info.number('connected_clients') ?? null,
    maxClients: info.number('maxclients') ?? null,
    databases,
    keys,
    offset: info.number('slave_repl_offset') ?? info.number('master_repl_offset') ?? null,
    replication: replicationOf(info) ?? null,
    clock: clockOf(previous?.clock ?? null, info, atMs, askedAtMs),
    child: childOf(info),
    probeCommands: 0,
    exportedBytes: exportedBytesOf(info),
    loading: info.number('loading') === 1 || info.number('master_sync_in_progress') === 1,
    counters,
    rates: previous ? ratesBetween(previous.counters, counters, atMs - previous.atMs) : null,
    instantaneousOperations: info.number('instantaneous_ops_per_sec') ?? null,
    contents: contentsOf(info, keys)
  }
}

/** The count of changes begins anew with each save, and expiry is not among them. */
function contentsOf(info: Info, keys: number): string | null {
  const changes = info.number('rdb_changes_since_last_save')
  if (changes === undefined) return null
  return [changes, keys, info.number('expired_keys'), info.number('evicted_keys'), info.text('run_id')].join(' ')
}

/** Valkey names itself; its `redis_version` stays at the last version that both had. */
function versionOf(info: Info): string | undefined {
  const redis = info.text('redis_version')
  return info.text('valkey_version') ?? (redis === undefined ? undefined : `Redis ${redis}`)
}

function clockOf(previous: ClockReading | null, info: Info, atMs: number, askedAtMs: number): ClockReading | null {
  const serverUs = info.number('server_time_usec')
  if (serverUs === undefined || atMs < askedAtMs) return previous
  // An INFO reads the node's cached clock, which may be a turn of its loop old.
  const errorMs = (atMs - askedAtMs) / 2 + 1
  const reading = { skewMs: serverUs / 1_000 - (atMs + askedAtMs) / 2, errorMs, atMs }
  if (!previous || atMs - previous.atMs > CLOCK_LASTS_MS || errorMs <= previous.errorMs) return reading
  // The two contradict each other: a clock was set in between.
  return Math.abs(reading.skewMs - previous.skewMs) > errorMs + previous.errorMs ? reading : previous
}

/** What child process of a server is at work; null: none. */
export function childOf(info: Info): string | null {
  if (info.number('rdb_bgsave_in_progress') === 1) return 'RDB save'
  if (info.number('aof_rewrite_in_progress') === 1) return 'AOF rewrite'
  if (info.number('slot_migration_fork_in_progress') === 1) return 'slot snapshot'
  return null
}

export function exportedBytesOf(info: Info): number | null {
  return info.number('total_net_cluster_slot_export_bytes') ?? null
}

function countersOf(info: Info): Counters {
  const errors = new Map<string, number>()
  for (const [code, value] of info.entries('errorstat_')) errors.set(code, figuresOf(value).get('count') ?? 0)
  return {
    runId: info.text('run_id') ?? null,
    commands: info.number('total_commands_processed') ?? 0,
    expiredKeys: info.number('expired_keys') ?? 0,
    expiredFields: info.number('expired_fields') ?? 0,
    errors
  }
}

/** Rates per second; null when a counter began anew (restart, CONFIG RESETSTAT) or no time went by: never a wrong zero. */
export function ratesBetween(before: Counters, after: Counters, intervalMs: number): Rates | null {
  const fell =
    after.commands < before.commands ||
    after.expiredKeys < before.expiredKeys ||
    after.expiredFields < before.expiredFields ||
    [...before.errors].some(([code, count]) => (after.errors.get(code) ?? 0) < count)
  if (intervalMs <= 0 || before.runId !== after.runId || fell) return null
  const rate = (a: number, b: number) => ((b - a) * 1000) / intervalMs
  const errors = new Map<string, number>()
  for (const [code, count] of after.errors) errors.set(code, rate(before.errors.get(code) ?? 0, count))
  return {
    intervalMs,
    commands: rate(before.commands, after.commands),
    expiredKeys: rate(before.expiredKeys, after.expiredKeys),
    expiredFields: rate(before.expiredFields, after.expiredFields),
    errors
  }
}

/** What a primary says of one of its replicas; undefined: it does not list it, or under another address. */
export function lineOfReplica(
  primary: NodeFigures | undefined,
  replica: { readonly host: string; readonly hostname: string | null; readonly port: number }
): ReplicaLine | undefined {
  return primary?.replication?.replicas.find(
    ({ host, port }) => port === replica.port && (host === replica.host || host === replica.hostname)
  )
}

/** Why clients' writes are paused; null: they are not. */
export function pausedOf(info: Info): string | null {
  const reason = info.text('paused_reason')
  return reason === undefined || reason === '' || reason === 'none' ? null : reason
}
