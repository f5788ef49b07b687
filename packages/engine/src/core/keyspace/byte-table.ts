/**
 * A hash table whose keys are bytes: fields of a hash, members of a set.
 *
 * Up to SMALL keys it is two short arrays that are searched from the front: most hashes are no larger. Beyond
 * that, chained buckets over parallel arrays; a bucket is the low bits of the hash. A walk visits buckets by their bit-reversed
 * number, so that its position is a point in one fixed order of all hashes: growing or shrinking the table in the middle
 * of a walk loses nothing (the idea of Valkey's SCAN), and "has the walk passed this key?" is one comparison.
 */
export class ByteTable<V> {
  #index: Index | undefined
  #keys: (Uint8Array | undefined)[] = []
  #values: (V | undefined)[] = []
  #used = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: Uint8Array): V | undefined {
    const entry = this.#find(key, this.#index ? hashBytes(key) : 0)
    return entry < 0 ? undefined : this.#values[entry]
  }

  has(key: Uint8Array): boolean {
    return this.#find(key, this.#index ? hashBytes(key) : 0) >= 0
  }

  /** The stored copy of the key, for those who need to share it. */
  storedKey(key: Uint8Array): Uint8Array | undefined {
    const entry = this.#find(key, this.#index ? hashBytes(key) : 0)
    return entry < 0 ? undefined : this.#keys[entry]
  }

  /** Returns true if the key is new. The key's bytes are kept as they are: pass a copy that nobody changes. */
  set(key: Uint8Array, value: V): boolean {
    const hash = this.#index ? hashBytes(key) : 0
    const found = this.#find(key, hash)
    if (found >= 0) {
      this.#values[found] = value
      return false
    }
    if (!this.#index && this.#size < SMALL) {
      this.#keys.push(key)
      this.#values.push(value)
      this.#used++
      this.#size++
      return true
    }
    if (this.#index) return this.#add(this.#index, key, hash, value)
    return this.#add(this.#makeIndex(), key, hashBytes(key), value)
  }

  #add(index: Index, key: Uint8Array, hash: number, value: V): true {
    if (this.#size >= index.buckets.length) index.resize(index.buckets.length * 2, (at) => this.#keys[at] !== undefined, this.#used)
    let entry: number
    if (index.free > 0) {
      entry = index.free - 1
      index.free = index.next[entry] as number
    } else entry = this.#used++
    index.link(entry, hash)
    this.#keys[entry] = key
    this.#values[entry] = value
    this.#size++
    return true
  }

  /** Returns the value that was removed. */
  delete(key: Uint8Array): V | undefined {
    const index = this.#index
    if (!index) return this.#deleteSmall(this.#find(key, 0))
    const hash = hashBytes(key)
    const bucket = hash & (index.buckets.length - 1)
    let previous = -1
    for (let at = (index.buckets[bucket] as number) - 1; at >= 0; at = (index.next[at] as number) - 1) {
      if (index.hashes[at] === hash && sameKey(this.#keys[at] as Uint8Array, key)) {
        const value = this.#values[at]
        if (previous < 0) index.buckets[bucket] = index.next[at] as number
        else index.next[previous] = index.next[at] as number
        this.#keys[at] = undefined
        this.#values[at] = undefined
        index.next[at] = index.free
        index.free = at + 1
        this.#size--
        if (index.buckets.length > 64 && this.#size * 8 < index.buckets.length) {
          index.resize(index.buckets.length >>> 2, (at) => this.#keys[at] !== undefined, this.#used)
        }
        return value
      }
      previous = at
    }
    return undefined
  }

  #deleteSmall(at: number): V | undefined {
    if (at < 0) return undefined
    const value = this.#values[at]
    this.#keys.splice(at, 1)
    this.#values.splice(at, 1)
    this.#used--
    this.#size--
    return value
  }

  clear(): void {
    this.#index = undefined
    this.#keys = []
    this.#values = []
    this.#used = 0
    this.#size = 0
  }

  /** All pairs in no promised order; the table must not change meanwhile. */
  *entries(): Generator<[Uint8Array, V]> {
    for (let entry = 0; entry < this.#used; entry++) {
      const key = this.#keys[entry]
      if (key !== undefined) yield [key, this.#values[entry] as V]
    }
  }

  *keys(): Generator<Uint8Array> {
    for (let entry = 0; entry < this.#used; entry++) {
      const key = this.#keys[entry]
      if (key !== undefined) yield key
    }
  }

  /** A random pair (each bucket equally likely, then each of its chain); undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [Uint8Array, V] | undefined {
    if (this.#size === 0) return undefined
    const index = this.#index
    if (!index) {
      const entry = pick(this.#size)
      return [this.#keys[entry] as Uint8Array, this.#values[entry] as V]
    }
    for (let tries = 0; tries < 64; tries++) {
      const entry = randomOfBucket(index, pick(index.buckets.length), pick)
      if (entry >= 0) return [this.#keys[entry] as Uint8Array, this.#values[entry] as V]
    }
    const start = pick(this.#used)
    for (let i = 0; i < this.#used; i++) {
      const entry = (start + i) % this.#used
      const key = this.#keys[entry]
      if (key !== undefined) return [key, this.#values[entry] as V]
    }
    return undefined
  }

  /**
   * Visits every pair of the bucket at `position` and returns the position after it; `WALK_END` when that was the last.
   * Positions are 0..2^32 in walk order; begin with 0. Pairs that are there for the whole walk are visited at least once,
   * and, in a table that nobody resizes, exactly once. `visit` must not change the table: collect, then change.
   */
  walk(position: number, visit: (key: Uint8Array, value: V) => void): number {
    const index = this.#index
    if (!index) {
      for (let at = 0; at < this.#used; at++) {
        const key = this.#keys[at] as Uint8Array
        if (position === 0 || walkPosition(key) >= position) visit(key, this.#values[at] as V)
      }
      return WALK_END
    }
    const bits = 31 - Math.clz32(index.buckets.length)
    const bucket = reverseBits(position) & (index.buckets.length - 1)
    for (let at = (index.buckets[bucket] as number) - 1; at >= 0; ) {
      const next = (index.next[at] as number) - 1
      visit(this.#keys[at] as Uint8Array, this.#values[at] as V)
      at = next
    }
    const width = 2 ** (32 - bits)
    return (Math.floor(position / width) + 1) * width
  }

  /** `hash` matters only when there is an index. */
  #find(key: Uint8Array, hash: number): number {
    const index = this.#index
    if (!index) {
      for (let at = 0; at < this.#used; at++) if (sameKey(this.#keys[at] as Uint8Array, key)) return at
      return -1
    }
    for (let at = (index.buckets[hash & (index.buckets.length - 1)] as number) - 1; at >= 0; at = (index.next[at] as number) - 1) {
      if (index.hashes[at] === hash && sameKey(this.#keys[at] as Uint8Array, key)) return at
    }
    return -1
  }

  #makeIndex(): Index {
    const index = new Index(SMALL * 2)
    for (let at = 0; at < this.#used; at++) index.link(at, hashBytes(this.#keys[at] as Uint8Array))
    this.#index = index
    return index
  }
}

/** Keys up to which a table has no index. */
const SMALL = 8

/** Buckets and chains over the entries of a large table. */
export class Index {
  /** Head of each bucket's chain, as entry number + 1; 0 is empty. */
  buckets: Int32Array
  hashes: Int32Array
  next: Int32Array
  /** Chain of unused entry numbers, as entry number + 1. */
  free = 0

  constructor(size: number) {
    this.buckets = new Int32Array(size)
    this.hashes = new Int32Array(size)
    this.next = new Int32Array(size)
  }

  link(entry: number, hash: number): void {
    if (entry >= this.hashes.length) {
      this.hashes = grown(this.hashes)
      this.next = grown(this.next)
    }
    const bucket = hash & (this.buckets.length - 1)
    this.hashes[entry] = hash
    this.next[entry] = this.buckets[bucket] as number
    this.buckets[bucket] = entry + 1
  }

  /** `isUsed` tells which of the first `used` entries are in use. */
  resize(size: number, isUsed: (entry: number) => boolean, used: number): void {
    const buckets = new Int32Array(size)
    for (let at = 0; at < used; at++) {
      if (!isUsed(at)) continue
      const bucket = (this.hashes[at] as number) & (size - 1)
      this.next[at] = buckets[bucket] as number
      buckets[bucket] = at + 1
    }
    this.buckets = buckets
  }
}

export function randomOfBucket({ buckets, next }: Index, bucket: number, pick: (bound: number) => number): number {
  let length = 0
  for (let at = (buckets[bucket] as number) - 1; at >= 0; at = (next[at] as number) - 1) length++
  if (length === 0) return -1
  let at = (buckets[bucket] as number) - 1
  for (let skip = pick(length); skip > 0; skip--) at = (next[at] as number) - 1
  return at
}

/** The position after the last bucket of any walk. */
export const WALK_END = 2 ** 32

/** Where a key stands in the order of a walk: it has been passed when this is less than the walk's position. */
export function walkPosition(key: Uint8Array): number {
  return reverseBits(hashBytes(key)) >>> 0
}

/** Where a key of a database stands in the order of a walk over its slot. */
export function keyPosition(key: Uint8Array): number {
  return hashBytes(key) >>> 0
}

/** A multiplicative hash with a final mix (murmur3's), so that low bits are as good as high ones. */
export function hashBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5 ^ (end - start)
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
    hash = Math.imul(hash ^ Math.imul(word, 0xcc9e2d51), 0x1b873593)
    hash = (hash << 13) | (hash >>> 19)
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

export function reverseBits(value: number): number {
  let v = value
  v = ((v >>> 1) & 0x55555555) | ((v & 0x55555555) << 1)
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2)
  v = ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4)
  v = ((v >>> 8) & 0x00ff00ff) | ((v & 0x00ff00ff) << 8)
  return (v >>> 16) | (v << 16)
}

function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length
  if (length !== b.length) return false
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const next = new Int32Array(array.length * 2)
  next.set(array)
  return next
}
