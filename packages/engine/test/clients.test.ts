import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keySlot } from '../src/core/cluster/slot.ts'
import { type Cluster, type ClusterNodeInfo, startCluster } from '../src/hosts/tcp/index.ts'
import type { EverydayClient, Seed } from './clients/everyday-client.ts'
import { openGlide } from './clients/glide-client.ts'
import { openIoredis, openIovalkey } from './clients/ioredis-client.ts'
import { openNodeRedis } from './clients/node-redis-client.ts'
import { ask, eventually } from './valkey-node.ts'

/** The libraries that applications use, as published, against a cluster of this engine. */
const kinds: readonly { readonly title: string; readonly open: (seeds: readonly Seed[]) => Promise<EverydayClient> }[] = [
  { title: 'ioredis, RESP2', open: (seeds) => openIoredis(seeds, 2) },
  { title: 'ioredis, RESP3', open: (seeds) => openIoredis(seeds, 3) },
  { title: 'iovalkey, RESP2', open: openIovalkey },
  { title: 'node-redis, RESP2', open: (seeds) => openNodeRedis(seeds, 2) },
  { title: 'node-redis, RESP3', open: (seeds) => openNodeRedis(seeds, 3) },
  { title: 'valkey-glide, RESP2', open: (seeds) => openGlide(seeds, 2) },
  { title: 'valkey-glide, RESP3', open: (seeds) => openGlide(seeds, 3) }
]

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ shards: 3, replicas: 1, databases: 4 })
})

afterAll(() => cluster?.close())

const slotOf = (key: string) => keySlot(Buffer.from(key))

describe.each(kinds)('everyday calls: $title', ({ title, open }) => {
  let client: EverydayClient
  let other: EverydayClient

  beforeAll(async () => {
    ;[client, other] = await Promise.all([open(cluster.seeds), open(cluster.seeds)])
    expect(client.title).toBe(title)
  })

  afterAll(async () => {
    await Promise.all([client?.close(), other?.close()])
  })

  test('keys of every shard are written, read together and scanned', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `${title}:k${i}`)
    await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)))
    const values = keys.map((key) => `value of ${key}`)
    expect(await Promise.all(keys.map((key) => other.get(key)))).toEqual(values)
    if (client.splitsKeys) expect(await client.getMany([...keys, 'none'])).toEqual([...values, null])
    else await expect(client.getMany(keys)).rejects.toThrow(/CROSSSLOT|same slot/)
    await client.set(`{${title}}:1`, 'one')
    expect(await client.getMany([`{${title}}:1`, `{${title}}:2`])).toEqual(['one', null])
    expect((await client.scan(`${title}:k*`)).toSorted()).toEqual(keys.toSorted())
  })

  test('pipeline and transaction', async () => {
    expect(await client.pipeline(`${title}:pipeline`)).toEqual([1, 2, '2'])
    expect(await client.transaction(`${title}:transaction`)).toEqual([1, 2, '2'])
  })

  test('hash fields expire, sorted sets rank, groups read streams', async () => {
    const { secondsLeft, ...story } = await client.fields(`${title}:hash`)
    expect(story).toEqual({ expire: [1, -2], read: ['1', null], afterwards: -1 })
    expect(secondsLeft).toBeGreaterThan(0)
    expect(secondsLeft).toBeLessThanOrEqual(100)
    expect(await client.ranking(`${title}:ranking`)).toEqual([
      ['c', 3],
      ['b', 2]
    ])
    expect(await client.group(`${title}:stream`)).toEqual({ entries: [['n', '1']], acknowledged: 1, pending: 0 })
  })

  test('a waiting pop gets what another client pushes', async () => {
    const popped = client.blockingPop(`${title}:list`)
    const waits = ({ port }: Seed) => ask(port, 'INFO', 'clients').then((info) => /^blocked_clients:1\b/m.test(info))
    await eventually(async () => (await Promise.all(cluster.seeds.map(waits))).includes(true), 'a client waits')
    await other.push(`${title}:list`, 'pushed')
    expect(await popped).toBe('pushed')
  })

  test('messages arrive, also those of shard channels', async () => {
    for (const sharded of [false, true]) {
      const channel = `${title}:${sharded ? 'shard' : 'all'}`
      const heard: string[] = []
      const listening = client.listen(channel, sharded, (message) => heard.push(message))
      if (!client.subscribes) {
        await expect(listening).rejects.toThrow(/RESP3/)
        continue
      }
      await listening
      await other.publish(channel, 'hello', sharded)
      await eventually(async () => heard.length > 0, `a message of ${channel}`)
      expect(heard).toEqual(['hello'])
    }
  })

  test('another database holds another value under the same key', async () => {
    await client.set(`${title}:twice`, 'in 0')
    expect(await client.inDatabase(3, `${title}:twice`, 'in 3')).toBe('in 3')
    expect(await client.get(`${title}:twice`)).toBe('in 0')
  })
})

describe('while the cluster changes', () => {
  let clients: readonly EverydayClient[] = []

  beforeAll(async () => {
    clients = await Promise.all(kinds.map(({ open }) => open(cluster.seeds)))
  })

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
  })

  /** The node at this place among the primaries. */
  const primary = (at: number) => {
    const node = cluster.nodes[at]
    if (node?.role !== 'primary') throw new Error(`node ${at} is no primary`)
    return node
  }
  const owns = async (port: number, slot: number) => {
    const lines = (await ask(port, 'CLUSTER', 'NODES')).split('\n')
    const itself = lines.find((line) => line.includes('myself')) ?? ''
    return itself
      .split(' ')
      .slice(8)
      .some((range) => contains(range, slot))
  }
  /** The slot's owner, and the primary after it. */
  const ownerAndNext = async (slot: number) => {
    for (const at of [0, 1, 2]) if (await owns(primary(at).port, slot)) return [primary(at), primary((at + 1) % 3)] as const
    throw new Error(`nobody owns slot ${slot}`)
  }

  test('a slot that moves there and back under writes: no caller sees an error, every increment counts once', async () => {
    const slot = slotOf('counted')
    const [source, target] = await ownerAndNext(slot)
    let moving = true
    const acknowledged = clients.map(() => 0)
    const everyoneCounts = async () => {
      const sofar = [...acknowledged]
      await eventually(async () => acknowledged.every((count, at) => count > (sofar[at] ?? 0)), 'every client is acknowledged again')
    }
    const writers = clients.map(async (client, at) => {
      while (moving) {
        await client.increment(`{counted}:${client.title}`)
        acknowledged[at] = (acknowledged[at] ?? 0) + 1
      }
    })
    const move = async (from: ClusterNodeInfo, to: ClusterNodeInfo) => {
      await everyoneCounts()
      expect(await ask(from.port, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', String(slot), String(slot), 'NODE', to.id)).toBe('OK')
      await eventually(() => owns(to.port, slot), `slot ${slot} arrives`)
      await everyoneCounts()
    }
    try {
      await move(source, target)
      await move(target, source)
    } finally {
      moving = false
      await Promise.all(writers)
    }
    expect(await Promise.all(clients.map((client) => client.get(`{counted}:${client.title}`)))).toEqual(acknowledged.map(String))
  })

  test('ASK: a key that is not at the source any more is found at the target', async () => {
    const slot = slotOf('asked')
    const [source, target] = await ownerAndNext(slot)
    expect(await ask(target.port, 'CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', source.id)).toBe('OK')
    expect(await ask(source.port, 'CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target.id)).toBe('OK')
    for (const client of clients) await client.set(`{asked}:${client.title}`, client.title)
    expect(await ask(source.port, 'CLUSTER', 'COUNTKEYSINSLOT', String(slot))).toBe('0')
    expect(await ask(target.port, 'CLUSTER', 'COUNTKEYSINSLOT', String(slot))).toBe(String(clients.length))
    for (const client of clients) expect(await client.get(`{asked}:${client.title}`)).toBe(client.title)
    for (const { port } of [target, source]) await ask(port, 'CLUSTER', 'SETSLOT', String(slot), 'NODE', target.id)
    for (const client of clients) expect(await client.get(`{asked}:${client.title}`)).toBe(client.title)
  })

  test('a primary that was killed and runs again is found again', async () => {
    const slot = slotOf('again')
    const [owner] = await ownerAndNext(slot)
    for (const client of clients) await client.set(`{again}:${client.title}`, 'before')
    await cluster.kill(owner.id)
    // Long enough that every client sees its connection refused.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await cluster.start(owner.id)
    for (const client of clients) {
      // A call may fail while nobody listens; the same client, with nothing done to it, has to come back.
      await eventually(
        async () =>
          client.set(`{again}:${client.title}`, 'after').then(
            () => true,
            () => false
          ),
        `${client.title} writes again`
      )
      expect(await client.get(`{again}:${client.title}`)).toBe('after')
    }
  })
})

/** Whether a column of CLUSTER NODES, `a-b` or `a`, has the slot. Columns of slots on their way begin with a bracket. */
function contains(range: string, slot: number): boolean {
  const [low = Number.NaN, high = low] = range.split('-').map(Number)
  return low <= slot && slot <= high
}
