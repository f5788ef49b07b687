import type { ByteBuffer } from '../../byte-buffer.ts'
import { latin1Bytes, parseInteger } from '../../bytes.ts'

/**
 * Elements of a listpack: what begins with a byte that tells kind and length, then the content, then the length of both once more,
 * to be read backwards. Text that is a 64-bit integer is stored as one, in as few bytes as it needs.
 *
 * The readers trust what they read: they are for elements that were appended here. What comes from outside goes through
 * `persistence/packed.ts`.
 */
export function appendElement(out: ByteBuffer, bytes: Uint8Array): void {
  const integer = bytes.length <= 20 ? parseInteger(bytes) : undefined
  if (integer !== undefined) return appendInteger(out, integer)
  const { length } = bytes
  const before = out.length
  if (length < 64) out.byte(0x80 | length)
  else if (length < 4096) {
    out.byte(0xe0 | (length >>> 8))
    out.byte(length & 255)
  } else {
    out.byte(0xf0)
    for (let shift = 0; shift < 32; shift += 8) out.byte((length >>> shift) & 255)
  }
  out.bytes(bytes)
  appendBackLength(out, out.length - before)
}

export function appendInteger(out: ByteBuffer, value: number | bigint): void {
  const size = integerBytes(value)
  if (size === 9) {
    out.byte(0xf4)
    out.uint64le(BigInt(value))
  } else {
    const number = Number(value)
    if (size === 1) out.byte(number)
    else if (size === 2) {
      out.byte(0xc0 | ((number >> 8) & 31))
      out.byte(number & 255)
    } else {
      out.byte(0xf1 + size - 3)
      for (let i = 0; i < size - 1; i++) out.byte((number >> (8 * i)) & 255)
    }
  }
  out.byte(size)
}

/** Size of an element that is an integer, its back length included. */
export function integerElementBytes(value: number | bigint): number {
  return integerBytes(value) + 1
}

/** Bytes of an integer without its back length. */
export function integerBytes(value: number | bigint): number {
  if (value >= 0 && value <= 127) return 1
  if (value >= -4096 && value <= 4095) return 2
  if (value >= -32_768 && value <= 32_767) return 3
  if (value >= -8_388_608 && value <= 8_388_607) return 4
  if (value >= -2_147_483_648 && value <= 2_147_483_647) return 5
  return 9
}

/** Limits as `lpEncodeBacklen` has them: the largest number of two and more groups already takes one group more. */
export function backLengthBytes(entryBytes: number): number {
  if (entryBytes < 128) return 1
  if (entryBytes < 16_383) return 2
  if (entryBytes < 2_097_151) return 3
  return entryBytes < 268_435_455 ? 4 : 5
}

function appendBackLength(out: ByteBuffer, entryBytes: number): void {
  const size = backLengthBytes(entryBytes)
  for (let i = size - 1; i >= 0; i--) out.byte((Math.floor(entryBytes / 128 ** i) % 128) + (i === size - 1 ? 0 : 128))
}

/** Where the element after the one at `at` begins. */
export function elementEnd(pack: Uint8Array, at: number): number {
  const body = headerBytes(pack, at) + contentBytes(pack, at)
  return at + body + backLengthBytes(body)
}

/** Where the element begins that ends at `end`. */
export function elementStart(pack: Uint8Array, end: number): number {
  let length = 0
  let scale = 1
  let at = end - 1
  for (; ; at--, scale *= 128) {
    const byte = pack[at] as number
    length += (byte & 127) * scale
    if (byte < 128) break
  }
  return at - length
}

/** The element as bytes: a view of a string, the text of an integer. */
export function elementBytes(pack: Uint8Array, at: number): Uint8Array {
  const first = pack[at] as number
  if (first < 0x80 || (first >= 0xc0 && first < 0xe0) || first > 0xf0) return latin1Bytes(elementInteger(pack, at).toString())
  const from = at + headerBytes(pack, at)
  return pack.subarray(from, from + contentBytes(pack, at))
}

/** The element, which is an integer. */
export function elementInteger(pack: Uint8Array, at: number): number | bigint {
  const first = pack[at] as number
  return first < 0x80 ? first : integerAt(new DataView(pack.buffer, pack.byteOffset, pack.length), at, first)
}

/** The integer at `at`, whose first byte is `first`; all of it must be there. */
export function integerAt(view: DataView, at: number, first: number): number | bigint {
  if (first < 0x80) return first
  if (first < 0xe0) {
    const value = ((first & 0x1f) << 8) | view.getUint8(at + 1)
    return value < 4096 ? value : value - 8192
  }
  if (first === 0xf1) return view.getInt16(at + 1, true)
  if (first === 0xf2) return view.getUint16(at + 1, true) | (view.getInt8(at + 3) << 16)
  if (first === 0xf3) return view.getInt32(at + 1, true)
  return view.getBigInt64(at + 1, true)
}

/** Bytes before a string's content, or of a whole integer. */
function headerBytes(pack: Uint8Array, at: number): number {
  const first = pack[at] as number
  if (first < 0xc0) return 1
  if (first < 0xf0) return 2
  if (first === 0xf0) return 5
  return first === 0xf4 ? 9 : first - 0xf1 + 3
}

/** Length of a string's content; 0 for an integer. */
function contentBytes(pack: Uint8Array, at: number): number {
  const first = pack[at] as number
  if (first < 0x80) return 0
  if (first < 0xc0) return first & 63
  if (first < 0xe0) return 0
  if (first < 0xf0) return ((first & 15) << 8) | (pack[at + 1] as number)
  if (first > 0xf0) return 0
  return (
    ((pack[at + 1] as number) | ((pack[at + 2] as number) << 8) | ((pack[at + 3] as number) << 16) | ((pack[at + 4] as number) << 24)) >>> 0
  )
}
