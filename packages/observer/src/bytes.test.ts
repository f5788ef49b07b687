import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8, fromBase64, slotOfKey, toBase64, toBase64Url } from './bytes.ts'

test('UTF-8 is what the platform makes of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(Buffer.from(encodeUtf8(text)).equals(Buffer.from(text))).toBe(true)
    })
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeUtf8(Buffer.from(text))).toBe(text)
    })
  )
  expect(encodeUtf8('\ud800')).toEqual(encodeUtf8('\ufffd'))
})

test('bytes that are no UTF-8 become U+FFFD, and nothing is lost around them', () => {
  expect(decodeUtf8(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
  expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80, 0x62)).endsWith('b')).toBe(true)
  expect(decodeUtf8(Uint8Array.of(0xc0, 0xaf))).toBe('\ufffd\ufffd')
  expect(decodeUtf8(Uint8Array.of(0xf0, 0x9f))).toBe('\ufffd\ufffd')
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      // Well-formed bytes survive; others do not throw.
      const text = decodeUtf8(bytes)
      if (!text.includes('\ufffd')) expect([...encodeUtf8(text)]).toEqual([...bytes])
    })
  )
})

test('base64 is what the platform makes of it, both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect([...(fromBase64(toBase64(bytes)) ?? [])]).toEqual([...bytes])
      expect([...(fromBase64(toBase64Url(bytes)) ?? [])]).toEqual([...bytes])
    })
  )
  for (const text of ['a', 'ab*d', 'ab d']) expect(fromBase64(text)).toBeUndefined()
})

test('slots of keys are those of the cluster specification', () => {
  const slot = (key: string) => slotOfKey(encodeUtf8(key))
  expect([slot('123456789'), slot('{t2}k'), slot('{t2}'), slot('{t0}x')]).toEqual([0x31c3, 4748, 4748, 13_006])
  // An empty tag is no tag; only the first one counts.
  expect(slot('{}x')).not.toBe(slot('{}y'))
  expect(slot('{a}{b}')).toBe(slot('a'))
  expect(slot('x{')).toBe(slot('x{'))
})
