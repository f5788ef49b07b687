import { describe, expect, test } from 'vitest'
import { type RowFrame, rowWindow, scrollTo } from './row-window.ts'

const frame = (count: number, scrollPx: number): RowFrame => ({ count, rowPx: 30, viewPx: 600, scrollPx })

describe('rows in sight', () => {
  test('a short list is as tall as its rows', () => {
    const { heightPx, from, to, topOf } = rowWindow(frame(100, 300), 5)
    expect([heightPx, from, to, topOf(10)]).toEqual([3_000, 5, 35, 300])
    expect(rowWindow(frame(3, 0), 5)).toMatchObject({ from: 0, to: 3 })
    expect(rowWindow(frame(0, 0), 5)).toMatchObject({ heightPx: 0, from: 0, to: 0 })
  })

  test.each([1_000_000, 10_000_000])('of %i rows every one can be reached, drawn where it is looked at', (count) => {
    const bottom = rowWindow(frame(count, 0), 0).heightPx - 600
    const last = rowWindow(frame(count, bottom), 0)
    expect(last.to).toBe(count)
    expect(last.topOf(count - 1)).toBeCloseTo(bottom + 570, 3)
    for (const index of [0, 1, 19, 20, 499_999, count - 1]) {
      const scrollPx = scrollTo(index, frame(count, 0))
      const { from, to, topOf } = rowWindow(frame(count, scrollPx), 0)
      expect(from).toBeLessThanOrEqual(index)
      expect(to).toBeGreaterThan(index)
      expect(topOf(index) - scrollPx).toBeGreaterThanOrEqual(-0.01)
      expect(topOf(index) - scrollPx).toBeLessThanOrEqual(570.01)
    }
  })

  test('a row in sight is not scrolled to', () => {
    expect(scrollTo(15, frame(100, 300))).toBe(300)
    expect(scrollTo(9, frame(100, 300))).toBe(270)
    expect(scrollTo(30, frame(100, 300))).toBe(330)
  })
})
