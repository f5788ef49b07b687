import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { Random } from '../../prng.ts'
import { WALK_END } from '../byte-table.ts'
import { SetValue } from './set.ts'

const bytes = latin1Bytes

function setOf(...members: string[]): SetValue {
  const set = new SetValue()
  for (const member of members) set.add(bytes(member))
  return set
}

describe('[TYPE3] a set holds each member once', () => {
  test.each([1, 2, 3])('as a Set under random operations, seed %i', (seed) => {
    const random = new Random(seed)
    const set = new SetValue()
    const model = new Set<string>()
    for (let step = 0; step < 5000; step++) {
      const member = `m${random.below(300)}`
      if (random.below(5) < 3) expect(set.add(bytes(member))).toBe(!model.has(member) && model.add(member).has(member))
      else expect(set.delete(bytes(member))).toBe(model.delete(member))
      expect(set.size).toBe(model.size)
      expect(set.has(bytes(member))).toBe(model.has(member))
    }
    expect(Array.from(set.members(), latin1Text).sort()).toEqual([...model].sort())
    expect(Array.from(set.copy().members(), latin1Text).sort()).toEqual([...model].sort())
    const walked: string[] = []
    for (let position = 0; position < WALK_END; ) position = set.walk(position, (member) => walked.push(latin1Text(member)))
    expect(walked.sort()).toEqual([...model].sort())
  })

  test.each([1, 2])('as a Set around the turn from one form to the other, seed %i', (seed) => {
    const random = new Random(seed)
    for (let round = 0; round < 40; round++) {
      let set = new SetValue()
      const model = new Set<string>()
      const highest = 40 + random.below(200)
      let isArray = true
      for (let step = 0; step < 400; step++) {
        const number = random.below(highest)
        const member = number === 0 ? '' : number === 238 ? 'x'.repeat(65) : number === 237 ? 'x'.repeat(64) : `member:${number}`
        if (random.below(10) < (step < 250 ? 9 : 2)) {
          if (!model.has(member) && (model.size === 128 || member.length > 64)) isArray = false
          expect(set.add(bytes(member))).toBe(!model.has(member))
          model.add(member)
        } else expect(set.delete(bytes(member))).toBe(model.delete(member))
        expect(set.has(bytes(member))).toBe(model.has(member))
        expect(set.size).toBe(model.size)
        expect(set.arrayBytes !== undefined).toBe(isArray)
      }
      const original = set
      set = set.copy()
      original.add(bytes('only in the first'))
      expect(Array.from(set.members(), latin1Text).sort()).toEqual([...model].sort())
      const walked: string[] = []
      for (let position = 0; position < WALK_END; ) position = set.walk(position, (member) => walked.push(latin1Text(member)))
      expect(walked.sort()).toEqual([...model].sort())
      const drawn = set.random((bound) => random.below(bound))
      expect(drawn && model.has(latin1Text(drawn))).toBe(model.size > 0 ? true : undefined)
    }
  })

  test('a small one takes little more than its members, and gives back what it no longer needs', () => {
    const set = setOf(...Array.from({ length: 100 }, (_, index) => `m${index}`))
    expect(set.arrayBytes).toBeLessThan(100 * 4 * 1.3)
    for (let i = 1; i < 100; i++) set.delete(bytes(`m${i}`))
    expect(set.arrayBytes).toBeLessThanOrEqual(64)
    expect([set.expect(129, bytes('a')), set.expect(129, bytes('a'))]).toEqual([true, false])
    expect([set.arrayBytes, set.encoding, set.has(bytes('m0'))]).toEqual([undefined, 'hashtable', true])
  })

  test('a draw gives every member now and then, and nothing from an empty set', () => {
    const random = new Random(7)
    const pick = (bound: number) => random.below(bound)
    expect(new SetValue().random(pick)).toBeUndefined()
    const drawn = new Set<string>()
    const set = setOf('a', 'b', 'c', 'd')
    for (let i = 0; i < 200; i++) drawn.add(latin1Text(set.random(pick) as Uint8Array))
    expect([...drawn].sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  test.each(['__proto__', 'constructor', 'hasOwnProperty', '', '\0', '\r\n'])('%j is a member like any other', (member) => {
    const set = new SetValue()
    expect(set.has(bytes(member))).toBe(false)
    expect(set.add(bytes(member))).toBe(true)
    expect(set.add(bytes(member))).toBe(false)
    expect(set.delete(bytes(member))).toBe(true)
    expect(set.size).toBe(0)
  })
})

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index))

describe('[TYPE4] a set is an intset, then a listpack, then a hashtable', () => {
  test.each([
    ['integers', setOf('1', '-9223372036854775808'), 'intset'],
    ['512 integers', setOf(...numbers(512)), 'intset'],
    ['513 integers', setOf(...numbers(513)), 'hashtable'],
    ['what only looks like an integer', setOf('01'), 'listpack'],
    ['an integer beyond 64 bits', setOf('9223372036854775808'), 'listpack'],
    ['127 integers and a word', setOf(...numbers(127), 'a'), 'listpack'],
    ['128 integers and a word', setOf(...numbers(128), 'a'), 'hashtable'],
    ['a member of 64 bytes', setOf('x'.repeat(64)), 'listpack'],
    ['a member of 65 bytes', setOf('x'.repeat(65)), 'hashtable']
  ])('%s', (_, set, encoding) => {
    expect(set.encoding).toBe(encoding)
  })

  test('it never goes back when members leave', () => {
    const set = setOf('1', 'a')
    set.delete(bytes('a'))
    expect(set.encoding).toBe('listpack')
  })

  test('a command that brings many members chooses the form before it adds', () => {
    const many = new SetValue()
    many.expect(129, bytes('a'))
    expect(many.encoding).toBe('hashtable')
    const integers = new SetValue()
    integers.expect(512, bytes('1'))
    expect(integers.encoding).toBe('intset')
    integers.add(bytes('1'))
    integers.expect(513, bytes('2'))
    expect(integers.encoding).toBe('hashtable')
  })

  test('integers alone are packed again on request', () => {
    const set = new SetValue('hashtable')
    set.add(bytes('5'))
    set.packIntegers()
    expect(set.encoding).toBe('intset')
    const words = new SetValue('hashtable')
    words.add(bytes('five'))
    words.packIntegers()
    expect(words.encoding).toBe('hashtable')
  })
})
