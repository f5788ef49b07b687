import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../src/core/cluster/nodes-conf.ts'
import { Random } from '../src/core/prng.ts'
import { Args } from '../src/core/resp/args.ts'
import { RequestDecoder } from '../src/core/resp/decoder.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, WireClient } from './valkey-node.ts'

const closing: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

type Recorded = { readonly direction: '>' | '<'; readonly words: readonly string[] }

/** Stands before a node's client port and writes down what passes: `>` to the node, `<` back. */
class RecordingProxy {
  readonly sessions: { readonly messages: Recorded[]; bytes: number }[] = []
  readonly #server: net.Server

  constructor(port: number, target: number) {
    this.#server = net.createServer((near) => {
      const far = net.connect(target, '127.0.0.1')
      const session = { messages: [] as Recorded[], bytes: 0 }
      this.sessions.push(session)
      const record = (direction: '>' | '<') => {
        const decoder = new RequestDecoder()
        const args = new Args()
        return (bytes: Buffer) => {
          if (direction === '>') session.bytes += bytes.length
          decoder.push(bytes)
          // The one plain reply of the dialogue, `+OK`, is a line and no array: the decoder reads it as an inline command.
          while (decoder.next(args) === 'command') {
            session.messages.push({ direction, words: Array.from({ length: args.length }, (_, index) => args.text(index)) })
          }
          decoder.keep()
        }
      }
      const [sent, answered] = [record('>'), record('<')]
      near.on('data', (bytes) => {
        sent(bytes)
        far.write(bytes)
      })
      far.on('data', (bytes) => {
        answered(bytes)
        near.write(bytes)
      })
      for (const [one, other] of [
        [near, far],
        [far, near]
      ] as const) {
        one.on('error', () => other.destroy())
        one.on('close', () => other.end())
      }
    })
    this.#server.listen(port, '127.0.0.1')
  }

  close(): void {
    this.#server.close()
  }
}

/** Two primaries; clients and other nodes are sent to the second one's announced port, where the proxy listens. */
async function pairWithProxy(): Promise<{ source: number; target: number; proxy: RecordingProxy; targetId: string }> {
  const base = await freeTestPorts(3)
  const random = new Random(base)
  const topology: SeedNode[] = [
    {
      id: random.hex(40),
      host: '127.0.0.1',
      port: base,
      busPort: base + 10_000,
      shardId: random.hex(40),
      role: 'primary',
      ranges: [[0, 8191]],
      configEpoch: 1
    },
    {
      id: random.hex(40),
      host: '127.0.0.1',
      port: base + 2,
      busPort: base + 10_001,
      shardId: random.hex(40),
      role: 'primary',
      ranges: [[8192, 16_383]],
      configEpoch: 2
    }
  ]
  const proxy = new RecordingProxy(base + 2, base + 1)
  closing.push(proxy)
  for (const [index, node] of topology.entries()) {
    const server = new NodeServer({
      bind: '127.0.0.1',
      port: base + index,
      seed: base + index,
      disk: new MemoryDisk({ 'nodes.conf': latin1Bytes(renderNodesConf(topology, node.id)) }),
      config: { 'cluster-databases': '4', ...(index === 1 ? { 'cluster-announce-port': String(base + 2) } : {}) }
    })
    closing.push(server)
    await server.listen()
  }
  for (const port of [base, base + 1])
    await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `${port} is ok`)
  return { source: base, target: base + 1, proxy, targetId: (topology[1] as SeedNode).id }
}

async function move(pair: Awaited<ReturnType<typeof pairWithProxy>>): Promise<RecordingProxy['sessions'][number]> {
  expect(await ask(pair.source, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '8191', 'NODE', pair.targetId)).toBe('OK')
  await eventually(async () => (await ask(pair.source, 'CLUSTER', 'GETSLOTMIGRATIONS')).includes('state success'), 'the move succeeds')
  const session = pair.proxy.sessions.find(({ messages }) => messages.some(({ words }) => words.includes('ESTABLISH')))
  if (!session) throw new Error('nobody established a migration through the announced port')
  return session
}

test('[MIG13] all that two nodes of a migration know of each other passes over the link, in the order of the specification', async () => {
  const pair = await pairWithProxy()
  const client = new WireClient(pair.source)
  closing.push(client)
  await client.call('SET', '{b}plain', 'hello')
  await client.call('HSET', '{b}hash', 'f', 'v')
  await client.call('HPEXPIREAT', '{b}hash', '1999999999999', 'FIELDS', '1', 'f')
  await client.call('SELECT', '2')
  await client.call('SET', '{b}two', 'in 2')
  const { messages } = await move(pair)
  const dialogue = messages.map(({ direction, words }) => `${direction} ${words.join(' ')}`)
  const [establish, ...rest] = dialogue
  expect(establish).toMatch(/^> CLUSTER SYNCSLOTS ESTABLISH SOURCE [0-9a-f]{40} NAME [0-9a-f]{40} SLOTSRANGE 0 8191$/)
  // ACKs of both sides come by the clock.
  const steps = rest.filter((line) => line !== '< CLUSTER SYNCSLOTS ACK')
  const copied = steps.filter((line) => !line.includes('SYNCSLOTS') && line !== '< +OK')
  expect(steps.filter((line) => line.includes('SYNCSLOTS') || line === '< +OK')).toEqual([
    '< +OK',
    '> CLUSTER SYNCSLOTS ACK',
    '> CLUSTER SYNCSLOTS SNAPSHOT-EOF',
    '< CLUSTER SYNCSLOTS REQUEST-PAUSE',
    '> CLUSTER SYNCSLOTS PAUSED',
    '< CLUSTER SYNCSLOTS REQUEST-FAILOVER',
    '> CLUSTER SYNCSLOTS FAILOVER-GRANTED'
  ])
  expect(copied[0]).toBe('> SELECT 0')
  expect(copied.slice(1, 3).sort()).toEqual(['> HSETEX {b}hash PXAT 1999999999999 FIELDS 1 f v', '> SET {b}plain hello'])
  expect(copied.slice(3)).toEqual(['> SELECT 2', '> SET {b}two in 2'])
})

test('[MIG13] the bytes on the link grow with the data: nodes share nothing else', async () => {
  const sizes: number[] = []
  for (const keys of [500, 2000]) {
    const pair = await pairWithProxy()
    const client = new WireClient(pair.source)
    closing.push(client)
    for (let i = 0; i < keys; i++) await client.call('SET', `{b}key:${String(i).padStart(6, '0')}`, 'x'.repeat(200))
    sizes.push((await move(pair)).bytes)
  }
  const [small = 0, large = 0] = sizes
  expect(small).toBeGreaterThan(500 * 200)
  expect(large / small).toBeGreaterThan(3.8)
  expect(large / small).toBeLessThan(4.1)
})
