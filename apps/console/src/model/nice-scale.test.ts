import fc from 'fast-check'
import { expect, test } from 'vitest'
import { niceScale, roundWords } from './nice-scale.ts'

test('a scale is round and holds its largest value', () => {
  expect(niceScale(180, 2)).toEqual({ max: 200, ticks: [0, 100, 200] })
  expect(niceScale(0.21, 1)).toEqual({ max: 0.25, ticks: [0, 0.25] })
  expect(niceScale(0).max).toBe(1)
})

test('whatever the value, the scale holds it and wastes less than two thirds', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 6 }), (largest, count) => {
      const { max, ticks } = niceScale(largest, count)
      expect(max).toBeGreaterThanOrEqual(largest * 0.999)
      expect(max).toBeLessThanOrEqual(largest * 2.51)
      expect(ticks[0]).toBe(0)
      expect(ticks.at(-1)).toBe(max)
    })
  )
})

test('a round number is written without the zeros behind it', () => {
  expect(['1.50 k', '2.00 k', '10', '0.05', '100 k', '0.750'].map(roundWords)).toEqual(['1.5 k', '2 k', '10', '0.05', '100 k', '0.75'])
})
