import { type Frame, STREAM_VERSION } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clusterOf } from '../model/core.fixture.ts'
import { Clock } from './clock.ts'
import { StreamConnection } from './connect.ts'
import { ClusterStore } from './store.ts'

const path = '/api/clusters/c/stream'
const hello: Frame = { type: 'hello', streamVersion: STREAM_VERSION, feedId: 'f', clusterId: 'c', capabilities: [], atMs: 5_000 }
const core = (version: number): Frame => ({
  type: 'snapshot',
  topic: 'core',
  version,
  atMs: 5_000 + version,
  state: clusterOf({ A: [[0, 16_383]] })
})

class FakeSocket {
  static readonly OPEN = 1
  static readonly all: FakeSocket[] = []
  readyState = FakeSocket.OPEN
  readonly sent: unknown[] = []
  readonly closes: (number | undefined)[] = []
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor() {
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close(code?: number) {
    this.readyState = 3
    this.closes.push(code)
  }
  hear(frame: Frame) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

/** What the page has opened before React: `come` adds a frame, `ticketed` gives it its socket. */
function early(...frames: Frame[]) {
  const kept = frames.map((frame) => JSON.stringify(frame))
  let settle = () => undefined as undefined
  const opened = new Promise<void>((resolve) => {
    settle = () => resolve() as undefined
  })
  const stream = { path, socket: null as FakeSocket | null, askedAtMs: 900, frames: kept, opened }
  window.slotscopeEarly = { session: undefined, stream: stream as never }
  return {
    stream,
    come: (frame: Frame) => kept.push(JSON.stringify(frame)),
    ticketed: () => {
      const socket = new FakeSocket()
      stream.socket = socket
      settle()
      return socket
    },
    refused: settle
  }
}

let tickets: number
let refusals: number
let store: ClusterStore
const connect = () => new StreamConnection(store, path, () => refusals++)
const turn = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  tickets = refusals = 0
  FakeSocket.all.length = 0
  store = new ClusterStore(new Clock(() => 1_000))
  vi.stubGlobal('window', {})
  vi.stubGlobal('location', new URL('http://127.0.0.1:7080/clusters/c/slots'))
  vi.stubGlobal('document', { addEventListener: () => undefined, removeEventListener: () => undefined })
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('fetch', async () => Response.json({ ticket: `t${++tickets}`, expiresInMs: 30_000 }))
})
afterEach(() => vi.unstubAllGlobals())

describe('a stream that the page opened before', () => {
  test('is drawn before it is taken, and goes on without a ticket more', async () => {
    const begun = early(hello, core(3))
    const socket = begun.ticketed()
    const connection = connect()
    expect(store.topic('core')?.version).toBe(3)
    expect(store.connection.phase).toBe('live')
    // What came first counts as made when the socket was asked for: the clock may be fast by that, and is never slow.
    expect(store.clock.now()).toBe(5_000 + (1_000 - 900))
    expect(socket.sent).toEqual([])

    begun.come(core(4))
    connection.open()
    await turn()
    expect(store.topic('core')?.version).toBe(4)
    expect(socket.sent).toEqual([
      { type: 'resume', topic: 'core', version: 3 },
      { type: 'watch', topics: ['core'], visible: true }
    ])
    socket.hear(core(5))
    expect(store.topic('core')?.version).toBe(5)
    expect([tickets, FakeSocket.all.length]).toEqual([0, 1])
    connection.close()
    expect(socket.closes).toEqual([1000])
  })

  test('is waited for while its ticket is on its way', async () => {
    const begun = early()
    const connection = connect()
    connection.open()
    await turn()
    const socket = begun.ticketed()
    await turn()
    socket.hear(hello)
    expect(store.connection.phase).toBe('live')
    expect(socket.sent).toEqual([{ type: 'watch', topics: ['core'], visible: true }])
    expect([tickets, FakeSocket.all.length]).toEqual([0, 1])
    connection.close()
  })

  test.each(['its ticket was refused', 'it was closed meanwhile'])('gives way to another one when %s', async (why) => {
    const begun = early(hello)
    const first = why === 'its ticket was refused' ? undefined : begun.ticketed()
    const connection = connect()
    if (first) first.readyState = 3
    else begun.refused()
    connection.open()
    await turn()
    const own = FakeSocket.all.at(-1)!
    expect(own).not.toBe(first)
    expect(tickets).toBe(1)
    own.hear(hello)
    own.hear(core(7))
    expect(store.topic('core')?.version).toBe(7)
    connection.close()
  })

  test('says goodbye to whoever takes it, and not before', async () => {
    const begun = early(hello, core(3), { type: 'bye', reason: 'forbidden' })
    const socket = begun.ticketed()
    const connection = connect()
    expect(store.connection.phase).toBe('live')
    connection.open()
    await turn()
    expect(store.connection).toMatchObject({ phase: 'ended', bye: 'forbidden' })
    expect([tickets, socket.closes]).toEqual([0, [1000]])
  })

  test('of another version ends, as any does', async () => {
    const socket = early({ ...hello, streamVersion: 0 as never }).ticketed()
    const connection = connect()
    connection.open()
    await turn()
    expect(store.connection).toMatchObject({ phase: 'ended', bye: 'other-version' })
    expect([tickets, socket.sent, socket.closes]).toEqual([0, [], [1000]])
  })

  test('is closed when its taker has gone before it came, and the next one opens another', async () => {
    const begun = early(hello)
    const connection = connect()
    connection.open()
    connection.close()
    connection.open()
    const socket = begun.ticketed()
    await turn()
    expect(socket.closes).toEqual([1000])
    expect([tickets, FakeSocket.all.length]).toEqual([1, 2])
    connection.close()
  })

  test('of another cluster is left alone', async () => {
    const socket = early(hello, core(3)).ticketed()
    const connection = new StreamConnection(store, '/api/clusters/d/stream', () => refusals++)
    expect(store.topic('core')).toBeNull()
    connection.open()
    await turn()
    expect([tickets, FakeSocket.all.length, socket.sent]).toEqual([1, 2, []])
    connection.close()
  })
})

describe('a clock of the server that was set back', () => {
  test('makes all that comes old, until another greeting measures it anew; a minute of it is not waited for', async () => {
    vi.useFakeTimers({ now: 100_000 })
    try {
      store = new ClusterStore(new Clock(Date.now))
      const connection = connect()
      connection.open()
      await vi.advanceTimersByTimeAsync(0)
      const [first] = FakeSocket.all as [FakeSocket]
      first.hear({ ...hello, atMs: Date.now() })
      first.hear({ ...core(1), atMs: Date.now() } as Frame)
      const hourBack = 3_600_000
      const beats = async (seconds: number) => {
        for (let second = 0; second < seconds; second++) {
          await vi.advanceTimersByTimeAsync(1_000)
          FakeSocket.all.at(-1)?.hear({ type: 'beat', atMs: Date.now() - hourBack })
        }
      }
      await beats(10)
      expect([store.connection.phase, FakeSocket.all.length]).toEqual(['late', 1])
      await beats(20)
      expect(first.closes).toHaveLength(1)
      const second = FakeSocket.all.at(-1) as FakeSocket
      expect(second).not.toBe(first)
      second.hear({ ...hello, atMs: Date.now() - hourBack })
      second.hear({ type: 'beat', atMs: Date.now() - hourBack })
      await beats(30)
      expect([store.connection.phase, FakeSocket.all.length]).toEqual(['live', 2])
      connection.close()
    } finally {
      vi.useRealTimers()
    }
  })
})
