import type { PlanState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { mostSlots, planName, planTitle, planWords, requestOf, type Wish, withWeight } from './plan-wish.ts'

const { shards } = clusterOf({ A: [[0, 99]], B: [[100, 199]], C: [[200, 299]] })

function planOf(moves: readonly [from: string, to: string, slots: number][], targetShard = 'shard-C'): PlanState {
  return {
    planId: 'p',
    actor: 'ada',
    madeAtMs: 0,
    expiresAtMs: 60_000,
    targetShard,
    leftOut: [],
    checks: [],
    balance: [],
    moves: moves.map(([from, to, slots]) => ({
      sourceShard: `shard-${from}`,
      sourceNode: `node-${from}`,
      targetNode: `node-${to}`,
      targetShard: `shard-${to}`,
      slots: [[0, slots - 1]],
      slotCount: slots,
      ownerEpoch: 1,
      keysByDatabase: [],
      keys: 0,
      bytes: null,
      command: [],
      shell: ''
    }))
  }
}

const move: Wish = {
  kind: 'move',
  targetShard: 'shard-C',
  pool: [
    [10, 19],
    [30, 39]
  ],
  count: 12,
  end: 'last'
}

test('the amount of a move is taken from the chosen end of its pool', () => {
  expect(requestOf(move)).toEqual({
    slots: [
      [18, 19],
      [30, 39]
    ],
    targetShard: 'shard-C'
  })
  expect(mostSlots(move)).toBe(20)
})

test('a rebalance, a drain and the way back are asked for as they are wished', () => {
  expect(requestOf({ kind: 'rebalance', by: 'keys', tolerance: 0.05 })).toEqual({ kind: 'rebalance', by: 'keys', tolerance: 0.05 })
  expect(requestOf({ kind: 'drain', shard: 'shard-A', by: 'slots' })).toEqual({ kind: 'drain', shard: 'shard-A', by: 'slots' })
  expect(requestOf({ kind: 'move-back', planId: 'q' })).toEqual({ kind: 'move-back', planId: 'q' })
  expect(mostSlots({ kind: 'drain', shard: 'shard-A', by: 'slots' })).toBe(0)
})

describe('a heading', () => {
  test.each<[Wish, PlanState | null, string]>([
    [move, null, 'Move 12 slots to C'],
    [
      move,
      planOf([
        ['A', 'C', 5],
        ['B', 'C', 6]
      ]),
      'Move 11 slots from A and B to C'
    ],
    [{ kind: 'rebalance', by: 'cpu', tolerance: 0.02 }, null, 'Rebalance by CPU'],
    [{ kind: 'rebalance', by: 'keys', tolerance: 0.02 }, planOf([['A', 'B', 1_200]]), 'Rebalance by keys: 1 move, 1,200 slots'],
    [
      { kind: 'rebalance', by: 'slots', tolerance: 0, weights: { 'shard-A': 0 } },
      planOf([['A', 'B', 9]]),
      'Rebalance by slots and weights: 1 move, 9 slots'
    ],
    [
      { kind: 'drain', shard: 'shard-A', by: 'slots' },
      planOf([
        ['A', 'C', 50],
        ['A', 'B', 50]
      ]),
      'Drain A: 100 slots to B and C'
    ],
    [{ kind: 'move-back', planId: 'q' }, planOf([['B', 'A', 7]]), 'Move back 7 slots from B to A']
  ])('of %j', (wish, plan, words) => {
    expect(planTitle(wish, plan, shards)).toBe(words)
  })
})

test('a weight of 1 is none, and a request without weights has none', () => {
  expect(withWeight(undefined, 'a', 2)).toEqual({ a: 2 })
  expect(withWeight({ a: 2 }, 'b', 0)).toEqual({ a: 2, b: 0 })
  expect(withWeight({ a: 2, b: 0 }, 'a', 1)).toEqual({ b: 0 })
  expect(withWeight({ b: 0 }, 'b', 1)).toBeUndefined()
})

test('the name of a card', () => {
  expect(planName(move, null, shards)).toBe('move 12 slots to C')
  expect(planName(move, planOf([['A', 'C', 11]]), shards)).toBe('move 11 slots to C')
  expect(planName({ kind: 'drain', shard: 'shard-A', by: 'keys' }, null, shards)).toBe('Drain A')
})

test('somebody else’s plan is told without knowing what was wished', () => {
  expect(planWords(planOf([['A', 'C', 512]]), shards)).toBe('512 slots to C')
  expect(
    planWords(
      planOf([
        ['A', 'B', 10],
        ['A', 'C', 20]
      ]),
      shards
    )
  ).toBe('2 moves, 30 slots to B and C')
})
