import { connect, type Socket } from 'node:net'
import type {
  ClientsAnswer,
  CommandLogAnswer,
  CommandStatsAnswer,
  HeardAnswer,
  KillClientsAnswer,
  LatencyAnswer,
  LatencyHistoryAnswer,
  ListenAnswer,
  MemoryAnswer,
  PubSubAnswer,
  ResetLogAnswer
} from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './support/browser.ts'
import { until } from './support/until.ts'
import { hasValkey, valkeyServer } from './support/valkey-cluster.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

const root = '/api/clusters/main'

describe.runIf(hasValkey())(`the traffic of a real cluster, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let operator: Browser
  const sockets: Socket[] = []
  beforeAll(async () => {
    watched = await startWatchedValkey(
      { databases: 4, args: ['--enable-debug-command', 'yes'] },
      { fill: async (cluster) => void (await cluster.addReplica(0)) }
    )
    operator = await watched.as('operator')
  }, 60_000)
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await watched?.close()
  })

  /** A client of the test's own, which says these lines. */
  const client = async (node: number, ...lines: readonly string[]): Promise<Socket & { closedByPeer?: boolean }> => {
    const address = watched.cluster.nodes[node]
    if (!address) throw new Error('no such node')
    const socket: Socket & { closedByPeer?: boolean } = connect(address.port, address.host)
    sockets.push(socket)
    socket
      .on('error', () => undefined)
      .on('close', () => {
        socket.closedByPeer = true
      })
    socket.on('data', () => undefined)
    socket.write(lines.map((line) => `${line}\r\n`).join(''))
    return socket
  }
  const clients = async () => (await operator.get(`${root}/clients`)).json as ClientsAnswer

  describe('clients', () => {
    test('are seen with what they are, and ended by number and address', async () => {
      const worker = await client(1, 'CLIENT SETNAME worker', 'SELECT 2')
      await client(1, 'CLIENT SETNAME listener', 'SUBSCRIBE news')
      const named = async (name: string) => (await clients()).clients.find((one) => one.name === name)
      // Whoever asks within three seconds gets the same answer.
      await until('they are seen', async () => (await named('listener'))?.kind === 'pubsub', 10_000)
      const seen = await clients()
      expect(seen.nodes.filter(({ error }) => error !== null)).toEqual([])
      const found = seen.clients.find(({ name }) => name === 'worker')
      if (found === undefined) throw new Error('the worker is not there')
      expect(found).toMatchObject({ kind: 'normal', database: 2, command: 'select', user: 'default', protocol: 2 })
      expect(found.memoryBytes).toBeGreaterThan(0)
      const replica = seen.clients.find(({ kind }) => kind === 'replica')
      expect(replica).toBeDefined()
      expect(seen.clients.filter(({ isOurs }) => isOurs).length).toBeGreaterThanOrEqual(4)

      const { node, id, address } = found
      const stranger = { node, id, address: '127.0.0.1:1' }
      const link = replica && { node: replica.node, id: replica.id, address: replica.address }
      const answer = await operator.post(`${root}/clients/kill`, { clients: [stranger, { node, id, address }, link] })
      const { results } = answer.json as KillClientsAnswer
      expect(results.map(({ outcome }) => outcome)).toEqual(['other', 'killed', 'guarded'])
      expect(results[1]?.command).toEqual(['CLIENT', 'KILL', 'ID', String(id), 'ADDR', address])
      await until('its connection breaks', () => worker.closedByPeer === true)
      const again = await operator.post(`${root}/clients/kill`, { clients: [{ node, id, address }] })
      expect((again.json as KillClientsAnswer).results[0]?.outcome).toBe('gone')
      expect((await clients()).clients.some(({ name }) => name === 'worker')).toBe(false)

      const typed = await operator.post(`${root}/clients/kill`, { clients: [{ ...link, typedAddress: link?.address }] })
      expect((typed.json as KillClientsAnswer).results[0]?.outcome).toBe('killed')
    }, 30_000)
  })

  test('logs of slow and large commands have the words and the bytes that were sent, and are emptied', async () => {
    const call = (...words: (string | Uint8Array)[]) => watched.cluster.call(0, ...words)
    await call('CONFIG', 'SET', 'commandlog-execution-slower-than', '0')
    await call('CONFIG', 'SET', 'commandlog-request-larger-than', '1000')
    await call('SET', Buffer.from('{06S}\xff\x00', 'latin1'), 'x'.repeat(2_000))
    await call('ACL', 'SETUSER', 'app', '>a-long-password')
    const log = async (kind: string) => (await operator.get(`${root}/command-logs?kind=${kind}`)).json as CommandLogAnswer
    const text = (word: string) => Buffer.from(word, 'base64url').toString('latin1')
    const slow = await log('slow')
    expect(slow.nodes.filter(({ error }) => error !== null)).toEqual([])
    expect(new Set(slow.nodes.map(({ threshold }) => threshold))).toEqual(new Set([0, 10_000]))
    const lines = slow.entries.map((entry) => entry.arguments.map(text).join(' '))
    expect(lines.find((line) => line.startsWith('SET'))).toMatch(/^SET \{06S\}\xff\x00 x{128}\.\.\. \(1872 more bytes\)$/)
    expect(lines.join('\n')).not.toContain('a-long-password')
    const large = await log('large-request')
    expect(large.entries).toHaveLength(1)
    expect(large.entries[0]?.value).toBeGreaterThan(2_000)
    const { results } = (await operator.post(`${root}/command-logs/reset`, { kind: 'large-request' })).json as ResetLogAnswer
    expect(results).toHaveLength(4)
    expect(results.every(({ error }) => error === null)).toBe(true)
    expect((await log('large-request')).entries).toEqual([])
    await call('CONFIG', 'SET', 'commandlog-execution-slower-than', '10000')
  }, 20_000)

  test('commands are counted node by node, their latencies added up; what held a node up has a history', async () => {
    const call = (...words: string[]) => watched.cluster.call(0, ...words)
    await call('CONFIG', 'RESETSTAT')
    for (let i = 0; i < 50; i++) await call('GET', '{06S}')
    await call('GET', 'a')
    const stats = (await operator.get(`${root}/command-stats`)).json as CommandStatsAnswer
    const id = String(await call('CLUSTER', 'MYID'))
    const place = stats.nodes.findIndex(({ node }) => node === id)
    const at = stats.commands.indexOf('get') * 4
    // One was for a slot of another node: it was answered MOVED and not run.
    expect(stats.figures[place]?.slice(at, at + 4)).toEqual([50, expect.any(Number), 1, 0])
    expect(stats.errorCounts[place]?.[stats.errors.indexOf('MOVED')]).toBe(1)

    const latency = (await operator.get(`${root}/latency?node=${id}`)).json as LatencyAnswer
    const get = latency.histograms.find(({ command }) => command === 'get')
    expect(get?.calls).toBe(50)
    expect(get?.buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(50)
    expect(latency.nodes).toMatchObject([{ node: id, error: null, isTracking: true, eventsFromMs: 0 }])

    await call('CONFIG', 'SET', 'latency-monitor-threshold', '1')
    await call('DEBUG', 'SLEEP', '0.02')
    const all = (await operator.get(`${root}/latency`)).json as LatencyAnswer
    expect(all.nodes).toHaveLength(4)
    expect(all.nodes.every(({ error }) => error === null)).toBe(true)
    const event = all.events.find(({ event: name }) => name === 'command')
    expect(event).toMatchObject({ node: id, mostMs: expect.any(Number) })
    const history = await operator.get(`${root}/latency/history?node=${id}&event=command`)
    expect((history.json as LatencyHistoryAnswer).points[0]?.tookMs).toBeGreaterThanOrEqual(20)
  }, 20_000)

  test('memory is told by part, and the parts are all that is used', async () => {
    const { nodes, memory } = (await operator.get(`${root}/memory`)).json as MemoryAnswer
    expect(nodes.map(({ error }) => error)).toEqual([null, null, null, null])
    for (const { parts, usedBytes, residentBytes, databases } of memory) {
      const sum = Object.values(parts).reduce((all, bytes) => all + bytes, 0)
      expect(sum).toBe(usedBytes)
      // Whatever is not told apart would be a part that we do not know.
      expect((parts.other ?? 0) / usedBytes).toBeLessThan(0.01)
      expect(parts.start).toBeGreaterThan(1_000_000)
      expect(parts.links).toBeGreaterThan(0)
      expect(residentBytes).toBeGreaterThan(usedBytes)
      expect(databases.length).toBeLessThanOrEqual(4)
    }
  })

  test('channels are counted over the nodes, and listened to: messages keep their bytes, and the connection ends with it', async () => {
    const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64url')
    await client(0, 'SUBSCRIBE news weather')
    await client(1, 'SUBSCRIBE news')
    await client(2, 'SSUBSCRIBE a')
    const listed = async () => ((await operator.get(`${root}/pubsub`)).json as PubSubAnswer).channels
    await until('they are seen', async () => (await listed()).length >= 3, 10_000)
    // The test before may have left a listener of the same name.
    expect((await listed()).find(({ name }) => name === base64('news'))).toMatchObject({ kind: 'channel', nodes: 2 })
    expect((await listed()).find(({ name }) => name === base64('a'))).toEqual({
      name: base64('a'),
      kind: 'sharded',
      subscribers: 1,
      nodes: 1
    })

    const listeners = async () => {
      const lists = await Promise.all([0, 1, 2].map((node) => watched.cluster.call(node, 'CLIENT', 'LIST')))
      return lists
        .map(String)
        .join('')
        .split('\n')
        .filter((line) => /name=slotscope .* (p?sub|ssub)=[1-9]/.test(line)).length
    }
    const heard = async (kind: string, name: string, publish: () => Promise<unknown>) => {
      const begun = (await operator.post(`${root}/pubsub/listeners`, { kind, name: base64(name) })).json as ListenAnswer
      await until('it listens', async () => (await listeners()) === 1)
      await publish()
      let answer: HeardAnswer | undefined
      await until('a message came', async () => {
        answer = (await operator.get(`${root}/pubsub/listeners/${begun.listener}?after=0`)).json as HeardAnswer
        return answer.received > 0
      })
      return { ...begun, answer: answer as HeardAnswer }
    }
    const binary = Buffer.from('\xff\x00\r\n', 'latin1')
    const pattern = await heard('pattern', 'we*', () => watched.cluster.call(2, 'PUBLISH', 'weather', binary))
    expect(pattern.answer.messages[0]).toMatchObject({
      sequence: 1,
      channel: base64('weather'),
      payload: binary.toString('base64url'),
      sizeBytes: 4
    })
    const sharded = await heard('sharded', 'a', () => watched.cluster.call(2, 'SPUBLISH', 'a', 'x'.repeat(100_000)))
    // Beginning to listen to something else ended the first.
    const first = await operator.get(`${root}/pubsub/listeners/${pattern.listener}?after=1`)
    expect(first.json).toMatchObject({ messages: [], ended: 'you listen to something else now' })
    expect(sharded.answer.messages[0]).toMatchObject({ channel: base64('a'), sizeBytes: 100_000 })
    expect(sharded.answer.messages[0]?.payload.length).toBeLessThan(12_000)
    expect(sharded.answer.ended).toBe(null)
    expect((await operator.delete(`${root}/pubsub/listeners/${sharded.listener}`)).status).toBe(204)
    await until('the connection has ended', async () => (await listeners()) === 0)
  }, 30_000)
})
