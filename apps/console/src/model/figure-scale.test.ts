import { describe, expect, test } from 'vitest'
import { makeScale, STEPS, stepOf } from './figure-scale.ts'

const values = Float64Array.from([0, 0, Number.NaN, 1, 2, 5, 10, 50, 100, 500, 1_000])

describe.each(['log', 'quantile'] as const)('%s', (kind) => {
  const scale = makeScale(values, kind)

  test('none, not known and the maximum have steps of their own', () => {
    expect([stepOf(scale, 0), stepOf(scale, Number.NaN), stepOf(scale, 1_000)]).toEqual([0, -1, STEPS])
    expect(scale).toMatchObject({ max: 1_000, known: 10, zero: 2 })
  })

  test('more is never drawn as less', () => {
    const steps = [...values].filter((value) => !Number.isNaN(value)).map((value) => stepOf(scale, value))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(stepOf(scale, 1)).toBeGreaterThan(0)
  })

  test('a cluster without keys draws none', () => {
    const empty = makeScale(new Float64Array(5), kind)
    expect([empty.max, stepOf(empty, 0)]).toEqual([0, 0])
  })
})

test('quantiles spread what a logarithm would put into one step', () => {
  const close = Float64Array.from({ length: 700 }, (_, index) => 1_000 + index)
  const spread = (kind: 'log' | 'quantile') => new Set([...close].map((value) => stepOf(makeScale(close, kind), value))).size
  expect(spread('quantile')).toBe(STEPS)
  expect(spread('log')).toBeLessThan(STEPS)
})
