import { figuresOf, type Info } from '../replies/info.ts'
import { type DatabaseFigures, databasesOf } from '../replies/keyspace.ts'

/** What INFO of one node said last, with rates over the time since the reading before. */
export type NodeFigures = {
  readonly atMs: number
  readonly version: string | null
  /** Our own engine names itself with `slotscope_version`; its migrations keep databases apart. */
  readonly ownEngine: boolean
  readonly usedMemory: number | null
  readonly maxMemory: number | null
  readonly paused: string | null
  readonly databases: ReadonlyMap<number, DatabaseFigures>
  readonly keys: number
  /** Replica: its own offset; primary: the offset that replicas are to reach. */
  readonly offset: number | null
  /** It reads its own file, or the first copy from its primary. */
  readonly loading: boolean
  readonly counters: Counters
  /** Null until two readings of the same process. */
  readonly rates: Rates | null
  readonly instantaneousOperations: number | null
}

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

/** Folds one INFO into the figures of its node. */
export function foldInfo(previous: NodeFigures | undefined, info: Info, atMs: number): NodeFigures {
  const counters = countersOf(info)
  const databases = databasesOf(info)
  let keys = 0
  for (const figures of databases.values()) keys += figures.keys
  return {
    atMs,
    version: info.text('valkey_version') ?? info.text('redis_version') ?? previous?.version ?? null,
    ownEngine: info.text('slotscope_version') !== undefined,
    usedMemory: info.number('used_memory') ?? null,
    maxMemory: info.number('maxmemory') ?? null,
    paused: pausedOf(info),
    databases,
    keys,
    offset: info.number('slave_repl_offset') ?? info.number('master_repl_offset') ?? null,
    loading: info.number('loading') === 1 || info.number('master_sync_in_progress') === 1,
    counters,
    rates: previous ? ratesBetween(previous.counters, counters, atMs - previous.atMs) : null,
    instantaneousOperations: info.number('instantaneous_ops_per_sec') ?? null
  }
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

/** Rates per second; null when the counters began anew (restart, CONFIG RESETSTAT) or no time went by. */
export function ratesBetween(before: Counters, after: Counters, intervalMs: number): Rates | null {
  if (intervalMs <= 0 || before.runId !== after.runId || after.commands < before.commands) return null
  const rate = (a: number, b: number) => Math.max(0, ((b - a) * 1000) / intervalMs)
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

/** Why clients' writes are paused; null: they are not. */
export function pausedOf(info: Info): string | null {
  const reason = info.text('paused_reason')
  return reason === undefined || reason === '' || reason === 'none' ? null : reason
}
