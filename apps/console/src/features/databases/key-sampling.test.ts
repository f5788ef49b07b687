import type { KeySampleRequest } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { KeySampling, ROUND_KEYS, type SamplingPort } from './key-sampling.ts'

const key = { key: 'a', type: 'hash', shard: 's', bytes: 10, size: 1 }

function fake(answer: (asked: number) => Promise<void> = async () => undefined) {
  const asked: KeySampleRequest[] = []
  const waits: number[] = []
  const port: SamplingPort = {
    sample: async (request) => {
      asked.push(request)
      await answer(asked.length)
      return { keys: Array.from({ length: request.count - 1 }, () => key), total: 9_000, commands: request.count * 4, atMs: 0 }
    },
    wait: async (ms) => void waits.push(ms)
  }
  return { sampling: new KeySampling({ database: 1, shard: null }, port), asked, waits }
}

test('a round asks part by part with a pause in between, and another one goes on from there', async () => {
  const { sampling, asked, waits } = fake()
  expect(sampling.view()).toMatchObject({ phase: 'idle', keys: [] })
  await sampling.more()
  expect(sampling.view()).toMatchObject({ phase: 'full', asked: ROUND_KEYS, total: 9_000, commands: ROUND_KEYS * 4 })
  expect(asked.every(({ database, shard, count }) => database === 1 && shard === null && count <= 100)).toBe(true)
  expect(waits).toHaveLength(asked.length - 1)
  // Every part lacks a key that was gone.
  expect(sampling.view().keys).toHaveLength(ROUND_KEYS - asked.length)
  await sampling.more()
  expect(sampling.view().asked).toBe(2 * ROUND_KEYS)
})

test('it pauses in the middle of a round and goes on with it; what came stays', async () => {
  const { sampling } = fake(async (asked) => {
    if (asked === 3) sampling.pause()
  })
  await sampling.more()
  expect(sampling.view()).toMatchObject({ phase: 'paused', asked: 200 })
  await sampling.more()
  expect(sampling.view()).toMatchObject({ phase: 'full', asked: ROUND_KEYS })
})

test('a refusal is told, and the round goes on when it is asked for again', async () => {
  const { sampling } = fake(async (asked) => {
    if (asked === 2) throw new Error('NOPERM')
  })
  await sampling.more()
  expect(sampling.view()).toMatchObject({ phase: 'failed', asked: 100, failure: new Error('NOPERM') })
  await sampling.more()
  expect(sampling.view()).toMatchObject({ phase: 'full', asked: ROUND_KEYS, failure: null })
})
