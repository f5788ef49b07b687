/** Slots: where a key belongs, in every database alike. */

export const SLOTS = 16_384

const CRC16 = new Uint16Array(256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  CRC16[byte] = crc
}

/** CRC16-XMODEM of `bytes[start..end)`: polynomial 0x1021, initial value 0 (cluster specification, appendix A). */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = ((crc << 8) ^ (CRC16[((crc >>> 8) ^ (bytes[i] as number)) & 255] as number)) & 0xffff
  return crc
}

/** Slot of the key `bytes[start..end)`: CRC16 of the first non-empty `{...}` in it, or of the whole key, modulo 16,384. */
export function keySlot(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte === 123) return taggedSlot(bytes, start, end, i)
    crc = ((crc << 8) ^ (CRC16[(crc >>> 8) ^ byte] as number)) & 0xffff
  }
  return crc & 16_383
}

/** As `keySlot`, of a key with a brace at `open`. */
function taggedSlot(bytes: Uint8Array, start: number, end: number, open: number): number {
  let close = open + 1
  while (close < end && bytes[close] !== 125) close++
  const hasTag = close < end && close > open + 1
  return (hasTag ? crc16(bytes, open + 1, close) : crc16(bytes, start, end)) & 16_383
}

/** First and last slot of a range, both included. */
export type SlotRange = readonly [first: number, last: number]

export function* eachSlot(ranges: readonly SlotRange[]): Generator<number> {
  for (const [first, last] of ranges) for (let slot = first; slot <= last; slot++) yield slot
}

/** `0-100 200-200`, as GETSLOTMIGRATIONS prints it. */
export function formatRanges(ranges: readonly SlotRange[]): string {
  return ranges.map(([first, last]) => `${first}-${last}`).join(' ')
}
