import type { CoreState, RecordedLine } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { RecordedPast } from './recorded-past.ts'

const minute = 60_000

/** A minute a segment, a change each second: the name of the cluster is the second. */
function recording(secondsTotal: number) {
  const asked: [number, number][] = []
  const lines: RecordedLine[] = []
  for (let second = 0; second < secondsTotal; second++) {
    const atMs = second * 1_000
    if (second % 60 === 0) {
      const cluster = { id: 'c', name: 'c', kind: 'connected' } as const
      lines.push({ type: 'segment', atMs, continues: second > 0, streamVersion: 1, cluster, capabilities: [] })
      lines.push({ type: 'snapshot', topic: 'core', version: second, atMs, state: { cluster: { name: String(second) } } as CoreState })
    } else
      lines.push({
        type: 'patch',
        topic: 'core',
        base: second - 1,
        version: second,
        atMs,
        ops: [{ op: 'set', path: ['cluster', 'name'], value: String(second) }]
      })
  }
  const fetch = async (fromMs: number, toMs: number): Promise<RecordedLine[]> => {
    asked.push([fromMs, toMs])
    const begin = Math.floor(fromMs / minute) * minute
    const range = lines.filter((line) => 'atMs' in line && line.atMs >= begin && line.atMs <= toMs)
    return [...range, { type: 'end', atMs: toMs, lines: range.length }]
  }
  return { asked, past: new RecordedPast(fetch) }
}

const nameOf = async (past: RecordedPast, atMs: number, nowMs = 1e9) => (await past.at(atMs, nowMs))?.state('core')?.cluster.name

test('every instant has its state, forwards, back and at random, and is asked for once', async () => {
  const { past, asked } = recording(300)
  for (let step = 0; step < 200; step++) {
    const second = (step * 83) % 300
    expect(await nameOf(past, second * 1_000 + 400)).toBe(String(second))
  }
  expect(asked.length).toBeLessThan(60)
  const before = asked.length
  for (let second = 250; second < 260; second++) expect(await nameOf(past, second * 1_000)).toBe(String(second))
  expect(asked.length - before).toBeLessThanOrEqual(1)
})

test('what is still being written is asked for again', async () => {
  const { past, asked } = recording(300)
  expect(await nameOf(past, 200_500, 201_000)).toBe('200')
  expect(await nameOf(past, 201_500, 202_000)).toBe('201')
  expect(asked).toHaveLength(2)
})

test('of an instant without a record there is nothing', async () => {
  const past = new RecordedPast(async () => [{ type: 'end', atMs: 5, lines: 0 }])
  expect(await past.at(5, 100)).toBeNull()
})
