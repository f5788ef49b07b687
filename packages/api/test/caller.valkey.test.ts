import { createServer, type Server, type Socket } from 'node:net'
import { ErrorReply, UnreachableError } from '@slotscope/observer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IoredisCaller } from '../src/clusters/ioredis-caller.ts'
import { keySlot } from '../src/keys/key-slot.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const work = { purpose: 'work', cause: 'test' } as const
const polling = { purpose: 'polling', cause: 'test' } as const

describe.runIf(hasValkey())(`ioredis behind the caller port, on ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let node: ValkeyCluster['nodes'][number]
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    node = cluster.nodes[0] as typeof node
  })
  afterAll(() => cluster?.close())

  test('bytes stay bytes, errors stand in their place, replies are in order', async () => {
    const caller = new IoredisCaller()
    const value = Uint8Array.of(0, 255, 13, 10, 128)
    const key = Buffer.concat([Buffer.from('{06S}'), Uint8Array.of(0xff, 0, 10)])
    try {
      const replies = await caller.pipeline(node, [['SELECT', '2'], ['SET', key, value], ['GET', key], ['NOSUCH'], ['STRLEN', key]], work)
      expect(replies.map((reply) => (reply instanceof ErrorReply ? reply.code : reply))).toEqual([
        Buffer.from('OK'),
        Buffer.from('OK'),
        Buffer.from(value),
        'ERR',
        5
      ])
      const [moved] = await caller.pipeline(node, [['GET', 'foo']], work)
      expect(moved).toBeInstanceOf(ErrorReply)
      expect((moved as ErrorReply).message).toMatch(/^MOVED 12182 127\.0\.0\.1:\d+$/)
    } finally {
      caller.close()
    }
  })

  test('slots of keys are those of the server', async () => {
    for (const key of [
      '123456789',
      'foo',
      '{t2}k',
      '',
      'foo{}{bar}',
      'foo{{bar}}zap',
      'foo{bar}{zap}',
      '}{',
      '{}',
      'a{b',
      '\u00e9{\u00e8}'
    ])
      expect(await cluster.call(0, 'CLUSTER', 'KEYSLOT', key)).toBe(keySlot(Buffer.from(key)))
  })

  test('two connections per node, named, and none is left behind', async () => {
    const caller = new IoredisCaller()
    const ours = async () =>
      String(await cluster.call(0, 'CLIENT', 'LIST'))
        .split('\n')
        .filter((line) => line.includes('name=slotscope')).length
    const before = await ours()
    const calls = Array.from({ length: 50 }, (_, index) => caller.pipeline(node, [['PING']], index % 2 ? work : polling))
    await Promise.all(calls)
    expect(caller.connectionCount).toBe(2)
    expect(await ours()).toBe(before + 2)
    caller.close()
    await until('both connections are gone', async () => (await ours()) === before)
    await expect(caller.pipeline(node, [['PING']], work)).rejects.toBeInstanceOf(UnreachableError)
  })

  test('people at work do not wait for polling', async () => {
    const caller = new IoredisCaller()
    try {
      let polled = false
      const slow = caller.pipeline(node, [['BLPOP', '{06S}nothing', '0.5']], polling).then(() => {
        polled = true
      })
      await caller.pipeline(node, [['PING']], work)
      expect(polled).toBe(false)
      await slow
    } finally {
      caller.close()
    }
  })

  test('[field 6] a wrong password is answered with the words of the server, at once, and is never repeated', async () => {
    const caller = new IoredisCaller({ username: 'ann', password: 'canary-secret' })
    const startedMs = performance.now()
    try {
      await caller.pipeline(node, [['PING']], work)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(UnreachableError)
      expect((error as Error).message).toBe('WRONGPASS invalid username-password pair or user is disabled.')
      expect(performance.now() - startedMs).toBeLessThan(1_000)
      expect(JSON.stringify(everything(error))).not.toContain('canary-secret')
    } finally {
      caller.close()
    }
  })

  test('a user with a password and rights gets in', async () => {
    await cluster.call(0, 'ACL', 'SETUSER', 'console', 'on', '>p@ss %/?#', '+ping', '+hello', '+client|setname')
    const caller = new IoredisCaller({ username: 'console', password: 'p@ss %/?#' })
    try {
      const [pong, denied] = await caller.pipeline(node, [['PING'], ['CLUSTER', 'NODES']], work)
      expect(String(pong)).toBe('PONG')
      expect((denied as ErrorReply).code).toBe('NOPERM')
    } finally {
      caller.close()
    }
  })

  test('an announced address that cannot be reached is mapped', async () => {
    const caller = new IoredisCaller({ addressMap: { '203.0.113.7:7000': `${node.host}:${node.port}` } })
    try {
      const [id] = await caller.pipeline({ host: '203.0.113.7', port: 7000 }, [['CLUSTER', 'MYID']], work)
      expect(String(id)).toBe(String(await cluster.call(0, 'CLUSTER', 'MYID')))
    } finally {
      caller.close()
    }
  })

  test('a stopped node is given up after the time that was asked for, and answers again later', async () => {
    const caller = new IoredisCaller()
    const stopped = cluster.nodes[1] as typeof node
    try {
      await caller.pipeline(stopped, [['PING']], work)
      cluster.signal(1, 'SIGSTOP')
      await expect(caller.pipeline(stopped, [['PING']], { ...work, timeoutMs: 200 })).rejects.toThrow('no reply within 200 ms')
      await expect(caller.pipeline(stopped, [['PING']], work)).rejects.toThrow('no answer to the login within 2000 ms')
      expect(caller.connectionCount).toBe(1)
      cluster.signal(1, 'SIGCONT')
      await until('it answers again', async () => (await caller.pipeline(stopped, [['PING']], work).catch(() => [])).length === 1)
    } finally {
      cluster.signal(1, 'SIGCONT')
      caller.close()
    }
  })

  test('a killed node is unreachable in the words of the system', async () => {
    const caller = new IoredisCaller()
    const last = cluster.nodes[2] as typeof node
    try {
      await caller.pipeline(last, [['PING']], work)
      const waiting = caller.pipeline(last, [['BLPOP', 'foo', '0']], polling)
      const lost = expect(waiting).rejects.toBeInstanceOf(UnreachableError)
      cluster.signal(2, 'SIGKILL')
      await lost
      // The other connection may learn of its end only by this call, so the first one may still be cut off.
      await until('connecting is refused', () =>
        caller.pipeline(last, [['PING']], work).then(
          () => false,
          (error: Error) => error instanceof UnreachableError && error.message.includes('ECONNREFUSED')
        )
      )
    } finally {
      caller.close()
    }
  })
})

describe('a server that is there but does not answer', () => {
  let server: Server
  const sockets = new Set<Socket>()
  let port = 0
  beforeAll(async () => {
    // Accepts and reads, but never answers, as a stopped process does.
    server = createServer((socket) => {
      sockets.add(socket)
      socket.resume()
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address ? address.port : 0
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  test('is given up after two seconds, and holds no connection', async () => {
    const caller = new IoredisCaller()
    const startedMs = performance.now()
    await expect(caller.pipeline({ host: '127.0.0.1', port }, [['PING']], polling)).rejects.toThrow('no answer to the login within 2000 ms')
    expect(performance.now() - startedMs).toBeLessThan(3_000)
    await until('the socket is closed', () => sockets.size === 0)
    caller.close()
  })
})

/** All that hangs on an error, also what is not enumerable. */
function everything(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value !== 'object' || value === null || seen.has(value)) return String(value)
  seen.add(value)
  return Object.fromEntries(Reflect.ownKeys(value).map((key) => [String(key), everything(Reflect.get(value, key), seen)]))
}
