import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyBytes, anyValue } from '../../../test/arbitrary-value.ts'
import { describeValue } from '../../hosts/sim/checkers/keyspace-digest.ts'
import { concatBytes, latin1Bytes } from '../bytes.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { crc64 } from './crc64.ts'
import { decodeDump, encodeDump } from './dump.ts'

const limits = { maxStringBytes: 1_000_000 }
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

function decoded(payload: Uint8Array): string {
  const result = decodeDump(payload, limits)
  return 'value' in result ? describeValue(result.value) : result.problem
}

describe('[RDB2] payloads of a real 9.1.2 are read', () => {
  const captured: [payload: string, value: string][] = [
    ['00 01 76 5000 5e220723876aed3a', 'string "v"'],
    ['00 c0f9 5000 910c18a149f0255f', 'string "-7"'],
    ['00 c12c01 5000 5a68a863fbd03be4', 'string "300"'],
    ['00 c309406401 6161e057000 16161 5000 27897c962e3f9585', `string "${'a'.repeat(100)}"`],
    ['12 01 02 0c 0c0000000200 816102 0101 ff 5000 5bbce2b23245cd71', 'list "a" "1"'],
    ['0b 14 04000000 03000000 01000000 02000000 70110100 5000 4aff0897c54fb7a1', 'set "1" "2" "70000"'],
    ['14 0d 0d0000000200 816102 816202 ff 5000 ac197e562a6e5829', 'set "a" "b"'],
    ['11 0f 0f0000000200 816d02 83312e3504 ff 5000 86f34ef1e677297e', 'zset "m"=1.5'],
    ['10 0d 0d0000000200 816602 817602 ff 5000 efdbf4d5bd066f69', 'hash "f"="v"@Infinity'],
    ['16 01 0166 0176 ff1f4aa9d1010000 5000 d078a4a2ffdf1abb', 'hash "f"="v"@1999999999999']
  ]
  test.each(captured)('%s', (payload, value) => {
    expect(decoded(fromHex(payload))).toBe(value)
  })

  test('strings and hashes with field deadlines are written alike, byte for byte', () => {
    const hash = new HashValue()
    hash.set(latin1Bytes('f'), latin1Bytes('v'), 1_999_999_999_999)
    expect(encodeDump(hash)).toEqual(fromHex('16 01 0166 0176 ff1f4aa9d1010000 5000 d078a4a2ffdf1abb'))
    for (const [text, payload] of [
      ['v', '00 01 76 5000 5e220723876aed3a'],
      ['-7', '00 c0f9 5000 910c18a149f0255f'],
      ['300', '00 c12c01 5000 5a68a863fbd03be4']
    ] as const) {
      expect(encodeDump(new StringValue(latin1Bytes(text)))).toEqual(fromHex(payload))
    }
  })
})

test('[RDB3] a payload gives back the value that it was made of', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(decoded(encodeDump(value))).toBe(describeValue(value))
    }),
    { numRuns: 500 }
  )
})

test('[RDB4] a payload with any one byte changed is refused', () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, flip) => {
      const payload = encodeDump(value)
      ;(payload[position % payload.length] as number) ^= flip
      expect(decoded(payload)).toBe('trailer')
    }),
    { numRuns: 500 }
  )
})

test('[RDB4] a payload that is cut short, or is no payload, is refused', () => {
  const payload = encodeDump(new StringValue(latin1Bytes('value')))
  for (let length = 0; length < payload.length; length++) expect(decoded(payload.subarray(0, length))).toBe('trailer')
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(decoded(bytes)).toBe('trailer')
    })
  )
  expect(decoded(new Uint8Array(63))).toBe('trailer')
})

test('[RDB4] any bytes under a right checksum are a value or a problem', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2, 3, 4, 5, 11, 15, 16, 17, 18, 19, 20, 21, 22, 99), anyBytes, (type, bytes) => {
      const body = Uint8Array.of(type, ...bytes, 80, 0)
      expect(decoded(concatBytes([body, crc64(body)]))).toMatch(/^(format$|string|list|set|zset|hash|stream)/)
    }),
    { numRuns: 3000 }
  )
})

test('[RDB4] a value with any one byte changed, under a right checksum, is a value or a problem', () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, flip) => {
      const body = encodeDump(value).slice(0, -8)
      ;(body[position % (body.length - 2)] as number) ^= flip
      expect(decoded(concatBytes([body, crc64(body)]))).toMatch(/^(format$|string|list|set|zset|hash|stream)/)
    }),
    { numRuns: 2000 }
  )
})
