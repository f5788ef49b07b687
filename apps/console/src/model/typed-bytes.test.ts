import { describe, expect, test } from 'vitest'
import { readableBytes, toBase64Url } from './bytes.ts'
import { asBase64Url, bytesOfText, fromAnyBase64, readableName } from './typed-bytes.ts'

describe('bytes that a person types', () => {
  test('what is shown can be typed back, whatever the bytes', () => {
    const samples = [
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      new TextEncoder().encode('naïve ☕ \\ "quoted"\n\t\u200b'),
      Uint8Array.of(0, 1, 0x62, 0x69, 0x6e, 0xff),
      Uint8Array.of()
    ]
    for (const bytes of samples) expect([...bytesOfText(readableBytes(bytes))]).toEqual([...bytes])
  })

  test('a backslash before anything else is itself', () => {
    expect(new TextDecoder().decode(bytesOfText('a\\*b\\'))).toBe('a\\*b\\')
    expect([...bytesOfText('\\xzz')]).toEqual([...new TextEncoder().encode('\\xzz')])
  })

  test('both alphabets of base64', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xfe, 0x01)
    expect([...fromAnyBase64('+//+AQ==')]).toEqual([...bytes])
    expect(asBase64Url('+//+AQ==')).toBe(toBase64Url(bytes))
    expect(readableName(toBase64Url(new TextEncoder().encode('creator:{1}')))).toBe('creator:{1}')
  })

  test('an address that is no base64 is shown as it is', () => {
    expect(readableName('a')).toBe('a')
  })
})
