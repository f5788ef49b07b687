import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitAt, bitsAt, countBitsBetween, findBit, withBits } from './bits.ts'

const bytesOf = (least: number) => fc.uint8Array({ minLength: least, maxLength: 40 })
/** As text, one character per bit. */
const drawn = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')

test('bits are counted and found as in the drawn text', () => {
  const cases = bytesOf(1).chain((bytes) =>
    fc.record({ bytes: fc.constant(bytes), a: fc.nat(bytes.length * 8 - 1), b: fc.nat(bytes.length * 8 - 1) })
  )
  fc.assert(
    fc.property(cases, fc.constantFrom(0, 1), ({ bytes, a, b }, bit) => {
      const [first, last] = a < b ? [a, b] : [b, a]
      const part = drawn(bytes).slice(first, last + 1)
      expect(countBitsBetween(bytes, first, last)).toBe(part.replaceAll('0', '').length)
      const found = part.indexOf(String(bit))
      expect(findBit(bytes, bit as 0 | 1, first, last)).toBe(found < 0 ? -1 : first + found)
      expect(String(bitAt(bytes, a))).toBe(drawn(bytes).charAt(a))
    })
  )
})

test('a number of any width is read back where it was written, and nothing beside it changes', () => {
  fc.assert(
    fc.property(bytesOf(0), fc.nat(200), fc.integer({ min: 1, max: 64 }), fc.bigInt(0n, 2n ** 64n - 1n), (bytes, offset, width, number) => {
      const value = BigInt.asUintN(width, number)
      const whole = new Uint8Array(50)
      whole.set(bytes)
      const before = drawn(whole)
      whole.set(withBits(whole, offset, width, value), Math.floor(offset / 8))
      expect(bitsAt(whole, offset, width)).toBe(value)
      expect(drawn(whole)).toBe(before.slice(0, offset) + value.toString(2).padStart(width, '0') + before.slice(offset + width))
      expect(bitsAt(bytes, offset + 400, width)).toBe(0n)
    })
  )
})
