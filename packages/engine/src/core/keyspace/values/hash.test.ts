import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { Random } from '../../prng.ts'
import { WALK_END } from '../byte-table.ts'
import { NEVER } from '../entry.ts'
import { HashValue } from './hash.ts'

const bytes = latin1Bytes
const text = (value: Uint8Array | undefined) => value && latin1Text(value)

describe('[TYPE5] a hash maps fields to values', () => {
  test.each([1, 2, 3, 4])('with deadlines, as a Map under random operations, seed %i', (seed) => {
    const random = new Random(seed)
    const hash = new HashValue()
    const model = new Map<string, { value: string; deadlineMs: number }>()
    let nowMs = 0
    for (let step = 0; step < 8000; step++) {
      const field = `f${random.below(120)}`
      const deadlineMs = random.below(3) === 0 ? nowMs + random.below(500) : NEVER
      const known = model.get(field)
      switch (random.below(7)) {
        case 0:
        case 1:
          expect(hash.set(bytes(field), bytes(String(step)), deadlineMs)).toBe(known === undefined)
          model.set(field, { value: String(step), deadlineMs })
          break
        case 2:
          expect(hash.delete(bytes(field))).toBe(model.delete(field))
          break
        case 3:
          expect(hash.setDeadline(bytes(field), deadlineMs)).toBe(known !== undefined)
          if (known) known.deadlineMs = deadlineMs
          break
        case 4:
          hash.replace(bytes(field), bytes('r'))
          if (known) known.value = 'r'
          break
        case 5: {
          nowMs += random.below(20)
          const expired = [...model].filter(([, { deadlineMs }]) => nowMs > deadlineMs)
          const limit = random.below(5)
          const taken = hash.takeExpired(nowMs, limit).map(latin1Text)
          // Soonest first; equal deadlines in any order.
          const deadlines = expired.map(([, { deadlineMs }]) => deadlineMs).sort((a, b) => a - b)
          expect(taken.map((name) => model.get(name)?.deadlineMs)).toEqual(deadlines.slice(0, limit))
          for (const name of taken) model.delete(name)
          break
        }
        default: {
          const visible = known && nowMs <= known.deadlineMs ? known.value : undefined
          expect(text(hash.get(bytes(field), nowMs))).toBe(visible)
          expect(hash.has(bytes(field), nowMs)).toBe(visible !== undefined)
          expect(hash.holds(bytes(field))).toBe(known !== undefined)
          expect(hash.hides(bytes(field), nowMs)).toBe(known !== undefined && visible === undefined)
          expect(hash.peek(bytes(field))?.deadlineMs).toBe(known?.deadlineMs)
        }
      }
      expect(hash.size).toBe(model.size)
      const deadlines = [...model.values()].map((entry) => entry.deadlineMs)
      expect(hash.volatileCount).toBe(deadlines.filter((deadline) => deadline !== NEVER).length)
      expect(hash.soonestDeadlineMs).toBe(Math.min(NEVER, ...deadlines))
      expect(hash.liveSize(nowMs)).toBe(deadlines.filter((deadline) => nowMs <= deadline).length)
    }
    const flat = (entries: Iterable<readonly [Uint8Array, Uint8Array, number]>) =>
      Array.from(entries, ([field, value, deadlineMs]) => [latin1Text(field), latin1Text(value), deadlineMs].join()).sort()
    const expected = [...model].map(([field, { value, deadlineMs }]) => [field, value, deadlineMs].join()).sort()
    expect(flat(hash.entries())).toEqual(expected)
    const walked: [Uint8Array, Uint8Array, number][] = []
    for (let position = 0; position < WALK_END; ) position = hash.walk(position, (...entry) => walked.push(entry))
    expect(flat(walked)).toEqual(expected)
    const live = [...model].filter(([, { deadlineMs }]) => nowMs <= deadlineMs)
    expect(hash.copy(nowMs).size).toBe(live.length)
  })
})

describe('[HFE2] a field is expired once the clock is past its deadline', () => {
  test('and not at the deadline itself', () => {
    const hash = new HashValue()
    hash.set(bytes('f'), bytes('v'), 100)
    expect(text(hash.get(bytes('f'), 100))).toBe('v')
    expect(hash.get(bytes('f'), 101)).toBeUndefined()
    expect(hash.takeExpired(100, 10)).toEqual([])
    expect(hash.takeExpired(101, 10).map(latin1Text)).toEqual(['f'])
  })

  test('a hidden field stays, and counts', () => {
    const hash = new HashValue()
    hash.set(bytes('f'), bytes('v'), 100)
    expect([hash.size, hash.liveSize(200), hash.volatileCount]).toEqual([1, 0, 1])
    expect(hash.set(bytes('f'), bytes('w'))).toBe(false)
    expect([hash.size, hash.liveSize(200), hash.volatileCount]).toEqual([1, 1, 0])
  })
})

describe('[TYPE6] a hash is a listpack or a hashtable', () => {
  const sized = (fields: number, bytesEach = 1) => {
    const hash = new HashValue()
    for (let i = 0; i < fields; i++) hash.set(bytes(`${i}`.padEnd(bytesEach, 'x')), bytes('v'))
    return hash.encoding
  }
  test('up to 512 fields of 64 bytes it is a listpack', () => {
    expect([sized(512), sized(513), sized(1, 64), sized(1, 65)]).toEqual(['listpack', 'hashtable', 'listpack', 'hashtable'])
  })

  test('a long value makes it a hashtable', () => {
    const hash = new HashValue()
    hash.set(bytes('f'), bytes('v'))
    hash.replace(bytes('f'), bytes('x'.repeat(65)))
    expect(hash.encoding).toBe('hashtable')
  })

  test('[HFE4] a hash that had a deadline once stays a hashtable', () => {
    const hash = new HashValue()
    hash.set(bytes('f'), bytes('v'))
    expect(hash.encoding).toBe('listpack')
    hash.setDeadline(bytes('f'), 5)
    hash.setDeadline(bytes('f'), NEVER)
    expect(hash.encoding).toBe('hashtable')
    expect(hash.volatileCount).toBe(0)
  })
})
