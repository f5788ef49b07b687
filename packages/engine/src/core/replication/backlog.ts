import { assert } from '../assert.ts'

const FIRST_CAPACITY_BYTES = 65_536

/**
 * The last bytes of a replication stream, so that a replica whose link was cut can go on where it stood.
 *
 * Bytes are numbered from 1 on over the whole life of a stream: byte `n` is the one that made the offset `n`. The ring grows to
 * its limit only as bytes come, since most nodes of a small cluster never fill it.
 */
export class Backlog {
  readonly #limitBytes: number
  #ring: Uint8Array
  /** Bytes held. */
  #length = 0
  /** Where in the ring the next byte goes. */
  #head = 0
  #nextByte: number

  /** `nextByte`: the number of the byte that will be appended first. */
  constructor(limitBytes: number, nextByte: number) {
    this.#limitBytes = limitBytes
    this.#nextByte = nextByte
    this.#ring = new Uint8Array(Math.min(FIRST_CAPACITY_BYTES, limitBytes))
  }

  get sizeBytes(): number {
    return this.#limitBytes
  }

  get length(): number {
    return this.#length
  }

  /** The number of the oldest byte held; of the next one when nothing is held. */
  get firstByte(): number {
    return this.#nextByte - this.#length
  }

  /** Memory taken, for INFO. */
  get capacityBytes(): number {
    return this.#ring.length
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#limitBytes))
    if (this.#length + kept.length > this.#ring.length) this.#grow(this.#length + kept.length)
    const ring = this.#ring
    const first = Math.min(kept.length, ring.length - this.#head)
    ring.set(kept.subarray(0, first), this.#head)
    ring.set(kept.subarray(first), 0)
    this.#head = (this.#head + kept.length) % ring.length
    this.#length = Math.min(this.#length + kept.length, ring.length)
    this.#nextByte += bytes.length
  }

  /** Can a replica go on that wants this byte next? The byte after the last is none that is missing. */
  covers(wantedByte: number): boolean {
    return wantedByte >= this.firstByte && wantedByte <= this.#nextByte
  }

  /** Everything from this byte on, which must be covered: a copy. */
  since(wantedByte: number): Uint8Array {
    assert(this.covers(wantedByte), 'the backlog holds what it is asked for')
    const count = this.#nextByte - wantedByte
    const ring = this.#ring
    const start = (this.#head - count + ring.length) % ring.length
    const copy = new Uint8Array(count)
    const first = Math.min(count, ring.length - start)
    copy.set(ring.subarray(start, start + first))
    copy.set(ring.subarray(0, count - first), first)
    return copy
  }

  #grow(wanted: number): void {
    const capacity = Math.min(this.#limitBytes, Math.max(wanted, this.#ring.length * 2))
    if (capacity === this.#ring.length) return
    const held = this.since(this.firstByte)
    this.#ring = new Uint8Array(capacity)
    this.#ring.set(held)
    this.#head = held.length % capacity
  }
}
