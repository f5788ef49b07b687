import { describe, expect, test } from 'vitest'
import type { Topic } from '../src/stream/frames.ts'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

/** Commands of the polls, with their subcommands. What is not here is not asked by watching. */
const allowed = new Set([
  'INFO',
  'SELECT',
  'CLUSTER NODES',
  'CLUSTER INFO',
  'CLUSTER SHARDS',
  'CLUSTER MYID',
  'CLUSTER MYSHARDID',
  'CLUSTER GETSLOTMIGRATIONS',
  'CLUSTER SLOT-STATS',
  'CLUSTER COUNTKEYSINSLOT',
  'CONFIG GET',
  'LATENCY HISTOGRAM',
  'ACL WHOAMI',
  'SCAN',
  'RANDOMKEY',
  'TYPE',
  'PTTL',
  'PEXPIRETIME',
  'HLEN',
  'HSCAN',
  'HPEXPIRETIME',
  'HRANDFIELD'
])
const containers = new Set(['CLUSTER', 'CONFIG', 'LATENCY', 'ACL'])
const topics: readonly Topic[] = [
  'core',
  'databases',
  'expiry',
  'traffic',
  'slots:keys',
  'slots:cpu',
  'slots:bytes-in',
  'slots:bytes-out',
  'hash:0:aGFzaA'
]
const SECONDS = 60

describe('[T15] what watching asks', () => {
  const sets: (readonly Topic[])[] = [[], ...topics.map((topic) => ['core' as const, topic]), topics]
  test.each(sets.map((set) => [set.length === 0 ? 'nothing' : set.length > 2 ? 'everything' : String(set.at(-1)), set] as const))(
    '%s watched: known commands only, bounded, and few',
    async (_name, set) => {
      const cluster = FakeCluster.of(3, 1)
      for (const node of cluster.nodes) node.info = { db0: 'keys=100000,expires=50000,avg_ttl=1000,keys_with_volatile_items=100' }
      const watched = new WatchedFeed(cluster)
      await watched.run(5_000)
      if (set.length > 0) watched.watch(...set)
      await watched.run(2_000)
      const from = cluster.sent.length
      await watched.run(SECONDS * 1_000)
      const sent = cluster.sent.slice(from)
      for (const { command } of sent) {
        const name = containers.has(command[0] ?? '') ? `${command[0]} ${command[1]}` : (command[0] ?? '')
        expect(allowed, name).toContain(name)
        expect(name).not.toMatch(/^(KEYS|MONITOR|DEBUG|FLUSH|CONFIG SET|SHUTDOWN|EVAL)/)
        const count = command.indexOf('COUNT')
        if (name === 'SCAN' || name === 'HSCAN') expect(Number(command[count + 1]), command.join(' ')).toBeLessThanOrEqual(1_000)
        if (name === 'SCAN') expect(count).toBeGreaterThan(0)
      }
      for (const node of cluster.nodes) {
        const perSecond = sent.filter((entry) => entry.node === node).length / SECONDS
        if (set.length === 0) expect(perSecond).toBeLessThanOrEqual(1)
        else expect(perSecond).toBeLessThanOrEqual(set.some((topic) => topic === 'expiry') ? 60 : 12)
      }
    }
  )

  test('a thousand hashes that are looked at: a node gives no more than its share, each hash has its turn, and the node is still asked for the rest', async () => {
    const cluster = FakeCluster.of(1)
    cluster.node(1).info = { cmdstat_hlen: 'calls=1,usec=50,usec_per_call=50.00', cmdstat_type: 'calls=1,usec=50,usec_per_call=50.00' }
    const watched = new WatchedFeed(cluster)
    await watched.run(5_000)
    const names = Array.from({ length: 1_000 }, (_, index) => `h${index}`)
    watched.watch('core', ...names.map((name) => `hash:0:${Buffer.from(name).toString('base64url')}` as const))
    await watched.run(60_000)
    const from = cluster.sent.length
    for (let window = 0; window < 24; window++) {
      const before = cluster.count('INFO')
      await watched.run(5_000)
      expect(cluster.count('INFO') - before).toBeGreaterThanOrEqual(1)
    }
    const sent = cluster.sent.slice(from).map(({ command }) => command)
    const us = sent.filter(([name]) => name === 'HLEN' || name === 'TYPE').length * 50
    expect(us / 120e6).toBeLessThanOrEqual(0.0055)
    expect(new Set(sent.filter(([name]) => name === 'TYPE').map(([, key]) => String(key))).size).toBe(1_000)
  })
})
