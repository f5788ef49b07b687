import { Regions, SPACE_BYTES, type Space } from './regions.ts'

/**
 * Memory for many small things, without an object for each: the records of keys and the pages of their directories.
 *
 *   address = slab number << 15 | offset in the slab / 8
 *
 * A slab is 256 KiB cut into pieces of one size; there are 48 sizes, at most a quarter apart. Freed pieces are chained through their
 * first word and taken again first. A slab that holds nothing goes back whole to where its memory is from, so nothing is ever copied to
 * grow and nothing grows by doubling. What is larger than 32 KiB has a slab to itself.
 */
export class Arena {
  /** Views of each slab, by its number; slab 0 does not exist, so that address 0 can mean none. */
  readonly bytes: Uint8Array[] = [NO_BYTES]
  readonly words: Int32Array[] = [NO_WORDS]
  readonly doubles: Float64Array[] = [NO_DOUBLES]
  /** Size of the pieces of a slab. */
  readonly sizes: number[] = [0]
  readonly #slabs: (Slab | undefined)[] = [undefined]
  readonly #regions = new Regions()
  /** Numbers of slabs that went back. */
  readonly #vacant: number[] = []
  /** The first slab with room, by size class. */
  readonly #open: (Slab | undefined)[] = new Array(CLASS_SIZES.length).fill(undefined)
  #liveBytes = 0
  #reservedBytes = 0
  #releasedBytes = 0

  /** Bytes of all pieces that are in use. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  /** Bytes of all slabs. */
  get reservedBytes(): number {
    return this.#reservedBytes
  }

  /** Bytes that went back to the system, since the start. */
  get releasedBytes(): number {
    return this.#releasedBytes
  }

  /** A piece of at least `size` bytes, whose content is whatever it was. */
  allocate(size: number): number {
    if (size > LARGEST_PIECE) return this.#allocateLarge(size)
    const sizeClass = CLASS_OF[(size + 7) >>> 3] as number
    const slab = this.#open[sizeClass] ?? this.#addSlab(sizeClass)
    this.#liveBytes += slab.size
    slab.live++
    let unit = slab.free
    if (unit >= 0) slab.free = (this.words[slab.number] as Int32Array)[unit << 1] as number
    else {
      unit = slab.fresh
      slab.fresh += slab.size >>> 3
    }
    if (slab.live === slab.capacity) this.#close(slab)
    return (slab.number << UNIT_BITS) | unit
  }

  free(address: number): void {
    const number = address >>> UNIT_BITS
    const slab = this.#slabs[number] as Slab
    this.#liveBytes -= slab.size
    if (slab.live === slab.capacity && slab.capacity > 1 && !slab.isLeaving) this.#reopen(slab)
    slab.live--
    const unit = address & UNIT_MASK
    ;(this.words[number] as Int32Array)[unit << 1] = slab.free
    slab.free = unit
    // The last slab of a size stays, or a key that comes and goes would bring and take a slab each time.
    if (slab.live === 0 && (slab.isLeaving || slab.capacity === 1 || slab.next || slab.previous)) this.#release(slab)
  }

  /**
   * Takes slabs out of use, as many as can go because what is in them fits into the others: nothing new comes into them. Whoever knows where
   * addresses are kept then moves what is `isLeaving` elsewhere, and ends with `keepTheRest`. False when it is not worth the while.
   */
  thinOut(): boolean {
    const leaving = this.#regions.all.length > 0 ? this.#emptiestRegions() : this.#emptiestSlabs()
    for (const slab of leaving) {
      if (slab.live < slab.capacity) this.#close(slab)
      slab.isLeaving = true
      if (slab.live === 0) this.#release(slab)
    }
    return leaving.length > 0
  }

  /** The emptiest slabs of each size. */
  #emptiestSlabs(): readonly Slab[] {
    const leaving: Slab[] = []
    for (const first of this.#open) {
      const slabs: Slab[] = []
      let live = 0
      for (let slab = first; slab; slab = slab.next) {
        slabs.push(slab)
        live += slab.live
      }
      const capacity = slabs[0]?.capacity ?? 1
      slabs.sort((a, b) => a.live - b.live)
      leaving.push(...slabs.slice(0, slabs.length - Math.ceil(live / capacity)))
    }
    return this.#isWorth(leaving.length) ? leaving : []
  }

  /** All slabs of the emptiest regions, full ones too: a region goes back whole or not at all. */
  #emptiestRegions(): readonly Slab[] {
    const live = new Array<number>(CLASS_SIZES.length).fill(0)
    for (const slab of this.#slabs)
      if (slab && slab.sizeClass >= 0) live[slab.sizeClass] = (live[slab.sizeClass] as number) + slab.live / slab.capacity
    const needed = live.reduce((sum, slabs) => sum + Math.ceil(slabs), 0)
    if (!this.#isWorth(this.#regions.leave(needed))) {
      this.#regions.stay()
      return []
    }
    return this.#slabs.filter((slab): slab is Slab => slab?.space?.region?.isLeaving === true)
  }

  #isWorth(spaces: number): boolean {
    const gained = spaces * SPACE_BYTES
    return gained >= LEAST_GAIN_BYTES && gained >= this.#reservedBytes * LEAST_GAIN
  }

  isLeaving(address: number): boolean {
    return (this.#slabs[address >>> UNIT_BITS] as Slab).isLeaving
  }

  /** What could not be moved stays, and its slabs are in use again. */
  keepTheRest(): void {
    for (const slab of this.#slabs) {
      if (!slab?.isLeaving) continue
      slab.isLeaving = false
      if (slab.live < slab.capacity) this.#reopen(slab)
    }
    this.#regions.stay()
  }

  /** Size of the piece at an address. */
  sizeAt(address: number): number {
    return this.sizes[address >>> UNIT_BITS] as number
  }

  /** Would a piece for `size` bytes be as large as the one at `address`? Then that one will do. */
  fits(address: number, size: number): boolean {
    const have = this.sizes[address >>> UNIT_BITS] as number
    return size <= LARGEST_PIECE ? have === CLASS_SIZES[CLASS_OF[(size + 7) >>> 3] as number] : have === roundUp(size)
  }

  /** Forgets everything at once; every address that was given out is void. */
  reset(): void {
    for (const views of [this.bytes, this.words, this.doubles, this.sizes, this.#slabs]) views.length = 1
    this.#vacant.length = 0
    this.#regions.forget()
    this.#open.fill(undefined)
    this.#releasedBytes += this.#reservedBytes
    this.#liveBytes = 0
    this.#reservedBytes = 0
  }

  #addSlab(sizeClass: number): Slab {
    const size = CLASS_SIZES[sizeClass] as number
    const slab = this.#makeSlab(sizeClass, size, this.#regions.take())
    this.#open[sizeClass] = slab
    return slab
  }

  #allocateLarge(size: number): number {
    const slab = this.#makeSlab(-1, roundUp(size), undefined)
    slab.live = 1
    this.#liveBytes += slab.size
    return slab.number << UNIT_BITS
  }

  /** `space`: undefined for what has a slab to itself. */
  #makeSlab(sizeClass: number, size: number, space: Space | undefined): Slab {
    const number = this.#vacant.pop() ?? this.bytes.length
    const bytes = space ? SPACE_BYTES : size
    const { buffer, offset } = space ?? { buffer: new ArrayBuffer(size), offset: 0 }
    this.bytes[number] = new Uint8Array(buffer, offset, bytes)
    this.words[number] = new Int32Array(buffer, offset, bytes >>> 2)
    this.doubles[number] = new Float64Array(buffer, offset, bytes >>> 3)
    this.sizes[number] = size
    const skipped = space ? SKIPPED_BYTES : 0
    const slab = new Slab(number, sizeClass, size, Math.floor((bytes - skipped) / size), space)
    slab.fresh = skipped >>> 3
    this.#slabs[number] = slab
    this.#reservedBytes += bytes
    return slab
  }

  #release(slab: Slab): void {
    if (slab.sizeClass >= 0 && !slab.isLeaving) this.#close(slab)
    const { number } = slab
    const { length } = this.bytes[number] as Uint8Array
    this.#reservedBytes -= length
    this.#releasedBytes += slab.space ? this.#regions.give(slab.space) : length
    this.bytes[number] = NO_BYTES
    this.words[number] = NO_WORDS
    this.doubles[number] = NO_DOUBLES
    this.#slabs[number] = undefined
    this.#vacant.push(number)
  }

  /** Takes a slab out of the list of those with room. */
  #close(slab: Slab): void {
    if (slab.previous) slab.previous.next = slab.next
    else this.#open[slab.sizeClass] = slab.next
    if (slab.next) slab.next.previous = slab.previous
    slab.next = undefined
    slab.previous = undefined
  }

  #reopen(slab: Slab): void {
    const first = this.#open[slab.sizeClass]
    slab.next = first
    if (first) first.previous = slab
    this.#open[slab.sizeClass] = slab
  }
}

class Slab {
  readonly number: number
  /** -1 for what has a slab to itself. */
  readonly sizeClass: number
  readonly size: number
  readonly capacity: number
  /** Where its memory is from; undefined for what has a slab to itself. */
  readonly space: Space | undefined
  live = 0
  isLeaving = false
  /** Unit of the first freed piece; -1 when there is none. */
  free = -1
  /** Unit from which on nothing was ever given out. */
  fresh = 0
  /** Neighbours among the slabs of this size that have room. */
  next: Slab | undefined = undefined
  previous: Slab | undefined = undefined

  constructor(number: number, sizeClass: number, size: number, capacity: number, space: Space | undefined) {
    this.number = number
    this.sizeClass = sizeClass
    this.size = size
    this.capacity = capacity
    this.space = space
  }
}

/** Below this, and below this share of all, it is not worth the while to move things together. */
const LEAST_GAIN_BYTES = 2 * 1_048_576
const LEAST_GAIN = 0.1

/** Bits of an address that name a unit of 8 bytes inside a slab. */
export const UNIT_BITS = 15
export const UNIT_MASK = (1 << UNIT_BITS) - 1
/** A large block begins 16 bytes behind the start of a line of the cache; so much further on, a piece of 32 or 64 bytes lies in one line. */
const SKIPPED_BYTES = 48
const LARGEST_PIECE = SPACE_BYTES / 8

/** 8, 16, ... 128, then four between each power of two and the next. */
const CLASS_SIZES: readonly number[] = [
  ...Array.from({ length: 16 }, (_, index) => (index + 1) * 8),
  ...Array.from({ length: 32 }, (_, index) => 2 ** (7 + (index >>> 2)) * (1 + ((index & 3) + 1) / 4))
]

/** Size class by size in units of 8 bytes. */
const CLASS_OF = new Uint8Array(LARGEST_PIECE / 8 + 1)
for (let units = 0, sizeClass = 0; units < CLASS_OF.length; units++) {
  if (units * 8 > (CLASS_SIZES[sizeClass] as number)) sizeClass++
  CLASS_OF[units] = sizeClass
}

const NO_BYTES = new Uint8Array(0)
const NO_WORDS = new Int32Array(0)
const NO_DOUBLES = new Float64Array(0)

function roundUp(size: number): number {
  return (size + 7) & ~7
}
