import { expect, test } from 'vitest'
import { ScriptedCluster } from '../../test/support/scripted-cluster.ts'
import { Pace } from './pace.ts'

test('[interaction 4] a node is asked at most 2,000 per-slot questions in a second', async () => {
  let nowMs = 0
  const pace = new Pace(
    () => nowMs,
    async (ms) => {
      nowMs += ms
    }
  )
  const asked: number[] = []
  for (let pipeline = 0; pipeline < 40; pipeline++) {
    await pace.take('a', 256)
    asked.push(nowMs)
  }
  for (const [index, atMs] of asked.entries()) {
    const inTheSecondBefore = asked.filter((other, at) => at <= index && other > atMs - 1_000).length * 256
    // The bucket is full at the beginning, so the first second may see it emptied and filled once.
    expect(inTheSecondBefore).toBeLessThanOrEqual(atMs <= 1_000 ? 4_000 + 256 : 2_000 + 256)
  }
  expect(nowMs).toBeGreaterThanOrEqual(((40 * 256 - 2_000) * 1_000) / 2_000)
})

test('nodes do not wait for each other, and only per-slot questions are held back', async () => {
  const slept: number[] = []
  const pace = new Pace(
    () => 0,
    async (ms) => void slept.push(ms)
  )
  const caller = pace.over(new ScriptedCluster())
  const options = { purpose: 'work', cause: 'plan' } as const
  const count = Array.from({ length: 1_500 }, (_, slot) => ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])
  await caller.pipeline({ host: 'h', port: 1 }, count, options)
  await caller.pipeline({ host: 'h', port: 2 }, count, options)
  await caller.pipeline({ host: 'h', port: 2 }, [['PING'], ['CLUSTER', 'NODES']], options)
  expect(slept).toEqual([])
  await caller.pipeline({ host: 'h', port: 1 }, count, options)
  expect(slept).toEqual([500])
})
