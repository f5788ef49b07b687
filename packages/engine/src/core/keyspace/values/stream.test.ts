import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { StreamValue } from './stream.ts'
import { formatId, MAX_ID, MIN_ID, parseId, parseOpenId, type StreamId, streamId } from './stream-id.ts'
import { trimStream } from './stream-trim.ts'

const LIMITS = { maxBytes: 4096, maxEntries: 100 }
const text = (value: string) => latin1Bytes(value)

function filled(count: number, limits = LIMITS): StreamValue {
  const stream = new StreamValue()
  for (let i = 1; i <= count; i++) stream.append(streamId(BigInt(i), 0n), [text('n'), text(String(i))], limits)
  return stream
}

describe('[TYPE17] ids', () => {
  test.each([
    ['1-2', '1-2'],
    ['5', '5-9'],
    ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551615'],
    ['9007199254740993-9007199254740995', '9007199254740993-9007199254740995'],
    ['007-01', '7-1'],
    ['5-+1', '5-1'],
    ['5--03', '5-18446744073709551613'],
    [' 5-1', '5-1'],
    ['5-1\0x', '5-1'],
    ['5--3', undefined],
    ['18446744073709551616', undefined],
    ['1-2-3', undefined],
    ['-1', undefined],
    ['-', undefined],
    ['', undefined],
    ['5-', undefined],
    ['5-*', undefined],
    ['1'.padStart(128, '0'), undefined]
  ])('%j is read as %s', (given, expected) => {
    const id = parseId(given, 9n)
    expect(id === undefined ? undefined : formatId(id)).toBe(expected)
  })

  test('milliseconds with an open sequence', () => {
    expect(parseOpenId('5-*')).toBe(5n)
    expect(parseOpenId('5-**')).toBeUndefined()
    expect(parseOpenId('5-1')).toBeUndefined()
  })
})

test('[TYPE17] a stream is what a list of entries would be, whatever its nodes', () => {
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      gap: fc.bigInt(1n, 2n ** 70n),
      values: fc.array(fc.string({ maxLength: 300 }), { minLength: 1 })
    }),
    fc.record({ kind: fc.constant('delete' as const), index: fc.nat(40) }),
    fc.record({ kind: fc.constant('maxLength' as const), index: fc.nat(40) }),
    fc.record({ kind: fc.constant('minId' as const), index: fc.nat(40) })
  )
  const limits = fc.record({ maxBytes: fc.constantFrom(0, 50, 400, 4096), maxEntries: fc.constantFrom(0, 1, 3, 100) })
  const encoder = new TextEncoder()
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), limits, fc.nat(40), fc.nat(40), (changes, nodes, low, high) => {
      const stream = new StreamValue()
      let model: { id: StreamId; fields: string[] }[] = []
      for (const one of changes) {
        if (one.kind === 'append') {
          const id = stream.lastId + one.gap
          const fields = one.values.flatMap((value, index) => [encoder.encode(`f${index}`), encoder.encode(value)])
          stream.append(id, fields, nodes)
          model.push({ id, fields: fields.map(latin1Text) })
        } else if (one.kind === 'delete') {
          const id = model[one.index]?.id ?? 0n
          expect(stream.delete(id)).toBe(model.some((entry) => entry.id === id))
          model = model.filter((entry) => entry.id !== id)
          stream.noteFirst()
        } else {
          const minId = model[one.index]?.id ?? stream.lastId
          const keep = one.kind === 'minId' ? { minId } : { maxLength: one.index }
          const kept = one.kind === 'minId' ? model.filter(({ id }) => id >= minId) : model.slice(Math.max(0, model.length - one.index))
          expect(trimStream(stream, { keep, approximate: false, limit: 0 })).toBe(model.length - kept.length)
          model = kept
        }
        expect(stream.length).toBe(model.length)
        expect(stream.firstId).toBe(model[0]?.id ?? MIN_ID)
        expect(stream.newestId()).toBe(model.at(-1)?.id)
      }
      const shown = (from: StreamId, to: StreamId, isReverse = false) =>
        [...(isReverse ? stream.descending(from, to) : stream.ascending(from, to))].map(({ id, fields }) => ({
          id,
          fields: fields.map(latin1Text)
        }))
      const [from, to] = [model[low]?.id ?? 1n, model[high]?.id ?? MAX_ID]
      const within = model.filter(({ id }) => id >= from && id <= to)
      expect(shown(from, to)).toEqual(within)
      expect(shown(from, to, true)).toEqual([...within].reverse())
      expect(stream.entry(from)?.id).toBe(model.find(({ id }) => id === from)?.id)
    }),
    { numRuns: 300 }
  )
})

test('[TYPE18] an approximate trim takes whole nodes, up to its limit', () => {
  const stream = filled(1000)
  expect(stream.nodes.size).toBe(10)
  expect(trimStream(stream, { keep: { maxLength: 5 }, approximate: true, limit: 250 })).toBe(200)
  expect(trimStream(stream, { keep: { maxLength: 5 }, approximate: true, limit: 0 })).toBe(700)
  expect(stream.length).toBe(100)
  expect(trimStream(stream, { keep: { minId: streamId(999n, 0n) }, approximate: true, limit: 0 })).toBe(0)
  expect(trimStream(stream, { keep: { minId: streamId(2000n, 0n) }, approximate: true, limit: 0 })).toBe(100)
  expect(stream.firstId).toBe(MIN_ID)
})

test('a copy shares nothing that changes', () => {
  const stream = filled(150)
  const group = stream.createGroup(text('g'), streamId(3n, 0n), 3n)
  const consumer = group?.createConsumer(text('c'), 5)
  if (group && consumer) group.assign(streamId(3n, 0n), consumer, 5, 1n)
  const copy = stream.copy()
  stream.delete(streamId(1n, 0n))
  stream.append(streamId(500n, 0n), [text('a'), text('b')], LIMITS)
  group?.release(streamId(3n, 0n))
  expect(copy.length).toBe(150)
  expect(copy.lastId).toBe(streamId(150n, 0n))
  expect(copy.entry(streamId(1n, 0n))).toBeDefined()
  expect(copy.group(text('g'))?.pending.size).toBe(1)
  expect(copy.group(text('g'))?.consumer(text('c'))?.pending.size).toBe(1)
})
