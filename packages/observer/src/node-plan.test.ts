import { describe, expect, test } from 'vitest'
import { FakeCluster } from '../test/fake-cluster.ts'
import { WatchedFeed } from '../test/watched-feed.ts'
import { askNodeFacts } from './node-plan/node-facts.ts'
import { compareNodePlans, makeNodePlan, withDenials } from './node-plan.ts'
import { type NodePlanRequest, type NodePlanState, shellOf } from './stream/node-plans.ts'

/** Three shards A, B, C (nodes 1 to 3) with a replica each (4 to 6), in sync. */
async function scene(prepare: (cluster: FakeCluster) => unknown = () => undefined) {
  const cluster = FakeCluster.of(3, 1)
  for (const node of cluster.nodes) {
    const isReplica = node.role === 'slave'
    node.info = isReplica
      ? { master_link_status: 'up', master_sync_in_progress: '0', slave_repl_offset: '900' }
      : { master_repl_offset: '900' }
    node.replies.set('COMMAND', [['cluster|failover']])
  }
  prepare(cluster)
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  const make = async (request: NodePlanRequest) =>
    makeNodePlan(watched.core, request, await askNodeFacts(cluster, watched.core, request), { planId: 'p', actor: 'ada', nowMs: 1_000 })
  const plan = async (request: NodePlanRequest): Promise<NodePlanState> => {
    const made = await make(request)
    if ('refused' in made) throw new Error(made.refused)
    return made
  }
  return { cluster, watched, make, plan, id: (order: number) => cluster.node(order).id }
}

const stops = (plan: NodePlanState) => plan.checks.filter((check) => check.level === 'stop').map((check) => check.text)
const text = (plan: NodePlanState, id: string) => plan.checks.find((check) => check.id.startsWith(id))?.text

describe('a failover', () => {
  test('is plain while the primary answers, and says how far the replica is', async () => {
    const { plan, id } = await scene()
    const made = await plan({ kind: 'failover', node: id(4) })
    expect(made).toMatchObject({ expiresAtMs: 61_000, leastRole: 'operator', typedName: null })
    expect(stops(made)).toEqual([])
    expect(made.steps.flatMap(shellOf)).toEqual(['valkey-cli -h 10.0.0.1 -p 7004 CLUSTER FAILOVER'])
    expect(text(made, 'lag')).toContain('in sync')
  })

  test.each([
    [
      'a replica far behind is said to be',
      (cluster: FakeCluster): unknown => Object.assign(cluster.node(4).info, { slave_repl_offset: '-9000000' }),
      'lag',
      'warn',
      '9,000,900 bytes behind'
    ],
    [
      'a link that is down stops it',
      (cluster: FakeCluster): unknown => Object.assign(cluster.node(4).info, { master_link_status: 'down' }),
      'link',
      'stop',
      'is down'
    ],
    [
      'so does a first copy that is under way',
      (cluster: FakeCluster): unknown => Object.assign(cluster.node(4).info, { master_sync_in_progress: '1' }),
      'link',
      'stop',
      'first copy'
    ],
    [
      'and a server that has no such command',
      (cluster: FakeCluster): unknown => cluster.node(4).replies.set('COMMAND', [null]),
      'server',
      'stop',
      'CLUSTER FAILOVER'
    ]
  ] as const)('%s', async (_title, prepare, check, level, words) => {
    const { plan, id } = await scene(prepare)
    const made = await plan({ kind: 'failover', node: id(4), mode: 'plain' })
    expect(made.checks.find((one) => one.id === check)).toMatchObject({ level, text: expect.stringContaining(words) })
  })

  test('goes by FORCE when the primary is silent, and names what is lost', async () => {
    const { plan, id, cluster } = await scene()
    cluster.node(1).down = 'refused'
    const made = await plan({ kind: 'failover', node: id(4) })
    expect(made.steps[0]?.commands).toEqual([['CLUSTER', 'FAILOVER', 'FORCE']])
    expect(stops(made)).toEqual([])
    expect(text(made, 'primary')).toContain('is lost')
    const plain = await plan({ kind: 'failover', node: id(4), mode: 'plain' })
    expect(stops(plain)).toEqual([expect.stringContaining('FORCE goes without it')])
  })

  test('without a majority is TAKEOVER, for an admin who types the name', async () => {
    const { plan, id, cluster, watched } = await scene()
    for (const order of [1, 2]) cluster.node(order).down = 'refused'
    await watched.run(5_000)
    expect(stops(await plan({ kind: 'failover', node: id(4) }))).toEqual([expect.stringContaining('1 of 3 primaries with slots can vote')])
    const made = await plan({ kind: 'failover', node: id(4), mode: 'takeover' })
    expect(stops(made)).toEqual([])
    expect(made).toMatchObject({ leastRole: 'admin', typedName: '10.0.0.1:7004' })
  })

  test('of a primary is refused', async () => {
    const { make, id } = await scene()
    expect(await make({ kind: 'failover', node: id(1) })).toEqual({
      refused: '10.0.0.1:7001 is a primary already: a replica is to take over.'
    })
  })
})

describe('who belongs where', () => {
  test('a primary with slots or with keys in any database does not become a replica', async () => {
    const { plan, id } = await scene()
    expect(stops(await plan({ kind: 'replicate', node: id(2), primary: id(1) }))).toEqual([
      expect.stringContaining('drain its shard first')
    ])
    const empty = await scene((cluster) => {
      cluster.node(2).slots = []
      cluster.node(2).info = { db3: 'keys=7,expires=0' }
    })
    expect(stops(await empty.plan({ kind: 'replicate', node: id(2), primary: id(1) }))).toEqual([expect.stringContaining('holds 7 keys')])
  })

  test('a replica may change its primary, and what it leaves is said', async () => {
    const { plan, id } = await scene()
    const made = await plan({ kind: 'replicate', node: id(4), primary: id(2) })
    expect(stops(made)).toEqual([])
    expect(text(made, 'leaves')).toContain('which keeps no replica')
    expect(made.steps[0]).toMatchObject({ to: [{ node: id(4) }], commands: [['CLUSTER', 'REPLICATE', id(2)]] })
  })

  test('fewer databases than the primary stop it', async () => {
    const { plan, id } = await scene((cluster) => Object.assign(cluster.node(4).config, { 'cluster-databases': '1' }))
    expect(stops(await plan({ kind: 'replicate', node: id(4), primary: id(2) }))).toEqual([expect.stringContaining('has 1 databases')])
  })

  test('a node with slots and replicas is not forgotten; a free one is, by all that can be told', async () => {
    const { plan, id } = await scene((cluster) => Object.assign(cluster.node(3), { down: 'refused' }))
    expect(stops(await plan({ kind: 'forget', node: id(1) }))).toHaveLength(2)
    const made = await plan({ kind: 'forget', node: id(4) })
    expect(stops(made)).toEqual([])
    expect(made).toMatchObject({ leastRole: 'admin', typedName: '10.0.0.1:7004' })
    expect(made.steps[0]?.to.map((to) => to.port)).toEqual([7001, 7002, 7005, 7006])
    expect(text(made, 'told')).toBe(
      '10.0.0.1:7003 cannot be told: when it comes back after more than 60 s, it brings 10.0.0.1:7004 back. Forget it as well, or wait for it.'
    )
    expect(text(made, 'stays')).toContain('still holds itself for a member')
  })

  test('nobody but a lone, empty node with cluster mode is taken in', async () => {
    const { plan, make, id, cluster } = await scene()
    const at = { kind: 'meet', host: '10.0.0.1', port: 7009 } as const
    expect(stops(await plan(at))).toEqual([expect.stringContaining('does not answer as a node of a cluster')])
    expect(await make({ ...at, port: 7001 })).toEqual({ refused: '10.0.0.1:7001 is 10.0.0.1:7001, a member already.' })
    expect(await make({ ...at, replicaOf: id(4) })).toMatchObject({ refused: expect.any(String) })
    expect(cluster.sent.some(({ command }) => command[1] === 'MEET')).toBe(false)
  })
})

describe('slots, settings and copies', () => {
  test('slots that any node knows an owner of are not added', async () => {
    const unowned = (cluster: FakeCluster) => Object.assign(cluster.node(3), { slots: [[10_923, 16_000]] })
    const { plan, watched, make, id } = await scene(unowned)
    const shard = watched.core.nodes[id(1)]?.shard ?? ''
    const made = await plan({ kind: 'add-slots', slots: [[15_990, 16_010]], shard })
    expect(stops(made)).toEqual([])
    expect(made.steps[0]?.commands).toEqual([['CLUSTER', 'ADDSLOTSRANGE', '16001', '16010']])
    expect(text(made, 'owned')).toContain('11 slots of the selection')
    expect(await make({ kind: 'add-slots', slots: [[0, 5]], shard })).toMatchObject({ refused: expect.stringContaining('has an owner') })
    const lagging = await scene(unowned)
    lagging.cluster.node(5).staleView =
      `${id(5)} 10.0.0.1:7005@17005 myself,slave ${id(2)} 0 0 2 connected\n${id(3)} 10.0.0.1:7003@17003 master - 0 0 3 connected 10923-16383\n`
    expect(stops(await lagging.plan({ kind: 'add-slots', slots: [[16_001, 16_010]], shard }))).toEqual([
      '10.0.0.1:7005 holds 10.0.0.1:7003 (epoch 3) for the owner of 16001-16010 and would not believe 10.0.0.1:7001 (epoch 1). CLUSTER DELSLOTSRANGE there first.'
    ])
    lagging.cluster.node(1).epoch = 4
    await lagging.watched.run(3_000)
    const believed = await lagging.plan({ kind: 'add-slots', slots: [[16_001, 16_010]], shard })
    expect([stops(believed), text(believed, 'claim')]).toEqual([
      [],
      expect.stringContaining('the greater epoch of 10.0.0.1:7001 (4) corrects that')
    ])
  })

  test('a setting goes to every node that has another value, with the value before and the cost in words', async () => {
    const { plan, make } = await scene((cluster) => Object.assign(cluster.node(6).config, { 'cluster-slot-stats-enabled': 'yes' }))
    const made = await plan({ kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'yes' })
    expect(made.steps[0]?.to.map((to) => to.port)).toEqual([7001, 7002, 7003, 7004, 7005])
    expect(made.seen).toMatchObject({ 'cluster-slot-stats-enabled of 10.0.0.1:7001': 'no' })
    expect(text(made, 'nodes')).toBe('5 nodes are changed, 2 of them replicas; 1 stay as they are.')
    expect(text(made, 'cost')).toContain('main thread')
    expect(await make({ kind: 'config', parameter: 'latency-tracking', value: 'no' })).toMatchObject({ refused: expect.any(String) })
  })

  test('a full copy is a detour in one pipeline', async () => {
    const { plan, id } = await scene()
    const made = await plan({ kind: 'resync', node: id(4) })
    expect(stops(made)).toEqual([])
    expect(made.steps).toHaveLength(1)
    expect(made.steps[0]?.commands.map((command) => command[2])).toEqual([id(2), id(1)])
    expect(made.steps.flatMap(shellOf)).toEqual([
      `printf '%s\\n' 'CLUSTER REPLICATE ${id(2)}' 'CLUSTER REPLICATE ${id(1)}' | valkey-cli -h 10.0.0.1 -p 7004`
    ])
    expect(text(made, 'cover')).toContain('no replica that could take over')
  })
})

test('a plan is stale when what it rests on has changed, or a check stops it now', async () => {
  const { plan, make, cluster, watched, id } = await scene()
  const before = await plan({ kind: 'failover', node: id(4) })
  expect(compareNodePlans(before, await make(before.request))).toEqual([])
  cluster.node(4).info.master_link_status = 'down'
  expect(compareNodePlans(before, await make(before.request))).toEqual([
    { what: 'check', was: 'passed', is: expect.stringContaining('is down') }
  ])
  cluster.node(4).info.master_link_status = 'up'
  cluster.node(1).epoch = 9
  await watched.run(5_000)
  expect(compareNodePlans(before, await make(before.request))).toEqual([
    { what: 'shard A', was: 'primary 10.0.0.1:7001 at epoch 1', is: 'primary 10.0.0.1:7001 at epoch 9' }
  ])
  expect(compareNodePlans(before, { refused: 'no' })).toEqual([{ what: before.title, was: 'possible', is: 'no' }])
})

test('what our user may not run stops a plan and names the rule', async () => {
  const { plan, id } = await scene()
  const made = withDenials(await plan({ kind: 'failover', node: id(4) }), new Map([['10.0.0.1:7004', 'no permissions']]))
  expect(stops(made)).toEqual(['10.0.0.1:7004: no permissions. It takes +cluster|failover.'])
})

test('an address from gossip is no command of a shell', () => {
  const to = [{ node: null, host: 'x; rm -rf /', port: 1 }]
  expect(shellOf({ to, commands: [['CLUSTER', "REPLICATE'$(id)"]] })).toEqual(['valkey-cli -h x__rm_-rf__ -p 1 CLUSTER REPLICATE___id_'])
})
