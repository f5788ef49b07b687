import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc16, keySlot, together } from './key-slot.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('the check value of the specification: 123456789 gives 0x31C3', () => {
  expect(crc16(bytes('123456789'))).toBe(0x31c3)
  expect(keySlot(bytes('123456789')).slot).toBe(12_739)
})

describe('hash tags', () => {
  // The answers of CLUSTER KEYSLOT of valkey-server 9.1.2.
  test.each<[string, number, string]>([
    ['foo', 12_182, 'foo'],
    ['', 0, ''],
    ['{user1000}.following', 3_443, 'user1000'],
    ['{user1000}.followers', 3_443, 'user1000'],
    ['foo{}{bar}', 8_363, 'foo{}{bar}'],
    ['foo{{bar}}zap', 4_015, '{bar'],
    ['foo{bar}{zap}', 5_061, 'bar'],
    ['open{only', 6_317, 'open{only'],
    ['ключ', 10_303, 'ключ']
  ])('%s', (key, slot, hashed) => {
    const found = keySlot(bytes(key))
    expect(found.slot).toBe(slot)
    expect(new TextDecoder().decode(found.hashed)).toBe(hashed)
    expect(found.tag !== null).toBe(hashed !== key)
  })
})

test('only the tag counts', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (tag, before, after) => {
      fc.pre(!/[{}]/.test(tag) && !before.includes('{'))
      expect(keySlot(bytes(`${before}{${tag}}${after}`)).slot).toBe(keySlot(bytes(tag)).slot)
    })
  )
})

test('several keys work together in one slot only', () => {
  const owners = [0, 0, 1]
  expect(together([0], owners)).toBe('one')
  expect(together([1, 1], owners)).toBe('same-slot')
  expect(together([0, 1], owners)).toBe('same-shard')
  expect(together([0, 2], owners)).toBe('different')
})
