import { describe, expect, test } from 'vitest'
import { FIRST_PICTURE_MS } from '../src/index.ts'
import type { NodeDeed } from '../src/stream/node-plans.ts'
import { FakeCluster } from './fake-cluster.ts'
import { settle, WatchedFeed } from './watched-feed.ts'

describe('the first picture', () => {
  test.each([
    { shardIds: true, maps: 'map' as const },
    { shardIds: true, maps: 'flat' as const },
    { shardIds: false, maps: 'flat' as const }
  ])('is whole after one call of advance ($maps, shard ids in CLUSTER SHARDS: $shardIds)', async ({ shardIds, maps }) => {
    const cluster = FakeCluster.of(3, 1)
    Object.assign(cluster, { shardIds, maps })
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.feed.advance(watched.nowMs)
    const core = watched.core
    expect(core.cluster).toMatchObject({ state: 'ok', currentEpoch: 3, databases: 4, versions: ['9.1.2'], slotStatsEnabled: false })
    expect(
      Object.values(core.shards).map(({ key, label, color, slotCount, replicas }) => [key, label, color, slotCount, replicas.length])
    ).toEqual([
      [cluster.node(1).shard, 'A', 0, 5461, 1],
      [cluster.node(2).shard, 'B', 1, 5462, 1],
      [cluster.node(3).shard, 'C', 2, 5461, 1]
    ])
    expect(core.health).toEqual({})
    expect(core.events).toEqual([])
    // Nothing was told before it was whole: one patch, and the viewer holds the same.
    expect(watched.updates.filter(({ topic }) => topic === 'core')).toHaveLength(1)
    expect(watched.viewer.state('core')).toEqual(core)
  })

  test('needs one seed that answers, and no seed afterwards', async () => {
    const cluster = FakeCluster.of(3)
    cluster.node(1).down = 'refused'
    const watched = new WatchedFeed(cluster, { seeds: [1] })
    watched.watch('core')
    await watched.run(3_000)
    expect(watched.problems()).toEqual(['no-entry'])
    expect(watched.core.health['no-entry']?.evidence).toContain('10.0.0.1:7001: connection refused: ECONNREFUSED')
    cluster.node(1).down = null
    await watched.run(2_000)
    expect(watched.core.cluster.state).toBe('ok')
    cluster.node(1).down = 'refused'
    cluster.node(1).flags = ['fail']
    await watched.run(20_000)
    expect(watched.core.nodes[cluster.node(1).id]?.health).toBe('fail')
    for (const order of [2, 3]) expect(watched.nowMs - watched.core.nodes[cluster.node(order).id]!.readAtMs).toBeLessThan(7_000)
  })

  test('shows a reply that cannot be read as a blind spot, and goes on with the rest', async () => {
    const cluster = FakeCluster.of(2)
    cluster.node(2).replies.set('CLUSTER GETSLOTMIGRATIONS', [[1, 2]])
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    expect(watched.core.health[`blind:${cluster.node(2).id}`]?.evidence).toContain('CLUSTER GETSLOTMIGRATIONS')
    expect(watched.core.cluster.state).toBe('ok')
    cluster.node(1).replies.set('CLUSTER NODES', 'what is this')
    await watched.run(2_000)
    expect(watched.core.shards[cluster.node(1).shard]?.slotCount).toBe(8192)
  })
})

describe('nodes that fail', () => {
  test('a refused connection is unreachable within one poll, asked ever less, and seen again when it is back', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(3_000)
    const node = cluster.node(2)
    node.down = 'refused'
    await watched.run(1_000)
    expect(watched.core.nodes[node.id]).toMatchObject({ health: 'unreachable', error: 'connection refused: ECONNREFUSED' })
    expect(watched.problems()).toContain(`unreachable:${node.id}`)
    node.attempts = 0
    await watched.run(60_000)
    expect(node.attempts).toBeGreaterThanOrEqual(5)
    expect(node.attempts).toBeLessThanOrEqual(12)
    node.down = null
    await watched.run(11_000)
    expect(watched.core.nodes[node.id]).toMatchObject({ health: 'online', error: null })
    expect(watched.events().filter((text) => text.startsWith('10.0.0.1:7002'))).toEqual([
      '10.0.0.1:7002: online → unreachable (connection refused: ECONNREFUSED)',
      '10.0.0.1:7002: unreachable → online'
    ])
  })

  test('a node that never answers does not hold up the others', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    cluster.node(3).down = 'silent'
    const before = cluster.count('INFO', cluster.node(1))
    await watched.run(10_000)
    expect(watched.core.nodes[cluster.node(3).id]?.health).toBe('unreachable')
    expect(watched.core.nodes[cluster.node(3).id]?.error).toMatch(/^no reply for 2\.\d s$/)
    expect(cluster.count('INFO', cluster.node(1)) - before).toBeGreaterThanOrEqual(9)
  })

  test('an announced address where another node answers is said, not believed', async () => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    cluster.node(2).replies.set('CLUSTER MYID', 'e'.repeat(40))
    watched.watch('core')
    await watched.run(500)
    expect(watched.core.nodes[cluster.node(2).id]?.error).toContain('another node answers')
  })

  test.each([
    ['ip', false, { host: '10.0.0.1', hostname: 'two.example' }],
    ['hostname', true, { host: 'two.example' }]
  ])('a node with a hostname is asked where the cluster wants it: preferred endpoint %s', async (_, preferHostname, expected) => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    cluster.node(2).hostname = 'two.example'
    cluster.preferHostname = preferHostname
    watched.watch('core')
    await watched.run(3_000)
    const { port, id } = cluster.node(2)
    expect(cluster.called.filter((address) => address.port === port).at(-1)).toEqual({ port, ...expected })
    expect(watched.core.nodes[id]).toMatchObject({ host: expected.host, health: 'online' })
  })

  test('[P2] while a primary is missed its replica is asked four times a second, so that a promotion is seen at once', async () => {
    const cluster = FakeCluster.of(3, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    const [old, heir] = [cluster.node(1), cluster.node(4)]
    old.down = 'refused'
    await watched.run(3_000)
    // The others have not heard of it yet.
    for (const node of cluster.nodes) if (node !== heir) node.staleView = cluster.view(node)
    Object.assign(heir, { role: 'master', primary: null, slots: old.slots, epoch: 9 })
    await watched.run(400)
    expect(watched.core.shards[old.shard]?.primary).toBe(heir.id)
  })

  test('one whose replica never takes over is not asked for in a hurry for ever', async () => {
    const cluster = FakeCluster.of(3, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    cluster.node(1).down = 'refused'
    await watched.run(5_000)
    const asked = async (ms: number) => {
      const before = cluster.count('CLUSTER NODES')
      await watched.run(ms)
      return cluster.count('CLUSTER NODES') - before
    }
    expect(await asked(5_000)).toBeGreaterThan(45)
    await watched.run(25_000)
    expect(await asked(5_000)).toBeLessThan(25)
  })

  test('a failover keeps the label and the key, and is an event', async () => {
    const cluster = FakeCluster.of(2, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    const [old, promoted] = [cluster.node(1), cluster.node(3)]
    old.down = 'refused'
    old.flags = ['fail']
    promoted.role = 'master'
    promoted.primary = null
    promoted.epoch = 9
    promoted.slots = old.slots
    old.slots = []
    await watched.run(2_000)
    const shard = watched.core.shards[old.shard]
    expect(shard).toMatchObject({ label: 'A', primary: promoted.id, slotCount: 8192 })
    expect(shard?.replicas).toEqual([old.id])
    expect(watched.events()).toContain('shard A: 10.0.0.1:7003 took over from 10.0.0.1:7001')
    expect(watched.events().some((text) => text.includes('slots'))).toBe(false)
    expect(watched.problems()).toContain(`no-replica:${old.shard}`)
  })

  test('a forgotten node goes, and a new one joins', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    const [gone] = cluster.nodes.splice(2, 1)
    await watched.run(6_000)
    expect(Object.keys(watched.core.nodes)).toHaveLength(2)
    expect(watched.core.unassigned).toEqual(gone?.slots)
    expect(watched.core.health.uncovered?.title).toBe('5,461 slots have no owner')
    cluster.nodes.push(gone!)
    await watched.run(2_000)
    expect(Object.keys(watched.core.nodes)).toHaveLength(3)
    expect(watched.problems()).not.toContain('uncovered')
  })
})

describe('who owns what', () => {
  test('a viewer that lags never takes a claim of a greater epoch back', async () => {
    const cluster = FakeCluster.of(3)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    cluster.node(3).staleView = cluster.view(cluster.node(3))
    const [a, b] = [cluster.node(1), cluster.node(2)]
    a.slots = [[100, 5460]]
    b.slots = [[0, 99], ...b.slots]
    b.epoch = 4
    await watched.run(10_000)
    expect(watched.core.shards[b.shard]?.slotCount).toBe(5562)
    const changes = watched.patches().flatMap((patch) => patch.ops.filter((op) => op.path.join('.') === `shards.${b.shard}`))
    expect(changes.flatMap((op) => (op.op === 'merge' && 'slotCount' in op.values ? [op.values.slotCount] : []))).toEqual([5562])
    expect(watched.events()).toContain('100 slots A → B')
    expect(watched.events()).toContain('epoch 3 → 4')
  })

  test('an empty primary that follows one of a lower epoch is seen as its replica at once', async () => {
    const cluster = FakeCluster.of(3)
    const [a, , c] = cluster.nodes
    if (!a || !c) throw new Error('no nodes')
    c.slots = []
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(3_000)
    expect(watched.core.nodes[c.id]).toMatchObject({ role: 'primary', configEpoch: 3 })
    Object.assign(c, { role: 'slave', primary: a.id, epoch: a.epoch, shard: a.shard })
    await watched.run(3_000)
    expect(watched.core.nodes[c.id]).toMatchObject({ role: 'replica', configEpoch: 1 })
    expect(watched.core.shards[a.shard]?.replicas).toEqual([c.id])
  })

  test('who thinks that a node has failed is told, and the link of a replica', async () => {
    const cluster = FakeCluster.of(3, 1)
    const [, b, , a2] = cluster.nodes
    if (!b || !a2) throw new Error('no nodes')
    a2.info = { role: 'slave', master_host: '10.0.0.1', master_port: '7001', master_link_status: 'down' }
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(3_000)
    expect(watched.core.nodes[a2.id]?.primaryLink).toBe('down')
    expect(watched.core.nodes[b.id]).not.toHaveProperty('doubts')
    cluster.node(1).staleView = cluster
      .view(cluster.node(1))
      .replace(`${b.id} 10.0.0.1:7002@17002 master`, `${b.id} 10.0.0.1:7002@17002 master,fail?`)
    await watched.run(6_000)
    expect(watched.core.nodes[b.id]).toMatchObject({ health: 'online', doubts: [{ by: cluster.node(1).id, as: 'suspected' }] })
    cluster.node(1).staleView = null
    await watched.run(6_000)
    expect(watched.core.nodes[b.id]).not.toHaveProperty('doubts')
  })

  test('a deed is told to all as it goes on, and its end is an event', async () => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    const plan = { planId: 'd', actor: 'ada', title: 'node-4 takes over shard A', confirmedBy: 'bob', outcome: null, status: 'planned' }
    watched.feed.deedChanged(plan as unknown as NodeDeed)
    expect(watched.core.deeds?.d?.status).toBe('planned')
    const events = watched.core.events.length
    watched.feed.deedChanged({ ...plan, status: 'running' } as unknown as NodeDeed)
    watched.feed.deedChanged({ ...plan, status: 'done', outcome: 'it is the primary' } as unknown as NodeDeed)
    expect(watched.core.events.slice(events).map((event) => event.text)).toEqual([
      'bob: node-4 takes over shard A: begun',
      'bob: node-4 takes over shard A: done (it is the primary)'
    ])
    watched.feed.deedGone('d')
    expect(watched.core.deeds).toBeUndefined()
    expect(watched.viewer.state('core')).toEqual(watched.core)
  })

  test('slot figures that were switched on say since when', async () => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(2_000)
    expect(watched.core.cluster).toMatchObject({ slotStatsEnabled: false, slotStatsSinceMs: null })
    for (const node of cluster.nodes) node.config['cluster-slot-stats-enabled'] = 'yes'
    watched.feed.requestRefresh()
    await watched.run(2_000)
    const { slotStatsSinceMs } = watched.core.cluster
    expect(slotStatsSinceMs).toBeGreaterThan(1_000_000)
    await watched.run(60_000)
    expect(watched.core.cluster).toMatchObject({ slotStatsEnabled: true, slotStatsSinceMs })
  })

  test('two primaries that claim the same slots for seconds are a dispute, and the slots stay out of plans', async () => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(1_000)
    const [a, b] = [cluster.node(1), cluster.node(2)]
    const honest = b.slots
    b.slots = [[0, 9], ...honest]
    await watched.run(3_000)
    expect(watched.problems()).not.toContain('disputed')
    await watched.run(5_000)
    const claim = (node: typeof a, configEpoch: number) => ({ node: node.id, shard: node.shard, configEpoch })
    expect(watched.core.disputed).toEqual([{ slots: [[0, 9]], claims: [claim(b, 2), claim(a, 1)] }])
    expect(watched.core.health.disputed).toMatchObject({
      severity: 'critical',
      evidence: '0-9: B (10.0.0.1:7002, epoch 2) and A (10.0.0.1:7001, epoch 1)'
    })
    a.slots = [[10, 8191]]
    await watched.run(2_000)
    expect(watched.core.disputed).toBeUndefined()
  })
})

describe('what is asked', () => {
  test('with nobody there: under one command per second and node', async () => {
    const cluster = FakeCluster.of(3, 1)
    const watched = new WatchedFeed(cluster)
    await watched.run(1_000)
    cluster.sent.length = 0
    await watched.run(120_000)
    for (const node of cluster.nodes) expect(cluster.count('', node) / 120).toBeLessThan(1)
    expect(cluster.sent.length / 120 / 6).toBeGreaterThan(0.1)
    for (const words of ['SCAN', 'HSCAN', 'CLUSTER SLOT-STATS', 'CLUSTER COUNTKEYSINSLOT', 'KEYS', 'MONITOR', 'LATENCY'])
      expect(cluster.count(words)).toBe(0)
  })

  test('follows what is watched, and stops when nobody does', async () => {
    const cluster = FakeCluster.of(3)
    cluster.node(1).keys.set(0, new Map([[7, 3]]))
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    expect(cluster.count('CLUSTER SLOT-STATS')).toBe(0)
    expect(cluster.count('SCAN')).toBe(0)
    watched.watch('core', 'slots:keys', 'expiry')
    await watched.run(10_000)
    expect(cluster.count('CLUSTER SLOT-STATS', cluster.node(1))).toBeGreaterThanOrEqual(5)
    expect(watched.feed.figure('keys')?.[7]).toBe(3)
    expect(watched.viewer.figure('slots:keys')?.values[7]).toBe(3)
    watched.watch('core')
    cluster.sent.length = 0
    await watched.run(10_000)
    expect(cluster.count('CLUSTER SLOT-STATS')).toBe(0)
  })

  test('every command of a database is behind its SELECT in one pipeline, and no command writes', async () => {
    const cluster = FakeCluster.of(1)
    cluster.node(1).keys.set(2, new Map([[7, 3]]))
    cluster.node(1).hashes.set('2 h', { fields: new Map([['f', { value: 'v', deadlineMs: 2_000_000 }]]), hidden: 0 })
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'slots:keys', 'databases', 'expiry', 'traffic', 'hash:2:aA')
    await watched.run(5_000)
    const reads =
      /^(CLUSTER (NODES|INFO|SHARDS|MYID|MYSHARDID|GETSLOTMIGRATIONS|SLOT-STATS|COUNTKEYSINSLOT)|CONFIG GET|INFO|LATENCY HISTOGRAM|SELECT|SCAN|HSCAN|HLEN|TYPE|HPEXPIRETIME|PEXPIRETIME)( |$)/
    for (const { command } of cluster.sent) expect(command.join(' ')).toMatch(reads)
    const databaseWords = new Set(['SCAN', 'HSCAN', 'HLEN', 'TYPE', 'HPEXPIRETIME', 'PEXPIRETIME'])
    let selected = false
    for (const { command } of cluster.sent) {
      if (command[0] === 'SELECT') selected = true
      else if (databaseWords.has(command[0]!)) expect(selected).toBe(true)
      else selected = false
    }
    expect(watched.feed.state('hash:2:aA')?.exists).toBe(true)
  })

  test('the cost of watching is counted by cause', async () => {
    const cluster = FakeCluster.of(2)
    cluster.node(1).info = { 'cmdstat_cluster|nodes': 'calls=10,usec=1000,usec_per_call=100.00' }
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(20_000)
    cluster.sent.length = 0
    await watched.run(10_000)
    const { watching } = watched.core
    const perSecond = cluster.sent.length / 10
    expect(watching.commandsPerSecond).toBeGreaterThan(perSecond * 0.8)
    expect(watching.commandsPerSecond).toBeLessThan(perSecond * 1.2)
    expect(Object.keys(watching.byCause)).toEqual(['info', 'jobs', 'topology'])
    expect(watching.shareOfNodeTime).toBeGreaterThan(0)
    expect(watching.shareOfNodeTime).toBeLessThan(0.005)
  })
})

describe('the stream', () => {
  test('an idle cluster costs next to nothing', async () => {
    const cluster = FakeCluster.of(3, 1)
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'databases', 'slots:keys')
    await watched.run(30_000)
    watched.updates.length = 0
    await watched.run(60_000)
    const bytes = watched.updates
      .filter((update) => update.topic !== 'traffic')
      .reduce((sum, update) => sum + ('frame' in update ? JSON.stringify(update.frame).length : update.binary.length), 0)
    expect(bytes / 60).toBeLessThan(1024)
  })

  test('a viewer that missed frames gets the missing ones, and one that missed too much a snapshot', async () => {
    const cluster = FakeCluster.of(2)
    const watched = new WatchedFeed(cluster)
    watched.watch('core', 'slots:keys')
    await watched.run(3_000)
    const version = watched.viewer.version('core')
    const slotsVersion = watched.viewer.version('slots:keys')
    const held = watched.core
    cluster.node(1).slots = [[5, 8191]]
    cluster.node(2).slots = [[0, 4], ...cluster.node(2).slots]
    cluster.node(2).epoch = 7
    cluster.node(1).keys.set(0, new Map([[9, 1]]))
    await watched.run(4_000)
    const missing = watched.feed.resume('core', version)
    expect(missing.length).toBeGreaterThan(1)
    const late = new (watched.viewer.constructor as typeof import('../src/stream/viewer.ts').Viewer)()
    late.receive(watched.feed.hello())
    late.receive({ type: 'snapshot', topic: 'core', version, atMs: 0, state: held })
    for (const frame of missing) if (!(frame instanceof Uint8Array)) expect(late.receive(frame).kind).toBe('applied')
    expect(late.state('core')).toEqual(watched.core)
    expect(watched.feed.resume('core', watched.viewer.version('core'))).toEqual([])
    expect(watched.feed.resume('core', 0)).toMatchObject([{ type: 'snapshot' }])
    expect(watched.feed.resume('slots:keys', slotsVersion).length).toBeGreaterThan(0)
    await watched.run(6 * 60_000)
    expect(watched.feed.resume('core', version)).toMatchObject([{ type: 'snapshot' }])
  })

  test('plans are drawn for all until they expire', async () => {
    const watched = new WatchedFeed(FakeCluster.of(2))
    await watched.run(100)
    watched.feed.planMade({
      planId: 'p',
      actor: 'ada',
      madeAtMs: watched.nowMs,
      expiresAtMs: watched.nowMs + 60_000,
      targetShard: 'x',
      moves: [],
      leftOut: [],
      checks: [],
      balance: []
    })
    await watched.run(59_000)
    expect(Object.keys(watched.viewer.state('core')?.plans ?? {})).toEqual(['p'])
    await watched.run(3_000)
    expect(watched.viewer.state('core')?.plans).toEqual({})
  })

  test('a watch that begins asks everybody about himself, also while a seed does not answer: what the others saw a while ago is not believed', async () => {
    const cluster = FakeCluster.of(5)
    for (const node of cluster.nodes.slice(0, 4)) node.staleView = cluster.view(node)
    const newest = cluster.node(5)
    newest.epoch = 29
    cluster.node(2).down = 'silent'
    const watched = new WatchedFeed(cluster, { seeds: [1, 2] })
    const epochs: (number | undefined)[] = []
    watched.feed.subscribe(() => epochs.push(watched.core.nodes[newest.id]?.configEpoch))
    // As a host does: it does not wait for a first call that takes long.
    void watched.feed.advance(watched.nowMs)
    await settle()
    watched.nowMs += FIRST_PICTURE_MS
    void watched.feed.advance(watched.nowMs)
    await settle()
    expect(epochs.length).toBeGreaterThan(0)
    expect(new Set(epochs)).toEqual(new Set([29]))
  })

  test('labels are kept: the same shards have the same letters in the next run', async () => {
    const cluster = FakeCluster.of(3)
    const first = new WatchedFeed(cluster)
    await first.run(100)
    const second = new WatchedFeed(cluster, { labels: { ...first.labels, gone: { label: 'D', color: 3 } } })
    cluster.nodes.reverse()
    await second.run(100)
    expect(second.core.shards[cluster.node(3).shard]?.label).toBe('A')
  })
})
