import { describe, expect, test } from 'vitest'
import { latencyFile, latencyRows, quantile, spreadBars } from './latency-spread.ts'

const buckets = [
  [4, 500],
  [8, 480],
  [66, 15],
  [132, 4],
  [1_056, 1]
] as const

describe('how long calls took', () => {
  test('quantiles are the upper end of the bucket that reaches them', () => {
    expect([0.5, 0.501, 0.98, 0.99, 0.999, 0.9999, 1].map((part) => quantile(buckets, part))).toEqual([4, 8, 8, 66, 132, 1_056, 1_056])
    expect(quantile([], 0.5)).toBe(0)
    expect(quantile([[2, 0]], 0.5)).toBe(2)
  })

  test('bars stand side by side, with empty ones where no call fell', () => {
    expect(spreadBars(buckets).map(({ fromUs, toUs, count }) => [fromUs, toUs, count])).toEqual([
      [2, 4, 500],
      [4, 8, 480],
      [8, 16, 0],
      [16, 32, 0],
      [32, 66, 15],
      [66, 132, 4],
      [132, 264, 0],
      [264, 528, 0],
      [528, 1_056, 1]
    ])
    expect(spreadBars(buckets)[0]?.share).toBe(0.5)
    expect(spreadBars([])).toEqual([])
  })

  test('rows are those commands that were timed', () => {
    const histograms = [
      { command: 'client|list', calls: 1_000, buckets },
      { command: 'get', calls: 1, buckets: [[2, 1]] as const },
      { command: 'idle', calls: 0, buckets: [] }
    ]
    expect(latencyRows(histograms, '').map(({ command }) => command)).toEqual(['client|list', 'get'])
    const [row] = latencyRows(histograms, 'CLIENT list')
    expect(row).toMatchObject({ calls: 1_000, p50Us: 4, p99Us: 66, p999Us: 132, mostUs: 1_056 })
    expect(latencyFile([row!]).rows).toEqual([['client|list', 1_000, 4, 66, 132, 1_056]])
  })
})
