import type { PlanState } from '@slotscope/observer/stream'
import { SLOTS } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { balanceBy } from './plan-balance.ts'

const { shards } = clusterOf({ A: [[0, 9_999]], B: [[10_000, 13_191]], C: [[13_192, 16_383]] })

/** 1,000 slots of A go to B. */
const plan: PlanState = {
  planId: 'p',
  actor: 'ada',
  madeAtMs: 0,
  expiresAtMs: 1,
  targetShard: 'shard-B',
  leftOut: [],
  checks: [],
  balance: [
    { shard: 'shard-A', slotsBefore: 10_000, slotsAfter: 9_000, keysBefore: 100_000, keysAfter: 90_000 },
    { shard: 'shard-B', slotsBefore: 3_192, slotsAfter: 4_192, keysBefore: 31_920, keysAfter: 41_920 }
  ],
  moves: [
    {
      sourceShard: 'shard-A',
      sourceNode: 'node-A',
      targetNode: 'node-B',
      slots: [[0, 999]],
      slotCount: 1_000,
      ownerEpoch: 1,
      keysByDatabase: [],
      keys: 10_000,
      bytes: null,
      command: [],
      shell: ''
    }
  ]
}

test('by slots and by keys the rows are the plan’s own, and the rest is counted', () => {
  const bySlots = balanceBy(plan, 'slots', shards, null)
  expect(bySlots.rows.map(({ shard, before, after }) => [shard, before, after])).toEqual([
    ['shard-A', 10_000, 9_000],
    ['shard-B', 3_192, 4_192]
  ])
  expect(bySlots).toMatchObject({ rest: 1, greatest: 10_000, even: SLOTS / 3 })
  expect(balanceBy(plan, 'keys', shards, null).rows[0]).toMatchObject({ before: 100_000, after: 90_000 })
})

test('by CPU it is the sum of what each slot takes now, and slots that are not known count as nothing', () => {
  const cpu = new Float64Array(SLOTS).fill(2)
  cpu[0] = Number.NaN
  cpu[1] = 501
  const balance = balanceBy(plan, 'cpu', shards, cpu)
  expect(balance.rows.map(({ shard, before, after }) => [shard, before, after])).toEqual([
    ['shard-A', 9_998 * 2 + 501, 9_000 * 2],
    ['shard-B', 3_192 * 2, 3_192 * 2 + 998 * 2 + 501]
  ])
  expect(balance.even).toBeCloseTo((16_382 * 2 + 501) / 3)
})

test('without figures nothing is made up', () => {
  const balance = balanceBy(plan, 'cpu', shards, null)
  expect(balance.rows.every(({ before, after }) => before === null && after === null)).toBe(true)
  expect(balance.even).toBeNull()
})

test('a shard that gives its last slots shares in nothing afterwards', () => {
  const [a, b] = plan.balance
  const drained = { ...plan, balance: [{ ...a!, slotsAfter: 0 }, b!] }
  expect(balanceBy(drained, 'slots', shards, null).even).toBe(SLOTS / 2)
})

test('by sampled bytes the rows are the plan’s own, and what would be even is told when every shard is in it', () => {
  const withBytes = {
    ...plan,
    balance: plan.balance.map((row, index) => ({ ...row, bytesBefore: 3_000 - index * 2_000, bytesAfter: 2_000 }))
  }
  const byBytes = balanceBy(withBytes, 'bytes', shards, null)
  expect(byBytes.rows.map(({ before, after }) => [before, after])).toEqual([
    [3_000, 2_000],
    [1_000, 2_000]
  ])
  expect(byBytes.even).toBeNull()
  const [a, b] = Object.values(shards)
  if (!a || !b) throw new Error('two shards are needed')
  expect(balanceBy(withBytes, 'bytes', { [a.key]: a, [b.key]: b }, null).even).toBe(2_000)
})

test('with weights each row has a share of its own, and none is even', () => {
  const weighed = balanceBy(plan, 'slots', shards, null, { 'shard-A': 2 })
  expect(weighed.even).toBeNull()
  expect(weighed.rows.map((row) => [row.shard, row.due])).toEqual([
    ['shard-A', 8_192],
    ['shard-B', 4_096]
  ])
})
