import { hashBytes, Index, randomOfBucket, reverseBits, WALK_END } from '../byte-table.ts'
import { PackedPairs } from './packed-pairs.ts'

/** Fields up to which there is no index: they are compared one by one. */
const SMALL = 8

/**
 * Fields and their values, packed (`packed-pairs.ts`), found by hash as in `ByteTable` and walked in the same order. A field is known by
 * its number, which it keeps as long as it is there.
 */
export class FieldTable {
  readonly #pairs = new PackedPairs()
  #index: Index | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Bytes of fields, values and index. */
  get bytes(): number {
    return this.#pairs.bytes + (this.#index ? (this.#index.buckets.length + 2 * this.#index.hashes.length) * 4 : 0)
  }

  /** The number of the field `source[start .. start + length)`; -1 when it is not there. */
  find(source: Uint8Array, start = 0, length = source.length): number {
    const pairs = this.#pairs
    const index = this.#index
    if (!index) {
      for (let number = 0; number < pairs.numbers; number++)
        if (pairs.isUsed(number) && pairs.isOf(number, source, start, length)) return number
      return -1
    }
    const hash = hashBytes(source, start, start + length)
    for (let at = (index.buckets[hash & (index.buckets.length - 1)] as number) - 1; at >= 0; at = (index.next[at] as number) - 1) {
      if (index.hashes[at] === hash && pairs.isOf(at, source, start, length)) return at
    }
    return -1
  }

  // What `find` looks at, step by step, for those who look ahead for several fields.

  /** The number that comes first among those of fields with this hash; -1 for none. */
  firstWith(hash: number): number {
    const index = this.#index
    return index ? (index.buckets[hash & (index.buckets.length - 1)] as number) - 1 : -1
  }

  /** Where the pair of this number lies; -1 for none. */
  placeOf(number: number): number {
    return number >= 0 && (this.#index?.hashes[number] as number) !== undefined ? this.#pairs.placeOf(number) : -1
  }

  /** A word at a place; 0 for none. */
  wordAt(place: number): number {
    return place >= 0 ? this.#pairs.wordAt(place) : 0
  }

  /** Adds a field that is not there; its number. Field and value are each a part of some bytes, and both are copied. */
  add(fields: Uint8Array, fieldStart: number, fieldLength: number, values: Uint8Array, valueStart: number, valueLength: number): number {
    const number = this.#pairs.add(fields, fieldStart, fieldLength, values, valueStart, valueLength)
    this.#size++
    if (this.#index) {
      if (this.#size > this.#index.buckets.length) this.#resize(this.#index, this.#index.buckets.length * 2, number)
      this.#index.link(number, hashBytes(fields, fieldStart, fieldStart + fieldLength))
    } else if (this.#size > SMALL) this.#makeIndex()
    return number
  }

  replace(number: number, values: Uint8Array, start: number, length: number): void {
    this.#pairs.replace(number, values, start, length)
  }

  remove(number: number): void {
    const index = this.#index
    if (index) {
      const bucket = (index.hashes[number] as number) & (index.buckets.length - 1)
      let previous = -1
      for (let at = (index.buckets[bucket] as number) - 1; at !== number; at = (index.next[at] as number) - 1) previous = at
      if (previous < 0) index.buckets[bucket] = index.next[number] as number
      else index.next[previous] = index.next[number] as number
    }
    this.#pairs.remove(number)
    this.#size--
    if (index && index.buckets.length > 64 && this.#size * 8 < index.buckets.length) this.#resize(index, index.buckets.length >>> 2, -1)
  }

  /** Views, valid until something changes. */
  field(number: number): Uint8Array {
    return this.#pairs.field(number)
  }

  value(number: number): Uint8Array {
    return this.#pairs.value(number)
  }

  /** The order of two fields, as `compareBytes`. */
  compare(number: number, other: number): number {
    return this.#pairs.compare(number, other)
  }

  /** Where a field begins; it ends where the value begins. */
  fieldStart(number: number): number {
    return this.#pairs.fieldStart(number)
  }

  /** The bytes in which a field and its value lie; `valueStart` and `valueLength` say where the value is. */
  pageOf(number: number): Uint8Array {
    return this.#pairs.pageOf(number)
  }

  valueStart(number: number): number {
    return this.#pairs.valueStart(number)
  }

  valueLength(number: number): number {
    return this.#pairs.valueLength(number)
  }

  /** The numbers of all fields; the table must not change meanwhile. */
  *numbers(): Generator<number> {
    for (let number = 0; number < this.#pairs.numbers; number++) if (this.#pairs.isUsed(number)) yield number
  }

  /** As `ByteTable.walk`. */
  walk(position: number, visit: (number: number) => void): number {
    const index = this.#index
    if (!index) {
      for (const number of this.numbers()) {
        if (position === 0 || reverseBits(hashBytes(this.field(number))) >>> 0 >= position) visit(number)
      }
      return WALK_END
    }
    const bits = 31 - Math.clz32(index.buckets.length)
    const bucket = reverseBits(position) & (index.buckets.length - 1)
    for (let at = (index.buckets[bucket] as number) - 1; at >= 0; at = (index.next[at] as number) - 1) visit(at)
    const width = 2 ** (32 - bits)
    return (Math.floor(position / width) + 1) * width
  }

  /** As `ByteTable.random`: the number of a field; -1 when there is none. */
  random(pick: (bound: number) => number): number {
    if (this.#size === 0) return -1
    const index = this.#index
    for (let tries = 0; index && tries < 64; tries++) {
      const number = randomOfBucket(index, pick(index.buckets.length), pick)
      if (number >= 0) return number
    }
    let skip = pick(this.#size)
    for (const number of this.numbers()) if (skip-- === 0) return number
    return -1
  }

  #makeIndex(): void {
    const index = new Index(SMALL * 2)
    for (const number of this.numbers()) index.link(number, hashBytes(this.field(number)))
    this.#index = index
  }

  /** `added` is in use but not linked yet. */
  #resize(index: Index, size: number, added: number): void {
    index.resize(size, (number) => number !== added && this.#pairs.isUsed(number), this.#pairs.numbers)
  }
}
