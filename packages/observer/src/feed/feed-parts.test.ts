import { describe, expect, test } from 'vitest'
import { Info } from '../replies/info.ts'
import type { SlotStat } from '../replies/slot-stats.ts'
import type { CoreState } from '../stream/core-state.ts'
import type { Frame } from '../stream/frames.ts'
import { SLOTS } from '../stream/moves.ts'
import { JsonChannel } from './channel.ts'
import { CostMeter, MOST_SHARE, MOST_SHARE_EMBEDDED, statName } from './cost-meter.ts'
import { explainFailure } from './job-explanations.ts'
import { stepsOf } from './job-steps.ts'
import { LabelBook, labelOf, type ShardLabel } from './labels.ts'
import { foldInfo, ratesBetween } from './node-figures.ts'
import { NodeLink } from './node-links.ts'
import { jobPeriodMs, periodsFor } from './poll-plan.ts'
import { Ring } from './ring.ts'
import { SlotFigures } from './slot-figures.ts'

describe('the poll plan', () => {
  test('asks at most one command a second of a node while nobody watches, and slower in large clusters', () => {
    const idle = periodsFor(new Set(), 6)
    const perSecond = 2 * (1000 / idle.topology) + 1000 / idle.info + 3 * (1000 / idle.identity) + 1000 / idle.jobs
    expect(perSecond).toBeLessThan(1)
    expect([idle.slots, idle.expiry, idle.latency, idle['command-stats']]).toEqual(Array(4).fill(Number.POSITIVE_INFINITY))
    expect(periodsFor(new Set(['core']), 6).info).toBe(1_000)
    expect(periodsFor(new Set(['core']), 2_000).info).toBe(5_000)
    expect(periodsFor(new Set(['core', 'slots:cpu']), 6).slots).toBe(2_000)
  })

  test('asks for a long list of jobs more slowly', () => {
    expect([jobPeriodMs(0), jobPeriodMs(200), jobPeriodMs(5_000)]).toEqual([100, 200, 1_000])
  })
})

describe('labels', () => {
  test('go A to Z, then A2, and never change hands', () => {
    expect([0, 25, 26, 52].map(labelOf)).toEqual(['A', 'Z', 'A2', 'A3'])
    const saved: Record<string, ShardLabel>[] = []
    const book = new LabelBook({ load: () => ({ old: { label: 'B', color: 1 } }), save: (labels) => saved.push({ ...labels }) })
    const labels = book.assign([
      { key: 'x', formerKeys: [] },
      { key: 'y', formerKeys: [] },
      { key: 'z', formerKeys: ['old'] }
    ])
    expect([...labels].map(([key, { label, color }]) => [key, label, color])).toEqual([
      ['x', 'A', 0],
      ['y', 'C', 2],
      ['z', 'B', 1]
    ])
    book.assign([{ key: 'x', formerKeys: [] }])
    expect(saved).toHaveLength(1)
  })
})

describe('slot figures', () => {
  test('are rates from counters; a reset or another owner gives none, and a reading that comes too soon changes nothing', () => {
    const figures = new SlotFigures()
    const stat = (cpuUs: number | null, keys = 1) => [{ slot: 5, keys, cpuUs, bytesIn: cpuUs, bytesOut: cpuUs }]
    const cpu = () => figures.values('cpu')[5]
    figures.fold('a', stat(100), 0)
    expect([figures.values('keys')[5], cpu()]).toEqual([1, Number.NaN])
    figures.fold('a', stat(1_100), 2_000)
    expect(cpu()).toBe(500)
    figures.fold('a', stat(1_200, 9), 2_100)
    expect([figures.values('keys')[5], cpu()]).toEqual([9, 500])
    figures.fold('a', stat(1_500), 4_000)
    expect(cpu()).toBe(200)
    figures.fold('a', stat(10), 6_000)
    expect(cpu()).toBeNaN()
    figures.fold('a', stat(30), 8_000)
    expect(cpu()).toBe(10)
    figures.fold('b', stat(5_000), 10_000)
    expect(cpu()).toBeNaN()
    figures.fold('b', stat(null), 12_000)
    expect(cpu()).toBeNaN()
    figures.forget(new Array(SLOTS).fill(undefined))
    expect(figures.values('keys')[5]).toBeNaN()
  })
})

describe('steps of a job', () => {
  test('last from when either side entered them to when either entered the next', () => {
    const history = [
      { side: 'import', state: 'waiting-for-ack', atMs: 0 },
      { side: 'export', state: 'snapshotting', atMs: 10 },
      { side: 'import', state: 'receiving-snapshot', atMs: 30 },
      { side: 'import', state: 'waiting-for-paused', atMs: 60 },
      { side: 'export', state: 'failover-granted', atMs: 65 },
      { side: 'import', state: 'success', atMs: 70 }
    ] as const
    expect(stepsOf(history, null)).toEqual({ step: 'hand-over', stepsMs: { connect: 10, copy: 50, 'catch-up': 5 } })
    expect(stepsOf(history, 70).stepsMs['hand-over']).toBe(5)
    expect(stepsOf([], 5)).toEqual({ step: 'connect', stepsMs: {} })
  })
})

test.each([
  'Connection lost to source. Check CLUSTER GETSLOTMIGRATIONS on the source node for more information.',
  'Data was flushed',
  'Ran out of memory (OOM) during slot import',
  'Failed to process command during slot migration. Check logs for more information',
  'Timed out after too long with no interaction',
  'Timed out before streaming completed',
  'Unpaused before failover completed',
  'Unpaused before migration completed (migration may have succeeded with lost writes)',
  'Slots are no longer owned by myself',
  'Slots are no longer owned by source node',
  'Failed to perform snapshot',
  'Failed to start snapshot',
  'Unable to connect to target node: Connection refused',
  'Received error during handshake to target: -ERR Slot migration can only be used on primary nodes.',
  'Received error during handshake to target: -NOAUTH Authentication required.',
  'Received error during handshake to target: -ERR Target node does not know the source node',
  'Failed to AUTH to target node: -WRONGPASS invalid username-password pair or user is disabled.',
  'A failover occurred during slot import',
  'Process restarted',
  'Full resynchronization occurred',
  'Unexpected state machine transition',
  'Unknown SYNCSLOTS subcommand used'
])('the failure %j has an explanation of its own', (message) => {
  expect(explainFailure(message)).toMatch(/\.$/)
})

test('the cost of watching is an average over ten seconds', () => {
  const meter = new CostMeter(MOST_SHARE)
  meter.priced('n', new Map([['cluster|nodes', 100]]))
  for (let second = 0; second < 20; second++) meter.sent('n', 'topology', ['cluster|nodes', 'cluster|info'], second * 1_000)
  expect(meter.cost(19_500, 4)).toEqual({
    commandsPerSecond: 2,
    commandsPerSecondPerNode: 0.5,
    shareOfNodeTime: 0.0001,
    shareByCause: { topology: 0.0001 },
    byCause: { topology: 2 }
  })
  expect(meter.cost(60_000, 4).commandsPerSecond).toBe(0)
  expect([statName(['CLUSTER', 'NODES']), statName(['GET', 'k']), statName([Uint8Array.of(1)])]).toEqual(['cluster|nodes', 'get', ''])
})

test('a node whose time we take more than our share of is asked less often, by as much as it takes and no longer', () => {
  const meter = new CostMeter(MOST_SHARE)
  meter.priced('n', new Map([['info', 40_000]]))
  let taken = 0
  for (let nowMs = 0; nowMs < 120_000; nowMs += 1_000) {
    if (meter.restMs('n', nowMs) > 0) continue
    meter.sent('n', 'info', ['info'], nowMs)
    if (nowMs >= 20_000) taken++
  }
  // 40 ms a second would be eight times the limit of 0.5 %.
  expect((taken * 40_000) / 100_000_000).toBeLessThanOrEqual(0.0052)
  expect((taken * 40_000) / 100_000_000).toBeGreaterThan(0.0045)
  expect(meter.restMs('other', 120_000)).toBe(0)
})

test('a node of our own may be asked twenty times as much, since nobody but the one who looks waits for it', () => {
  const meter = new CostMeter(MOST_SHARE_EMBEDDED)
  meter.priced('n', new Map([['info', 40_000]]))
  for (let nowMs = 0; nowMs < 120_000; nowMs += 1_000) {
    expect(meter.restMs('n', nowMs)).toBe(0)
    meter.sent('n', 'info', ['info'], nowMs)
  }
})

test('a node that answers slowly is asked less often, and as before when it answers fast again', () => {
  const link = new NodeLink('n', { host: 'h', port: 1 })
  link.start('info', 0)
  link.finish('info')
  const dues = [900, 900, 900, 900, 300, 100, 100, 100].map((tookMs) => {
    link.answered(1, tookMs)
    return link.dueAtMs('info', 1_000)
  })
  expect(dues).toEqual([2_000, 4_000, 8_000, 8_000, 8_000, 4_000, 2_000, 1_000])
})

describe('rates of slots', () => {
  const stat = (slot: number, cpuUs: number): SlotStat => ({ slot, keys: 1, cpuUs, bytesIn: cpuUs, bytesOut: cpuUs })
  const rates = (figures: SlotFigures) => [0, 1, 2].map((slot) => figures.values('cpu')[slot])

  test('are unknown after CONFIG RESETSTAT, also where a slot has been busier since than ever before', () => {
    const figures = new SlotFigures()
    figures.fold('n', [stat(0, 1_000), stat(1, 2_000), stat(2, 5)], 0)
    figures.fold('n', [stat(0, 1_500), stat(1, 2_000), stat(2, 10)], 1_000)
    expect(rates(figures)).toEqual([500, 0, 5])
    figures.fold('n', [stat(0, 30), stat(1, 40), stat(2, 90)], 2_000)
    expect(rates(figures)).toEqual([Number.NaN, Number.NaN, Number.NaN])
    figures.fold('n', [stat(0, 30), stat(1, 50), stat(2, 100)], 3_000)
    expect(rates(figures)).toEqual([0, 10, 10])
  })

  test('are unknown for a slot that went and came back between two readings', () => {
    const figures = new SlotFigures()
    figures.fold('n', [stat(0, 10), stat(1, 1_000)], 0)
    figures.ownersChanged(['n', 'n'], ['m', 'n'])
    figures.ownersChanged(['m', 'n'], ['n', 'n'])
    figures.fold('n', [stat(0, 50), stat(1, 2_000)], 1_000)
    expect(rates(figures).slice(0, 2)).toEqual([Number.NaN, 1_000])
    figures.fold('n', [stat(0, 60), stat(1, 2_000)], 2_000)
    expect(rates(figures).slice(0, 2)).toEqual([10, 0])
  })
})

test('rates are unknown when a counter began anew, never zero', () => {
  const counters = { runId: 'r', commands: 100, expiredKeys: 10, expiredFields: 10, errors: new Map([['MOVED', 5]]) }
  const later = { ...counters, commands: 150, expiredKeys: 12, errors: new Map([['MOVED', 7]]) }
  expect(ratesBetween(counters, later, 1_000)).toMatchObject({ commands: 50, expiredKeys: 2, expiredFields: 0 })
  expect(ratesBetween(counters, later, 0)).toBeNull()
  expect(ratesBetween(counters, { ...later, runId: 's' }, 1_000)).toBeNull()
  // CONFIG RESETSTAT, with more commands since than were counted before.
  expect(ratesBetween(counters, { ...later, expiredKeys: 0 }, 1_000)).toBeNull()
  expect(ratesBetween(counters, { ...later, errors: new Map() }, 1_000)).toBeNull()
})

test('a clock is told by the surest reading, and anew when it was set', () => {
  const info = (serverMs: number) => new Info(new Map([['server_time_usec', String(serverMs * 1_000)]]))
  let figures = foldInfo(undefined, info(5_000), 1_400, 1_000)
  expect(figures.clock).toMatchObject({ skewMs: 3_800, errorMs: 201 })
  figures = foldInfo(figures, info(5_800), 2_002, 2_000)
  expect(figures.clock).toMatchObject({ skewMs: 3_799, errorMs: 2 })
  // A slow reply says less than a fast one of a moment ago.
  figures = foldInfo(figures, info(6_900), 3_400, 3_000)
  expect(figures.clock).toMatchObject({ skewMs: 3_799, errorMs: 2 })
  figures = foldInfo(figures, info(4_050), 4_100, 4_000)
  expect(figures.clock).toMatchObject({ skewMs: 0, errorMs: 51 })
})

test('a link that fails is tried less and less, by turns at the address that once answered', () => {
  const link = new NodeLink('n', { host: 'announced', port: 1 })
  link.prove({ host: 'proven', port: 2 })
  expect(link.address.host).toBe('announced')
  link.failed('refused', 1_000)
  expect(link.address.host).toBe('proven')
  const waits = [link.dueAtMs('topology', 0) - 1_000]
  for (let i = 0; i < 6; i++) {
    link.failed('refused', 1_000)
    waits.push(link.dueAtMs('topology', 0) - 1_000)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
  link.answered(2_000, 1)
  expect([link.error, link.dueAtMs('topology', 0)]).toEqual([null, 0])
})

test('a ring forgets by age and by bytes, and gives only unbroken runs', () => {
  const ring = new Ring<number>({ ageMs: 100, bytes: 30 })
  for (let i = 1; i <= 5; i++) ring.add({ base: i, version: i + 1, atMs: i * 10, bytes: 10, item: i })
  expect(ring.since(3)).toEqual([3, 4, 5])
  expect(ring.since(2)).toBeUndefined()
  ring.add({ base: 6, version: 7, atMs: 1_000, bytes: 1, item: 6 })
  expect(ring.since(5)).toBeUndefined()
  expect(ring.since(6)).toEqual([6])
})

describe('what a viewer may resume from', () => {
  const step = (text: string) => ({ cluster: { name: text } }) as unknown as CoreState
  const kinds = (frames: readonly Frame[]) => [...new Set(frames.map((frame) => frame.type))]

  test('is five minutes of core, to the millisecond', () => {
    const channel = new JsonChannel('core')
    channel.publish(step('0'), 0)
    for (let i = 1; i <= 300; i++) channel.publish(step(String(i)), i * 1_000)
    expect(channel.resume(1, 300_000)).toHaveLength(300)
    expect(kinds(channel.resume(1, 300_000))).toEqual(['patch'])
    // The oldest patch, of 1,000, is five minutes old; one millisecond later it is too old.
    channel.publish(step('next'), 301_000)
    expect(kinds(channel.resume(1, 301_000))).toEqual(['patch'])
    channel.publish(step('after'), 301_001)
    expect(kinds(channel.resume(1, 301_001))).toEqual(['snapshot'])
    expect(channel.resume(2, 301_001)).toHaveLength(301)
  })

  test('is 16 MiB of core at most', () => {
    const channel = new JsonChannel('core')
    const mebibyte = 'x'.repeat(1024 * 1024)
    channel.publish(step(''), 0)
    for (let i = 1; i <= 15; i++) channel.publish(step(mebibyte + i), i)
    expect(kinds(channel.resume(1, 20))).toEqual(['patch'])
    channel.publish(step(`${mebibyte}16`), 16)
    expect(kinds(channel.resume(1, 20))).toEqual(['snapshot'])
    expect(kinds(channel.resume(2, 20))).toEqual(['patch'])
  })

  test('is a minute of gauges', () => {
    const channel = new JsonChannel('databases')
    for (let i = 0; i <= 61; i++) channel.publish({ limit: i, shards: {} }, i * 1_000)
    expect(kinds(channel.resume(1, 61_000))).toEqual(['patch'])
    channel.publish({ limit: 100, shards: {} }, 62_000)
    expect(kinds(channel.resume(1, 62_000))).toEqual(['snapshot'])
  })
})
