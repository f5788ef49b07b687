/** Bytes of a space: what a slab is cut from. */
export const SPACE_BYTES = 262_144
/** Spaces in a region. */
const SPACES = 128
/** So many bytes stand alone before the first region: a small node does not ask for 32 MiB. */
const ALONE_BYTES = SPACES * SPACE_BYTES

/** Memory of a slab, and where it is from. */
export type Space = { readonly buffer: ArrayBuffer; readonly offset: number; readonly region: Region | undefined }

/** 32 MiB of which slabs are cut. */
export class Region {
  readonly buffer = new ArrayBuffer(SPACES * SPACE_BYTES)
  /** Offsets of spaces that are given back. */
  readonly vacant: number[] = []
  /** Spaces that were given out at least once. */
  fresh = 0
  /** Nothing new comes into it, so that it can go back whole. */
  isLeaving = false

  get used(): number {
    return this.fresh - this.vacant.length
  }
}

/**
 * Where slabs get their memory. The C library keeps freed pieces of less than 32 MiB (its largest `M_MMAP_THRESHOLD`) in its own heap,
 * which goes back to the system from its end only: a node that lets go of half of its slabs would stay as large as it was. So many slabs
 * share a region that is large enough to be mapped by itself, and a region that holds nothing goes back whole.
 */
export class Regions {
  readonly #regions: Region[] = []
  #alone = 0

  get all(): readonly Region[] {
    return this.#regions
  }

  /** Spaces that stand alone. */
  get alone(): number {
    return this.#alone
  }

  /** Memory whose content is whatever it was: of the fullest region that has room, so that others may empty. */
  take(): Space {
    let best: Region | undefined
    for (const region of this.#regions)
      if (!region.isLeaving && region.used < SPACES && (best === undefined || region.used > best.used)) best = region
    if (best === undefined && this.#alone * SPACE_BYTES < ALONE_BYTES) {
      this.#alone++
      return { buffer: new ArrayBuffer(SPACE_BYTES), offset: 0, region: undefined }
    }
    if (best === undefined) {
      best = new Region()
      this.#regions.push(best)
    }
    const offset = best.vacant.pop() ?? best.fresh++ * SPACE_BYTES
    return { buffer: best.buffer, offset, region: best }
  }

  /** Bytes that go back to the system with it. */
  give({ region, offset }: Space): number {
    if (region === undefined) {
      this.#alone--
      return SPACE_BYTES
    }
    region.vacant.push(offset)
    if (region.used > 0) return 0
    this.#regions.splice(this.#regions.indexOf(region), 1)
    return region.buffer.byteLength
  }

  /**
   * Takes as many regions out of use, the emptiest first, as can go while there is room for `needed` spaces elsewhere. Gives how many spaces
   * of memory would go back.
   */
  leave(needed: number): number {
    let room = this.#alone + this.#regions.length * SPACES
    let gained = 0
    for (const region of [...this.#regions].sort((a, b) => a.used - b.used)) {
      if (room - SPACES < needed) break
      room -= SPACES
      gained += SPACES
      region.isLeaving = true
    }
    return gained
  }

  /** What could not go is in use again. */
  stay(): void {
    for (const region of this.#regions) region.isLeaving = false
  }

  forget(): void {
    this.#regions.length = 0
    this.#alone = 0
  }
}
