import type { ClusterEvent } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { layOutTicks } from './timeline.ts'

const event = (sequence: number, atMs: number, kind: ClusterEvent['kind'] = 'job-started', text = `event ${sequence}`): ClusterEvent => ({
  sequence,
  atMs,
  kind,
  text
})

test('now is the right edge and events older than the span are left out', () => {
  const ticks = layOutTicks([event(1, 0), event(2, 500), event(3, 1_000)], { nowMs: 1_000, spanMs: 900, width: 900 })
  expect(ticks.map((tick) => [tick.at, tick.events.map((each) => each.text)])).toEqual([
    [1 - 500 / 900, ['event 2']],
    [1, ['event 3']]
  ])
})

test('events nearer than a mark share it, and the weightier kind is shown', () => {
  const ticks = layOutTicks([event(1, 500, 'epoch'), event(2, 501, 'failover', 'node-2 promoted'), event(3, 502, 'watch')], {
    nowMs: 1_000,
    spanMs: 1_000,
    width: 400
  })
  expect(ticks).toHaveLength(1)
  expect(ticks[0]).toMatchObject({ kind: 'failover', label: 'node-2 promoted +2' })
})

test('a label that would run over the next mark is not written, the newest wins', () => {
  const ticks = layOutTicks([event(1, 400, 'job-started', 'a long sentence about it'), event(2, 500)], {
    nowMs: 1_000,
    spanMs: 1_000,
    width: 500
  })
  expect(ticks.map((tick) => tick.label)).toEqual([null, 'event 2'])
})

test('an event stamped slightly after now stands at the right edge', () => {
  expect(layOutTicks([event(1, 1_400)], { nowMs: 1_000, spanMs: 1_000, width: 300 })[0]?.at).toBe(1)
})

test('a bar without width draws nothing', () => {
  expect(layOutTicks([event(1, 900)], { nowMs: 1_000, spanMs: 1_000, width: 0 })).toEqual([])
})
