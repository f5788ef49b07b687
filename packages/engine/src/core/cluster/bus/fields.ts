/** Reading fixed fields of bus packets: big endian numbers, texts padded with zeros. Offsets are checked by the caller. */

import { latin1Text } from '../../bytes.ts'

/**
 * Epochs and offsets are 64-bit on the wire. No cluster lives to see 2^48 of either; a greater number is a broken or hostile
 * packet, and taking it would leave no room to count upwards.
 */
export const GREATEST_COUNTER = 2 ** 48

export const ID_BYTES = 40
export const SLOT_BITMAP_BYTES = 2048

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 65_536 + readUint16(bytes, at + 2)
}

/** Undefined when it is beyond `GREATEST_COUNTER`. */
export function readCounter(bytes: Uint8Array, at: number): number | undefined {
  const value = readUint32(bytes, at) * 4_294_967_296 + readUint32(bytes, at + 4)
  return value <= GREATEST_COUNTER ? value : undefined
}

/** A node id, 40 lower-case hex digits; '' when the field is all zeros, undefined when it is anything else. */
export function readId(bytes: Uint8Array, at: number): string | undefined {
  if (bytes[at] === 0) {
    for (let i = at; i < at + ID_BYTES; i++) if (bytes[i] !== 0) return undefined
    return ''
  }
  for (let i = at; i < at + ID_BYTES; i++) {
    const byte = bytes[i] as number
    if (!((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return undefined
  }
  return latin1Text(bytes.subarray(at, at + ID_BYTES))
}

/** The text before the first zero byte of a field. */
export function readText(bytes: Uint8Array, at: number, width: number): string {
  let end = at
  while (end < at + width && bytes[end] !== 0) end++
  return latin1Text(bytes.subarray(at, end))
}

/**
 * Addresses and names that nodes may announce (the reference accepts the same characters in its configuration). They are
 * printed between spaces, commas and at signs, and shown to people.
 */
export function isPlainWord(text: string): boolean {
  return text.length <= 1024 && /^[A-Za-z0-9._:/`%-]*$/.test(text)
}
