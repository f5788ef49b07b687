import type { ExpiryForecast } from '../stream/figures.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Edges of the buckets, in milliseconds from now: nearly even on a logarithmic axis, on round times. */
export const FORECAST_EDGES_MS: readonly number[] = [
  0,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  20 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
  30 * DAY
]

/** One hash of the sample: what its fields' deadlines stand for. */
export type SampledHash = {
  readonly database: number
  readonly deadlinesMs: readonly number[]
  /** Fields of the hash over fields looked at: more than 1 when only a part was read. */
  readonly weight: number
}

export type ForecastInput = {
  /** Hashes that hold a field with a deadline. */
  readonly hashes: readonly SampledHash[]
  /** How many such hashes there are in all, by database. */
  readonly hashesOf: ReadonlyMap<number, number>
  readonly keyDeadlinesMs: readonly number[]
  /** How many keys with an expiry there are in all. */
  readonly keysWithExpiry: number
}

/**
 * Fields per second over log time, estimated from a sample of hashes: counts times (hashes there are / hashes seen), database by
 * database. The band is 1.96 standard errors of a sample of whole hashes without replacement.
 */
export function forecast(input: ForecastInput, atMs: number): ExpiryForecast {
  const buckets = FORECAST_EDGES_MS.length - 1
  const seconds = Array.from(
    { length: buckets },
    (_, i) => ((FORECAST_EDGES_MS[i + 1] as number) - (FORECAST_EDGES_MS[i] as number)) / 1000
  )
  const byDatabase = new Map<number, SampledHash[]>()
  for (const hash of input.hashes) {
    const list = byDatabase.get(hash.database)
    if (list) list.push(hash)
    else byDatabase.set(hash.database, [hash])
  }
  const fieldsPerSecond: Record<string, number[]> = {}
  const variance = new Array<number>(buckets).fill(0)
  for (const [database, hashes] of [...byDatabase].sort(([a], [b]) => a - b)) {
    const population = Math.max(input.hashesOf.get(database) ?? 0, hashes.length)
    const factor = population / hashes.length
    const counts = hashes.map((hash) => countsOf(hash.deadlinesMs, atMs, hash.weight))
    const rates: number[] = []
    for (let bucket = 0; bucket < buckets; bucket++) {
      const sum = counts.reduce((total, row) => total + (row[bucket] as number), 0)
      rates.push(round((sum * factor) / (seconds[bucket] as number)))
      const mean = sum / hashes.length
      const spread = counts.reduce((total, row) => total + ((row[bucket] as number) - mean) ** 2, 0) / Math.max(1, hashes.length - 1)
      const error = population * population * (1 - hashes.length / population) * (spread / hashes.length)
      variance[bucket] = (variance[bucket] as number) + error / (seconds[bucket] as number) ** 2
    }
    fieldsPerSecond[String(database)] = rates
  }
  const keyCounts = countsOf(input.keyDeadlinesMs, atMs, 1)
  const keyFactor = input.keyDeadlinesMs.length === 0 ? 0 : Math.max(1, input.keysWithExpiry / input.keyDeadlinesMs.length)
  const population = [...input.hashesOf.values()].reduce((sum, count) => sum + count, 0)
  return {
    atMs,
    edgesMs: FORECAST_EDGES_MS,
    fieldsPerSecond,
    keysPerSecond: keyCounts.map((count, bucket) => round((count * keyFactor) / (seconds[bucket] as number))),
    factor: input.hashes.length === 0 ? 1 : round(Math.max(1, population / input.hashes.length)),
    bandPerSecond: variance.map((value) => round(1.96 * Math.sqrt(value)))
  }
}

/** Deadlines per bucket, each counted `weight` times; those that passed or lie beyond the last edge are left out. */
function countsOf(deadlinesMs: readonly number[], atMs: number, weight: number): number[] {
  const counts = new Array<number>(FORECAST_EDGES_MS.length - 1).fill(0)
  for (const deadline of deadlinesMs) {
    const ahead = deadline - atMs
    if (ahead < 0) continue
    const bucket = FORECAST_EDGES_MS.findIndex((edge) => ahead < edge) - 1
    if (bucket >= 0) counts[bucket] = (counts[bucket] as number) + weight
  }
  return counts
}

/** Four significant digits. */
function round(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4))
}
