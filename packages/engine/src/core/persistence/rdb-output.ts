import type { ByteBuffer } from '../byte-buffer.ts'
import { parseInteger } from '../bytes.ts'

/** The primitives that an RDB is written with; `rdb-input.ts` reads them. */

/** A length >= 0 in 1, 2, 5 or 9 bytes. */
export function writeRdbLength(out: ByteBuffer, length: number): void {
  if (length < 64) out.byte(length)
  else if (length < 16_384) out.uint16(0x4000 | length)
  else if (length < 4_294_967_296) {
    out.byte(0x80)
    out.uint32(length)
  } else {
    out.byte(0x81)
    out.uint64(length)
  }
}

/** As a length, any unsigned number of 64 bits. */
export function writeRdbWideLength(out: ByteBuffer, length: bigint): void {
  if (length < 4_294_967_296n) return writeRdbLength(out, Number(length))
  out.byte(0x81)
  out.uint32(Number(length >> 32n))
  out.uint32(Number(length & 4_294_967_295n))
}

/** A string as it is, or as 1, 2 or 4 bytes when it is the text of an integer that fits. */
export function writeRdbString(out: ByteBuffer, bytes: Uint8Array): void {
  const integer = bytes.length <= 11 ? parseInteger(bytes) : undefined
  if (typeof integer === 'number' && integer === (integer | 0)) {
    const size = integer >= -128 && integer < 128 ? 1 : integer >= -32_768 && integer < 32_768 ? 2 : 4
    out.byte(size === 1 ? 0xc0 : size === 2 ? 0xc1 : 0xc2)
    for (let i = 0; i < size; i++) out.byte((integer >> (8 * i)) & 255)
    return
  }
  writeRdbLength(out, bytes.length)
  out.bytes(bytes)
}

/** Little endian, signed; a safe integer. */
export function writeInt64(out: ByteBuffer, value: number): void {
  const high = Math.floor(value / 4_294_967_296)
  writeLittle32(out, value - high * 4_294_967_296)
  writeLittle32(out, high)
}

function writeLittle32(out: ByteBuffer, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) out.byte((value >>> shift) & 255)
}

const scratch = new DataView(new ArrayBuffer(8))

export function writeDouble(out: ByteBuffer, value: number): void {
  scratch.setFloat64(0, value, true)
  out.bytes(new Uint8Array(scratch.buffer))
}
