import { describe, expect, test } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

async function scene(primaries = 3) {
  const cluster = FakeCluster.of(primaries, 1)
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  expect(watched.problems()).toEqual([])
  return { cluster, watched, primary: cluster.node(1), replica: cluster.node(primaries + 1) }
}

describe('health', () => {
  test('a replica without a link to its primary, and one that lags by the words of its primary', async () => {
    const { watched, primary, replica } = await scene()
    replica.info = {
      role: 'slave',
      master_host: primary.host,
      master_port: String(primary.port),
      master_link_status: 'down',
      master_link_down_since_seconds: '42'
    }
    await watched.run(2_000)
    expect(watched.core.health[`lag:${replica.id}`]).toMatchObject({
      severity: 'warning',
      node: replica.id,
      evidence: expect.stringContaining('down for 42 s')
    })
    replica.info = { ...replica.info, master_link_status: 'up' }
    primary.info = {
      role: 'master',
      master_repl_offset: '900000000',
      slave0: `ip=${replica.host},port=${replica.port},state=online,offset=899999000,lag=0,type=replica`
    }
    await watched.run(2_000)
    expect(watched.problems()).toEqual([])
    expect(watched.core.nodes[replica.id]?.lagBytes).toBe(1_000)
    primary.info.slave0 = `ip=${replica.host},port=${replica.port},state=online,offset=800000000,lag=1,type=replica`
    await watched.run(2_000)
    expect(watched.core.health[`lag:${replica.id}`]?.evidence).toContain('95 MiB behind, last acknowledged 1 s ago')
    primary.info.slave0 = `ip=${replica.host},port=${replica.port},state=online,offset=900000000,lag=12,type=replica`
    await watched.run(2_000)
    expect(watched.core.health[`lag:${replica.id}`]?.evidence).toContain('last acknowledged 12 s ago')
  })

  test('a clock that is off belongs to its node, unless most of them are off: then it is ours', async () => {
    const { cluster, watched, primary } = await scene()
    const skew = (ms: number) => () => String((watched.nowMs + ms) * 1_000)
    for (const node of cluster.nodes) node.clock = skew(0)
    primary.clock = skew(-4_200)
    await watched.run(3_000)
    expect(watched.problems()).toEqual([`clock:${primary.id}`])
    expect(watched.core.nodes[primary.id]?.clockSkewMs).toBe(-4_200)
    const sinceMs = watched.core.health[`clock:${primary.id}`]?.sinceMs
    primary.clock = skew(-4_300)
    await watched.run(10_000)
    expect(watched.core.nodes[primary.id]?.clockSkewMs).toBe(-4_200)
    expect(watched.core.health[`clock:${primary.id}`]?.sinceMs).toBe(sinceMs)
    for (const node of cluster.nodes) node.clock = skew(7_000)
    await watched.run(3_000)
    expect(watched.problems()).toEqual(['clock'])
    expect(watched.core.health.clock?.evidence).toContain('7.0 s later')
    for (const node of cluster.nodes) node.clock = skew(900)
    await watched.run(3_000)
    expect(watched.problems()).toEqual([])
    expect(watched.core.nodes[primary.id]?.clockSkewMs).toBeUndefined()
  })

  test('slots half way in a legacy move are repaired on each side, all of them', async () => {
    const { cluster, watched, primary } = await scene()
    const other = cluster.node(2)
    primary.open = ['5', '6', '9'].map((slot) => `[${slot}->-${other.id}]`)
    other.open = [`[5-<-${primary.id}]`]
    await watched.run(4_000)
    const [source, target] = [primary, other].map((node) => watched.core.health[`open-slots:${node.id}`]!)
    expect(source!.evidence).toContain('5-6, 9: 3 on their way out')
    expect(source!.repair).toBe('for slot in 5 6 9; do valkey-cli -h 10.0.0.1 -p 7001 CLUSTER SETSLOT $slot STABLE; done')
    expect(target!.repair).toBe('valkey-cli -h 10.0.0.1 -p 7002 CLUSTER SETSLOT 5 STABLE')
    primary.open = []
    other.open = []
    await watched.run(4_000)
    expect(watched.problems()).toEqual([])
  })

  test('slots without an owner go to the shard with the fewest, a failed primary to its replica', async () => {
    const { cluster, watched, primary, replica } = await scene()
    primary.slots = [
      [0, 99],
      [200, 5460]
    ]
    await watched.run(3_000)
    expect(watched.core.health.uncovered).toMatchObject({
      evidence: '100-199',
      repair: 'valkey-cli -h 10.0.0.1 -p 7001 CLUSTER ADDSLOTSRANGE 100 199'
    })
    primary.slots = [[0, 5460]]
    primary.down = 'refused'
    primary.flags = ['fail']
    await watched.run(3_000)
    expect(watched.core.health[`uncovered:${primary.shard}`]?.repair).toBe(
      `valkey-cli -h 10.0.0.1 -p ${replica.port} CLUSTER FAILOVER FORCE`
    )
    expect(cluster.count('CLUSTER FAILOVER')).toBe(0)
  })

  test('a shard that never had a replica is a warning, and names a node that could be one', async () => {
    const cluster = FakeCluster.of(3, 1)
    const [a, b, spare] = [cluster.node(1), cluster.node(2), cluster.node(6)]
    // Both replicas of the third shard; the first two shards have none.
    for (const order of [4, 5]) Object.assign(cluster.node(order), { primary: cluster.node(3).id, shard: cluster.node(3).shard })
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(3_000)
    const bare = [a, b].map((node) => watched.core.health[`no-replica:${node.shard}`])
    expect(bare.map((problem) => problem?.severity)).toEqual(['warning', 'warning'])
    // The third shard keeps one of its three.
    expect(bare.map((problem) => problem?.repair)).toEqual([
      `valkey-cli -h 10.0.0.1 -p 7005 CLUSTER REPLICATE ${a.id}`,
      `valkey-cli -h 10.0.0.1 -p 7006 CLUSTER REPLICATE ${b.id}`
    ])
    Object.assign(cluster.node(5), { primary: a.id, shard: a.shard })
    await watched.run(3_000)
    expect(watched.problems()).toEqual([`no-replica:${b.shard}`])
    Object.assign(spare, { primary: cluster.node(3).id, down: 'refused', flags: ['fail'] })
    await watched.run(3_000)
    expect(watched.core.health[`no-replica:${b.shard}`]).toMatchObject({
      repair: null,
      evidence: expect.stringContaining('no node is to spare')
    })
  })
})
