/**
 * MurmurHash64A (Austin Appleby, public domain), as HyperLogLogs count with it. JavaScript has no fast integers of 64 bits: halves of
 * 32 are kept apart.
 */
export type Hash = { low: number; high: number }

const SEED = 0xadc83b19
/** The multiplier 0xc6a4a7935bd1e995. */
const M_LOW = 0x5bd1e995
const M_HIGH = 0xc6a4a793

/** Puts the hash of the bytes into `out`, both halves as unsigned numbers. */
export function murmurHash(bytes: Uint8Array, out: Hash): void {
  const { length } = bytes
  multiply(length, 0, out)
  out.low ^= SEED
  const key: Hash = { low: 0, high: 0 }
  let at = 0
  for (; at + 8 <= length; at += 8) {
    multiply(wordAt(bytes, at), wordAt(bytes, at + 4), key)
    mix(key, 47)
    multiply(key.low, key.high, key)
    multiply(out.low ^ key.low, out.high ^ key.high, out)
  }
  const rest = length - at
  if (rest > 0) {
    let [low, high] = [0, 0]
    for (let i = 0; i < rest; i++) {
      if (i < 4) low |= (bytes[at + i] as number) << (8 * i)
      else high |= (bytes[at + i] as number) << (8 * (i - 4))
    }
    multiply(out.low ^ low, out.high ^ high, out)
  }
  mix(out, 47)
  multiply(out.low, out.high, out)
  mix(out, 47)
  out.low >>>= 0
  out.high >>>= 0
}

/** `hash ^= hash >> bits`, for more than 32 bits. */
function mix(hash: Hash, bits: number): void {
  hash.low ^= hash.high >>> (bits - 32)
}

/** The product with the multiplier, modulo 2^64. */
function multiply(low: number, high: number, out: Hash): void {
  const product = Math.imul(low, M_LOW)
  // The upper half of low * M_LOW, from products of 16 bits each.
  const [a, b] = [low & 0xffff, low >>> 16]
  const [c, d] = [M_LOW & 0xffff, M_LOW >>> 16]
  const middle = a * d + ((a * c) >>> 16)
  const other = b * c + (middle % 0x10000)
  const carried = b * d + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000)
  out.low = product
  out.high = (Math.imul(low, M_HIGH) + Math.imul(high, M_LOW) + carried) | 0
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
}
