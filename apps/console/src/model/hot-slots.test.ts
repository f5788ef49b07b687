import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hotSlots, timesMean } from './hot-slots.ts'

test('the greatest come first, with their share of the whole', () => {
  const values = new Float64Array([0, 10, Number.NaN, 30, 20, 40])
  expect(hotSlots(values, 2)).toEqual([
    { slot: 5, value: 40, share: 0.4 },
    { slot: 3, value: 30, share: 0.3 }
  ])
  expect(hotSlots(new Float64Array(8), 3)).toEqual([])
})

test('they are what a sort of all of them begins with', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 10 }),
      (list, count) => {
        const sorted = [...list].filter((value) => value > 0).sort((a, b) => b - a)
        expect(hotSlots(Float64Array.from(list), count).map(({ value }) => value)).toEqual(sorted.slice(0, count))
      }
    )
  )
})

test('how far above the mean of the slots that have any', () => {
  expect(timesMean(new Float64Array([0, Number.NaN, 10, 30]), 30)).toBe(1.5)
  expect(timesMean(new Float64Array(3), 1)).toBe(0)
})
