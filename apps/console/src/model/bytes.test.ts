import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64Url, readableBytes, toBase64Url } from './bytes.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('base64url goes there and back for all bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
    })
  )
})

describe('names that people read', () => {
  test('text stays text, in any script', () => {
    expect(readableBytes(bytesOf('creator:{4711}:名前'))).toBe('creator:{4711}:名前')
  })

  test('bytes that are not text are escaped', () => {
    expect(readableBytes(Uint8Array.from([0x00, 0x01, 0x62, 0xff]))).toBe('\\x00\\x01b\\xff')
  })

  test('control characters and invisible marks are shown', () => {
    expect(readableBytes(bytesOf('a\nb\u200bc\u202e'))).toBe('a\\nb\\u200bc\\u202e')
  })

  test('two different names never read alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (one, other) => {
        if (toBase64Url(one) !== toBase64Url(other)) expect(readableBytes(one)).not.toBe(readableBytes(other))
      })
    )
  })
})
