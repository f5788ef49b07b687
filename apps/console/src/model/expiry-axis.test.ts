import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  axisFor,
  axisTicks,
  durationAt,
  NEAREST_MS,
  nearnessOf,
  neighbourDeadline,
  positionOf,
  snapDeadline,
  stepAt
} from './expiry-axis.ts'

const MINUTE = 60_000
const DAY = 86_400_000

describe('the axis of deadlines', () => {
  test('ends on a round time with room beyond the farthest deadline', () => {
    expect(axisFor(0).maxMs).toBe(10 * MINUTE)
    expect(axisFor(20 * MINUTE).maxMs).toBe(60 * MINUTE)
    expect(axisFor(5 * DAY).maxMs).toBe(30 * DAY)
    expect(axisFor(Number.MAX_SAFE_INTEGER).maxMs).toBeGreaterThan(1_000 * 365 * DAY)
  })

  test('a position and its length of time are each other’s reverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY }), fc.integer({ min: 0, max: 400 * DAY }), (longest, ms) => {
        const axis = axisFor(longest)
        const back = durationAt(axis, positionOf(axis, ms))
        expect(back).toBeCloseTo(Math.min(ms, axis.maxMs), -1)
      })
    )
  })

  test('what has passed lies at now, what is beyond at the end', () => {
    const axis = axisFor(MINUTE)
    expect(positionOf(axis, -5)).toBe(0)
    expect(positionOf(axis, 100 * DAY)).toBe(1)
    expect(positionOf(axis, MINUTE)).toBeGreaterThan(0.3)
  })

  test('marks keep their distance, end with the axis and leave room for now', () => {
    const axis = axisFor(3 * DAY)
    const ticks = axisTicks(axis, 800, 60)
    expect(ticks.at(-1)?.at).toBe(1)
    expect(ticks.length).toBeGreaterThan(5)
    ticks.forEach((tick, index) => {
      const before = index === 0 ? 0 : ticks[index - 1]!.at
      expect((tick.at - before) * 800).toBeGreaterThanOrEqual(index === 0 ? 48 : 60)
    })
  })
})

describe('a deadline set by hand', () => {
  const noon = Date.UTC(2026, 10, 24, 12, 0, 0)

  test('snaps to a round time of the person’s own day', () => {
    const india = 5.5 * 3_600_000
    expect(snapDeadline(noon + 7 * MINUTE + 3_000, 5 * MINUTE, noon, 0)).toBe(noon + 5 * MINUTE)
    // Midnight in India is 18:30 in UTC.
    expect(new Date(snapDeadline(noon + 6 * 3_600_000, DAY, noon, india)).toISOString()).toBe('2026-11-24T18:30:00.000Z')
  })

  test('is never nearer than a second from now, whatever the hand does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: DAY }), fc.constantFrom(1_000, 5_000, MINUTE, DAY), (ahead, step) => {
        expect(snapDeadline(noon + ahead, step, noon, 0)).toBeGreaterThanOrEqual(noon + NEAREST_MS)
        expect(neighbourDeadline(noon + ahead, -1, step, noon, 0)).toBeGreaterThanOrEqual(noon + NEAREST_MS)
      })
    )
  })

  test('arrow keys go to the next round time, and never stay', () => {
    expect(neighbourDeadline(noon + 90_000, 1, MINUTE, noon, 0)).toBe(noon + 2 * MINUTE)
    expect(neighbourDeadline(noon + 2 * MINUTE, 1, MINUTE, noon, 0)).toBe(noon + 3 * MINUTE)
    expect(neighbourDeadline(noon + 2 * MINUTE, -1, MINUTE, noon, 0)).toBe(noon + MINUTE)
  })

  test('steps grow with the distance, since a pixel is worth more there', () => {
    const axis = axisFor(3 * DAY)
    const steps = [0, 0.3, 0.6, 0.9].map((at) => stepAt(axis, at, 700))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps[0]).toBe(1_000)
    expect(steps.at(-1)).toBeGreaterThanOrEqual(3_600_000)
  })

  test('nearness has words, and a place in one ramp', () => {
    expect([500, 2 * MINUTE, 30 * MINUTE, 3_600_000, 2 * DAY].map((ms) => nearnessOf(ms).ramp)).toEqual([0, 1, 2, 3, 4])
    expect(nearnessOf(59_999).words).toBe('< 1 min')
  })
})
