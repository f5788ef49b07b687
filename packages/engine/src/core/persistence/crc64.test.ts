import { expect, test } from 'vitest'
import { latin1Bytes } from '../bytes.ts'
import { Crc64, crc64 } from './crc64.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('[RDB1] the checksum is CRC-64 Jones: its check value', () => {
  expect(hex(crc64(latin1Bytes('123456789')).reverse())).toBe('e9c6d914c4b8d9ca')
  expect(hex(crc64(new Uint8Array(0)))).toBe('0000000000000000')
})

test('[RDB1] the sum of pieces is the sum of the whole, wherever it is cut', () => {
  const bytes = Uint8Array.from({ length: 97 }, (_, i) => (i * 131) & 255)
  const whole = hex(crc64(bytes))
  for (let cut = 0; cut <= bytes.length; cut++) {
    const crc = new Crc64()
    crc.update(bytes.subarray(0, cut))
    crc.update(bytes.subarray(cut))
    expect(hex(crc.bytes())).toBe(whole)
  }
})
