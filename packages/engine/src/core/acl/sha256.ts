import { latin1Bytes } from '../bytes.ts'

/** Passwords are kept as SHA-256, in hexadecimal, as in the reference's ACL files. The core has no cryptography to call. */
export function sha256Hex(text: string): string {
  const words = padded(latin1Bytes(text))
  const hash = Uint32Array.from(INITIAL)
  for (let block = 0; block < words.length; block += 16) compress(hash, words, block)
  return [...hash].map((word) => word.toString(16).padStart(8, '0')).join('')
}

/** Are these the same, in a time that does not depend on where they differ? */
export function sameSecret(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length))
  return difference === 0
}

/** The message as big-endian words: one bit, zeros, and its length in bits at the end of the last block. */
function padded(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(((bytes.length + 9 + 63) >> 6) * 16)
  const set = (index: number, byte: number) => {
    words[index >> 2] = (words[index >> 2] as number) | (byte << (24 - (index & 3) * 8))
  }
  for (let i = 0; i < bytes.length; i++) set(i, bytes[i] as number)
  set(bytes.length, 0x80)
  words[words.length - 2] = Math.floor(bytes.length / 2 ** 29)
  words[words.length - 1] = bytes.length << 3
  return words
}

/** The first 32 bits of what follows the point of a root, computed with more digits than are needed. */
function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) >>> 0
}

const PRIMES = firstPrimes(64)
const INITIAL = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const ROUNDS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function compress(hash: Uint32Array, words: Uint32Array, block: number): void {
  const schedule = new Uint32Array(64)
  schedule.set(words.subarray(block, block + 16))
  for (let i = 16; i < 64; i++) {
    const [before, last] = [schedule[i - 15] as number, schedule[i - 2] as number]
    const low = rotate(before, 7) ^ rotate(before, 18) ^ (before >>> 3)
    const high = rotate(last, 17) ^ rotate(last, 19) ^ (last >>> 10)
    schedule[i] = ((schedule[i - 16] as number) + low + (schedule[i - 7] as number) + high) | 0
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g)
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (ROUNDS[i] as number) + (schedule[i] as number)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  const after = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) hash[i] = (hash[i] as number) + (after[i] as number)
}
