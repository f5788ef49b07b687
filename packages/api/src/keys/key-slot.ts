import { SLOTS } from '@slotscope/observer/stream'

/**
 * The hash slot of a key: CRC16 (XMODEM) of its hash tag, or of the whole key, modulo 16,384. The hash tag is what stands between
 * the first `{` and the first `}` after it, when that is not empty. (Valkey cluster specification, "Hash tags".)
 */
export function keySlot(key: Uint8Array): number {
  const open = key.indexOf(0x7b)
  if (open !== -1) {
    const close = key.indexOf(0x7d, open + 1)
    if (close > open + 1) return crc16(key.subarray(open + 1, close)) % SLOTS
  }
  return crc16(key) % SLOTS
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (table[((crc >> 8) ^ byte) & 0xff] as number)
  return crc
}

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  return crc
})
