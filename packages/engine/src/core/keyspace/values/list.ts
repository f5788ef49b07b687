import { ChunkDeque } from './chunk-deque.ts'
import { CHUNK_BYTES, ElementChunk } from './element-chunk.ts'
import { LISTPACK_FRAME_BYTES, listpackEntryBytes } from './listpack-size.ts'

/**
 * A list: a deque of chunks, in each of which elements lie side by side (`element-chunk.ts`). Both ends are O(1); an index is found by
 * counting chunks from the nearer end, then elements in the chunk; an insertion or removal in the middle moves one chunk's bytes only.
 *
 * What is given is copied. Elements that come out are views, valid until the list changes.
 */
export class ListValue {
  readonly type = 'list'
  #chunks = new ChunkDeque()
  #length = 0
  #packedBytes = LISTPACK_FRAME_BYTES
  #quicklist = false

  get length(): number {
    return this.#length
  }

  /** What the chunks take, by a sample of up to `samples` of them (0: all). */
  bytes(samples: number): number {
    const count = this.#chunks.length
    const seen = samples === 0 ? count : Math.min(count, samples)
    let bytes = 0
    for (let number = 0; number < seen; number++) bytes += this.#chunks.at(number).capacity
    return seen === 0 ? 0 : Math.round((bytes / seen) * count)
  }

  /** Chunks, each an object or two. */
  get chunkCount(): number {
    return this.#chunks.length
  }

  /**
   * What OBJECT ENCODING says. The reference packs a list of up to 8 KiB into one listpack and splits a longer one; it goes
   * back when a removal leaves no more than half of that (`listTypeTryConvertQuicklist`).
   */
  get encoding(): 'listpack' | 'quicklist' {
    return this.#quicklist ? 'quicklist' : 'listpack'
  }

  /** Tells how many bytes of elements are about to be added at once: the reference decides on its packing before it adds. */
  expect(addedBytes: number): void {
    if (this.#packedBytes + addedBytes > PACKED_BYTES_LIMIT) this.#quicklist = true
  }

  /** Adds `source[start .. start + length)` in front of the first. */
  pushHead(source: Uint8Array, start = 0, length = source.length): void {
    this.#added(source, start, length)
    let chunk = this.#chunks.first
    if (!chunk?.takes(length, CHUNK_BYTES)) chunk = this.#chunks.unshift(new ElementChunk(this.#roomFor(length), 'front'))
    chunk.unshift(source, start, length)
  }

  /** Adds `source[start .. start + length)` behind the last. */
  pushTail(source: Uint8Array, start = 0, length = source.length): void {
    this.#added(source, start, length)
    let chunk = this.#chunks.last
    if (!chunk?.takes(length, CHUNK_BYTES)) chunk = this.#chunks.push(new ElementChunk(this.#roomFor(length), 'back'))
    chunk.push(source, start, length)
  }

  popHead(): Uint8Array | undefined {
    const chunk = this.#chunks.first
    if (!chunk) return undefined
    const element = chunk.view(chunk.first)
    chunk.shift()
    if (chunk.count === 0) this.#chunks.shift()
    this.#removed(element)
    return element
  }

  popTail(): Uint8Array | undefined {
    const chunk = this.#chunks.last
    if (!chunk) return undefined
    const element = chunk.view(chunk.last)
    chunk.pop()
    if (chunk.count === 0) this.#chunks.pop()
    this.#removed(element)
    return element
  }

  /** The element at 0..length-1; undefined beyond. */
  at(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.#length) return undefined
    const [number, inside] = this.#locate(index)
    const chunk = this.#chunks.at(number)
    return chunk.view(chunk.offsetOf(inside))
  }

  /** Replaces the element at 0..length-1. */
  set(index: number, element: Uint8Array): void {
    const [number, inside] = this.#locate(index)
    const chunk = this.#chunks.at(number)
    const offset = chunk.offsetOf(inside)
    this.#packedBytes += listpackEntryBytes(element) - listpackEntryBytes(chunk.view(offset))
    chunk.replace(offset, element)
    if (chunk.usedBytes > CHUNK_BYTES * 2 && chunk.count > 1) this.#chunks.split(number)
    this.#grown()
  }

  /** Inserts next to the first element equal to `pivot`; false when there is none. */
  insertBefore(pivot: Uint8Array, element: Uint8Array): boolean {
    return this.#insertBeside(pivot, element, 'before')
  }

  insertAfter(pivot: Uint8Array, element: Uint8Array): boolean {
    return this.#insertBeside(pivot, element, 'after')
  }

  /**
   * Removes elements equal to `element`: the first `count`, the last `-count` when negative, all when 0. Returns how many.
   */
  remove(count: number, element: Uint8Array): number {
    const limit = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count)
    let removed = 0
    const chunks = this.#chunks
    const fromTail = count < 0
    for (let step = 0; step < chunks.length && removed < limit; step++) {
      removed += removeFrom(chunks.at(fromTail ? chunks.length - 1 - step : step), element, limit - removed, fromTail)
    }
    if (removed === 0) return 0
    this.#length -= removed
    this.#packedBytes -= removed * listpackEntryBytes(element)
    chunks.dropEmpty()
    return removed
  }

  /** Keeps start..stop (both included, 0 <= start <= stop); elements beyond the end are not missed. */
  trim(start: number, stop: number): void {
    const fromTail = Math.max(0, this.#length - 1 - stop)
    for (let i = Math.min(start, this.#length); i > 0; i--) this.popHead()
    for (let i = Math.min(fromTail, this.#length); i > 0; i--) this.popTail()
  }

  /** Elements start..stop, both included, in order; from stop down to start when `reverse`. The list must not change meanwhile. */
  *items(start = 0, stop = this.#length - 1, reverse = false): Generator<Uint8Array> {
    const first = Math.max(start, 0)
    const last = Math.min(stop, this.#length - 1)
    let left = last - first + 1
    if (left <= 0) return
    let [number, inside] = this.#locate(reverse ? last : first)
    for (;;) {
      const chunk = this.#chunks.at(number)
      if (inside < 0) inside = reverse ? chunk.count - 1 : 0
      let offset = chunk.offsetOf(inside)
      for (let here = Math.min(left, reverse ? inside + 1 : chunk.count - inside); here > 0; here--, left--) {
        yield chunk.view(offset)
        if (here > 1) offset = reverse ? chunk.previous(offset) : chunk.next(offset)
      }
      if (left === 0) return
      number += reverse ? -1 : 1
      inside = -1
    }
  }

  /** As `items`, upwards and without views: `visit` gets the bytes in which an element lies, where it begins, and its length. */
  visit(start: number, stop: number, visit: (bytes: Uint8Array, start: number, length: number) => void): void {
    let left = stop - start + 1
    if (left <= 0) return
    let [number, inside] = this.#locate(start)
    for (; left > 0; number++, inside = 0) {
      const chunk = this.#chunks.at(number)
      let offset = chunk.offsetOf(inside)
      for (let here = Math.min(left, chunk.count - inside); here > 0; here--, left--) {
        visit(chunk.bytes, chunk.content(offset), chunk.length(offset))
        offset = chunk.next(offset)
      }
    }
  }

  /** After a removal: lets the packing go back when little is left. Callers are the commands after which the reference looks. */
  noteShrunk(): void {
    if (this.#packedBytes <= PACKED_BYTES_LIMIT / 2) this.#quicklist = false
  }

  copy(): ListValue {
    const copy = new ListValue()
    for (let number = 0; number < this.#chunks.length; number++) copy.#chunks.push(this.#chunks.at(number).copy())
    copy.#length = this.#length
    copy.#packedBytes = this.#packedBytes
    copy.#quicklist = this.#quicklist
    return copy
  }

  /** How large to make a chunk for an element: small for what may stay a small list. */
  #roomFor(length: number): number {
    return this.#chunks.length > 0 ? Math.max(CHUNK_BYTES, length + 10) : Math.max(FIRST_CHUNK_BYTES, length + 10)
  }

  #insertBeside(pivot: Uint8Array, element: Uint8Array, side: 'before' | 'after'): boolean {
    for (let number = 0; number < this.#chunks.length; number++) {
      const chunk = this.#chunks.at(number)
      for (let left = chunk.count, offset = chunk.first; left > 0; left--, offset = chunk.next(offset)) {
        if (!chunk.equals(offset, pivot)) continue
        chunk.insert(side === 'before' ? offset : chunk.next(offset), element)
        if (chunk.usedBytes > CHUNK_BYTES * 2 && chunk.count > 1) this.#chunks.split(number)
        this.#added(element, 0, element.length)
        return true
      }
    }
    return false
  }

  #locate(index: number): [chunk: number, inside: number] {
    if (index <= this.#length / 2) {
      let left = index
      for (let number = 0; ; number++) {
        const { count } = this.#chunks.at(number)
        if (left < count) return [number, left]
        left -= count
      }
    }
    let left = this.#length - 1 - index
    for (let number = this.#chunks.length - 1; ; number--) {
      const { count } = this.#chunks.at(number)
      if (left < count) return [number, count - 1 - left]
      left -= count
    }
  }

  #added(source: Uint8Array, start: number, length: number): void {
    this.#length++
    this.#packedBytes += listpackEntryBytes(source, start, length)
    this.#grown()
  }

  #removed(element: Uint8Array): void {
    this.#length--
    this.#packedBytes -= listpackEntryBytes(element)
  }

  #grown(): void {
    if (this.#packedBytes > PACKED_BYTES_LIMIT) this.#quicklist = true
  }
}

/** The first chunk of a list, which doubles until it is as large as the others. */
const FIRST_CHUNK_BYTES = 32
/** `list-max-listpack-size -2`. */
const PACKED_BYTES_LIMIT = 8192

function removeFrom(chunk: ElementChunk, element: Uint8Array, limit: number, fromTail: boolean): number {
  let removed = 0
  let offset = fromTail ? chunk.last : chunk.first
  for (let left = chunk.count; left > 0 && removed < limit; left--) {
    const isMatch = chunk.equals(offset, element)
    // The end of all that are left is the start of the one behind; what is before the first is never looked at.
    const before = fromTail && left > 1 ? chunk.previous(offset) : offset
    if (isMatch) {
      chunk.remove(offset)
      removed++
    }
    offset = fromTail ? before : isMatch ? offset : chunk.next(offset)
  }
  return removed
}
