/** Bits of byte strings, numbered as bitmaps do: bit 0 is the highest of the first byte. */

/** Set bits of 32. */
function countIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** How many bits are set in the bytes [start, end). */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  let at = start
  for (; at + 4 <= end; at += 4) {
    count += countIn(
      ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
    )
  }
  for (; at < end; at++) count += countIn(bytes[at] as number)
  return count
}

/** The bit at this offset; beyond the end all bits are 0. */
export function bitAt(bytes: Uint8Array, offset: number): 0 | 1 {
  // Offsets pass 2^31: no shift but the last.
  const byte = bytes[Math.floor(offset / 8)] ?? 0
  return ((byte >> (7 - (offset % 8))) & 1) as 0 | 1
}

/** How many bits are set in [first, last], both within the bytes. */
export function countBitsBetween(bytes: Uint8Array, first: number, last: number): number {
  const [start, end] = [Math.floor(first / 8), Math.floor(last / 8)]
  const head = 0xff >> (first % 8)
  const tail = 0xff & (0xff << (7 - (last % 8)))
  if (start === end) return countIn((bytes[start] as number) & head & tail)
  return countIn((bytes[start] as number) & head) + countBits(bytes, start + 1, end) + countIn((bytes[end] as number) & tail)
}

/** Offset of the first such bit in [first, last], both within the bytes; -1 when there is none. */
export function findBit(bytes: Uint8Array, bit: 0 | 1, first: number, last: number): number {
  const nothing = bit === 1 ? 0x00 : 0xff
  for (let offset = first; offset <= last; ) {
    if (offset % 8 === 0 && bytes[offset / 8] === nothing) {
      offset += 8
      continue
    }
    if (bitAt(bytes, offset) === bit) return offset
    offset++
  }
  return -1
}

/** The `width` bits (at most 64) from this offset, as an unsigned number; beyond the end all bits are 0. */
export function bitsAt(bytes: Uint8Array, offset: number, width: number): bigint {
  let value = 0n
  for (let i = 0; i < width; ) {
    // Whole bytes where the place allows it.
    const isWhole = (offset + i) % 8 === 0 && width - i >= 8
    value = isWhole ? (value << 8n) | BigInt(bytes[(offset + i) / 8] ?? 0) : (value << 1n) | BigInt(bitAt(bytes, offset + i))
    i += isWhole ? 8 : 1
  }
  return value
}

/** The bytes from `Math.floor(offset / 8)` on as they are when `width` bits at `offset` are replaced by those of `value`. */
export function withBits(bytes: Uint8Array, offset: number, width: number, value: bigint): Uint8Array {
  const start = Math.floor(offset / 8)
  const changed = new Uint8Array(Math.floor((offset + width - 1) / 8) - start + 1)
  changed.set(bytes.subarray(start, start + changed.length))
  for (let i = 0; i < width; i++) {
    const at = offset + i
    const index = Math.floor(at / 8) - start
    const mask = 1 << (7 - (at % 8))
    const isSet = (value >> BigInt(width - 1 - i)) & 1n
    changed[index] = isSet ? (changed[index] as number) | mask : (changed[index] as number) & ~mask
  }
  return changed
}
