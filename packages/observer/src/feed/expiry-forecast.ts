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

/** One hash of the sample: deadlines of the fields that were looked at. */
export type SampledHash = {
  readonly deadlinesMs: readonly number[]
  /** Fields looked at, with and without a deadline, of so many that the hash has. */
  readonly looked: number
  readonly length: number
}

/** The hashes of one database on one shard: each shard is sampled at a pace of its own, so each counts by its own size. */
export type Stratum = {
  readonly database: number
  /** Hashes that hold a field with a deadline. */
  readonly population: number
  /** Those of them that were looked into. */
  readonly hashes: readonly SampledHash[]
}

export type ForecastInput = {
  readonly strata: readonly Stratum[]
  readonly keyDeadlinesMs: readonly number[]
  /** How many keys with an expiry there are in all. */
  readonly keysWithExpiry: number
}

const BUCKETS = FORECAST_EDGES_MS.length - 1
const SECONDS = Array.from({ length: BUCKETS }, (_, i) => ((FORECAST_EDGES_MS[i + 1] as number) - (FORECAST_EDGES_MS[i] as number)) / 1000)
/** What a sample of n has not met at all is, in 95 of 100 cases, less than three in n (1 - 0.05^(1/n)). */
const UNMET = 3

/**
 * Fields per second over log time, estimated from a sample of hashes: counts times (hashes there are / hashes seen), shard by shard. The
 * band holds the truth in 95 of 100 cases: the spread between hashes, that of the fields of a hash of which only a part was read, and
 * what so small a sample need not have met. It closes when everything was seen.
 */
export function forecast(input: ForecastInput, atMs: number): ExpiryForecast {
  const fieldsPerSecond: Record<string, number[]> = {}
  const squares = new Array<number>(BUCKETS).fill(0)
  const counted = input.strata.map((stratum) => ({ ...stratum, rows: stratum.hashes.map((hash) => rowOf(hash, atMs)) }))
  const pooled = momentsOf(counted.flatMap(({ rows }) => rows))
  for (const [database, strata] of byDatabase(counted)) {
    const sampled = strata.filter(({ hashes }) => hashes.length > 0)
    if (sampled.length === 0) continue
    const sizeOf = (of: readonly Stratum[]) => of.reduce((sum, { population, hashes }) => sum + Math.max(population, hashes.length), 0)
    // Shards that were not looked into yet are taken for what the others are.
    const scale = sizeOf(strata) / sizeOf(sampled)
    const totals = new Array<number>(BUCKETS).fill(0)
    for (const stratum of sampled) {
      const estimate = estimateOf(stratum, pooled)
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        totals[bucket] = (totals[bucket] as number) + (estimate.totals[bucket] as number) * scale
        squares[bucket] = (squares[bucket] as number) + (estimate.squares[bucket] as number) * scale * scale
      }
    }
    fieldsPerSecond[String(database)] = totals.map((total, bucket) => round(total / (SECONDS[bucket] as number)))
  }
  const keyCounts = countsOf(input.keyDeadlinesMs, atMs)
  const keyFactor = input.keyDeadlinesMs.length === 0 ? 0 : Math.max(1, input.keysWithExpiry / input.keyDeadlinesMs.length)
  const seen = input.strata.reduce((sum, { hashes }) => sum + hashes.length, 0)
  const population = input.strata.reduce((sum, stratum) => sum + Math.max(stratum.population, stratum.hashes.length), 0)
  return {
    atMs,
    edgesMs: FORECAST_EDGES_MS,
    fieldsPerSecond,
    keysPerSecond: keyCounts.map((count, bucket) => round((count * keyFactor) / (SECONDS[bucket] as number))),
    factor: seen === 0 ? 1 : round(population / seen),
    bandPerSecond: squares.map((square, bucket) => round(Math.sqrt(square) / (SECONDS[bucket] as number)))
  }
}

/** One hash of the sample, counted. */
type Row = {
  /** Fields per bucket, of those that were looked at. */
  readonly counts: readonly number[]
  /** Fields that each of them stands for. */
  readonly weight: number
  readonly fields: number
  readonly looked: number
  readonly length: number
}

type CountedStratum = Stratum & { readonly rows: readonly Row[] }

function rowOf({ deadlinesMs, looked, length }: SampledHash, atMs: number): Row {
  const weight = Math.max(1, length / Math.max(1, looked))
  return { counts: countsOf(deadlinesMs, atMs), weight, fields: deadlinesMs.length * weight, looked, length }
}

/** Mean squares of fields. Of hashes unlike in size the larger ones are those that are missed dearly: the root of the mean square counts. */
type Moments = {
  /** Of those that a hash has in a bucket where it has any. */
  readonly inBucket: number
  /** Of those that it has in all. */
  readonly ofHash: number
}

function momentsOf(rows: readonly Row[]): Moments {
  let inBucket = 0
  let met = 0
  let ofHash = 0
  for (const { counts, weight, fields } of rows) {
    ofHash += fields * fields
    for (const count of counts) {
      if (count === 0) continue
      met++
      inBucket += (count * weight) ** 2
    }
  }
  return { inBucket: inBucket / Math.max(1, met), ofHash: ofHash / Math.max(1, rows.length) }
}

/**
 * Fields of one stratum per bucket, and the square of the band's half width. A few large hashes among many small ones lie in some buckets and
 * not in others by chance, and in the sample of one shard and not of another: so the spread in a bucket is never taken for less than what
 * hashes of all shards have in a bucket where they have any (`pooled`).
 */
function estimateOf({ population, rows }: CountedStratum, pooled: Moments): { readonly totals: number[]; readonly squares: number[] } {
  const seen = rows.length
  const all = Math.max(population, seen)
  const factor = all / seen
  const unseen = 1 - seen / all
  const own = momentsOf(rows)
  const inBucket = Math.max(pooled.inBucket, own.inBucket)
  const fieldsOfUnmet = Math.sqrt(Math.max(pooled.ofHash, own.ofHash, inBucket))
  const unmet = all === seen ? 0 : Math.max(1, (UNMET * (all - seen)) / seen)
  const heaviest = Math.max(...rows.map(({ weight }) => weight))
  // Student's factor, near enough.
  const spreads = seen > 1 ? 1.96 + 2.5 / (seen - 1) : 0
  const totals: number[] = []
  const squares: number[] = []
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    let sum = 0
    let sumOfSquares = 0
    let within = 0
    let met = 0
    for (const { counts, weight, looked, length } of rows) {
      const count = counts[bucket] as number
      const fields = count * weight
      sum += fields
      sumOfSquares += fields * fields
      if (count > 0) met++
      if (length > looked && looked > 1)
        within += (length * length * (1 - looked / length) * (count / looked) * (1 - count / looked)) / (looked - 1)
    }
    const between = seen > 1 ? Math.max(0, sumOfSquares - (sum * sum) / seen) / (seen - 1) : 0
    const variance = (all * all * unseen * Math.max(between, ((met + 1) / seen) * inBucket)) / seen + factor * within
    const unmetHashes = unmet * fieldsOfUnmet
    const unmetFields = heaviest > 1 ? UNMET * factor * heaviest : 0
    totals.push(sum * factor)
    squares.push(spreads * spreads * variance + unmetHashes * unmetHashes + unmetFields * unmetFields)
  }
  return { totals, squares }
}

function byDatabase<S extends Stratum>(strata: readonly S[]): readonly (readonly [database: number, strata: readonly S[]])[] {
  const lists = new Map<number, S[]>()
  for (const stratum of strata) {
    const list = lists.get(stratum.database)
    if (list) list.push(stratum)
    else lists.set(stratum.database, [stratum])
  }
  return [...lists].sort(([a], [b]) => a - b)
}

/** Deadlines per bucket; those that passed or lie beyond the last edge are left out. */
function countsOf(deadlinesMs: readonly number[], atMs: number): number[] {
  const counts = new Array<number>(BUCKETS).fill(0)
  for (const deadline of deadlinesMs) {
    const ahead = deadline - atMs
    if (ahead < 0) continue
    const bucket = FORECAST_EDGES_MS.findIndex((edge) => ahead < edge) - 1
    if (bucket >= 0) counts[bucket] = (counts[bucket] as number) + 1
  }
  return counts
}

/** Four significant digits. */
function round(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4))
}
