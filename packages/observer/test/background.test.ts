import { describe, expect, test } from 'vitest'
import type { QueueState } from '../src/stream/core-state.ts'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

const names = (cluster: FakeCluster) =>
  new Set(cluster.sent.map(({ command }) => command.slice(0, command[0] === 'CLUSTER' ? 2 : 1).join(' ')))

describe('the background watch', () => {
  test('light asks for topology, jobs and INFO, and for nothing dear', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    await watched.run(30_000)
    cluster.sent.length = 0
    await watched.run(60_000)
    const perMinute = (name: string) => cluster.sent.filter(({ command }) => command.join(' ').startsWith(name)).length
    // Three viewers each 5 s, three primaries each 5 s, three nodes each 30 s.
    expect(perMinute('CLUSTER NODES')).toBe(36)
    expect(perMinute('CLUSTER GETSLOTMIGRATIONS')).toBe(36)
    expect(perMinute('INFO')).toBe(6)
    expect([...names(cluster)].sort()).toEqual(['CLUSTER GETSLOTMIGRATIONS', 'CLUSTER INFO', 'CLUSTER NODES', 'CLUSTER SHARDS', 'INFO'])
  })

  test('off asks nothing while nobody looks, from the start and after the last viewer has gone', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster, { background: 'off' })
    await watched.run(120_000)
    expect(cluster.sent).toEqual([])
    watched.watch('core')
    await watched.feed.advance(watched.nowMs)
    expect(watched.core.cluster.state).toBe('ok')
    expect(watched.viewer.state('core')).toEqual(watched.core)
    watched.watch()
    await watched.run(1_000)
    cluster.sent.length = 0
    await watched.run(120_000)
    expect(cluster.sent).toEqual([])
  })

  test('off goes on asking while a confirmed plan is under way', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster, { background: 'off' })
    const queue: QueueState = { planId: 'p', actor: 'ann', confirmedAtMs: watched.nowMs, status: 'running', because: null, moves: [] }
    watched.feed.queueChanged(queue)
    await watched.run(20_000)
    expect(watched.core.cluster.state).toBe('ok')
    watched.feed.queueChanged({ ...queue, status: 'ended' })
    await watched.run(1_000)
    cluster.sent.length = 0
    await watched.run(60_000)
    expect(cluster.sent).toEqual([])
  })

  test('full asks as if somebody looked at everything', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster, { background: 'full' })
    await watched.run(10_000)
    watched.watch('core')
    watched.watch()
    cluster.sent.length = 0
    await watched.run(10_000)
    const asked = names(cluster)
    for (const name of ['CLUSTER SLOT-STATS', 'LATENCY', 'INFO']) expect(asked).toContain(name)
    expect(cluster.sent.filter(({ command }) => command[0] === 'INFO').length).toBeGreaterThanOrEqual(27)
  })
})
