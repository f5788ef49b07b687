import { encodeSlotsPatch, encodeSlotsSnapshot, type Frame, STREAM_VERSION, type Topic, type TopicState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import type { Session } from '../security/sessions.ts'
import { type EncodedUpdate, encodeFrame } from './encoded-update.ts'
import { COALESCE_BYTES, QUEUE_LIMIT_BYTES, Viewer, type ViewerSocket } from './viewer.ts'

/** A socket whose other side reads only when told to. */
class StalledSocket implements ViewerSocket {
  readonly sent: (string | Uint8Array)[] = []
  readonly closes: { code: number; reason: string }[] = []
  terminated = false
  pings = 0
  reading = false
  #queue: { bytes: number; done: () => void }[] = []
  #listeners: Record<string, (data: Buffer, isBinary: boolean) => void> = {}

  get bufferedAmount(): number {
    return this.#queue.reduce((sum, item) => sum + item.bytes, 0)
  }
  send(data: string | Uint8Array, { binary }: { binary: boolean }, done: () => void): void {
    this.sent.push(binary ? data : data.toString())
    this.#queue.push({ bytes: data.length, done })
    if (this.reading) this.drain()
  }
  drain(): void {
    for (let item = this.#queue.shift(); item; item = this.#queue.shift()) item.done()
  }
  close(code: number, reason: string): void {
    this.closes.push({ code, reason })
  }
  terminate(): void {
    this.terminated = true
  }
  ping(): void {
    this.pings++
  }
  on(event: string, listener: (data: Buffer, isBinary: boolean) => void): void {
    this.#listeners[event] = listener
  }
  emit(event: string, ask?: unknown): void {
    this.#listeners[event]?.(Buffer.from(JSON.stringify(ask ?? null)), false)
  }
  /** Frames that were sent, in words: `snapshot core 3`, `patch core 3->4`. */
  get words(): string[] {
    return this.sent.map((data) => {
      if (typeof data !== 'string') {
        const update = encodeFrame(data) as EncodedUpdate
        return `${update.base === null ? 'snapshot' : 'patch'} ${update.topic} ${update.base === null ? '' : `${update.base}->`}${update.version}`
      }
      const frame = JSON.parse(data) as Frame
      if (frame.type === 'snapshot') return `snapshot ${frame.topic} ${frame.version}`
      if (frame.type === 'patch') return `patch ${frame.topic} ${frame.base}->${frame.version}`
      return frame.type === 'bye' ? `bye ${frame.reason}` : frame.type
    })
  }
}

/** A feed that only counts: every topic has a version, and a state of a chosen size. */
class CountingFeed {
  readonly versions = new Map<Topic, number>()
  bytes = 10

  snapshot(topic: Topic): Frame | Uint8Array | undefined {
    const version = this.versions.get(topic)
    if (version === undefined) return undefined
    if (topic.startsWith('slots:'))
      return encodeSlotsSnapshot({ topic: 'slots:keys', version, atMs: 0, perSecond: false }, new Float64Array(16_384))
    return { type: 'snapshot', topic: topic as 'core', version, atMs: 0, state: filler(this.bytes) as unknown as TopicState }
  }
  resume(topic: Topic, version: number): readonly (Frame | Uint8Array)[] {
    const now = this.versions.get(topic) ?? version
    return Array.from({ length: now - version }, (_, index) => patch(topic, version + index, 10))
  }
  /** One step of the topic, as the feed would tell it. */
  step(topic: Topic, bytes = 10): EncodedUpdate {
    const base = this.versions.get(topic) ?? 0
    this.versions.set(topic, base + 1)
    return encodeFrame(patch(topic, base, bytes)) as EncodedUpdate
  }
}

function filler(bytes: number) {
  return { text: 'x'.repeat(bytes) }
}

function patch(topic: Topic, base: number, bytes: number): Frame | Uint8Array {
  if (topic.startsWith('slots:'))
    return encodeSlotsPatch({ topic: 'slots:keys', base, version: base + 1, atMs: 0, perSecond: false }, [1], [bytes])
  return {
    type: 'patch',
    topic: topic as 'core',
    base,
    version: base + 1,
    atMs: 0,
    ops: [{ op: 'set', path: ['a'], value: filler(bytes) }]
  }
}

function viewer(role: Session['role'] = 'viewer') {
  const socket = new StalledSocket()
  const feed = new CountingFeed()
  const session: Session = { user: 'ann', role, startedAtMs: 0, seenAtMs: 0 }
  const interests: string[][] = []
  let nowMs = 1_000
  const hello: Frame = { type: 'hello', streamVersion: STREAM_VERSION, feedId: 'f', clusterId: 'main', capabilities: [], atMs: 0 }
  const one: Viewer = new Viewer({
    socket,
    session,
    cluster: 'main',
    feed,
    hello,
    now: () => nowMs,
    onInterest: () => interests.push([...one.interest]),
    onCut: () => undefined,
    onClose: () => undefined
  })
  return {
    one,
    socket,
    feed,
    session,
    interests,
    pass: (ms: number) => {
      nowMs += ms
    }
  }
}

describe('what a viewer gets', () => {
  test('hello, a snapshot per topic, then patches that fit', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    feed.versions.set('core', 7)
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    one.update(feed.step('core'))
    one.update(feed.step('databases'))
    expect(socket.words).toEqual(['hello', 'snapshot core 7', 'patch core 7->8'])
  })

  test('a topic that has no state yet begins with a snapshot when it gets one', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    socket.emit('message', { type: 'watch', topics: ['databases', 'slots:keys'], visible: true })
    expect(socket.words).toEqual(['hello'])
    feed.step('databases')
    one.update(feed.step('databases'))
    one.update(feed.step('slots:keys'))
    one.update(feed.step('slots:keys'))
    expect(socket.words).toEqual(['hello', 'snapshot databases 2', 'snapshot slots:keys 1', 'patch slots:keys 1->2'])
  })

  test('what it already holds is not sent again', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    const first = feed.step('core')
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    one.update(first)
    expect(socket.words).toEqual(['hello', 'snapshot core 1'])
  })

  test('resuming brings the missing patches, and goes on from there', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    feed.versions.set('core', 9)
    socket.emit('message', { type: 'resume', topic: 'core', version: 7 })
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    one.update(feed.step('core'))
    expect(socket.words).toEqual(['hello', 'patch core 7->8', 'patch core 8->9', 'patch core 9->10'])
  })

  test('a version of a topic that has no state yet is not believed', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    socket.emit('message', { type: 'resume', topic: 'databases', version: 50 })
    one.update(feed.step('databases'))
    expect(socket.words).toEqual(['hello', 'snapshot databases 1'])
  })

  test('a topic that is watched no more is not sent, and begins anew when it is watched again', () => {
    const { one, socket, feed } = viewer()
    socket.reading = true
    feed.versions.set('core', 1)
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    socket.emit('message', { type: 'watch', topics: [], visible: true })
    one.update(feed.step('core'))
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    expect(socket.words).toEqual(['hello', 'snapshot core 1', 'snapshot core 2'])
  })

  test('a hidden page costs the cluster only the core', () => {
    const { interests, socket } = viewer()
    socket.emit('message', { type: 'watch', topics: ['core', 'slots:cpu'], visible: true })
    socket.emit('message', { type: 'watch', topics: ['core', 'slots:cpu'], visible: false })
    expect(interests).toEqual([['core', 'slots:cpu'], ['core']])
  })
})

describe('[P4] a viewer that is slow', () => {
  test('gets only the latest of gauges, and every change of the core', () => {
    const { one, socket, feed } = viewer()
    feed.versions.set('core', 1)
    feed.versions.set('traffic', 1)
    socket.emit('message', { type: 'watch', topics: ['core', 'traffic'], visible: true })
    one.update(feed.step('core', COALESCE_BYTES))
    for (let step = 0; step < 20; step++) {
      one.update(feed.step('traffic'))
      one.update(feed.step('core'))
    }
    const stalled = socket.words.length
    expect(socket.words.filter((word) => word.includes('traffic'))).toEqual(['snapshot traffic 1'])
    expect(socket.words.filter((word) => word.startsWith('patch core'))).toHaveLength(21)
    socket.drain()
    expect(socket.words.slice(stalled)).toEqual(['snapshot traffic 21'])
    one.update(feed.step('traffic'))
    expect(socket.words.at(-1)).toBe('patch traffic 21->22')
  })

  test('is cut with 4008 at 1 MiB, and others are not', () => {
    const slow = viewer()
    const fast = viewer()
    fast.socket.reading = true
    for (const { socket, feed } of [slow, fast]) {
      feed.versions.set('core', 1)
      socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    }
    for (let step = 0; step < 64; step++) {
      const update = slow.feed.step('core', 32 * 1024)
      slow.one.update(update)
      fast.one.update(update)
    }
    expect(slow.socket.closes).toEqual([{ code: 4008, reason: 'slow-viewer' }])
    expect(slow.socket.words.at(-1)).toBe('bye slow-viewer')
    expect(slow.socket.bufferedAmount).toBeLessThan(QUEUE_LIMIT_BYTES + 33 * 1024)
    expect(fast.socket.closes).toEqual([])
    expect(fast.socket.words.filter((word) => word.startsWith('patch'))).toHaveLength(64)
  })

  test('is not cut for the snapshot that it asked for, however large', () => {
    const { one, socket, feed } = viewer()
    feed.versions.set('core', 1)
    feed.bytes = 5 * QUEUE_LIMIT_BYTES
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    one.update(feed.step('core'))
    expect(socket.closes).toEqual([])
    socket.drain()
    one.update(feed.step('core'))
    expect(socket.words.slice(-2)).toEqual(['patch core 1->2', 'patch core 2->3'])
  })

  test('cannot make the queue grow by asking again and again', () => {
    const { socket, feed, pass } = viewer()
    feed.versions.set('core', 1)
    feed.bytes = QUEUE_LIMIT_BYTES
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    for (let again = 0; again < 1_000; again++) {
      pass(20)
      socket.emit('message', { type: 'watch', topics: again % 2 ? ['core'] : [], visible: true })
    }
    expect(socket.bufferedAmount).toBeLessThan(2 * QUEUE_LIMIT_BYTES)
    expect(socket.closes).toEqual([])
  })
})

describe('[P1] a viewer that hears nothing', () => {
  test('is told every two seconds that nothing has changed, unless it has yet to read', () => {
    const { one, socket, feed, pass } = viewer()
    feed.versions.set('core', 1)
    socket.reading = true
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    const beats = (seconds: number) => {
      const before = socket.words.length
      for (let second = 0; second < seconds; second++) {
        pass(1_000)
        one.beat(second)
      }
      return socket.words.slice(before)
    }
    expect(beats(6)).toEqual(['beat', 'beat', 'beat'])
    one.update(feed.step('core'))
    expect(beats(1)).toEqual([])
    socket.reading = false
    one.update(feed.step('core'))
    expect(beats(5)).toEqual([])
  })

  test('is told which versions it was sent, each ten seconds also when one topic is told all the time', () => {
    const { one, socket, feed, pass } = viewer()
    for (const topic of ['core', 'databases'] as const) feed.versions.set(topic, 1)
    socket.reading = true
    socket.emit('message', { type: 'watch', topics: ['core', 'databases'], visible: true })
    for (let second = 1; second <= 20; second++) {
      pass(1_000)
      one.update(feed.step('core'))
      one.beat(second)
    }
    const beats = socket.sent.flatMap((data) => (typeof data === 'string' && data.includes('"beat"') ? [JSON.parse(data)] : []))
    expect(beats).toEqual([
      { type: 'beat', atMs: 10, versions: { core: 11, databases: 1 } },
      { type: 'beat', atMs: 20, versions: { core: 21, databases: 1 } }
    ])
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    pass(2_000)
    one.beat(22)
    expect(JSON.parse(String(socket.sent.at(-1)))).toEqual({ type: 'beat', atMs: 22, versions: { core: 21 } })
  })
})

describe('a viewer that is gone or must go', () => {
  test('is given up when it leaves a ping without an answer', () => {
    const { one, socket } = viewer()
    one.checkAlive()
    socket.emit('pong')
    one.checkAlive()
    expect(socket.terminated).toBe(false)
    one.checkAlive()
    expect(socket.terminated).toBe(true)
    expect(socket.pings).toBe(2)
  })

  test('[T9] is shut out when its role may not see a topic', () => {
    const { socket } = viewer('none' as Session['role'])
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    expect(socket.words).toEqual(['hello', 'bye forbidden'])
    const resuming = viewer('none' as Session['role'])
    resuming.socket.emit('message', { type: 'resume', topic: 'hash:0:aa', version: 0 })
    expect(resuming.socket.words).toEqual(['hello', 'bye forbidden'])
  })

  test('[T12] keeps its session alive while it is looked at, not from a hidden page', () => {
    const { socket, session, pass } = viewer()
    pass(1_000)
    socket.emit('message', { type: 'ack', topic: 'core', version: 0 })
    expect(session.seenAtMs).toBe(2_000)
    socket.emit('message', { type: 'watch', topics: [], visible: false })
    pass(1_000)
    socket.emit('message', { type: 'ack', topic: 'core', version: 0 })
    expect(session.seenAtMs).toBe(2_000)
  })

  test('gets nothing after its goodbye, and its session is marked as seen by what it asks', () => {
    const { one, socket, feed, session, pass } = viewer()
    feed.versions.set('core', 1)
    pass(5_000)
    socket.emit('message', { type: 'watch', topics: ['core'], visible: true })
    expect(session.seenAtMs).toBe(6_000)
    one.bye('logged-out')
    one.update(feed.step('core'))
    socket.emit('message', { type: 'resume', topic: 'core', version: 1 })
    expect(socket.words).toEqual(['hello', 'snapshot core 1', 'bye logged-out'])
  })
})
