import { SLOTS } from '@slotscope/observer/stream'

/** How a key finds its slot, step by step. */
export type KeySlot = {
  /** What is hashed: the tag between the first `{` and the next `}` if it is not empty, else the whole key. */
  readonly hashed: Uint8Array
  /** Where in the key the tag lies, in bytes, braces not included; null: the key has none. */
  readonly tag: { readonly from: number; readonly to: number } | null
  readonly crc: number
  readonly slot: number
}

const open = 0x7b
const close = 0x7d

/** The cluster specification's rule for the bytes of a key (`keyHashSlot` in Valkey's `cluster.h`). */
export function keySlot(key: Uint8Array): KeySlot {
  const from = key.indexOf(open)
  const to = from < 0 ? -1 : key.indexOf(close, from + 1)
  const tag = to > from + 1 ? { from: from + 1, to } : null
  const hashed = tag ? key.subarray(tag.from, tag.to) : key
  const crc = crc16(hashed)
  return { hashed, tag, crc, slot: crc % SLOTS }
}

/** CRC16, variant XMODEM: polynomial 0x1021, begun at 0, nothing reflected. The check value of `123456789` is 0x31C3. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ byte]!
  return crc
}

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  return crc
})

/** What several keys mean for one command: whether a command of all of them can work. */
export type Together = 'one' | 'same-slot' | 'same-shard' | 'different'

/** `owners` has the owner of each slot, as in `readOwners`. Keys of one shard in different slots are refused all the same. */
export function together(slots: readonly number[], owners: ArrayLike<number>): Together {
  if (slots.length < 2) return 'one'
  if (new Set(slots).size === 1) return 'same-slot'
  return new Set(slots.map((slot) => owners[slot])).size === 1 ? 'same-shard' : 'different'
}
