import { describe, expect, test } from 'vitest'
import { FORECAST_EDGES_MS, forecast, type SampledHash, type Stratum } from './expiry-forecast.ts'

const hash = (deadlineMs: number, looked = 1, length = looked): SampledHash => ({ deadlinesMs: [deadlineMs], looked, length })
const of = (hashes: SampledHash[], population: number): Stratum => ({ database: 0, population, hashes })
const none = { keyDeadlinesMs: [], keysWithExpiry: 0 }

describe('the forecast', () => {
  test('scales a sample to all hashes, with a band that closes when everything was seen', () => {
    const sample = [hash(1_500), hash(1_600), hash(700_000), hash(-5)]
    const made = forecast({ strata: [of(sample, 40)], keyDeadlinesMs: [1_200], keysWithExpiry: 8 }, 0)
    expect(made.factor).toBe(10)
    // Two of four hashes in the bucket of 1 to 2 s, ten times as many in all.
    expect(made.fieldsPerSecond['0']?.[1]).toBe(20)
    expect(made.fieldsPerSecond['0']?.[FORECAST_EDGES_MS.indexOf(600_000)]).toBeCloseTo(10 / 1_200, 5)
    expect(made.keysPerSecond[1]).toBe(8)
    expect(made.bandPerSecond[1]).toBeGreaterThan(0)
    const whole = forecast({ strata: [of(sample, 4)], ...none }, 0)
    expect(whole.bandPerSecond.every((band) => band === 0)).toBe(true)
    expect(forecast({ strata: [of([hash(1_500, 1, 3)], 1)], ...none }, 0).fieldsPerSecond['0']?.[1]).toBe(3)
    expect(made.edgesMs).toHaveLength(made.bandPerSecond.length + 1)
  })

  test('counts each shard by its own size, and takes shards that were not looked into for what the others are', () => {
    const soon = Array.from({ length: 10 }, () => hash(1_500))
    const late = Array.from({ length: 10 }, () => hash(700_000))
    // Ten of each were seen, but nine tenths of all expire late.
    const made = forecast({ strata: [of(soon, 100), of(late, 900)], ...none }, 0)
    expect(made.fieldsPerSecond['0']?.[1]).toBe(100)
    expect(forecast({ strata: [of(soon, 100), of([], 100)], ...none }, 0).fieldsPerSecond['0']?.[1]).toBe(200)
    expect(forecast({ strata: [of([], 100)], ...none }, 0).fieldsPerSecond).toEqual({})
  })
})

/** Uniform numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Dataset = {
  readonly name: string
  readonly size: number
  readonly sample: number
  readonly make: (random: () => number, i: number) => number[]
}

/** Even on a logarithmic axis from a tenth of a second to ten days. */
const anyDeadline = (random: () => number) => 100 * (8.64e8 / 100) ** random()
const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

const DATASETS: readonly Dataset[] = [
  {
    name: 'few fields each, deadlines of their own',
    size: 2_000,
    sample: 100,
    make: (random) => times(1 + Math.floor(random() * 5), () => anyDeadline(random))
  },
  {
    name: 'all fields of a hash at once',
    size: 1_500,
    sample: 150,
    make: (random) => {
      const deadline = anyDeadline(random)
      return times(1 + Math.floor(random() * 20), () => deadline)
    }
  },
  {
    name: 'skewed sizes, large ones read in part',
    size: 800,
    sample: 80,
    make: (random) => times(Math.ceil(Math.exp(3 + normal(random))), () => anyDeadline(random))
  },
  {
    name: 'one hash in fifty expires soon',
    size: 3_000,
    sample: 120,
    make: (random, i) => times(3, () => (i % 50 === 0 ? 10_000 : 3_600_000) * random())
  },
  { name: 'a small sample', size: 400, sample: 8, make: (random) => times(2, () => anyDeadline(random)) },
  {
    name: 'nearly everything seen',
    size: 200,
    sample: 190,
    make: (random) => times(1 + Math.floor(random() * 3), () => anyDeadline(random))
  }
]

const READ = 100
const TRIALS = 300

describe.each(DATASETS)('the band, $name', ({ size, sample, make }) => {
  const truthOf = (all: readonly number[][]) =>
    FORECAST_EDGES_MS.slice(1).map((edge, bucket) => {
      const from = FORECAST_EDGES_MS[bucket] as number
      return all.reduce((sum, deadlines) => sum + deadlines.filter((ms) => ms >= from && ms < edge).length, 0) / ((edge - from) / 1_000)
    })

  test('holds the truth in 95 of 100 cases, in every bucket', () => {
    const held = FORECAST_EDGES_MS.slice(1).map(() => 0)
    for (let trial = 0; trial < TRIALS; trial++) {
      const random = randomFrom(trial + 1)
      const all = Array.from({ length: size }, (_, i) => make(random, i))
      const truth = truthOf(all)
      for (let i = 0; i < sample; i++) {
        const j = i + Math.floor(random() * (size - i))
        ;[all[i], all[j]] = [all[j] as number[], all[i] as number[]]
      }
      const hashes = all.slice(0, sample).map((deadlinesMs) => ({
        deadlinesMs: deadlinesMs.slice(0, READ),
        looked: Math.min(READ, deadlinesMs.length),
        length: deadlinesMs.length
      }))
      const made = forecast({ strata: [of(hashes, size)], ...none }, 0)
      for (const [bucket, rate] of truth.entries()) {
        const estimate = made.fieldsPerSecond['0']?.[bucket] ?? 0
        // Four digits are told.
        if (Math.abs(estimate - rate) <= (made.bandPerSecond[bucket] as number) + rate * 0.001) held[bucket] = (held[bucket] ?? 0) + 1
      }
    }
    expect(held.reduce((sum, count) => sum + count, 0) / (TRIALS * held.length)).toBeGreaterThanOrEqual(0.95)
    // By chance alone a bucket may lack two points of the hundred.
    for (const count of held) expect(count / TRIALS).toBeGreaterThanOrEqual(0.93)
  })

  test('says something: it is narrower than three unseen hashes and twice the spread', () => {
    const random = randomFrom(99)
    const all = Array.from({ length: size }, (_, i) => make(random, i))
    const fields = all.reduce((sum, deadlines) => sum + deadlines.length, 0)
    const hashes = all.slice(0, sample).map((deadlinesMs) => ({
      deadlinesMs: deadlinesMs.slice(0, READ),
      looked: Math.min(READ, deadlinesMs.length),
      length: deadlinesMs.length
    }))
    const made = forecast({ strata: [of(hashes, size)], ...none }, 0)
    for (const [bucket, edge] of FORECAST_EDGES_MS.slice(1).entries()) {
      const seconds = (edge - (FORECAST_EDGES_MS[bucket] as number)) / 1_000
      expect((made.bandPerSecond[bucket] as number) * seconds).toBeLessThan(fields * Math.max(0.12, 6 / Math.sqrt(sample)))
    }
  })
})

/** Fields of a hash, as they are met: few; of sizes that spread; with a heavy tail; a queue or two of hundreds among thousands of small ones. */
const SIZES: Readonly<Record<string, (random: () => number) => number>> = {
  few: (random) => 1 + Math.floor(random() * 6),
  spread: (random) => Math.ceil(Math.exp(2 + 1.2 * normal(random))),
  'heavy tail': (random) => Math.min(5_000, Math.ceil(2 / random() ** 0.8)),
  'rare large ones': (random) => (random() < 0.02 ? 400 + Math.floor(400 * random()) : 3)
}

/** Deadlines of a hash's fields. `clusters`: the few times to live that an application sets, a tenth more or less gone by. */
const DEADLINES: Readonly<Record<string, (random: () => number, clusters: readonly number[]) => () => number>> = {
  'each its own': (random) => () => anyDeadline(random),
  'one for the hash': (random) => {
    const deadline = anyDeadline(random)
    return () => deadline
  },
  'a cluster for the hash': (random, clusters) => {
    const cluster = clusters[Math.floor(random() * clusters.length)] ?? 0
    return () => cluster * (0.9 + 0.2 * random())
  },
  clustered: (random, clusters) => () => (clusters[Math.floor(random() * clusters.length)] ?? 0) * (0.9 + 0.2 * random())
}

/** One to four shards, one or two databases, of which a part that differs from shard to shard was looked into: what a minute of watching gives. */
function seededDataset(seed: number, sizeOf: (random: () => number) => number, deadlineOf: (typeof DEADLINES)[string]) {
  const random = randomFrom(seed)
  const clusters = times(3 + Math.floor(random() * 10), () => anyDeadline(random))
  const strata: Stratum[] = []
  const truth = FORECAST_EDGES_MS.slice(1).map(() => 0)
  const databases = 1 + Math.floor(random() * 2)
  const shards = 1 + Math.floor(random() * 4)
  for (let place = 0; place < databases * shards; place++) {
    const population = Math.floor(100 + random() * 1_400)
    const sample = Math.floor(40 + random() * 260)
    const all = times(population, () => {
      const deadline = deadlineOf(random, clusters)
      return times(sizeOf(random), deadline)
    })
    for (const ms of all.flat()) {
      const bucket = FORECAST_EDGES_MS.findIndex((edge) => ms < edge) - 1
      if (bucket >= 0) truth[bucket] = (truth[bucket] as number) + 1
    }
    const hashes = all.slice(0, sample).map((deadlinesMs) => ({
      deadlinesMs: deadlinesMs.slice(0, READ),
      looked: Math.min(READ, deadlinesMs.length),
      length: deadlinesMs.length
    }))
    strata.push({ database: place % databases, population, hashes })
  }
  return { strata, truth }
}

describe('the band over several shards and databases', () => {
  const SEEDS = 25
  const held = new Map<number, number>()
  const shapes = Object.keys(SIZES).flatMap((size) => Object.keys(DEADLINES).map((deadlines) => [size, deadlines] as const))

  test.each(shapes)('sizes: %s; deadlines: %s: it holds the truth in 95 of 100 cases', (size, deadlines) => {
    let holds = 0
    let widths = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { strata, truth } = seededDataset(seed, SIZES[size] as never, DEADLINES[deadlines] as never)
      const made = forecast({ strata, ...none }, 0)
      const fields = truth.reduce((sum, count) => sum + count, 0)
      for (const [bucket, count] of truth.entries()) {
        const seconds = ((FORECAST_EDGES_MS[bucket + 1] as number) - (FORECAST_EDGES_MS[bucket] as number)) / 1_000
        const estimate = Object.values(made.fieldsPerSecond).reduce((sum, rates) => sum + (rates[bucket] as number), 0) * seconds
        const band = (made.bandPerSecond[bucket] as number) * seconds
        widths += band / fields
        // Four digits are told.
        if (Math.abs(estimate - count) > band + count * 0.001) continue
        holds++
        held.set(bucket, (held.get(bucket) ?? 0) + 1)
      }
    }
    expect(holds / (SEEDS * (FORECAST_EDGES_MS.length - 1))).toBeGreaterThanOrEqual(0.95)
    // And it says something: on average it is a fifth of all fields at most, where a few hashes hold most of them, and less elsewhere.
    expect(widths / (SEEDS * (FORECAST_EDGES_MS.length - 1))).toBeLessThan(size === 'few' || size === 'spread' ? 0.08 : 0.22)
  })

  test('in every bucket, over all of those datasets', () => {
    for (const bucket of FORECAST_EDGES_MS.slice(1).keys())
      expect((held.get(bucket) ?? 0) / (SEEDS * shapes.length), `bucket ${bucket}`).toBeGreaterThanOrEqual(0.95)
  })
})
