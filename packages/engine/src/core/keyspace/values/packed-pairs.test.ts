import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sameBytes } from '../../bytes.ts'
import { PackedPairs } from './packed-pairs.ts'

const bytes = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  // Longer than a short pair's length may be, and than a quarter of a page.
  { weight: 1, arbitrary: fc.integer({ min: 9_000, max: 70_000 }).map((length) => new Uint8Array(length).fill(length & 255)) }
)
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), field: bytes, value: bytes, pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('replace' as const, 'remove' as const), field: bytes, value: bytes, pick: fc.nat() })
  }
)

test('pairs keep their numbers and are what was put in, wherever they are moved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const pairs = new PackedPairs()
      const model = new Map<number, readonly [Uint8Array, Uint8Array]>()
      for (const { kind, field, value, pick } of steps) {
        const number = [...model.keys()][pick % Math.max(1, model.size)]
        if (kind === 'add') {
          const added = pairs.add(field, 0, field.length, value, 0, value.length)
          expect(model.has(added)).toBe(false)
          model.set(added, [field, value])
        } else if (number !== undefined && kind === 'replace') {
          pairs.replace(number, value, 0, value.length)
          model.set(number, [(model.get(number) as [Uint8Array, Uint8Array])[0], value])
        } else if (number !== undefined) {
          pairs.remove(number)
          model.delete(number)
        }
      }
      for (const [number, [field, value]] of model) {
        expect(pairs.isOf(number, field, 0, field.length)).toBe(true)
        expect(sameBytes(pairs.field(number), field)).toBe(true)
        expect(sameBytes(pairs.value(number), value)).toBe(true)
        const [start, length] = [pairs.valueStart(number), pairs.valueLength(number)]
        expect(sameBytes(pairs.pageOf(number).subarray(start, start + length), value)).toBe(true)
      }
      for (let number = 0; number < pairs.numbers; number++) expect(pairs.isUsed(number)).toBe(model.has(number))
    }),
    { numRuns: 100 }
  )
})

test('gaps are given back: what is left of many pairs takes little more than they need', () => {
  const pairs = new PackedPairs()
  const field = new Uint8Array(20)
  const numbers = Array.from({ length: 50_000 }, (_, index) =>
    pairs.add(field, 0, 20, new Uint8Array([index, index >>> 8, index >>> 16]), 0, 3)
  )
  const whole = pairs.bytes
  for (const number of numbers) if (number % 10 !== 0) pairs.remove(number)
  // The places of numbers stay; the rest is at most half gaps.
  expect(pairs.bytes - 65_536 * 4).toBeLessThan((whole - 65_536 * 4) / 4)
  for (const number of numbers)
    if (number % 10 === 0) expect(pairs.value(number)).toEqual(new Uint8Array([number, number >>> 8, number >>> 16]))
  for (const number of numbers)
    if (number % 10 === 0) for (let length = 0; length < 200; length += 20) pairs.replace(number, new Uint8Array(length), 0, length)
  expect(pairs.bytes - 65_536 * 4).toBeLessThan(5_000 * 220 * 2.5)
})
