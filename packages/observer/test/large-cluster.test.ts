import { describe, expect, test } from 'vitest'
import { FIRST_PICTURE_MS } from '../src/feed.ts'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

describe('the first picture of a cluster with a node that never answers', () => {
  test('is told after a second with what is known by then', async () => {
    const cluster = FakeCluster.of(3)
    cluster.node(2).down = 'silent'
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    void watched.feed.advance(watched.nowMs)
    await turns()
    expect(Object.keys(watched.core.nodes)).toEqual([])
    watched.nowMs += FIRST_PICTURE_MS - 1
    await watched.feed.advance(watched.nowMs)
    expect(Object.keys(watched.core.nodes)).toEqual([])
    watched.nowMs += 1
    await watched.feed.advance(watched.nowMs)
    expect(Object.keys(watched.core.nodes)).toHaveLength(3)
    expect(watched.core.nodes[cluster.node(1).id]?.health).toBe('online')
    await watched.run(3_000)
    expect(watched.core.nodes[cluster.node(2).id]?.health).toBe('unreachable')
    expect(watched.viewer.state('core')).toEqual(watched.core)
  })
})

describe('many nodes', () => {
  test('[T15] are asked evenly over the period, at most once a second each, and never KEYS, MONITOR or DEBUG', async () => {
    const cluster = FakeCluster.of(300, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(20_000)
    expect(Object.keys(watched.core.nodes)).toHaveLength(600)
    cluster.sent.length = 0
    const perSecond: number[] = []
    for (let second = 0; second < 10; second++) {
      const before = cluster.count('INFO')
      await watched.run(1_000)
      perSecond.push(cluster.count('INFO') - before)
    }
    // 600 nodes each 5 s: 120 a second, save chance.
    expect(Math.max(...perSecond)).toBeLessThan(200)
    expect(Math.min(...perSecond)).toBeGreaterThan(60)
    expect(cluster.sent.length).toBeLessThan(600 * 10)
    for (const node of cluster.nodes) expect(cluster.count('INFO', node)).toBeGreaterThanOrEqual(2)
    expect(cluster.sent.filter(({ command }) => /^(KEYS|MONITOR|DEBUG|SCAN)$/.test(command[0] ?? ''))).toEqual([])
  })

  test('are told of a few times a second, and a clock that is set back silences nothing', async () => {
    const cluster = FakeCluster.of(200, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    const before = watched.patches().length
    for (const node of cluster.nodes) node.stats.instantaneous_ops_per_sec = 50
    await watched.run(5_000)
    // 400 nodes: one patch each 40 ms at most.
    expect(watched.patches().length - before).toBeLessThanOrEqual(5_000 / 40 + 1)
    watched.nowMs -= 3_600_000
    cluster.node(1).epoch = 1_000
    cluster.node(1).slots = []
    cluster.node(2).epoch = 1_001
    cluster.node(2).slots = [[0, 163]]
    watched.feed.requestRefresh()
    await watched.run(4_000)
    expect(watched.core.shards[cluster.node(2).shard]?.slotCount).toBe(164)
  })
})

test('[P5] an idle cluster of 600 nodes costs a viewer under 4 KiB a second, the times of readings included', async () => {
  const cluster = FakeCluster.of(300, 1)
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(10_000)
  const before = watched.patches().length
  await watched.run(60_000)
  const bytes = watched
    .patches()
    .slice(before)
    .reduce((sum, frame) => sum + JSON.stringify(frame).length, 0)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes / 60).toBeLessThan(4096)
})

describe('[T17] a node that tells nonsense', () => {
  test('its topology of a million nodes is refused and shown, the others are believed', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(1_000)
    const line = (order: number) =>
      `${order.toString(16).padStart(40, '0')} 10.9.9.9:1@2 ${order === 0 ? 'myself,' : ''}master - 0 0 9 connected`
    cluster.node(2).replies.set('CLUSTER NODES', Array.from({ length: 10_001 }, (_, order) => line(order)).join('\n'))
    cluster
      .node(3)
      .replies.set('INFO', '__proto__:1\r\nconstructor:2\r\nused_memory:1e999\r\nerrorstat___proto__:count=x\r\ndb99999999999:keys=-5')
    await watched.run(5_000)
    expect(Object.keys(watched.core.nodes)).toHaveLength(3)
    expect(watched.core.health[`blind:${cluster.node(2).id}`]?.evidence).toContain('more than 10,000 nodes')
    expect(watched.core.nodes[cluster.node(3).id]).toMatchObject({ usedMemory: null, health: 'online' })
    expect(({} as Record<string, unknown>).used_memory).toBeUndefined()
    expect(watched.problems()).not.toContain('observer-fault')
  })
})

/** Lets replies that are there be folded. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve()
}
