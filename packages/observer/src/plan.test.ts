import { describe, expect, test } from 'vitest'
import { FakeCluster } from '../test/fake-cluster.ts'
import { WatchedFeed } from '../test/watched-feed.ts'
import { ErrorReply } from './caller.ts'
import { askPlanFacts } from './plan/plan-facts.ts'
import { compareWithPlan, makePlan } from './plan.ts'
import type { PlanState, SlotRange } from './stream/core-state.ts'

/** Three shards A, B, C with a replica each; slots 0..99 of A hold ten keys each in database 0. */
async function scene(prepare: (cluster: FakeCluster) => void = () => undefined) {
  const cluster = FakeCluster.of(3, 1)
  cluster.node(1).keys.set(0, new Map(Array.from({ length: 100 }, (_, slot) => [slot, 10])))
  prepare(cluster)
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  const shard = (label: string) => Object.values(watched.core.shards).find((entry) => entry.label === label)!
  const make = async (slots: SlotRange[], to: string) => {
    const request = { slots, targetShard: shard(to).key }
    const facts = await askPlanFacts(cluster, watched.core, request)
    return makePlan(watched.core, request, facts, { planId: 'p', actor: 'ada', nowMs: 1_000 })
  }
  const plan = async (slots: SlotRange[], to: string): Promise<PlanState> => {
    const made = await make(slots, to)
    if ('refused' in made) throw new Error(made.refused)
    return made
  }
  return { cluster, watched, shard, make, plan }
}

const levels = (plan: PlanState) => Object.fromEntries(plan.checks.map((check) => [check.id.split(':')[0], check.level]))
const text = (plan: PlanState, id: string) => plan.checks.find((check) => check.id.startsWith(id))?.text

describe('a plan', () => {
  test('has one move per source, with its exact command, its keys and the balance', async () => {
    const { cluster, plan, shard } = await scene()
    const made = await plan(
      [
        [50, 149],
        [5461, 5470],
        [10923, 10930]
      ],
      'C'
    )
    const target = cluster.node(3).id
    expect(made.moves.map((move) => [move.sourceShard, move.slotCount, move.keys])).toEqual([
      [shard('A').key, 100, 500],
      [shard('B').key, 10, 0]
    ])
    expect(made.moves[0]).toMatchObject({
      sourceNode: cluster.node(1).id,
      targetNode: target,
      ownerEpoch: 1,
      keysByDatabase: [{ database: 0, keys: 500 }],
      command: ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '50', '149', 'NODE', target],
      shell: `valkey-cli -h 10.0.0.1 -p 7001 CLUSTER MIGRATESLOTS SLOTSRANGE 50 149 NODE ${target}`
    })
    expect(made.leftOut.map((left) => left.detail)).toEqual(['8 already on C'])
    expect(made.balance).toEqual([
      { shard: shard('A').key, slotsBefore: 5461, slotsAfter: 5361, keysBefore: 1000, keysAfter: 500 },
      { shard: shard('B').key, slotsBefore: 5462, slotsAfter: 5452, keysBefore: 0, keysAfter: 0 },
      { shard: shard('C').key, slotsBefore: 5461, slotsAfter: 5571, keysBefore: 0, keysAfter: 500 }
    ])
    expect(made).toMatchObject({ planId: 'p', actor: 'ada', madeAtMs: 1_000, expiresAtMs: 61_000 })
    expect(levels(made)).toEqual({ target: 'ok', source: 'ok', databases: 'ok', headroom: 'ok' })
    // Nothing that changes the cluster was sent.
    expect(cluster.count('CLUSTER MIGRATESLOTS')).toBe(0)
  })

  test('is refused in words when there is nothing to move or nowhere to go', async () => {
    const { make, shard, watched, cluster } = await scene()
    expect(await make([[0, 9]], 'A')).toEqual({ refused: 'None of these slots can move to A: 10 already on A.' })
    expect(await make([], 'A')).toEqual({ refused: 'No slots were chosen.' })
    const facts = await askPlanFacts(cluster, watched.core, { slots: [], targetShard: 'x' })
    expect(makePlan(watched.core, { slots: [[0, 1]], targetShard: 'x' }, facts, { planId: 'p', actor: 'a', nowMs: 0 })).toEqual({
      refused: 'There is no shard x.'
    })
    expect(shard('A').slotCount).toBe(5461)
  })

  test('leaves out slots of a running job, and says that a real source copies one job at a time', async () => {
    const { cluster, plan, watched } = await scene()
    const [a, b] = [cluster.node(1), cluster.node(2)]
    a.jobs = [{ name: 'j'.repeat(40), operation: 'EXPORT', slots: '0-9', source: a.id, target: b.id, state: 'snapshotting' }]
    await watched.run(1_500)
    const made = await plan([[0, 19]], 'C')
    expect(made.moves[0]?.slots).toEqual([[10, 19]])
    expect(made.leftOut.map((left) => left.detail)).toEqual(['10 already migrating'])
    expect(text(made, 'waits')).toBe('Waits for A → B: a Valkey server copies one job at a time.')
    a.info = { slotscope_version: '0.1.0' }
    await watched.run(1_500)
    expect(text(await plan([[0, 19]], 'C'), 'waits')).toBeUndefined()
  })

  test('with keys in several databases warns of what real servers do to them, and not of ours', async () => {
    const { cluster, plan, watched } = await scene((made) => made.node(1).keys.set(2, new Map([[5, 7]])))
    const made = await plan([[0, 9]], 'B')
    expect(made.moves[0]?.keysByDatabase).toEqual([
      { database: 0, keys: 100 },
      { database: 2, keys: 7 }
    ])
    expect(text(made, 'databases:slots')).toMatch(/databases 0, 2.*can land in the wrong database on B/)
    expect(text(made, 'databases:replicas')).toMatch(/^A uses more than one database.*replicas of B/)
    // Slots with keys of one database only: the target's replicas can still go wrong.
    const calm = await plan([[50, 59]], 'B')
    expect(text(calm, 'databases:slots')).toBeUndefined()
    expect(text(calm, 'databases:replicas')).toBeDefined()
    for (const node of cluster.nodes) node.info = { slotscope_version: '0.1.0' }
    await watched.run(1_500)
    expect(text(await plan([[0, 9]], 'B'), 'databases')).toBe('Keys of databases 0, 2 move; this engine keeps them apart.')
  })

  test('stops when the target has too few databases, does not know the source, or is gone', async () => {
    const { cluster, plan, watched } = await scene((made) => {
      made.node(1).keys.set(3, new Map([[5, 7]]))
      made.node(2).config['cluster-databases'] = '2'
    })
    expect(text(await plan([[0, 9]], 'B'), 'databases:limit')).toMatch(/^Keys of database 3 would move, but B has only 2/)
    const view = cluster.view(cluster.node(2)).split('\n')
    cluster.node(2).staleView = view.filter((line) => !line.startsWith(cluster.node(1).id)).join('\n')
    expect(levels(await plan([[0, 9]], 'B'))['known-back']).toBe('stop')
    cluster.node(1).staleView = cluster
      .view(cluster.node(1))
      .split('\n')
      .filter((line) => !line.startsWith(cluster.node(2).id))
      .join('\n')
    expect(text(await plan([[0, 9]], 'B'), 'known')).toMatch(/does not know 10.0.0.1:7002/)
    cluster.node(2).down = 'refused'
    const gone = await plan([[0, 9]], 'B')
    expect(gone.checks[0]).toMatchObject({ id: 'target', level: 'stop' })
    cluster.node(1).down = 'refused'
    await watched.run(1_200)
    expect(levels(await plan([[0, 9]], 'B')).source).toBe('stop')
  })

  test('stops at legacy half-moves, which refuse atomic moves', async () => {
    const { cluster, plan } = await scene()
    cluster.node(1).staleView = `${cluster.view(cluster.node(1)).replace(/(myself[^\n]*)/, `$1 [7->-${cluster.node(2).id}]`)}`
    expect(text(await plan([[0, 9]], 'B'), 'open-slots')).toMatch(/1 slots half way in a legacy move/)
  })

  test('stops where a right is missing: our own, or that of the link between the two', async () => {
    const { cluster, plan } = await scene()
    const [a, b] = [cluster.node(1), cluster.node(2)]
    a.replies.set('ACL WHOAMI', 'watcher')
    a.replies.set('ACL DRYRUN', "User watcher has no permissions to run the 'cluster|migrateslots' command")
    expect(text(await plan([[0, 9]], 'B'), 'acl')).toMatch(/^User watcher has no permissions.* on A\. It takes \+cluster\|migrateslots/)
    // Who may not ask is not accused.
    a.replies.set('ACL DRYRUN', new ErrorReply('NOPERM User watcher has no permissions to run the acl|dryrun command'))
    expect(text(await plan([[0, 9]], 'B'), 'acl')).toBeUndefined()
    a.config.primaryauth = ''
    b.replies.set('ACL GETUSER', ['flags', ['on', 'sanitize-payload'], 'passwords', []])
    expect(text(await plan([[0, 9]], 'B'), 'link')).toMatch(/would refuse the link of A: its user default needs a password/)
    b.replies.set('ACL GETUSER', ['flags', ['off', 'nopass']])
    expect(levels(await plan([[0, 9]], 'B')).link).toBe('stop')
    a.config.primaryauth = 'secret'
    const calm = await plan([[0, 9]], 'B')
    expect(text(calm, 'link')).toBeUndefined()
    expect(JSON.stringify(calm)).not.toContain('secret')
    expect(levels(calm)).toEqual({ target: 'ok', source: 'ok', databases: 'ok', headroom: 'ok' })
  })

  test('stops at a target without the replicas that it needs, and warns of modules and of children', async () => {
    const { cluster, plan } = await scene()
    const [a, b] = [cluster.node(1), cluster.node(2)]
    b.config['min-replicas-to-write'] = '2'
    b.info = { min_slaves_good_slaves: '1' }
    const made = await plan([[0, 9]], 'B')
    expect(made.checks.find((check) => check.id === 'no-replicas')).toEqual({
      id: 'no-replicas',
      level: 'stop',
      text: 'B has 1 good replicas and needs 2 (min-replicas-to-write): it would answer every write to these slots with NOREPLICAS.'
    })
    b.info = { min_slaves_good_slaves: '2' }
    expect(text(await plan([[0, 9]], 'B'), 'no-replicas')).toBeUndefined()
    a.info = { module: 'name=search,ver=1', slot_migration_fork_in_progress: '1' }
    const warned = await plan([[0, 9]], 'B')
    expect(text(warned, 'module')).toMatch(/^A has the module search loaded/)
    expect(text(warned, 'child')).toBe('Waits for the slot snapshot that runs on A.')
  })

  test('that takes the last slots of a shard says what becomes of its nodes', async () => {
    const { cluster, plan } = await scene()
    expect(text(await plan([[0, 5460]], 'B'), 'last-slots')).toBe('Shard A ends: 10.0.0.1:7001 and its replicas become replicas of B.')
    cluster.node(1).config['cluster-allow-replica-migration'] = 'no'
    expect(text(await plan([[0, 5460]], 'B'), 'last-slots')).toMatch(/stays a primary without slots/)
  })

  test('warns of many ranges, a target without replica and a full target', async () => {
    const { cluster, plan, watched } = await scene((made) => {
      made.node(2).info = { maxmemory: '1020000' }
      made.nodes.splice(4, 1)
    })
    const every = Array.from({ length: 70 }, (_, i): SlotRange => [i * 2, i * 2])
    const made = await plan(every, 'B')
    expect(made.checks.filter((check) => check.id.startsWith('ranges')).map((check) => check.text.split('.')[0])).toEqual([
      'B would own 71 separate ranges',
      'A would own 70 separate ranges'
    ])
    expect(text(made, 'replica')).toMatch(/^B has no living replica/)
    expect(text(made, 'headroom')).toMatch(/^B would need 147 % of its maxmemory/)
    expect(cluster.nodes).toHaveLength(5)
    expect(watched.core.cluster.state).toBe('ok')
  })

  test('of very many slots in several databases counts within its budget and says that it estimates', async () => {
    const { cluster, plan } = await scene((made) => {
      made.node(1).keys = new Map([
        [0, new Map(Array.from({ length: 5000 }, (_, slot) => [slot, 3]))],
        [1, new Map(Array.from({ length: 5000 }, (_, slot) => [slot, 1]))]
      ])
    })
    cluster.sent.length = 0
    const made = await plan([[0, 4999]], 'B')
    expect(cluster.count('CLUSTER COUNTKEYSINSLOT')).toBeLessThanOrEqual(2_000)
    expect(made.moves[0]?.keysByDatabase).toEqual([
      { database: 0, keys: 15_000 },
      { database: 1, keys: 5_000 }
    ])
    expect(text(made, 'keys')).toBe('Keys per database of A are estimated from 1,000 of 5,000 slots.')
  })
})

describe('a plan that is no longer true', () => {
  test('is told by slots, owners and epochs; one that is true has no difference', async () => {
    const { cluster, watched, plan } = await scene()
    const made = await plan([[0, 99]], 'C')
    expect(compareWithPlan(watched.core, made)).toEqual([])
    const [a, b] = [cluster.node(1), cluster.node(2)]
    a.slots = [[50, 5460]]
    b.slots = [[0, 49], ...b.slots]
    b.epoch = 8
    await watched.run(2_500)
    expect(compareWithPlan(watched.core, made)).toEqual([{ slots: [[0, 49]], was: 'owned by A', is: 'owned by B' }])
    a.epoch = 9
    a.jobs = [{ name: 'j'.repeat(40), operation: 'EXPORT', slots: '90-99', source: a.id, target: b.id, state: 'snapshotting' }]
    await watched.run(2_500)
    expect(compareWithPlan(watched.core, made)).toEqual([
      { slots: [[0, 49]], was: 'owned by A', is: 'owned by B' },
      { slots: [[90, 99]], was: 'owned by A', is: 'already migrating' },
      { slots: [[0, 99]], was: 'config epoch 1', is: 'config epoch 9' }
    ])
  })
})
