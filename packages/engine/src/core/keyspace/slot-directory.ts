import { SLOTS } from '../cluster/slot.ts'
import { type Arena, UNIT_BITS, UNIT_MASK } from './arena.ts'
import { WALK_END } from './byte-table.ts'
import type { KeyRecords } from './key-records.ts'

/** What a directory knows of one slot; taken out of one directory it can be put into another over the same records. */
export type SlotPages = { readonly root: number; readonly depth: number; readonly count: number }

/**
 * Where the records of keys are, slot by slot: an ordered open-addressing hash table per slot, made of pages in the arena.
 *
 *   page: count i32 | local depth and capacity i32 | capacity x [position i32, record i32]
 *
 * A key's position is its hash, as an unsigned number, and the positions are the order of a walk. The home of a key in a page is
 * proportional to its position, so a page is nearly sorted: a walk takes its keys piece by piece by looking at a few cells. While a slot
 * is small it has one page, which grows by half its size each time. A page of 8 KiB that is full splits in two by the next bit of the
 * position (extendible hashing), so that no step of a slot of millions costs more than one page; the slot then has a table of its pages.
 *
 * A walk's place is a position. Every key has exactly one, whatever the pages do: a walk gives each key that is there all the time exactly
 * once, and "has the walk passed this key?" is one comparison.
 */
export class SlotDirectory {
  readonly #records: KeyRecords
  readonly #arena: Arena
  /** By slot: the address of its page or of the table of its pages; then its keys, and in the low bits those by which that table is indexed. */
  #heads = EMPTY_HEADS
  #size = 0

  constructor(records: KeyRecords) {
    this.#records = records
    this.#arena = records.arena
  }

  /** Over all slots. */
  get size(): number {
    return this.#size
  }

  sizeOfSlot(slot: number): number {
    return (this.#heads[(slot << 1) + 1] as number) >>> DEPTH_BITS
  }

  /** The record of the key `source[start .. start + length)`, whose hash is `position`; 0 when there is none. */
  find(slot: number, position: number, source: Uint8Array, start: number, length: number): number {
    const root = this.#heads[slot << 1] as number
    if (root === 0) return 0
    const page = ((this.#heads[(slot << 1) + 1] as number) & DEPTH) === 0 ? root : this.#pageAt(slot, position)
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    const shape = words[base + 1] as number
    const end = base + HEADER_WORDS + ((shape & CAPACITY) << 1)
    for (let at = base + HEADER_WORDS + (homeOf(position, shape) << 1); ; ) {
      const record = words[at + 1] as number
      if (record === 0) return 0
      if (words[at] === position && this.#records.holds(record, source, start, length)) return record
      at += 2
      if (at === end) at = base + HEADER_WORDS
    }
  }

  /**
   * Has the processor fetch what `find` will look at for these keys, a slot of -1 standing for none. Each pass asks for something that is
   * known for all keys by then, so that it waits for many answers at a time. Fills `records` with what stands where each key should, 0 for
   * nothing, and returns a number that means nothing.
   */
  warm(slots: Int32Array, positions: Int32Array, count: number, records: Int32Array): number {
    const { words } = this.#arena
    const pages = records
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number
      pages[i] = slot < 0 || this.#heads[slot << 1] === 0 ? 0 : this.#pageAt(slot, positions[i] as number)
    }
    for (let i = 0; i < count; i++) {
      const page = pages[i] as number
      if (page === 0) continue
      const base = (page & UNIT_MASK) << 1
      const slab = words[page >>> UNIT_BITS] as Int32Array
      pages[i] = slab[base + HEADER_WORDS + (homeOf(positions[i] as number, slab[base + 1] as number) << 1) + 1] as number
    }
    let sum = 0
    for (let i = 0; i < count; i++) {
      const record = pages[i] as number
      if (record !== 0) sum ^= (words[record >>> UNIT_BITS] as Int32Array)[(record & UNIT_MASK) << 1] as number
    }
    return sum
  }

  /** Is this very record in the directory? */
  has(slot: number, position: number, record: number): boolean {
    return this.#cellOf(slot, position, record) >= 0
  }

  /** Adds a record that is not there. */
  add(slot: number, position: number, record: number): void {
    if (this.#heads === EMPTY_HEADS) this.#heads = new Int32Array(SLOTS * 2)
    const page = this.#pageWithRoom(slot, position)
    this.#place(page, position, record)
    ;(this.#heads[(slot << 1) + 1] as number) += ONE_KEY
    this.#size++
  }

  /** Puts a record of the same key in the place of another. */
  replace(slot: number, position: number, old: number, record: number): void {
    const at = this.#cellOf(slot, position, old)
    if (at >= 0) (this.#arena.words[this.#pageAt(slot, position) >>> UNIT_BITS] as Int32Array)[at + 1] = record
  }

  /** True if the record was there. */
  remove(slot: number, position: number, record: number): boolean {
    const at = this.#cellOf(slot, position, record)
    if (at < 0) return false
    ;(this.#heads[(slot << 1) + 1] as number) -= ONE_KEY
    this.#size--
    if (this.sizeOfSlot(slot) === 0) this.#freePages(this.#take(slot))
    else this.#vacate(slot, position, at)
    return true
  }

  /**
   * Visits the records whose positions are in a piece of the order that begins at `position` (0 to begin), and returns the end of that
   * piece; WALK_END when it was the last. `visit` must not change the directory: collect, then change.
   */
  walk(slot: number, position: number, visit: (record: number, position: number) => void): number {
    if (this.#heads[slot << 1] === 0) return WALK_END
    const page = this.#pageAt(slot, position | 0)
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = ((page & UNIT_MASK) << 1) + HEADER_WORDS
    const shape = words[base - 1] as number
    const capacity = shape & CAPACITY
    const first = homeOf(position | 0, shape)
    const next = endOfPiece(position, first + CELLS_PER_STEP, shape)
    // Keys stand at their home or behind it with no gap between.
    for (let i = 0; i < capacity; i++) {
      const at = base + (((first + i) % capacity) << 1)
      const record = words[at + 1] as number
      if (record === 0) {
        if (i >= CELLS_PER_STEP) break
        continue
      }
      const place = (words[at] as number) >>> 0
      if (place >= position && place < next) visit(record, place)
    }
    return next
  }

  /** Moves the page for a position out of a slab that is leaving. */
  movePage(slot: number, position: number): void {
    if (this.#heads[slot << 1] === 0) return
    const page = this.#pageAt(slot, position | 0)
    if (!this.#arena.isLeaving(page)) return
    const shape = (this.#arena.words[page >>> UNIT_BITS] as Int32Array)[((page & UNIT_MASK) << 1) + 1] as number
    this.#moveTo(slot, position | 0, page, this.#makePage(shape & CAPACITY, shape >>> CAPACITY_BITS))
  }

  /** All records of a slot; it must not change meanwhile. */
  *recordsOf(slot: number): Generator<number> {
    if (this.#heads[slot << 1] === 0) return
    const pages = pagesUnder(this.#arena, this.#heads[slot << 1] as number, this.#depthOf(slot))
    for (const page of pages) yield* recordsOn(this.#arena, page)
  }

  /** A random record of a slot that holds some. `pick(n)` returns 0..n-1. */
  random(slot: number, pick: (bound: number) => number): number {
    for (let tries = 0; tries < 128; tries++) {
      const page = this.#pageAt(slot, pick(WALK_END) | 0)
      const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
      const base = (page & UNIT_MASK) << 1
      const cell = pick((words[base + 1] as number) & CAPACITY)
      const record = words[base + HEADER_WORDS + (cell << 1) + 1] as number
      if (record !== 0) return record
    }
    let skip = pick(this.sizeOfSlot(slot))
    for (const record of this.recordsOf(slot)) if (skip-- === 0) return record
    return 0
  }

  /** Takes a slot out, in constant time. */
  detach(slot: number): SlotPages {
    const pages = this.#take(slot)
    this.#size -= pages.count
    return pages
  }

  #take(slot: number): SlotPages {
    const root = this.#heads[slot << 1] as number
    const pages = { root, depth: this.#depthOf(slot), count: this.sizeOfSlot(slot) }
    if (root !== 0) this.#heads.fill(0, slot << 1, (slot << 1) + 2)
    return pages
  }

  /** Puts in what was detached elsewhere; the slot is empty here. */
  attach(slot: number, { root, depth, count }: SlotPages): void {
    if (count === 0) return
    if (this.#heads === EMPTY_HEADS) this.#heads = new Int32Array(SLOTS * 2)
    this.#heads[slot << 1] = root
    this.#heads[(slot << 1) + 1] = (count << DEPTH_BITS) | depth
    this.#size += count
  }

  /** Gives back the pages of a slot that was detached; the records are somebody else's business. */
  #freePages({ root, depth }: SlotPages): void {
    for (const page of pagesUnder(this.#arena, root, depth)) this.#arena.free(page)
    if (depth > 0) this.#arena.free(root)
  }

  #depthOf(slot: number): number {
    return (this.#heads[(slot << 1) + 1] as number) & DEPTH
  }

  /** The page for a position in a slot that has pages. */
  #pageAt(slot: number, position: number): number {
    const root = this.#heads[slot << 1] as number
    const depth = this.#depthOf(slot)
    if (depth === 0) return root
    return (this.#arena.words[root >>> UNIT_BITS] as Int32Array)[((root & UNIT_MASK) << 1) + (position >>> (32 - depth))] as number
  }

  /** Index of the record's cell among the words of its page's slab; -1 when it is not there. */
  #cellOf(slot: number, position: number, record: number): number {
    if (this.#heads[slot << 1] === 0) return -1
    const page = this.#pageAt(slot, position)
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    const shape = words[base + 1] as number
    const end = base + HEADER_WORDS + ((shape & CAPACITY) << 1)
    for (let at = base + HEADER_WORDS + (homeOf(position, shape) << 1); words[at + 1] !== 0; ) {
      if (words[at + 1] === record) return at
      at += 2
      if (at === end) at = base + HEADER_WORDS
    }
    return -1
  }

  /** The page for a position, made, grown or split until it can take one more. */
  #pageWithRoom(slot: number, position: number): number {
    if (this.#heads[slot << 1] === 0) this.#heads[slot << 1] = this.#makePage(SMALLEST_PAGE, 0)
    for (;;) {
      const page = this.#pageAt(slot, position)
      const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
      const base = (page & UNIT_MASK) << 1
      const shape = words[base + 1] as number
      const capacity = shape & CAPACITY
      if ((words[base] as number) < roomIn(capacity)) return page
      const depth = shape >>> CAPACITY_BITS
      if (capacity < LARGEST_PAGE || depth === DEEPEST) {
        this.#moveTo(slot, position, page, this.#makePage(nextCapacity(capacity), depth))
      } else this.#split(slot, position, page, depth)
    }
  }

  /** Puts a larger or smaller page with the same keys in the place of one. */
  #moveTo(slot: number, position: number, page: number, other: number): void {
    this.#copyCells(page, () => other)
    this.#hang(slot, position, page, other, other)
    this.#arena.free(page)
  }

  #split(slot: number, position: number, page: number, depth: number): void {
    if (depth === this.#depthOf(slot)) this.#deepen(slot)
    const capacity = LARGEST_PAGE
    const low = this.#makePage(capacity, depth + 1)
    const high = this.#makePage(capacity, depth + 1)
    const bit = 1 << (31 - depth)
    this.#copyCells(page, (place) => (place & bit ? high : low))
    this.#hang(slot, position, page, low, high)
    this.#arena.free(page)
  }

  #copyCells(page: number, target: (position: number) => number): void {
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    const end = base + HEADER_WORDS + (((words[base + 1] as number) & CAPACITY) << 1)
    for (let at = base + HEADER_WORDS; at < end; at += 2) {
      const record = words[at + 1] as number
      if (record !== 0) this.#place(target(words[at] as number), words[at] as number, record)
    }
  }

  /** Doubles a slot's table of pages, or makes one of two places. */
  #deepen(slot: number): void {
    const root = this.#heads[slot << 1] as number
    const depth = this.#depthOf(slot)
    const table = this.#arena.allocate(8 << depth)
    const words = this.#arena.words[table >>> UNIT_BITS] as Int32Array
    const base = (table & UNIT_MASK) << 1
    if (depth === 0) words.fill(root, base, base + 2)
    else {
      const old = this.#arena.words[root >>> UNIT_BITS] as Int32Array
      const from = (root & UNIT_MASK) << 1
      for (let i = 0; i < 1 << depth; i++) words.fill(old[from + i] as number, base + 2 * i, base + 2 * i + 2)
      this.#arena.free(root)
    }
    this.#heads[slot << 1] = table
    ;(this.#heads[(slot << 1) + 1] as number)++
  }

  /** Where `page` hangs, `low` and `high` hang from now on: one for the lower half of its positions, one for the upper. */
  #hang(slot: number, position: number, page: number, low: number, high: number): void {
    const root = this.#heads[slot << 1] as number
    const depth = this.#depthOf(slot)
    if (depth === 0) {
      this.#heads[slot << 1] = low
      return
    }
    const local = ((this.#arena.words[page >>> UNIT_BITS] as Int32Array)[((page & UNIT_MASK) << 1) + 1] as number) >>> CAPACITY_BITS
    const places = 1 << (depth - local)
    const words = this.#arena.words[root >>> UNIT_BITS] as Int32Array
    const first = ((root & UNIT_MASK) << 1) + ((position >>> (32 - depth)) & ~(places - 1))
    words.fill(low, first, first + (places >>> 1))
    words.fill(high, first + (places >>> 1), first + places)
  }

  #makePage(capacity: number, depth: number): number {
    const page = this.#arena.allocate(bytesOfPage(capacity))
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    words.fill(0, base, base + HEADER_WORDS + (capacity << 1))
    words[base + 1] = capacity | (depth << CAPACITY_BITS)
    return page
  }

  /** Writes a cell into a page that has room. */
  #place(page: number, position: number, record: number): void {
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    const shape = words[base + 1] as number
    const end = base + HEADER_WORDS + ((shape & CAPACITY) << 1)
    let at = base + HEADER_WORDS + (homeOf(position, shape) << 1)
    while (words[at + 1] !== 0) {
      at += 2
      if (at === end) at = base + HEADER_WORDS
    }
    words[at] = position
    words[at + 1] = record
    ;(words[base] as number)++
  }

  /** Empties a cell, moves up those behind it that may, and makes a page smaller that is nearly empty. */
  #vacate(slot: number, position: number, cell: number): void {
    const page = this.#pageAt(slot, position)
    const words = this.#arena.words[page >>> UNIT_BITS] as Int32Array
    const base = (page & UNIT_MASK) << 1
    const shape = words[base + 1] as number
    const capacity = shape & CAPACITY
    const start = base + HEADER_WORDS
    let gap = (cell - start) >>> 1
    for (let i = gap; ; ) {
      i = i + 1 === capacity ? 0 : i + 1
      const at = start + (i << 1)
      if (words[at + 1] === 0) break
      const home = homeOf(words[at] as number, shape)
      if ((i - home + capacity) % capacity < (i - gap + capacity) % capacity) continue
      words[start + (gap << 1)] = words[at] as number
      words[start + (gap << 1) + 1] = words[at + 1] as number
      gap = i
    }
    words[start + (gap << 1) + 1] = 0
    const count = (words[base] as number) - 1
    words[base] = count
    if (capacity > SMALLEST_PAGE && count < capacity >>> 2) {
      this.#moveTo(slot, position, page, this.#makePage(capacityFor(count), shape >>> CAPACITY_BITS))
    }
  }
}

/** Each page under a root, once. */
export function* pagesUnder(arena: Arena, root: number, depth: number): Generator<number> {
  if (depth === 0) {
    yield root
    return
  }
  const words = arena.words[root >>> UNIT_BITS] as Int32Array
  const base = (root & UNIT_MASK) << 1
  for (let i = 0; i < 1 << depth; ) {
    const page = words[base + i] as number
    // Before the page is given out, for it may be gone after.
    const local = ((arena.words[page >>> UNIT_BITS] as Int32Array)[((page & UNIT_MASK) << 1) + 1] as number) >>> CAPACITY_BITS
    yield page
    i += 1 << (depth - local)
  }
}

export function* recordsOn(arena: Arena, page: number): Generator<number> {
  const words = arena.words[page >>> UNIT_BITS] as Int32Array
  const base = (page & UNIT_MASK) << 1
  const end = base + HEADER_WORDS + (((words[base + 1] as number) & CAPACITY) << 1)
  for (let at = base + HEADER_WORDS; at < end; at += 2) if (words[at + 1] !== 0) yield words[at + 1] as number
}

/** What a directory begins with, as long as it holds nothing. */
const EMPTY_HEADS = new Int32Array(SLOTS * 2)
const DEPTH_BITS = 5
const DEPTH = (1 << DEPTH_BITS) - 1
const ONE_KEY = 1 << DEPTH_BITS
const HEADER_WORDS = 2
const CAPACITY_BITS = 24
const CAPACITY = (1 << CAPACITY_BITS) - 1
/** Cells of a page of 32 bytes, and of one of 8 KiB. */
const SMALLEST_PAGE = 3
const LARGEST_PAGE = 1023
/** A page that has been told apart by so many bits, and is full again, grows: there are 45 million keys in the slot, or their hashes collide. */
const DEEPEST = 16
/** Cells whose keys one step of a walk gives. */
const CELLS_PER_STEP = 8

function bytesOfPage(capacity: number): number {
  return 8 + capacity * 8
}

/** At least one cell stays empty, where a search ends. */
function roomIn(capacity: number): number {
  return capacity - 1 - (capacity >>> 3)
}

/** About half as much again, so that the page fills a size of the arena's: 32 bytes, 64, 96, 128, 192, 256, 384 ... */
function nextCapacity(capacity: number): number {
  const bytes = bytesOfPage(capacity)
  if (bytes === 32) return 7
  const power = 2 ** Math.floor(Math.log2(bytes))
  return (bytes === power ? power * 1.5 : power * 2) / 8 - 1
}

/** For a page that holds `count` keys and may soon hold some more. */
function capacityFor(count: number): number {
  let capacity = SMALLEST_PAGE
  while (roomIn(capacity) < count + (count >>> 2) + 1) capacity = nextCapacity(capacity)
  return capacity
}

/** The home cell of a position in a page of this shape: proportional to what its depth leaves of the position. */
function homeOf(position: number, shape: number): number {
  const capacity = shape & CAPACITY
  const rest = (position << (shape >>> CAPACITY_BITS)) >>> 16
  return capacity <= 65_535 ? Math.imul(rest, capacity) >>> 16 : Math.floor((rest * capacity) / 65_536)
}

/** The first position, after `position`, whose home in this page is `cell` or beyond; the end of the page's positions if there is none. */
function endOfPiece(position: number, cell: number, shape: number): number {
  const capacity = shape & CAPACITY
  const depth = shape >>> CAPACITY_BITS
  const width = 2 ** (32 - depth)
  const start = Math.floor(position / width) * width
  if (cell >= capacity) return start + width
  return start + (Math.ceil((cell * 65_536) / capacity) * 65_536) / 2 ** depth
}
