import { describe, expect, test } from 'vitest'
import { encodeUtf8, toBase64 } from '../src/bytes.ts'
import { ErrorReply } from '../src/caller.ts'
import type { HashState } from '../src/stream/figures.ts'
import { FakeCluster, type FakeHash } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

const id = (name: string) => toBase64(encodeUtf8(name))

function hash(fields: Record<string, number>, hidden = 0): FakeHash {
  return { fields: new Map(Object.entries(fields).map(([name, deadlineMs]) => [name, { value: `value of ${name}`, deadlineMs }])), hidden }
}

describe('databases', () => {
  test('are summed per shard from primaries only; an empty database is absent', async () => {
    const cluster = FakeCluster.of(2, 1)
    cluster.node(1).keys = new Map([
      [0, new Map([[1, 5]])],
      [3, new Map([[2, 7]])]
    ])
    cluster.node(3).keys = cluster.node(1).keys
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'databases')
    await watched.run(2_000)
    const state = watched.viewer.state('databases')
    expect(state?.limit).toBe(4)
    expect(Object.keys(state?.shards ?? {})).toHaveLength(2)
    expect(Object.entries(state!.shards[cluster.node(1).shard]!).map(([number, cell]) => [number, cell.keys])).toEqual([
      ['0', 5],
      ['3', 7]
    ])
    expect(state!.shards[cluster.node(2).shard]).toEqual({})
    expect(watched.core.cluster.keys).toBe(12)
  })

  test('unequal cluster-databases and versions are problems', async () => {
    const cluster = FakeCluster.of(2)
    cluster.node(2).config['cluster-databases'] = '2'
    cluster.node(2).version = '9.0.4'
    const watched = new WatchedFeed(cluster)
    await watched.run(500)
    expect(watched.core.cluster).toMatchObject({ databases: 2, versions: ['9.0.4', '9.1.2'] })
    expect(watched.problems()).toEqual(expect.arrayContaining(['versions', 'cluster-databases']))
  })

  test('a node that loads says so itself; what others remember of it does not count', async () => {
    const cluster = FakeCluster.of(1, 1)
    const watched = new WatchedFeed(cluster)
    cluster.loading.add(cluster.node(2).id)
    await watched.run(500)
    expect(watched.core.nodes[cluster.node(2).id]?.health).toBe('online')
    cluster.node(2).info = { master_sync_in_progress: '1' }
    watched.feed.requestRefresh()
    await watched.run(500)
    expect(watched.core.nodes[cluster.node(2).id]?.health).toBe('loading')
  })

  test('memory over 85 % of the limit is a problem, a legacy half-move too', async () => {
    const cluster = FakeCluster.of(2)
    cluster.node(1).info = { maxmemory: '1100000' }
    cluster.node(2).staleView = `${cluster.view(cluster.node(2))} [8200->-${cluster.node(1).id}]`
    const watched = new WatchedFeed(cluster)
    await watched.run(6_000)
    expect(watched.core.health[`memory:${cluster.node(1).id}`]?.evidence).toBe('90.9 % of 1 MiB')
    expect(watched.core.health[`open-slots:${cluster.node(2).id}`]).toMatchObject({
      repair: 'valkey-cli -h 10.0.0.1 -p 7002 CLUSTER SETSLOT 8200 STABLE'
    })
  })
})

describe('what watching costs', () => {
  /** Times that a node was asked for the figures of its slots. */
  const asked = (cluster: FakeCluster, order: number) => cluster.count('CLUSTER SLOT-STATS', cluster.node(order))

  test('[T15] slots of a node that nobody writes to are counted each minute, and soon after a write or an expiry; rates each time', async () => {
    const cluster = FakeCluster.of(2)
    for (const node of cluster.nodes) node.info = { rdb_changes_since_last_save: '7' }
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'slots:keys')
    await watched.run(180_000)
    expect(asked(cluster, 1)).toBeGreaterThanOrEqual(3)
    expect(asked(cluster, 1)).toBeLessThanOrEqual(5)
    const [before, other] = [asked(cluster, 1), asked(cluster, 2)]
    cluster.node(1).info = { rdb_changes_since_last_save: '8' }
    await watched.run(3_100)
    expect(asked(cluster, 1)).toBeGreaterThan(before)
    expect(asked(cluster, 2)).toBeLessThanOrEqual(other + 1)
    const written = asked(cluster, 1)
    cluster.node(1).info = { rdb_changes_since_last_save: '8', expired_keys: '1' }
    await watched.run(3_100)
    expect(asked(cluster, 1)).toBeGreaterThan(written)
    watched.watch('core', 'slots:cpu')
    const rates = asked(cluster, 2)
    await watched.run(20_000)
    expect(asked(cluster, 2) - rates).toBeGreaterThanOrEqual(8)
  })

  test('a successor is looked for more often while a primary does not answer, and not for ever', async () => {
    const cluster = FakeCluster.of(3, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    cluster.node(2).down = 'refused'
    await watched.run(2_000)
    const asked = (milliseconds: number) => {
      const before = cluster.count('CLUSTER NODES')
      return watched.run(milliseconds).then(() => cluster.count('CLUSTER NODES') - before)
    }
    expect(await asked(4_000)).toBeGreaterThanOrEqual(3 * 4 * 3)
    await watched.run(30_000)
    expect(await asked(4_000)).toBeLessThanOrEqual(3 * 7)
  })

  test('what is due in a tenth of a second is asked along with what is due now, except in a large cluster', async () => {
    const infosAfter = async (cluster: FakeCluster, milliseconds: number) => {
      const watched = new WatchedFeed(cluster)
      const advance = async (by: number) => {
        watched.nowMs += by
        await watched.feed.advance(watched.nowMs)
        await watched.feed.settled()
      }
      watched.watch('core')
      await watched.run(5_000)
      await advance(2_000)
      const before = cluster.count('INFO')
      await advance(milliseconds)
      return cluster.count('INFO') - before
    }
    expect(await infosAfter(FakeCluster.of(3), 850)).toBe(0)
    expect(await infosAfter(FakeCluster.of(3), 950)).toBe(3)
    // There the period is 2 s, and nodes are asked evenly over it.
    expect(await infosAfter(FakeCluster.of(101), 10)).toBeLessThanOrEqual(2)
  })

  test('nothing is looked at more often than something is due', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    await watched.run(5_000)
    let times = 0
    const end = watched.nowMs + 60_000
    while (watched.nowMs < end) {
      times++
      const waitMs = await watched.feed.advance(watched.nowMs)
      await watched.feed.settled()
      watched.nowMs += waitMs
    }
    // At least once a second; on top of that the topology and the jobs each 5 s, and INFO each 30 s.
    expect(times).toBeLessThan(160)
  })
})

describe('traffic', () => {
  test('rates come from counters, and a restart makes no spike', async () => {
    const cluster = FakeCluster.of(1)
    const node = cluster.node(1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'traffic')
    await watched.run(1_000)
    for (let second = 0; second < 5; second++) {
      node.stats.total_commands_processed += 300
      node.errors.set('MOVED', (node.errors.get('MOVED') ?? 0) + 12)
      await watched.run(1_000)
    }
    const state = watched.viewer.state('traffic')!
    expect(state.servers.slice(-3).map((point) => [point.operationsPerSecond, point.errorsPerSecond.MOVED])).toEqual([
      [300, 12],
      [300, 12],
      [300, 12]
    ])
    const points = state.servers.length
    node.stats.total_commands_processed = 5
    node.errors.clear()
    node.info = { run_id: 'another' }
    await watched.run(1_000)
    expect(watched.viewer.state('traffic')!.servers.length - points).toBeLessThanOrEqual(1)
    expect(Math.max(...watched.viewer.state('traffic')!.servers.map((point) => point.operationsPerSecond))).toBe(300)
  })

  test('p99 is that of the busiest command since the reading before', async () => {
    const cluster = FakeCluster.of(1)
    const node = cluster.node(1)
    const histogram = (get: number, slow: number) =>
      new Map([
        [
          'get',
          new Map<string, unknown>([
            ['calls', get],
            [
              'histogram_usec',
              new Map([
                [1, get - slow],
                [64, get]
              ])
            ]
          ])
        ],
        [
          'info',
          new Map<string, unknown>([
            ['calls', 1e6],
            ['histogram_usec', new Map([[1024, 1e6]])]
          ])
        ]
      ]) as never
    node.replies.set('LATENCY HISTOGRAM', histogram(10_000, 0))
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'traffic')
    await watched.run(2_500)
    node.replies.set('LATENCY HISTOGRAM', histogram(11_000, 50))
    node.stats.total_commands_processed += 1
    await watched.run(4_000)
    expect(watched.viewer.state('traffic')!.servers.map((point) => point.p99Us)).toContain(64)
  })

  test('a probe has a band of its own and is announced', async () => {
    const watched = new WatchedFeed(FakeCluster.of(1))
    await watched.run(100)
    const point = {
      atMs: 1,
      intervalMs: 1_000,
      operationsPerSecond: 5,
      p50Ms: 1,
      p99Ms: 2,
      maxMs: 3,
      moved: 0,
      ask: 0,
      tryAgain: 0,
      otherErrors: 0
    }
    watched.feed.pushProbe(point, 'the sample workload')
    expect(watched.viewer.state('traffic')).toMatchObject({ probe: [point], probeSource: 'the sample workload' })
    expect(watched.feed.hello()).toMatchObject({ capabilities: expect.arrayContaining(['probe', 'atomic-migration']) })
  })
})

describe('one hash', () => {
  const topic = 'hash:2:aA' as const

  async function follow(fields: FakeHash | undefined) {
    const cluster = FakeCluster.of(1)
    if (fields) cluster.node(1).hashes.set('2 h', fields)
    const watched = new WatchedFeed(cluster)
    watched.watch('core', topic)
    await watched.run(1_500)
    return { cluster, watched, state: () => watched.viewer.state(topic) as HashState }
  }

  test('has its fields with value and deadline', async () => {
    const { state, cluster } = await follow(hash({ a: -1, b: 5_000_000 }))
    expect(state()).toMatchObject({
      exists: true,
      length: 2,
      unnamed: 0,
      truncated: false,
      shard: cluster.node(1).shard,
      key: 'aA',
      database: 2
    })
    expect(state().fields[id('b')]).toEqual({
      name: id('b'),
      value: id('value of b'),
      valueBytes: 10,
      deadlineMs: 5_000_000,
      awaitingReclaim: false
    })
    expect(state().fields[id('a')]?.deadlineMs).toBeNull()
  })

  test('an expired field that HLEN still counts is named when it was seen before, and counted when it was not', async () => {
    const soon = 1_002_000
    const { state, cluster, watched } = await follow(hash({ a: -1, b: soon, c: soon + 500 }))
    await watched.run(1_100)
    // Both pass their deadline, and a third one that nobody ever saw.
    cluster.node(1).hashes.set('2 h', hash({ a: -1 }, 3))
    await watched.run(5_000)
    expect(state()).toMatchObject({ length: 4, unnamed: 3 })
    expect(Object.values(state().fields).map((field) => [field.name, field.awaitingReclaim])).toEqual(
      expect.arrayContaining([
        [id('a'), false],
        [id('b'), true],
        [id('c'), true]
      ])
    )
    // Reclaim goes in order of the deadlines: with one left it is the later.
    cluster.node(1).hashes.set('2 h', hash({ a: -1 }, 1))
    await watched.run(1_100)
    expect(Object.keys(state().fields).sort()).toEqual([id('a'), id('c')].sort())
    cluster.node(1).hashes.set('2 h', hash({ a: -1 }))
    await watched.run(1_100)
    expect(Object.keys(state().fields)).toEqual([id('a')])
  })

  test('fields that come and go by the thousand are not kept for ever', async () => {
    const names = (from: number) => Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`f${from + index}`, 1_003_000]))
    const { state, cluster, watched } = await follow(hash(names(0)))
    for (const from of [1_500, 3_000, 4_500]) {
      cluster.node(1).hashes.set('2 h', hash(names(from)))
      await watched.run(1_100)
    }
    cluster.node(1).hashes.set('2 h', hash({ a: -1 }, 4_000))
    await watched.run(5_000)
    const waiting = Object.values(state().fields).filter((field) => field.awaitingReclaim)
    expect(waiting.length).toBeGreaterThan(900)
    expect(waiting.length).toBeLessThanOrEqual(2_000)
    expect(state().unnamed).toBe(4_000)
  })

  test('a key that is missing, of another type, or denied says so', async () => {
    const { state, cluster, watched } = await follow(undefined)
    expect(state()).toMatchObject({ exists: false, problem: null })
    cluster.node(1).replies.set('TYPE', 'list')
    await watched.run(1_100)
    expect(state().problem).toBe('The key holds a list, not a hash.')
    cluster.node(1).replies.set('SELECT', new ErrorReply('NOPERM No permissions to access database'))
    await watched.run(1_100)
    expect(state().problem).toBe('NOPERM No permissions to access database')
  })

  test('a server without field expiry has fields without deadlines', async () => {
    const cluster = FakeCluster.of(1)
    cluster.node(1).hashes.set('2 h', hash({ a: -1 }))
    cluster.node(1).replies.set('HPEXPIRETIME', new ErrorReply("ERR unknown command 'HPEXPIRETIME', with args beginning with: 'h'"))
    const watched = new WatchedFeed(cluster)
    watched.watch('core', topic)
    await watched.run(1_500)
    expect(watched.viewer.state(topic)?.fields[id('a')]?.deadlineMs).toBeNull()
  })

  test('is no longer asked when nobody looks, and a later look cannot be resumed from the old one', async () => {
    const { cluster, watched } = await follow(hash({ a: -1 }))
    const version = watched.viewer.version(topic)
    watched.watch('core')
    cluster.sent.length = 0
    await watched.run(3_000)
    expect(cluster.count('HSCAN')).toBe(0)
    expect(watched.feed.snapshot(topic)).toBeUndefined()
    watched.watch('core', topic)
    await watched.run(1_500)
    expect(watched.feed.resume(topic, version)).toMatchObject([{ type: 'snapshot' }])
  })
})

describe('expiry', () => {
  test('finds the soonest fields and estimates the rest from the sample', async () => {
    const cluster = FakeCluster.of(2)
    const at = 1_000_000
    for (let i = 0; i < 40; i++) cluster.node(1).hashes.set(`0 h${i}`, hash({ f: at + 100_000 + i * 1_000, g: at + 90_000_000, plain: -1 }))
    cluster.node(2).hashes.set('3 late', hash({ x: at + 40_000 }))
    for (const order of [1, 2]) cluster.node(order).keys = new Map([[order === 1 ? 0 : 3, new Map([[order === 1 ? 1 : 9_000, 50]])]])
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'expiry')
    await watched.run(10_000)
    const state = watched.viewer.state('expiry')!
    expect(state.hashesWithVolatileFields).toBe(41)
    expect(state.soonest[0]).toEqual({
      database: 3,
      shard: cluster.node(2).shard,
      key: id('late'),
      field: id('x'),
      deadlineMs: at + 40_000
    })
    expect(state.soonest[1]).toMatchObject({ database: 0, key: id('h0'), field: id('f') })
    expect(state.soonest).toHaveLength(50)
    const forecast = state.forecast!
    const total = (database: string) =>
      forecast.fieldsPerSecond[database]!.reduce(
        (sum, rate, i) => sum + (rate * (forecast.edgesMs[i + 1]! - forecast.edgesMs[i]!)) / 1000,
        0
      )
    expect(total('0')).toBeGreaterThan(79)
    expect(total('0')).toBeLessThan(81)
    expect(total('3')).toBeCloseTo(1, 1)
    // What is found does not stay: deadlines that pass leave the list.
    await watched.run(35_000)
    expect(watched.viewer.state('expiry')!.soonest.some((entry) => entry.key === id('late'))).toBe(false)
  })

  test('keeps within its budget', async () => {
    const cluster = FakeCluster.of(1)
    const node = cluster.node(1)
    for (let i = 0; i < 500; i++) node.hashes.set(`0 h${i}`, hash({ f: 9_000_000 }))
    node.keys = new Map([[0, new Map([[1, 500]])]])
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'expiry')
    await watched.run(2_000)
    cluster.sent.length = 0
    await watched.run(10_000)
    const commands = cluster.sent.filter((entry) => entry.cause === 'expiry').length
    expect(commands / 10).toBeLessThan(100)
    const state = watched.viewer.state('expiry')!
    expect(state.forecast!.factor).toBeGreaterThan(1)
    expect(state.forecast!.factor * state.sampledHashes).toBeCloseTo(500, -1)
  })
})
