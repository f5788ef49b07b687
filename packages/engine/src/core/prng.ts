/**
 * Seeded random numbers (xoshiro128**). A node draws from this only, so that a run is replayed by its seed.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** Any 32-bit integer is a seed; equal seeds give equal sequences. */
  constructor(seed: number) {
    let state = seed | 0
    const mix = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.#a = mix()
    this.#b = mix()
    this.#c = mix()
    this.#d = mix() | 1
  }

  /** The next 32 random bits, as an unsigned integer. */
  uint32(): number {
    const x = Math.imul(this.#b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9)
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** An integer from 0 up to but not including `bound`; `bound` is 1..2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 4294967296) * bound)
  }

  /** A number from 0 up to but not including 1. */
  fraction(): number {
    return this.uint32() / 4294967296
  }

  /** `length` random lower-case hex digits: node ids, job names, replication ids (40 each). */
  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}
