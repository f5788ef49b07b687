import type { ProbeTrafficPoint, ServerTrafficPoint } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { clusterOf, jobOf } from './core.fixture.ts'
import { phasesOf, probeErrors, probeLatency, runsOf, sampleAt, serverErrors, serverLatency, withoutOverlap } from './traffic-series.ts'

const server = (atMs: number, change: Partial<ServerTrafficPoint> = {}): ServerTrafficPoint => ({
  atMs,
  intervalMs: 1_000,
  operationsPerSecond: 100,
  errorsPerSecond: {},
  p99Us: 210,
  pausedNodes: 0,
  ...change
})

const probe = (atMs: number, change: Partial<ProbeTrafficPoint> = {}): ProbeTrafficPoint => ({
  atMs,
  intervalMs: 500,
  operationsPerSecond: 50,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  moved: 0,
  ask: 0,
  tryAgain: 0,
  otherErrors: 0,
  ...change
})

describe('what the charts draw', () => {
  test('errors are stacked by kind, whatever else the servers call them', () => {
    const [sample] = serverErrors([server(1_000, { errorsPerSecond: { MOVED: 3, WRONGTYPE: 1, CLUSTERDOWN: 2, TRYAGAIN: 4 } })])
    expect(sample!.values).toEqual([3, 0, 4, 3])
  })

  test('counts of the probe become rates', () => {
    expect(probeErrors([probe(1_000, { moved: 2, otherErrors: 1 })])[0]!.values).toEqual([4, 0, 0, 2])
  })

  test('a reading without latency is a gap, not a zero', () => {
    expect(serverLatency([server(1_000, { p99Us: null }), server(2_000)])).toEqual([{ atMs: 2_000, intervalMs: 1_000, values: [0.21] }])
    expect(probeLatency([probe(1_000, { operationsPerSecond: 0 })])).toEqual([])
  })

  test('a line breaks where readings are missing', () => {
    const samples = [1_000, 2_000, 3_000, 9_000, 10_000].map((atMs) => ({ atMs, intervalMs: 1_000, values: [1] }))
    expect(runsOf(samples).map((run) => run.map(({ atMs }) => atMs))).toEqual([
      [1_000, 2_000, 3_000],
      [9_000, 10_000]
    ])
  })

  test('a time reads the interval that holds it, and nothing in a gap', () => {
    const samples = [1_000, 2_000, 9_000].map((atMs) => ({ atMs, intervalMs: 1_000, values: [atMs] }))
    expect(sampleAt(samples, 1_700)?.atMs).toBe(2_000)
    expect(sampleAt(samples, 5_500)).toBeNull()
    expect(sampleAt([], 0)).toBeNull()
  })
})

describe('phases of migrations', () => {
  const { shards } = clusterOf({ A: [[0, 8_000]], C: [[8_001, 16_383]] })
  const job = jobOf('j1', 'A', 'C', [[0, 99]], {
    startedAtMs: 1_000,
    endedAtMs: 2_000,
    history: [
      { side: 'export', state: 'connecting', atMs: 1_000 },
      { side: 'export', state: 'snapshotting', atMs: 1_100 },
      { side: 'import', state: 'receiving-snapshot', atMs: 1_150 },
      { side: 'export', state: 'failover-paused', atMs: 1_900 },
      { side: 'import', state: 'receiving-snapshot', atMs: 1_950 },
      { side: 'export', state: 'success', atMs: 2_000 }
    ]
  })

  test('each step lasts until the next that was seen; steps go forward only', () => {
    expect(phasesOf([job], shards, 0, 5_000).map(({ step, fromMs, toMs }) => [step, fromMs, toMs])).toEqual([
      ['connect', 1_000, 1_100],
      ['copy', 1_100, 1_900],
      ['hand-over', 1_900, 2_000]
    ])
  })

  test('a move that went by between two polls has no step', () => {
    const quick = jobOf('j3', 'A', 'C', [[0, 1]], { startedAtMs: 1_000, endedAtMs: 1_090 })
    expect(phasesOf([quick], shards, 0, 5_000)).toMatchObject([{ step: null, fromMs: 1_000, toMs: 1_090, open: false }])
  })

  test('a running job is open to now, one that ended before the window is left out', () => {
    const running = jobOf('j2', 'C', 'A', [[9_000, 9_001]], { startedAtMs: 4_000 })
    const phases = phasesOf([job, running], shards, 3_000, 5_000)
    expect(phases).toEqual([{ job: 'j2', title: 'C → A', step: 'copy', fromMs: 4_000, toMs: 5_000, open: true }])
  })
})

test('a sample that tells of a longer time than has passed is drawn from the end of the one before it', () => {
  const sample = (atMs: number, intervalMs: number) => ({ atMs, intervalMs, values: [1] })
  const drawn = withoutOverlap([sample(10_000, 1_000), sample(11_000, 1_000), sample(12_500, 9_000), sample(20_000, 1_000)])
  expect(drawn.map(({ atMs, intervalMs }) => [atMs - intervalMs, atMs])).toEqual([
    [9_000, 10_000],
    [10_000, 11_000],
    [11_000, 12_500],
    [19_000, 20_000]
  ])
})
