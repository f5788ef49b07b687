import { type Hash, murmurHash } from './murmur.ts'

/** Each element belongs to one of so many registers, by the low 14 bits of its hash. */
export const REGISTERS = 16_384
const INDEX_BITS = 14
/** A register holds the longest run of zeros that was seen, plus one: 0 (nothing) to 51. */
export const MOST = 64 - INDEX_BITS + 1
const ALPHA = 0.7213475204444817

const hash: Hash = { low: 0, high: 0 }

/** Which register an element counts in, and with what. */
export function placeOf(element: Uint8Array): { readonly register: number; readonly value: number } {
  murmurHash(element, hash)
  const register = hash.low & (REGISTERS - 1)
  const low = (hash.low >>> INDEX_BITS) | (hash.high << (32 - INDEX_BITS))
  if (low !== 0) return { register, value: trailingZeros(low) + 1 }
  // A bit behind the last one makes an end.
  return { register, value: 33 + trailingZeros((hash.high >>> INDEX_BITS) | (1 << (32 - INDEX_BITS))) }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/**
 * How many different elements the registers stand for: the estimator of Otmar Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches" (arXiv 1702.01284), algorithm 6. `counts[n]` says how many registers hold n.
 */
export function estimate(counts: readonly number[]): number {
  const q = 64 - INDEX_BITS
  let z = REGISTERS * tau((REGISTERS - (counts[q + 1] ?? 0)) / REGISTERS)
  for (let value = q; value >= 1; value--) z = (z + (counts[value] ?? 0)) * 0.5
  z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS)
  return Math.round((ALPHA * REGISTERS * REGISTERS) / z)
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, z, before] = [share, 1, share, Number.NaN]
  while (z !== before) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z, before] = [share, 1, 1 - share, Number.NaN]
  while (z !== before) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
