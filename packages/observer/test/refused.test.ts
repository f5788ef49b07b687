import { describe, expect, test } from 'vitest'
import { ErrorReply } from '../src/caller.ts'
import type { Topic } from '../src/stream/frames.ts'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

function denied(command: string): ErrorReply {
  return new ErrorReply(`NOPERM User console has no permissions to run the '${command}' command`)
}

async function watch(cluster: FakeCluster, ...topics: Topic[]): Promise<WatchedFeed> {
  const watched = new WatchedFeed(cluster)
  watched.watch('core', ...topics)
  await watched.run(3_000)
  return watched
}

describe('what our user may not run', () => {
  test('is told by the rule that is missing, with the panels that miss it and what allows it', async () => {
    const cluster = FakeCluster.of(2)
    for (const node of cluster.nodes) node.replies.set('CLUSTER SLOT-STATS', denied('cluster|slot-stats'))
    cluster.node(1).replies.set('INFO', denied('info'))
    const watched = await watch(cluster, 'slots:keys')
    expect(watched.core.denied).toEqual({
      '+cluster|slot-stats': {
        words: denied('cluster|slot-stats').message,
        panels: ['slots'],
        nodes: cluster.nodes.map((node) => node.id)
      },
      '+info': { words: denied('info').message, panels: ['databases', 'expiry', 'nodes', 'traffic'], nodes: [cluster.node(1).id] }
    })
    expect(watched.core.health['denied:+info']).toMatchObject({
      severity: 'info',
      node: cluster.node(1).id,
      repair: 'valkey-cli -h 10.0.0.1 -p 7001 ACL SETUSER console +info'
    })
    expect(watched.core.nodes[cluster.node(1).id]).toMatchObject({ health: 'online', keys: null, version: null })
    expect(watched.viewer.state('core')).toEqual(watched.core)
  })

  test('is asked again each 30 s and not sooner, and is news when it is allowed', async () => {
    const cluster = FakeCluster.of(2)
    const node = cluster.node(1)
    node.replies.set('INFO', denied('info'))
    const watched = await watch(cluster)
    cluster.sent.length = 0
    await watched.run(60_000)
    // INFO is asked for figures and for our own cost.
    expect(cluster.count('INFO', node)).toBeLessThanOrEqual(4)
    expect(cluster.count('INFO', cluster.node(2))).toBeGreaterThan(50)
    node.replies.delete('INFO')
    await watched.run(31_000)
    expect(watched.core.denied).toBeUndefined()
    expect(watched.problems().filter((id) => id.startsWith('denied'))).toEqual([])
    expect(watched.core.nodes[node.id]?.version).toBe('9.1.2')
  })

  test('leaves figures that were read before with their age', async () => {
    const cluster = FakeCluster.of(2)
    const node = cluster.node(1)
    node.keys.set(0, new Map([[1, 70]]))
    const watched = await watch(cluster)
    expect(watched.core.nodes[node.id]).toMatchObject({ keys: 70 })
    expect(watched.core.nodes[node.id]?.staleSinceMs).toBeUndefined()
    const lastMs = watched.nowMs
    node.replies.set('INFO', denied('info'))
    await watched.run(5_000)
    const { keys, staleSinceMs } = watched.core.nodes[node.id]!
    expect(keys).toBe(70)
    expect(staleSinceMs).toBeGreaterThan(lastMs - 1_100)
    expect(staleSinceMs).toBeLessThanOrEqual(lastMs)
    node.replies.delete('INFO')
    await watched.run(31_000)
    expect(watched.core.nodes[node.id]?.staleSinceMs).toBeUndefined()
    expect(watched.viewer.state('core')).toEqual(watched.core)
  })

  test('a database that may not be selected is never mistaken for another one', async () => {
    const cluster = FakeCluster.of(1)
    const node = cluster.node(1)
    node.keys.set(0, new Map([[1, 1]]))
    node.keys.set(2, new Map([[1, 1]]))
    node.hashes.set('0 open', { fields: new Map([['f', { value: 'v', deadlineMs: 9_000_000 }]]), hidden: 0 })
    node.hashes.set('2 secret', { fields: new Map([['f', { value: 'v', deadlineMs: 9_000_000 }]]), hidden: 0 })
    node.deniedDatabases.add(2)
    const watched = await watch(cluster, 'expiry')
    await watched.run(10_000)
    const expiry = watched.feed.state('expiry')!
    expect(expiry.soonest.map(({ database, key }) => [database, key])).toEqual([[0, 'b3Blbg==']])
    expect(watched.core.denied).toMatchObject({ 'db=2': { panels: ['expiry'], nodes: [node.id] } })
    expect(cluster.sent.filter(({ command }) => command[0] === 'SELECT' && command[1] === '2')).toHaveLength(1)
  })

  test('one key that is denied does not keep the others from being read', async () => {
    const cluster = FakeCluster.of(1)
    const node = cluster.node(1)
    node.keys.set(0, new Map([[1, 1]]))
    node.hashes.set('0 open', { fields: new Map([['f', { value: 'v', deadlineMs: 9_000_000 }]]), hidden: 0 })
    node.hashes.set('0 secret', { fields: new Map([['f', { value: 'v', deadlineMs: 8_000_000 }]]), hidden: 0 })
    node.deniedKeys.add('secret')
    const watched = await watch(cluster, 'expiry')
    await watched.run(5_000)
    expect(watched.feed.state('expiry')?.soonest.map(({ key }) => key)).toEqual(['b3Blbg=='])
    expect(Object.keys(watched.core.denied ?? {})).toEqual(['%R~<pattern>'])
  })

  test('before any node is known, the seed is named', async () => {
    const cluster = FakeCluster.of(1)
    cluster.node(1).replies.set('CLUSTER NODES', denied('cluster|nodes'))
    const watched = await watch(cluster)
    expect(watched.core.denied).toEqual({
      '+cluster|nodes': { words: denied('cluster|nodes').message, panels: ['topology'], nodes: ['10.0.0.1:7001'] }
    })
    expect(watched.core.health['no-entry']?.evidence).toContain('cluster|nodes')
  })
})

describe('what an older server does not know', () => {
  const unknown = (words: string) => new ErrorReply(`ERR unknown subcommand '${words}'. Try CLUSTER HELP.`)

  test('is asked once, and keys are counted slot by slot within the bounds', async () => {
    const cluster = FakeCluster.of(2)
    for (const node of cluster.nodes) {
      node.version = '7.2.9'
      node.replies.set('CLUSTER GETSLOTMIGRATIONS', unknown('GETSLOTMIGRATIONS'))
      node.replies.set('CLUSTER SLOT-STATS', unknown('SLOT-STATS'))
    }
    cluster.node(1).keys.set(
      0,
      new Map([
        [0, 4],
        [8_000, 9]
      ])
    )
    const watched = await watch(cluster, 'slots:keys')
    expect(watched.core.cluster).toMatchObject({ databases: 4, versions: ['7.2.9'] })
    expect(watched.core.cluster.noAtomicMigration).toMatch(/^Valkey 7\.2\.9 cannot move slots atomically/)
    expect(watched.feed.hello()).toMatchObject({ capabilities: expect.not.arrayContaining(['atomic-migration']) })
    cluster.sent.length = 0
    await watched.run(70_000)
    expect(cluster.count('CLUSTER GETSLOTMIGRATIONS') + cluster.count('CLUSTER SLOT-STATS')).toBe(0)
    expect(cluster.count('CLUSTER COUNTKEYSINSLOT', cluster.node(1)) / 70).toBeLessThanOrEqual(130)
    const keys = watched.feed.figure('keys')!
    expect([keys[0], keys[8_000], keys[5]]).toEqual([4, 9, 0])
    expect(watched.core.denied).toBeUndefined()
    expect(watched.problems()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^(blind|denied)/)]))
  })
})
