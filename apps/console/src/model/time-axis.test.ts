import { expect, test } from 'vitest'
import { axisLabels, instantAt, joinEvents, nearestRecorded, placeOf, recordedPlaces } from './time-axis.ts'

const axis = { fromMs: 1_000, toMs: 2_000 }

test('places and instants belong together, and beyond the edges one is at an edge', () => {
  expect([placeOf(axis, 1_000), placeOf(axis, 1_250), placeOf(axis, 2_500)]).toEqual([0, 0.25, 1.5])
  expect([instantAt(axis, 0.25), instantAt(axis, -3), instantAt(axis, 7)]).toEqual([1_250, 1_000, 2_000])
})

test('a gap is a hole in what was recorded, and what lies beyond the axis is not drawn', () => {
  const recorded = {
    fromMs: 500,
    toMs: 1_900,
    gaps: [
      { fromMs: 600, toMs: 700 },
      { fromMs: 1_200, toMs: 1_300 }
    ]
  }
  expect(recordedPlaces(axis, recorded)).toEqual([
    { from: 0, to: 0.2 },
    { from: 0.3, to: 0.9 }
  ])
  expect(recordedPlaces(axis, { fromMs: 0, toMs: 900, gaps: [] })).toEqual([])
})

test('nothing is known within a gap: the nearer end of it is shown', () => {
  const recorded = { fromMs: 1_000, toMs: 2_000, gaps: [{ fromMs: 1_200, toMs: 1_300 }] }
  expect([1_150, 1_210, 1_290, 1_300, 500, 9_999].map((atMs) => nearestRecorded(recorded, atMs))).toEqual([
    1_150, 1_200, 1_300, 1_300, 1_000, 2_000
  ])
})

test('labels are whole times of day of the reader, and keep away from the edges', () => {
  const minute = 60_000
  const quarter = { fromMs: 7 * minute + 12_000, toMs: 22 * minute + 12_000 }
  expect(axisLabels(quarter, 0.12, 0).map((atMs) => atMs / minute)).toEqual([8, 10, 12, 14, 16, 18, 20])
  const day = { fromMs: 0, toMs: 24 * 60 * minute }
  expect(axisLabels(day, 0.12, 30 * minute).map((atMs) => atMs / 60 / minute)).toEqual([3.5, 7.5, 11.5, 15.5, 19.5])
})

test('an event that is in the record and in the stream is one', () => {
  const event = (atMs: number, text: string) => ({ atMs, kind: 'node' as const, text })
  const live = [
    { ...event(5, 'b'), sequence: 1 },
    { ...event(9, 'c'), sequence: 2 }
  ]
  expect(joinEvents([event(1, 'a'), event(5, 'b')], live).map(({ text }) => text)).toEqual(['a', 'b', 'c'])
})
