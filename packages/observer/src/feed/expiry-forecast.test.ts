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
