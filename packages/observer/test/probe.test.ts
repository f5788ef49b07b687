import { expect, test } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

test('what a probe does is counted out of keys, databases, slots and operations', async () => {
  const cluster = FakeCluster.of(2)
  const node = cluster.node(1)
  node.keys.set(0, new Map([[0, 5]]))
  const watched = new WatchedFeed(cluster)
  const { feed } = watched
  watched.watch('core', 'slots:keys', 'databases', 'traffic')
  await watched.run(4_000)
  expect(feed.probe.probedSlots().map(({ slot, address }) => [slot, address.port])).toEqual([
    [0, node.port],
    [8_192, cluster.node(2).port]
  ])
  // The probe's key is one of six now, and 50 of the 80 commands a second are its own.
  node.keys.set(0, new Map([[0, 6]]))
  for (let second = 0; second < 5; second++) {
    feed.probe.probeKey(0, watched.nowMs + 60_000)
    node.stats.total_commands_processed += 80
    feed.probe.probeSent(
      node.address,
      Array.from({ length: 50 }, () => ['GET', 'x'])
    )
    await watched.run(1_000)
  }
  expect(watched.core.nodes[node.id]).toMatchObject({ keys: 5, operationsPerSecond: 30 })
  expect(watched.core.cluster.keys).toBe(5)
  expect(feed.figure('keys')?.[0]).toBe(5)
  expect(feed.state('databases')?.shards[node.shard]?.['0']?.keys).toBe(5)
  expect(watched.core.watching.byCause.probe).toBeGreaterThan(20)
  node.keys.set(0, new Map([[0, 5]]))
  feed.probe.probeKey(0, 0)
  await watched.run(3_000)
  expect([watched.core.cluster.keys, feed.figure('keys')?.[0]]).toEqual([5, 5])
})

test('a probe does not write while a move on a real server carries several databases', async () => {
  const cluster = FakeCluster.of(2)
  const [a, b] = [cluster.node(1), cluster.node(2)]
  a.keys.set(0, new Map([[0, 5]]))
  const watched = new WatchedFeed(cluster)
  const { feed } = watched
  watched.watch('core')
  const side = (operation: 'EXPORT' | 'IMPORT') => ({ name: 'ab'.repeat(20), operation, slots: '0-99', source: a.id, target: b.id })
  const move = (running: boolean) => {
    a.jobs = [{ ...side('EXPORT'), state: running ? 'snapshotting' : 'success' }]
    b.jobs = [{ ...side('IMPORT'), state: running ? 'receiving-snapshot' : 'success' }]
  }
  await watched.run(2_000)
  expect(feed.probe.mayProbeWrite()).toBe(true)
  move(true)
  await watched.run(2_000)
  expect(feed.probe.probedSlots().map(({ slot }) => slot)).toEqual([0, 8_192, 50])
  expect(feed.probe.mayProbeWrite()).toBe(true)
  b.keys.set(3, new Map([[9_000, 1]]))
  await watched.run(2_000)
  expect(feed.probe.mayProbeWrite()).toBe(false)
  b.info = { slotscope_version: '1.0.0' }
  await watched.run(2_000)
  expect(feed.probe.mayProbeWrite()).toBe(true)
  b.info = {}
  await watched.run(2_000)
  expect(feed.probe.mayProbeWrite()).toBe(false)
  move(false)
  a.slots = [[100, 8191]]
  b.slots = [[0, 99], ...b.slots]
  b.epoch = 3
  await watched.run(3_000)
  expect(feed.probe.mayProbeWrite()).toBe(true)
  feed.jobConfirmed({ planId: 'p', actor: 'ada', sourceNode: b.id, targetNode: a.id, slots: [[5, 6]], atMs: watched.nowMs })
  expect(feed.probe.mayProbeWrite()).toBe(false)
})
