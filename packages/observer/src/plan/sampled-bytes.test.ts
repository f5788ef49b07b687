import { describe, expect, test } from 'vitest'
import { estimateBytes, evenSample, settledMeans } from './sampled-bytes.ts'

/** The same numbers for the same seed: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe('bytes of keys, estimated from a sample', () => {
  test('the range holds the truth in nine of ten datasets whose sizes differ by a factor of a thousand', () => {
    let held = 0
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed)
      // Small strings in one database; in the other sizes that spread over a factor of a thousand.
      const small = Array.from({ length: 20_000 }, () => 56 + Math.floor(random() * 200))
      const mixed = Array.from({ length: 5_000 }, () => Math.round(100 * 10 ** (3 * random() ** 2)))
      const draw = (sizes: readonly number[], count: number) =>
        Array.from({ length: count }, () => sizes[Math.floor(random() * sizes.length)] as number)
      const estimate = estimateBytes([
        { keys: small.length, sizes: draw(small, 100) },
        { keys: mixed.length, sizes: draw(mixed, 100) }
      ])
      const truth = [...small, ...mixed].reduce((sum, size) => sum + size, 0)
      if (estimate && estimate.low <= truth && truth <= estimate.high) held++
    }
    expect(held).toBeGreaterThanOrEqual(90)
    expect(held).toBeLessThan(100)
  })

  test('is exact where every key was measured, and never below what was', () => {
    expect(estimateBytes([{ keys: 3, sizes: [10, 20, 600] }])).toEqual({ low: 630, high: 630, sampledKeys: 3 })
    expect(estimateBytes([{ keys: 4, sizes: [10, 10, 100_000] }])?.low).toBe(100_020)
  })

  test('of a database whose sample is empty, the others tell, with a wide margin; of none, nothing', () => {
    const estimate = estimateBytes([
      { keys: 10, sizes: Array.from({ length: 10 }, () => 100) },
      { keys: 10, sizes: [] }
    ])
    expect(estimate?.low).toBe(1_000)
    expect(estimate?.high).toBe(4_000)
    expect(estimateBytes([{ keys: 10, sizes: [] }])).toBeUndefined()
  })

  test('means that differ by chance become one, means that really differ stay', () => {
    const chance = settledMeans([
      { mean: 90, error: 20 },
      { mean: 100, error: 20 },
      { mean: 115, error: 20 }
    ])
    for (const mean of chance) expect(mean).toBeCloseTo(101.67, 1)
    const [small = 0, large = 0] = settledMeans([
      { mean: 100, error: 5 },
      { mean: 900, error: 40 }
    ])
    expect(small).toBeCloseTo(100, 0)
    expect(large).toBeGreaterThan(890)
    expect(settledMeans([{ mean: 7, error: 3 }])).toEqual([7])
    expect(settledMeans([])).toEqual([])
    // Exact means have nothing to do with chance.
    expect(
      settledMeans([
        { mean: 5, error: 0 },
        { mean: 9, error: 0 }
      ])
    ).toEqual([5, 9])
  })

  test('a sample is spread evenly and holds nothing twice', () => {
    expect(evenSample([1, 2, 3], 5)).toEqual([1, 2, 3])
    expect(evenSample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6])
  })
})
