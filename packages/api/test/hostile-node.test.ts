import { ErrorReply, type Reply, UnreachableError } from '@slotscope/observer'
import { afterEach, describe, expect, test } from 'vitest'
import { IoredisCaller } from '../src/clusters/ioredis-caller.ts'
import { NodeConnection } from '../src/clusters/node-connection.ts'
import { type Api, startApi } from '../src/index.ts'
import { logIn, send } from './support/browser.ts'
import { anyReply, type HostileServer, randomFrom, startHostileServer } from './support/hostile-server.ts'
import { until } from './support/until.ts'

/** How many replies are made up: as many as the environment says (`HOSTILE_REPLIES=10000000`), else what CI can wait for. */
const wanted = Number(process.env.HOSTILE_REPLIES ?? 25_000)
const seed = Number(process.env.HOSTILE_SEED ?? 1)
const MIB = 1024 * 1024

let server: HostileServer | undefined
let api: Api | undefined
let connection: NodeConnection | undefined
afterEach(async () => {
  connection?.close()
  await api?.close()
  await server?.close()
  connection = undefined
  api = undefined
  server = undefined
})

describe('[T17] a node that answers with anything', () => {
  test(
    'each pipeline has its replies, one per command, or a reason; memory does not grow',
    async () => {
      const random = randomFrom(seed)
      server = await startHostileServer(() => Buffer.from(anyReply(random), 'latin1'))
      connection = new NodeConnection(
        { host: '127.0.0.1', port: server.port },
        { username: undefined, password: undefined, tls: undefined, greeting: [] }
      )
      const commands = Array.from({ length: 50 }, () => ['CLUSTER', 'NODES'])
      let replies = 0
      let refusals = 0
      let heapBefore = Number.NaN
      for (let round = 0; replies < wanted; round++) {
        try {
          const answered: readonly Reply[] = await connection.pipeline(commands, 50)
          expect(answered.length).toBe(commands.length)
          for (const reply of answered) expect(reply === undefined || reply instanceof Error).toBe(false)
        } catch (error) {
          if (!(error instanceof UnreachableError)) throw new Error(`seed ${seed}, round ${round}: ${(error as Error).stack}`)
          expect(error.message.length).toBeGreaterThan(0)
          refusals++
        }
        replies += commands.length
        if (round === 10) heapBefore = process.memoryUsage().heapUsed
      }
      expect(refusals).toBeGreaterThan(10)
      // One connection at a time; those that were given up are closed.
      await until('the others are closed', () => (server?.open.size ?? 0) <= 1)
      expect(server.accepted).toBeGreaterThan(refusals / 2)
      expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(200 * MIB)
    },
    wanted * 5 + 120_000
  )

  test('errors keep their words, and a reply inside a reply is not lost', async () => {
    server = await startHostileServer(() => Buffer.from('*2\r\n-NOPERM no\r\n*1\r\n:1\r\n'))
    const caller = new IoredisCaller()
    const [reply] = await caller.pipeline({ host: '127.0.0.1', port: server.port }, [['INFO']], { purpose: 'polling', cause: 'test' })
    caller.close()
    expect(reply).toEqual([new ErrorReply('NOPERM no'), [1]])
  })

  test('the whole api over such nodes: people are answered, the log has no fault, and it stops in time', async () => {
    const random = randomFrom(seed + 1)
    const nodes = Array.from({ length: 3 }, (_, i) => String(i + 1).repeat(40))
    const written: string[] = []
    server = await startHostileServer((command) => {
      const port = server?.port ?? 0
      // So much of the truth that it goes on asking.
      if (command[1] === 'NODES' && random() < 0.7) {
        const lines = nodes.map(
          (id, i) =>
            `${id} 127.0.0.1:${port}@1 ${i === 0 ? 'myself,' : ''}master - 0 0 ${i + 1} connected ${i * 5_000}-${i * 5_000 + 4_999}`
        )
        const text = lines.join('\n')
        return Buffer.from(`$${text.length}\r\n${text}\r\n`)
      }
      return random() < 0.02 ? undefined : Buffer.from(anyReply(random), 'latin1')
    })
    api = await startApi({
      port: 0,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: [{ host: '127.0.0.1', port: server.port }] }],
      logLevel: 'error',
      logTo: { write: (line) => void written.push(line) }
    })
    const viewer = await logIn(api, 'viewer', 'vera')
    const stream = await viewer.stream('main')
    stream.ask({ type: 'watch', topics: ['core', 'databases', 'traffic', 'expiry', 'slots:keys'], visible: true })
    const statuses = new Map<number, number>()
    const endMs = Date.now() + 8_000
    const key = Buffer.from('key').toString('base64url')
    const scan = { database: 0, shard: null, pattern: '', type: null, cursor: null, count: 10 }
    while (Date.now() < endMs) {
      const answers = [
        await viewer.get('/api/clusters/main/slots/5'),
        await viewer.get(`/api/clusters/main/keys/value?database=0&key=${key}`),
        await viewer.get(`/api/clusters/main/keys/everywhere?key=${key}`),
        await viewer.get(`/api/clusters/main/keys/stream?database=0&key=${key}`),
        await viewer.post('/api/clusters/main/keys/scan', scan),
        await viewer.post('/api/clusters/main/keys/details', { database: 0, keys: [key] }),
        await viewer.post('/api/clusters/main/plans', { slots: [[0, 9]], targetShard: nodes[1] })
      ]
      for (const { status, json } of answers) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        expect(json).toBeDefined()
      }
    }
    expect(stream.closed).toBeUndefined()
    // [T15] One connection for the polls and one for people, whatever happened to those before.
    await until('there are two connections', () => (server?.open.size ?? 0) <= 2)
    expect((await send(api.port, '/healthz')).status).toBe(200)
    expect(
      [...statuses.keys()].filter((status) => ![200, 400, 404, 409, 429, 502, 503].includes(status)),
      written.join('').slice(0, 4_000)
    ).toEqual([])
    expect(written.filter((line) => /watching failed|a request failed|a queue of moves failed/.test(line))).toEqual([])
    const startedAtMs = Date.now()
    await api.close()
    api = undefined
    expect(Date.now() - startedAtMs).toBeLessThan(5_000)
  }, 60_000)
})
