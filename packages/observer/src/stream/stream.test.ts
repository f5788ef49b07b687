import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonChannel, SlotsChannel } from '../feed/channel.ts'
import type { DatabasesState } from './figures.ts'
import { applyOps, diff, FoldError } from './fold.ts'
import { type Frame, STREAM_VERSION } from './frames.ts'
import { SLOTS } from './moves.ts'
import { decodeSlotsFrame, encodeSlotsPatch, encodeSlotsSnapshot } from './slot-frames.ts'
import { Viewer } from './viewer.ts'

const hello: Frame = { type: 'hello', streamVersion: STREAM_VERSION, feedId: 'f', clusterId: 'c', capabilities: [], atMs: 0 }

describe('patches', () => {
  test('applyOps(before, diff(before, after)) is after, also by way of JSON', () => {
    const state = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
    fc.assert(
      fc.property(state, state, (before, after) => {
        const ops = diff(before, after)
        expect(applyOps(before, ops)).toEqual(after)
        expect(applyOps(before, JSON.parse(JSON.stringify(ops)))).toEqual(JSON.parse(JSON.stringify(after)))
        expect(diff(after, structuredClone(after))).toEqual([])
      }),
      { numRuns: 500 }
    )
  })

  test('a list that lost its head and grew is a push of what is new', () => {
    const [a, b, c, d] = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]
    expect(diff({ events: [a, b, c] }, { events: [b, c, d] })).toEqual([{ op: 'push', path: ['events'], values: [d], keep: 3 }])
    expect(diff({ events: [a] }, { events: [] })).toEqual([{ op: 'set', path: ['events'], value: [] }])
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.nat(10), fc.array(fc.nat(5)), (list, drop, added) => {
        const after = { list: [...list.slice(drop), ...added] }
        expect(applyOps({ list }, diff({ list }, after))).toEqual(after)
      })
    )
  })

  test('what did not change is the same object', () => {
    const before = { a: { x: 1 }, b: { y: 2 } }
    const after = applyOps(before, [{ op: 'set', path: ['a', 'x'], value: 5 }])
    expect(after.b).toBe(before.b)
    expect(after).toEqual({ a: { x: 5 }, b: { y: 2 } })
  })

  test('several changes of one object are one operation, and the old state stays as it was', () => {
    const before = { nodes: { a: { keys: 1, memory: 2, name: 'x' }, b: { keys: 5, memory: 5, name: 'y' } } }
    const after = { nodes: { a: { keys: 3, memory: 4, name: 'x' }, b: { keys: 6, memory: 5, name: 'y' } } }
    const ops = diff(before, after)
    expect(ops).toEqual([
      { op: 'merge', path: ['nodes', 'a'], values: { keys: 3, memory: 4 } },
      { op: 'set', path: ['nodes', 'b', 'keys'], value: 6 }
    ])
    const kept = structuredClone(before)
    const folded = applyOps(before, [...ops, ...ops, { op: 'set', path: ['nodes', 'c'], value: after.nodes.a }])
    applyOps(folded, [{ op: 'merge', path: ['nodes', 'c'], values: { keys: 9, memory: 9 } }])
    expect(before).toEqual(kept)
    expect(folded).toEqual({ nodes: { ...after.nodes, c: after.nodes.a } })
  })

  test('an operation that does not fit is refused', () => {
    expect(() => applyOps({ a: 1 }, [{ op: 'set', path: ['a', 'b'], value: 1 }])).toThrow(FoldError)
    expect(() => applyOps({}, [{ op: 'set', path: ['a', 'b'], value: 1 }])).toThrow(FoldError)
    expect(() => applyOps({ a: {} }, [{ op: 'push', path: ['a'], values: [1], keep: 1 }])).toThrow(FoldError)
    expect(() => applyOps({}, [{ op: 'remove', path: [] }])).toThrow(FoldError)
    expect(() => applyOps({ a: 1 }, [{ op: 'merge', path: ['a'], values: {} }])).toThrow(FoldError)
  })

  test('a key called __proto__ is a key', () => {
    const after = JSON.parse('{"__proto__": {"x": 1}}')
    const folded = applyOps<unknown>({}, diff({}, after))
    expect(Object.getOwnPropertyNames(folded)).toEqual(['__proto__'])
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

describe('binary frames of slot figures', () => {
  test('a snapshot and a patch come back as they were', () => {
    const values = new Float64Array(SLOTS).fill(Number.NaN)
    values[7] = 12.5
    const snapshot = decodeSlotsFrame(encodeSlotsSnapshot({ topic: 'slots:keys', version: 3, atMs: 99, perSecond: false }, values))
    expect(snapshot.header).toEqual({ type: 'slots-snapshot', topic: 'slots:keys', version: 3, atMs: 99, perSecond: false })
    expect(snapshot.values).toEqual(values)
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(SLOTS - 1)), fc.infiniteStream(fc.double()), (slots, stream) => {
        const changed = slots.map(() => stream.next().value as number)
        const bytes = encodeSlotsPatch({ topic: 'slots:bytes-in', base: 3, version: 4, atMs: 1, perSecond: true }, slots, changed)
        // A frame may lie anywhere in a larger buffer.
        const shifted = new Uint8Array(bytes.length + 3)
        shifted.set(bytes, 3)
        const frame = decodeSlotsFrame(shifted.subarray(3))
        expect([...frame.values]).toEqual(changed)
        expect('slots' in frame && [...frame.slots]).toEqual(slots)
      })
    )
  })

  test('the body begins at a multiple of eight bytes', () => {
    const bytes = encodeSlotsPatch({ topic: 'slots:cpu', base: 1, version: 2, atMs: 5, perSecond: true }, [3], [4])
    const header = new DataView(bytes.buffer).getUint32(0, true)
    const body = Math.ceil((4 + header) / 8) * 8
    expect(bytes.length).toBe(body + 10)
    expect(new Float64Array(bytes.buffer.slice(body, body + 8))[0]).toBe(4)
  })

  test('whatever is not one is a RangeError', () => {
    const good = encodeSlotsPatch({ topic: 'slots:cpu', base: 1, version: 2, atMs: 5, perSecond: true }, [3], [4])
    const beyond = encodeSlotsPatch({ topic: 'slots:cpu', base: 1, version: 2, atMs: 5, perSecond: true }, [16_384], [4])
    for (const bytes of [
      new Uint8Array(3),
      good.subarray(0, good.length - 1),
      good.subarray(0, 20),
      beyond,
      new TextEncoder().encode('\x05\0\0\0{"a"}   ')
    ])
      expect(() => decodeSlotsFrame(bytes)).toThrow(RangeError)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          decodeSlotsFrame(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      })
    )
  })
})

describe('a viewer', () => {
  const cell = (keys: number) => ({ keys, withExpiry: 0, withVolatileFields: 0, averageTtlMs: 0, atMs: 0 })
  const state = (keys: number): DatabasesState => ({ limit: 16, shards: { s: { 0: cell(keys) } } })

  test('that loses, repeats and delays frames asks, and ends with the true state', () => {
    const fate = fc.constantFrom('deliver', 'drop', 'twice', 'restart')
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fate)), (steps) => {
        const channel = new JsonChannel('databases')
        const slots = new SlotsChannel('slots:keys', false)
        const viewer = new Viewer()
        viewer.receive(hello)
        let feedId = 'f'
        const send = (frame: Frame | Uint8Array) => {
          const received = frame instanceof Uint8Array ? viewer.receiveBinary(frame) : viewer.receive(frame)
          if (received.kind !== 'gap') return
          const { topic, version } = received.ask
          const answer = topic === 'databases' ? channel.resume(version, 0) : slots.resume(version, 0)
          for (const missing of answer) send(missing)
        }
        const figure = new Float64Array(SLOTS)
        for (const [keys, what] of [...steps, [51, 'deliver'], [52, 'deliver']] as [number, string][]) {
          figure[keys] = keys
          const frames = [channel.publish(state(keys), 0), slots.publish(figure, 0)].filter((frame) => frame !== undefined)
          if (what === 'restart') {
            feedId += 'x'
            viewer.receive({ ...hello, feedId })
            expect(viewer.state('databases')).toBeUndefined()
          }
          for (const frame of frames) {
            if (what === 'drop') continue
            send(frame)
            if (what === 'twice') send(frame)
          }
        }
        expect(viewer.state('databases')).toEqual(channel.state)
        expect(viewer.figure('slots:keys')?.values).toEqual(slots.values)
      }),
      { numRuns: 60 }
    )
  })

  test('asks once per gap, from what it holds, and takes nothing behind the gap', () => {
    const viewer = new Viewer()
    viewer.receive(hello)
    viewer.receive({ type: 'snapshot', topic: 'databases', version: 3, atMs: 0, state: state(1) })
    const patch = (base: number, version: number): Frame => ({
      type: 'patch',
      topic: 'databases',
      base,
      version,
      atMs: 0,
      ops: [{ op: 'set', path: ['limit'], value: version }]
    })
    expect(viewer.receive(patch(4, 5))).toEqual({ kind: 'gap', ask: { type: 'resume', topic: 'databases', version: 3 } })
    expect(viewer.receive(patch(5, 6)).kind).toBe('ignored')
    expect(viewer.receive(patch(2, 3)).kind).toBe('ignored')
    expect(viewer.state('databases')?.limit).toBe(16)
    expect(viewer.receive(patch(3, 4)).kind).toBe('applied')
    expect(viewer.receive(patch(4, 5)).kind).toBe('applied')
    expect(viewer.reconnected()).toEqual([{ type: 'resume', topic: 'databases', version: 5 }])
  })

  test('asks again when frames still do not fit two seconds later', () => {
    const viewer = new Viewer()
    viewer.receive(hello)
    viewer.receive({ type: 'snapshot', topic: 'databases', version: 3, atMs: 0, state: state(1) })
    const kinds = [0, 1_999, 2_000, 3_000].map(
      (atMs, index) => viewer.receive({ type: 'patch', topic: 'databases', base: 5 + index, version: 6 + index, atMs, ops: [] }).kind
    )
    expect(kinds).toEqual(['gap', 'ignored', 'gap', 'ignored'])
  })

  test('asks for what a beat says was sent, once while the answer is under way', () => {
    const viewer = new Viewer()
    viewer.receive({ type: 'snapshot', topic: 'databases', version: 4, atMs: 0, state: {} as never })
    const beat = (atMs: number, versions?: Record<string, number>) =>
      viewer.receive({ type: 'beat', atMs, ...(versions ? { versions } : {}) })
    expect(beat(100)).toEqual({ kind: 'beat', asks: [] })
    expect(beat(200, { databases: 4 })).toEqual({ kind: 'beat', asks: [] })
    const asks = [
      { type: 'resume', topic: 'databases', version: 4 },
      { type: 'resume', topic: 'slots:keys', version: 0 }
    ]
    expect(beat(300, { databases: 5, 'slots:keys': 2 })).toEqual({ kind: 'beat', asks })
    expect(beat(400, { databases: 5, 'slots:keys': 2 })).toEqual({ kind: 'beat', asks: [] })
    expect(beat(2_500, { databases: 5, 'slots:keys': 2 })).toEqual({ kind: 'beat', asks })
  })

  test('drops a state that a patch does not fit, and asks for all of it', () => {
    const viewer = new Viewer()
    viewer.receive(hello)
    viewer.receive({ type: 'snapshot', topic: 'databases', version: 3, atMs: 0, state: state(1) })
    const received = viewer.receive({
      type: 'patch',
      topic: 'databases',
      base: 3,
      version: 4,
      atMs: 0,
      ops: [{ op: 'set', path: ['no', 'such'], value: 1 }]
    })
    expect(received).toEqual({ kind: 'gap', ask: { type: 'resume', topic: 'databases', version: 0 } })
  })

  test('refuses a stream of another version', () => {
    expect(new Viewer().receive({ ...hello, streamVersion: STREAM_VERSION + 1 }).kind).toBe('other-version')
  })
})
