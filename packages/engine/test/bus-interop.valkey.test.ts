import { afterEach, describe, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf } from '../src/core/cluster/nodes-conf.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { topologyOf } from './bus-network.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, flat, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

/** Our node and a real one, over real sockets. */
describe.runIf(hasValkey())('our node in one cluster with valkey-server', () => {
  const closing: { close(): unknown }[] = []

  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close()
  })

  function closed<T extends { close(): unknown }>(one: T): T {
    closing.push(one)
    return one
  }

  const ports = () => freeTestPorts(3)

  async function ours(port: number, nodesConf?: string, config: Readonly<Record<string, string>> = {}): Promise<NodeServer> {
    const server = new NodeServer({
      bind: '127.0.0.1',
      port,
      seed: port,
      disk: new MemoryDisk(nodesConf === undefined ? {} : { 'nodes.conf': latin1Bytes(nodesConf) }),
      config: { 'cluster-node-timeout': '2000', 'cluster-databases': '4', ...config }
    })
    closing.push(server)
    await server.listen()
    return server
  }

  const nodesOf = (port: number) => ask(port, 'CLUSTER', 'NODES')

  /** Both sides list the other as connected and nobody in a handshake. */
  async function joined(...members: readonly number[]): Promise<void> {
    const ids = await Promise.all(members.map((port) => ask(port, 'CLUSTER', 'MYID')))
    await eventually(
      async () => {
        for (const port of members) {
          const lines = (await nodesOf(port)).trim().split('\n')
          if (lines.length !== members.length || lines.some((line) => !line.includes(' connected'))) return false
          if (ids.some((id) => !lines.some((line) => line.startsWith(id)))) return false
          // Two links to each peer, so that light packets may be sent.
          if ((await ask(port, 'CLUSTER', 'LINKS')).split('direction').length - 1 !== 2 * (members.length - 1)) return false
        }
        return true
      },
      `nodes on ${members.join(', ')} know each other`
    )
  }

  test.each(['we meet it', 'it meets us'])('[GOS4] %s, and both know the other with its shard', async (who) => {
    const base = await ports()
    closed(await ValkeyNode.start(base, { 'cluster-announce-human-nodename': 'real-one', 'cluster-announce-hostname': 'real.example' }))
    await ours(base + 1, undefined, {
      'cluster-announce-human-nodename': 'ours',
      'cluster-announce-hostname': 'ours.example',
      'availability-zone': 'az-2'
    })
    const [from, to] = who === 'we meet it' ? [base + 1, base] : [base, base + 1]
    expect(await ask(from, 'CLUSTER', 'MEET', '127.0.0.1', String(to))).toBe('OK')
    await joined(base, base + 1)
    const shardId = await ask(base + 1, 'CLUSTER', 'MYSHARDID')
    await eventually(
      async () => (await ask(base, 'CLUSTER', 'SHARDS')).includes(`availability-zone az-2 id ${shardId}`),
      'it knows our shard and zone'
    )
    expect(await ask(base, 'CLUSTER', 'SHARDS')).toContain('hostname ours.example role master')
    const realShardId = await ask(base, 'CLUSTER', 'MYSHARDID')
    await eventually(async () => (await ask(base + 1, 'CLUSTER', 'SHARDS')).includes(`id ${realShardId}`), 'we know its shard')
    expect(await nodesOf(base + 1)).toContain(`127.0.0.1:${base}@${base + 10_000},real.example master`)
    expect(await nodesOf(base)).toContain(`127.0.0.1:${base + 1}@${base + 10_001},ours.example master`)
  })

  test('[GOS8] PUBLISH crosses both ways', async () => {
    const base = await ports()
    closed(await ValkeyNode.start(base))
    await ours(base + 1)
    await ask(base + 1, 'CLUSTER', 'MEET', '127.0.0.1', String(base))
    await joined(base, base + 1)
    for (const [from, to] of [
      [base, base + 1],
      [base + 1, base]
    ] as const) {
      const listener = closed(new WireClient(to))
      await listener.call('SUBSCRIBE', 'news')
      await ask(from, 'PUBLISH', 'news', `from ${from}`)
      expect(flat(await listener.next())).toBe(`message news from ${from}`)
    }
    expect(await ask(base, 'CLUSTER', 'INFO')).toMatch(/cluster_stats_messages_publish_received:1\r/)
    // Once it has seen our flags it sends light packets: 24 bytes, and the words.
    const received = async () => Number(/cluster_stats_pubsub_bytes_received:(\d+)/.exec(await ask(base + 1, 'CLUSTER', 'INFO'))?.[1])
    await eventually(async () => {
      const before = await received()
      await ask(base, 'PUBLISH', 'news', 'hello')
      await eventually(async () => (await received()) > before, 'it arrives')
      return (await received()) - before === 24 + 9
    }, 'a light packet')
  })

  test('[SLOT1] [SLOT3] slots, redirections and the end of an import are believed on both sides', async () => {
    const base = await ports()
    closed(await ValkeyNode.start(base))
    await ours(base + 1)
    await ask(base, 'CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
    await ask(base + 1, 'CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
    await ask(base + 1, 'CLUSTER', 'MEET', '127.0.0.1', String(base))
    await joined(base, base + 1)
    for (const port of [base, base + 1]) {
      await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `state of ${port}`)
    }
    expect(await ask(base, 'SET', 'foo', '1')).toBe(`MOVED 12182 127.0.0.1:${base + 1}`)
    expect(await ask(base + 1, 'SET', 'bar', '1')).toBe(`MOVED 5061 127.0.0.1:${base}`)
    expect(await ask(base + 1, 'SET', 'foo', '1')).toBe('OK')
    const epochs = async () => {
      const lines = await Promise.all([nodesOf(base), nodesOf(base + 1)])
      return lines.map((text) =>
        text
          .trim()
          .split('\n')
          .map((line) => `${line.slice(0, 40)} ${line.split(' ')[6]}`)
          .sort()
          .join(' ')
      )
    }
    await eventually(async () => {
      const [theirs, mine] = await epochs()
      return theirs === mine && new Set((mine as string).split(' ').filter((word) => word.length < 40)).size === 2
    }, 'both name the same distinct epochs')
    // A move key by key, of empty slots, in both directions.
    const [realId, ourId] = await Promise.all([ask(base, 'CLUSTER', 'MYID'), ask(base + 1, 'CLUSTER', 'MYID')])
    expect(await ask(base + 1, 'CLUSTER', 'SETSLOT', '100', 'IMPORTING', realId)).toBe('OK')
    expect(await ask(base, 'CLUSTER', 'SETSLOT', '100', 'MIGRATING', ourId)).toBe('OK')
    expect(await ask(base + 1, 'CLUSTER', 'SETSLOT', '100', 'NODE', ourId)).toBe('OK')
    await eventually(async () => (await nodesOf(base)).includes(' 0-99 101-8191\n'), 'it yields slot 100')
    expect(await ask(base, 'CLUSTER', 'SETSLOT', '9000', 'IMPORTING', ourId)).toBe('OK')
    expect(await ask(base + 1, 'CLUSTER', 'SETSLOT', '9000', 'MIGRATING', realId)).toBe('OK')
    expect(await ask(base, 'CLUSTER', 'SETSLOT', '9000', 'NODE', realId)).toBe('OK')
    await eventually(async () => (await nodesOf(base + 1)).includes(' 100 8192-8999 9001-16383\n'), 'we yield slot 9000')
  })

  test('[FAIL1] [FAIL2] a killed node is held for failed by both, and forgotten by both', async () => {
    const base = await ports()
    closed(await ValkeyNode.start(base))
    await ours(base + 1)
    const third = await ours(base + 2)
    await ask(base, 'CLUSTER', 'ADDSLOTSRANGE', '0', '5000')
    await ask(base + 1, 'CLUSTER', 'ADDSLOTSRANGE', '5001', '10000')
    await ask(base + 2, 'CLUSTER', 'ADDSLOTSRANGE', '10001', '16383')
    await ask(base + 1, 'CLUSTER', 'MEET', '127.0.0.1', String(base))
    await ask(base + 1, 'CLUSTER', 'MEET', '127.0.0.1', String(base + 2))
    await joined(base, base + 1, base + 2)
    for (const port of [base, base + 1])
      await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_size:3'), 'all slots known')
    const goneId = await ask(base + 2, 'CLUSTER', 'MYID')
    await third.close()
    for (const port of [base, base + 1]) {
      await eventually(async () => new RegExp(`${goneId} \\S+ master,fail `).test(await nodesOf(port)), `FAIL on ${port}`)
      await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:fail'), `state of ${port}`)
    }
    // Told once, here; the other side hears of it by an extension of our pings.
    expect(await ask(base + 1, 'CLUSTER', 'FORGET', goneId)).toBe('OK')
    await eventually(async () => !(await nodesOf(base)).includes(goneId), 'it forgets too')
    expect(await nodesOf(base + 1)).not.toContain(goneId)
  })

  test('[GOS7] our nodes.conf starts a real node, and a real one ours', async () => {
    const base = await ports()
    const topology = topologyOf(2, 0, base)
    closed(await ValkeyNode.start(base, {}, renderNodesConf(topology, topology[0]!.id)))
    const server = await ours(base + 1, renderNodesConf(topology, topology[1]!.id))
    await joined(base, base + 1)
    expect(await ask(base, 'CLUSTER', 'MYID')).toBe(topology[0]!.id)
    for (const port of [base, base + 1]) {
      await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `state of ${port}`)
    }
    await server.close()

    const other = closed(
      await ValkeyNode.start(base + 2, { 'cluster-announce-human-nodename': 'n-1', 'cluster-announce-client-ipv4': '10.1.2.3' })
    )
    await ask(base + 2, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await ask(base + 2, 'CLUSTER', 'BUMPEPOCH')
    await eventually(async () => other.nodesConf.includes('0-16383'), 'it wrote its file')
    const file = other.nodesConf
    const id = await ask(base + 2, 'CLUSTER', 'MYID')
    await other.close()
    await ours(base + 2, file)
    expect(await ask(base + 2, 'CLUSTER', 'MYID')).toBe(id)
    expect(await nodesOf(base + 2)).toMatch(/myself,master - 0 0 1 connected 0-16383\n/)
  })

  test('[GOS9] our node becomes a replica of a real primary, and a primary again', async () => {
    const base = await ports()
    closed(await ValkeyNode.start(base))
    await ours(base + 1)
    await ask(base, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await ask(base + 1, 'CLUSTER', 'MEET', '127.0.0.1', String(base))
    await joined(base, base + 1)
    const [realId, ourId] = await Promise.all([ask(base, 'CLUSTER', 'MYID'), ask(base + 1, 'CLUSTER', 'MYID')])
    expect(await ask(base + 1, 'CLUSTER', 'REPLICATE', realId)).toBe('OK')
    await eventually(async () => (await ask(base, 'CLUSTER', 'REPLICAS', realId)).startsWith(`${ourId} `), 'it counts us as its replica')
    expect(await ask(base + 1, 'CLUSTER', 'MYSHARDID')).toBe(await ask(base, 'CLUSTER', 'MYSHARDID'))
    expect(await ask(base + 1, 'CLUSTER', 'REPLICATE', 'NO', 'ONE')).toBe('OK')
    await eventually(async () => new RegExp(`${ourId} \\S+ master - `).test(await nodesOf(base)), 'it sees a primary')
    await eventually(
      async () => (await ask(base, 'CLUSTER', 'SHARDS')).includes(await ask(base + 1, 'CLUSTER', 'MYSHARDID')),
      'in a shard of its own'
    )
  })

  test.each(['a real', 'our'] as const)(
    '[ELEC1] %s primary dies, and its real replica is elected by our votes',
    async (whose) => {
      const base = await freeTestPorts(4)
      const all = [base, base + 1, base + 2, base + 3] as const
      const [first, second, third, replica] = all
      const primary = whose === 'our' ? await ours(first) : closed(await ValkeyNode.start(first))
      for (const port of [second, third]) await ours(port)
      closed(await ValkeyNode.start(replica))
      await ask(first, 'CLUSTER', 'ADDSLOTSRANGE', '0', '5000')
      await ask(second, 'CLUSTER', 'ADDSLOTSRANGE', '5001', '10000')
      await ask(third, 'CLUSTER', 'ADDSLOTSRANGE', '10001', '16383')
      for (const port of all.slice(1)) await ask(first, 'CLUSTER', 'MEET', '127.0.0.1', String(port))
      await joined(...all)
      const [firstId, replicaId] = await Promise.all([ask(first, 'CLUSTER', 'MYID'), ask(replica, 'CLUSTER', 'MYID')])
      await eventually(async () => (await ask(replica, 'CLUSTER', 'REPLICATE', firstId)) === 'OK', 'the replica knows its primary')
      for (const port of all)
        await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `state of ${port}`)
      await eventually(async () => (await ask(first, 'SET', '{06S}', 'kept')) === 'OK', 'the primary takes a write')
      const read = async () => {
        const client = new WireClient(replica)
        await client.call('READONLY')
        const value = flat(await client.call('GET', '{06S}'))
        client.close()
        return value
      }
      await eventually(async () => (await read()) === 'kept', 'the replica has the write')
      for (const port of [second, third])
        await eventually(async () => (await ask(port, 'CLUSTER', 'REPLICAS', firstId)).includes(replicaId), `${port} knows the replica`)
      await primary.close()
      for (const port of [second, third, replica]) {
        await eventually(
          async () => new RegExp(`${replicaId} \\S+ (myself,)?master - .* 0-5000`).test(await nodesOf(port)),
          `${port} knows the new owner`,
          30_000
        )
        await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `state of ${port}`)
      }
      expect(await ask(second, 'GET', '{06S}')).toBe(`MOVED 0 127.0.0.1:${replica}`)
      expect(await ask(replica, 'GET', '{06S}')).toBe('kept')
      expect(await ask(second, 'CLUSTER', 'INFO')).toMatch(/cluster_stats_messages_auth-ack_sent:1\r/)
    },
    60_000
  )
})
