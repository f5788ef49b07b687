import { describe, expect, test } from 'vitest'
import { FakeCluster, type FakeNode } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

/** Five primaries: the last two are cut off from the first three, and see what the cut says they see. */
function cutOff(cluster: FakeCluster, view: (viewer: FakeNode) => string): void {
  const minority = cluster.nodes.slice(3)
  for (const node of minority) {
    node.staleView = view(node)
    node.state = 'fail'
    node.flags = ['fail']
  }
}

function markFailed(view: string, failed: readonly FakeNode[]): string {
  return view
    .split('\n')
    .map((line) =>
      failed.some((node) => line.startsWith(node.id))
        ? line.replace(/ master /, ' master,fail ').replace('connected', 'disconnected')
        : line
    )
    .join('\n')
}

describe('views that contradict each other', () => {
  test('what a minority claims with a greater epoch is a dispute and never the owner while the majority says otherwise', async () => {
    const cluster = FakeCluster.of(5)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(4_000)
    const [a, d] = [cluster.node(1), cluster.node(4)]
    const majority = cluster.nodes.slice(0, 3)
    // Node 4 bumped its epoch without anybody's consent and claims slots of the first.
    cutOff(cluster, (viewer) => {
      const seen = markFailed(cluster.view(viewer), majority)
      return seen
        .split('\n')
        .map((line) => (line.startsWith(d.id) ? `${line.replace(/ 0 0 4 /, ' 0 0 99 ')} 0-99` : line))
        .join('\n')
    })
    await watched.run(20_000)
    const shard = watched.core.shards[a.shard]!
    expect(shard.slots[0]).toEqual([0, 3276])
    expect(shard.primary).toBe(a.id)
    expect(watched.core.cluster.state).toBe('ok')
    expect(watched.core.disputed).toEqual([
      {
        slots: [[0, 99]],
        claims: [
          { node: d.id, shard: d.shard, configEpoch: 99 },
          { node: a.id, shard: a.shard, configEpoch: 1 }
        ]
      }
    ])
    expect(watched.problems()).toContain(`other-view:${d.id}`)
    // The cut heals: the cluster itself now follows the greater epoch.
    d.epoch = 99
    d.slots = [...d.slots, [0, 99]]
    a.slots = [[100, 3276]]
    for (const node of cluster.nodes.slice(3)) {
      node.staleView = null
      node.state = 'ok'
      node.flags = []
    }
    await watched.run(4_000)
    expect(watched.core.shards[d.shard]!.slotCount).toBe(3_277 + 100)
    expect(watched.core.disputed).toBeUndefined()
    await watched.run(10_000)
    expect(watched.problems()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^other-view/)]))
  })

  test('a minority that is all that answers is believed after half a minute, as a cluster that is down', async () => {
    const cluster = FakeCluster.of(5)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(4_000)
    const majority = cluster.nodes.slice(0, 3)
    const [a, d] = [cluster.node(1), cluster.node(4)]
    for (const node of majority) node.down = 'refused'
    cutOff(cluster, (viewer) =>
      markFailed(cluster.view(viewer), majority)
        .split('\n')
        .map((line) => (line.startsWith(d.id) ? `${line.replace(/ 0 0 4 /, ' 0 0 99 ')} 0-99` : line))
        .join('\n')
    )
    await watched.run(20_000)
    expect(watched.core.cluster.state).toBe('fail')
    expect(watched.core.shards[a.shard]!.slots[0]).toEqual([0, 3276])
    await watched.run(20_000)
    expect(watched.core.shards[d.shard]!.slots).toContainEqual([0, 99])
  })

  test('a node that lags for long is named with what it sees otherwise', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    const [a, b, c] = [cluster.node(1), cluster.node(2), cluster.node(3)]
    c.staleView = cluster.view(c)
    a.slots = [[100, 5460]]
    b.slots = [[0, 99], ...b.slots]
    b.epoch = 4
    await watched.run(5_000)
    expect(watched.problems()).not.toContain(`other-view:${c.id}`)
    await watched.run(8_000)
    expect(watched.core.health[`other-view:${c.id}`]?.evidence).toContain('10.0.0.1:7001, 10.0.0.1:7002')
    expect(watched.core.shards[b.shard]?.slotCount).toBe(5562)
    c.staleView = null
    await watched.run(3_000)
    expect(watched.problems()).toEqual([
      expect.stringMatching(/^no-replica/),
      expect.stringMatching(/^no-replica/),
      expect.stringMatching(/^no-replica/)
    ])
  })
})
