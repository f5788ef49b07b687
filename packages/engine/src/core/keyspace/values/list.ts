import { sameBytes } from '../../bytes.ts'
import { LISTPACK_FRAME_BYTES, listpackEntryBytes } from './listpack-size.ts'

/**
 * A list: a deque of chunks, each a short array with room at its front. Both ends are O(1); an index is found by counting
 * chunks from the nearer end; an insertion or removal in the middle moves one chunk's elements only.
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

  /** `element` is kept as it is, as in every method that takes one: pass a copy that nobody changes. */
  pushHead(element: Uint8Array): void {
    this.#added(element)
    let chunk = this.#chunks.first
    if (!chunk || chunk.start === 0) {
      chunk = chunk && chunk.length < CHUNK_LENGTH ? respaced(chunk) : this.#chunks.unshift(new Chunk(CHUNK_LENGTH))
    }
    chunk.start--
    chunk.items[chunk.start] = element
  }

  pushTail(element: Uint8Array): void {
    this.#added(element)
    let chunk = this.#chunks.last
    if (!chunk || chunk.items.length >= CHUNK_LENGTH) chunk = this.#chunks.push(new Chunk(0))
    chunk.items.push(element)
  }

  popHead(): Uint8Array | undefined {
    const chunk = this.#chunks.first
    if (!chunk) return undefined
    const element = chunk.items[chunk.start] as Uint8Array
    chunk.items[chunk.start] = undefined
    chunk.start++
    if (chunk.length === 0) this.#chunks.shift()
    this.#removed(element)
    return element
  }

  popTail(): Uint8Array | undefined {
    const chunk = this.#chunks.last
    if (!chunk) return undefined
    const element = chunk.items.pop() as Uint8Array
    if (chunk.length === 0) this.#chunks.pop()
    this.#removed(element)
    return element
  }

  /** The element at 0..length-1; undefined beyond. */
  at(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.#length) return undefined
    const [number, offset] = this.#locate(index)
    const chunk = this.#chunks.at(number)
    return chunk.items[chunk.start + offset]
  }

  /** Replaces the element at 0..length-1. */
  set(index: number, element: Uint8Array): void {
    const [number, offset] = this.#locate(index)
    const chunk = this.#chunks.at(number)
    const old = chunk.items[chunk.start + offset] as Uint8Array
    this.#packedBytes += listpackEntryBytes(element) - listpackEntryBytes(old)
    chunk.items[chunk.start + offset] = element
    this.#grown()
  }

  /** Inserts next to the first element equal to `pivot`; false when there is none. */
  insertBefore(pivot: Uint8Array, element: Uint8Array): boolean {
    return this.#insertBeside(pivot, element, 0)
  }

  insertAfter(pivot: Uint8Array, element: Uint8Array): boolean {
    return this.#insertBeside(pivot, element, 1)
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
    let [number, offset] = this.#locate(reverse ? last : first)
    const step = reverse ? -1 : 1
    while (true) {
      const chunk = this.#chunks.at(number)
      const end = reverse ? -1 : chunk.length
      for (; offset !== end; offset += step) {
        yield chunk.items[chunk.start + offset] as Uint8Array
        if (--left === 0) return
      }
      number += step
      offset = reverse ? this.#chunks.at(number).length - 1 : 0
    }
  }

  /** After a removal: lets the packing go back when little is left. Callers are the commands after which the reference looks. */
  noteShrunk(): void {
    if (this.#packedBytes <= PACKED_BYTES_LIMIT / 2) this.#quicklist = false
  }

  /** A copy; elements never change, so both may hold the same ones. */
  copy(): ListValue {
    const copy = new ListValue()
    for (const element of this.items()) copy.pushTail(element)
    copy.#quicklist = this.#quicklist
    return copy
  }

  #insertBeside(pivot: Uint8Array, element: Uint8Array, after: 0 | 1): boolean {
    for (let number = 0; number < this.#chunks.length; number++) {
      const chunk = this.#chunks.at(number)
      for (let at = chunk.start; at < chunk.items.length; at++) {
        if (!sameBytes(chunk.items[at] as Uint8Array, pivot)) continue
        chunk.items.splice(at + after, 0, element)
        if (chunk.length > CHUNK_LENGTH * 2) this.#chunks.split(number)
        this.#added(element)
        return true
      }
    }
    return false
  }

  #locate(index: number): [chunk: number, offset: number] {
    if (index <= this.#length / 2) {
      let left = index
      for (let number = 0; ; number++) {
        const length = this.#chunks.at(number).length
        if (left < length) return [number, left]
        left -= length
      }
    }
    let left = this.#length - 1 - index
    for (let number = this.#chunks.length - 1; ; number--) {
      const length = this.#chunks.at(number).length
      if (left < length) return [number, length - 1 - left]
      left -= length
    }
  }

  #added(element: Uint8Array): void {
    this.#length++
    this.#packedBytes += listpackEntryBytes(element)
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

const CHUNK_LENGTH = 128
/** `list-max-listpack-size -2`. */
const PACKED_BYTES_LIMIT = 8192

/** Elements stand at start..items.length-1; what is before `start` is free room. */
class Chunk {
  start: number
  items: (Uint8Array | undefined)[]

  constructor(room: number) {
    this.start = room
    this.items = new Array(room).fill(undefined)
  }

  get length(): number {
    return this.items.length - this.start
  }
}

/** Chunks with the same trick one level up: taking the first away moves nothing. */
class ChunkDeque {
  #chunks: (Chunk | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#chunks.length - this.#start
  }

  get first(): Chunk | undefined {
    return this.#chunks[this.#start]
  }

  get last(): Chunk | undefined {
    return this.#chunks.at(-1)
  }

  at(number: number): Chunk {
    return this.#chunks[this.#start + number] as Chunk
  }

  push(chunk: Chunk): Chunk {
    this.#chunks.push(chunk)
    return chunk
  }

  unshift(chunk: Chunk): Chunk {
    if (this.#start === 0) {
      // Room as large as the content, so that a list fed at its head moves each chunk a constant number of times.
      const room = Math.max(4, this.#chunks.length)
      this.#chunks = [...new Array<undefined>(room).fill(undefined), ...this.#chunks]
      this.#start = room
    }
    this.#start--
    this.#chunks[this.#start] = chunk
    return chunk
  }

  shift(): void {
    this.#chunks[this.#start] = undefined
    this.#start++
    if (this.#start > 64 && this.#start > this.#chunks.length / 2) {
      this.#chunks = this.#chunks.slice(this.#start)
      this.#start = 0
    }
  }

  pop(): void {
    this.#chunks.pop()
    if (this.length === 0) {
      this.#chunks = []
      this.#start = 0
    }
  }

  split(number: number): void {
    const chunk = this.at(number)
    const half = chunk.start + (chunk.length >>> 1)
    const rest = new Chunk(0)
    rest.items = chunk.items.slice(half)
    chunk.items.length = half
    this.#chunks.splice(this.#start + number + 1, 0, rest)
  }

  /** After removals anywhere: drops empty chunks and joins small neighbours. */
  dropEmpty(): void {
    const kept: Chunk[] = []
    for (let number = 0; number < this.length; number++) {
      const chunk = this.at(number)
      if (chunk.length === 0) continue
      const before = kept.at(-1)
      if (before && before.length + chunk.length <= CHUNK_LENGTH / 2) {
        for (let at = chunk.start; at < chunk.items.length; at++) before.items.push(chunk.items[at])
      } else kept.push(chunk)
    }
    this.#chunks = kept
    this.#start = 0
  }
}

/** Makes room at the front of a chunk that has none but is not full. */
function respaced(chunk: Chunk): Chunk {
  const room = CHUNK_LENGTH - chunk.length
  chunk.items = [...new Array<undefined>(room).fill(undefined), ...chunk.items.slice(chunk.start)]
  chunk.start = room
  return chunk
}

function removeFrom(chunk: Chunk, element: Uint8Array, limit: number, fromTail: boolean): number {
  const live = chunk.items.slice(chunk.start)
  if (fromTail) live.reverse()
  let removed = 0
  const kept = live.filter((item) => {
    if (removed === limit || !sameBytes(item as Uint8Array, element)) return true
    removed++
    return false
  })
  if (removed === 0) return 0
  if (fromTail) kept.reverse()
  chunk.items = kept
  chunk.start = 0
  return removed
}
