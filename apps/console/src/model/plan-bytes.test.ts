import { expect, test } from 'vitest'
import { sampledBytes } from './plan-bytes.ts'

const move = (keys: number, bytes: { low: number; high: number; sampledKeys: number } | null) => ({ keys, bytes }) as never

test('sampled bytes are a range with its sample, and a dash where a source could not be asked', () => {
  expect(
    sampledBytes({
      moves: [move(5_000, { low: 1_000_000, high: 2_000_000, sampledKeys: 150 }), move(100, { low: 0, high: 48_576, sampledKeys: 50 })]
    })
  ).toBe('977 KiB to 1.95 MiB, sampled from 200 keys')
  expect(sampledBytes({ moves: [move(2, { low: 128, high: 128, sampledKeys: 2 })] })).toBe('128 B, measured')
  expect(sampledBytes({ moves: [move(5_000, { low: 1, high: 2, sampledKeys: 1 }), move(5, null)] })).toBe('–')
  expect(sampledBytes({ moves: [move(0, null)] })).toBe('none')
})
