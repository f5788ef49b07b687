import type { HashFieldState, HashState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { countFields, farthestMs, fieldLines } from './hash-timeline.ts'

const field = (name: string, deadlineMs: number | null, awaitingReclaim = false): [string, HashFieldState] => {
  const id = btoa(name)
  return [id, { name: id, value: '', valueBytes: 0, deadlineMs, awaitingReclaim }]
}

const state: HashState = {
  database: 0,
  key: 'aA',
  slot: 1,
  shard: 'a',
  node: 'n',
  exists: true,
  problem: null,
  length: 7,
  unnamed: 3,
  keyDeadlineMs: null,
  fields: Object.fromEntries([field('late', 9_000), field('f10', null), field('f9', null), field('gone', 500, true), field('soon', 2_000)]),
  truncated: false,
  atMs: 1_000
}

describe('the fields of a hash', () => {
  test('what awaits reclaim leads, then the soonest, then what never expires', () => {
    expect(fieldLines(state, 'soonest', '').map(({ name }) => name)).toEqual(['gone', 'soon', 'late', 'f9', 'f10'])
  })

  test('by name in natural order, and by a part of the name', () => {
    expect(fieldLines(state, 'name', 'F').map(({ name }) => name)).toEqual(['f9', 'f10'])
  })

  test('counts tell named from unnamed ones that await reclaim', () => {
    expect(countFields(state)).toEqual({ listed: 4, expiring: 2, awaiting: 1, unnamed: 2 })
    expect(countFields({ ...state, unnamed: null }).unnamed).toBeNull()
  })

  test('the farthest deadline is measured from now', () => {
    expect(farthestMs(fieldLines(state, 'name', ''), 1_000)).toBe(8_000)
    expect(farthestMs([], 1_000)).toBe(0)
  })
})
