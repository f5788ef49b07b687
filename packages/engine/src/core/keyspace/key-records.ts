import { Arena, UNIT_BITS, UNIT_MASK } from './arena.ts'
import { type Entry, NEVER, type Value } from './entry.ts'
import { StringValue } from './values/string.ts'

/**
 * The keys of a node, all databases and imports alike, as records in an arena:
 *
 *   flags u8 | key length u8 | value length u16 | usage i32 | key | value | ... | deadline f64, at the end of the piece, if there is one
 *
 * A wide record, for a key or value whose length does not fit, has both lengths as u32 after these words. The value of a short
 * string lies in the record; any other value is a JavaScript object, and the record holds its number.
 */
export class KeyRecords {
  readonly arena = new Arena()
  readonly #objects: (Value | undefined)[] = []
  readonly #freeObjects: number[] = []
  /** What objects were weighed at, by number, and those that have changed since. */
  readonly #weights: number[] = []
  readonly #isStale: boolean[] = []
  readonly #stale: number[] = []
  #objectBytes = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Bytes of all objects, as they were weighed. */
  get objectBytes(): number {
    return this.#objectBytes
  }

  /** The object of a record has changed: its weight is no longer known. */
  noteChanged(record: number): void {
    this.#markStale(this.#objectNumber(record))
  }

  /** Weighs up to `limit` of the objects that have changed. */
  weigh(bytesOf: (value: Value) => number, limit: number): void {
    for (let left = Math.min(limit, this.#stale.length); left > 0; left--) {
      const number = this.#stale.pop() as number
      this.#isStale[number] = false
      const value = this.#objects[number]
      if (value) this.#setWeight(number, bytesOf(value))
    }
  }

  /** Is this the record of the key `source[start .. start + length)`? */
  holds(record: number, source: Uint8Array, start: number, length: number): boolean {
    const slab = record >>> UNIT_BITS
    const unit = record & UNIT_MASK
    const word = (this.arena.words[slab] as Int32Array)[unit << 1] as number
    let at = (unit << 3) + NARROW_HEADER
    if (word & WIDE) {
      if ((this.arena.words[slab] as Int32Array)[(unit << 1) + 2] !== length) return false
      at = (unit << 3) + WIDE_HEADER
    } else if (((word >>> 8) & 255) !== length) return false
    const bytes = this.arena.bytes[slab] as Uint8Array
    for (let i = 0; i < length; i++) if (bytes[at + i] !== source[start + i]) return false
    return true
  }

  /** A new record for a short string; key and value are each a part of some bytes. */
  addString(
    keyBytes: Uint8Array,
    keyStart: number,
    keyLength: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    deadlineMs: number
  ): number {
    const record = this.#allocate(keyBytes, keyStart, keyLength, length, deadlineMs, 0)
    this.#writeValue(record, bytes, start, length)
    return record
  }

  /** A new record for a value that is an object. */
  addObject(key: Uint8Array, value: Value, deadlineMs: number): number {
    const record = this.#allocate(key, 0, key.length, 4, deadlineMs, OBJECT)
    this.#setObjectNumber(record, this.#keepObject(value))
    return record
  }

  /** A new record for the same key and value, with another deadline. The old one is still to be freed, and its object belongs to both. */
  addWithDeadline(record: number, deadlineMs: number): number {
    const at = this.#keyAt(record)
    const bytes = this.arena.bytes[record >>> UNIT_BITS] as Uint8Array
    const length = this.keyLength(record)
    if (this.isObject(record)) return this.addObject(bytes.subarray(at, at + length), this.objectAt(record), deadlineMs)
    return this.addString(bytes, at, length, bytes, at + length, this.valueLength(record), deadlineMs)
  }

  /** Is there room in the place of this string for another of `length` bytes, with or without a deadline? */
  takesString(record: number, length: number, hasDeadline: boolean): boolean {
    const flags = this.#flags(record)
    if ((flags & (OBJECT | WIDE)) !== 0 || length > NARROW_VALUE) return false
    return this.arena.fits(record, sizeFor(NARROW_HEADER, this.keyLength(record), length, hasDeadline))
  }

  /** Overwrites a string in place; `takesString` must have said yes. */
  overwriteString(record: number, bytes: Uint8Array, start: number, length: number, deadlineMs: number): void {
    const unit = record & UNIT_MASK
    const words = this.arena.words[record >>> UNIT_BITS] as Int32Array
    const word = words[unit << 1] as number
    words[unit << 1] = (word & 0xff00) | (length << 16) | (deadlineMs === NEVER ? 0 : DEADLINE)
    if (deadlineMs !== NEVER) this.#writeDeadline(record, deadlineMs)
    this.#writeValue(record, bytes, start, length)
  }

  /** Copies a record to another place and gives back the old one. */
  move(record: number): number {
    const { arena } = this
    const moved = arena.allocate(arena.sizeAt(record))
    const from = (record & UNIT_MASK) << 3
    const bytes = (arena.bytes[record >>> UNIT_BITS] as Uint8Array).subarray(from, from + arena.sizeAt(record))
    ;(arena.bytes[moved >>> UNIT_BITS] as Uint8Array).set(bytes, (moved & UNIT_MASK) << 3)
    arena.free(record)
    return moved
  }

  free(record: number): void {
    if (this.isObject(record)) {
      const number = this.#objectNumber(record)
      this.#objects[number] = undefined
      this.#setWeight(number, 0)
      this.#freeObjects.push(number)
    }
    this.arena.free(record)
    this.#count--
  }

  /** Has the key a deadline, or may its value have one inside? */
  mayBeDue(record: number): boolean {
    return (this.#flags(record) & (OBJECT | DEADLINE)) !== 0
  }

  isObject(record: number): boolean {
    return (this.#flags(record) & OBJECT) !== 0
  }

  deadlineMs(record: number): number {
    if ((this.#flags(record) & DEADLINE) === 0) return NEVER
    const slab = record >>> UNIT_BITS
    const last = (record & UNIT_MASK) + ((this.arena.sizes[slab] as number) >>> 3) - 1
    return (this.arena.doubles[slab] as Float64Array)[last] as number
  }

  usage(record: number): number {
    return (this.arena.words[record >>> UNIT_BITS] as Int32Array)[((record & UNIT_MASK) << 1) + 1] as number
  }

  setUsage(record: number, usage: number): void {
    ;(this.arena.words[record >>> UNIT_BITS] as Int32Array)[((record & UNIT_MASK) << 1) + 1] = usage
  }

  keyLength(record: number): number {
    const unit = (record & UNIT_MASK) << 1
    const words = this.arena.words[record >>> UNIT_BITS] as Int32Array
    const word = words[unit] as number
    return word & WIDE ? (words[unit + 2] as number) : (word >>> 8) & 255
  }

  /** A copy of the key. */
  key(record: number): Uint8Array {
    const at = this.#keyAt(record)
    return (this.arena.bytes[record >>> UNIT_BITS] as Uint8Array).slice(at, at + this.keyLength(record))
  }

  /** The value: the object itself, or an object made from a copy of a short string, changes to which change nothing here. */
  value(record: number): Value {
    if (this.isObject(record)) return this.objectAt(record)
    const at = this.valueAt(record)
    return new StringValue((this.arena.bytes[record >>> UNIT_BITS] as Uint8Array).slice(at, at + this.valueLength(record)))
  }

  entry(record: number): Entry {
    return { value: this.value(record), deadlineMs: this.deadlineMs(record), usage: this.usage(record), record }
  }

  /** The object of a record that has one. */
  objectAt(record: number): Value {
    return this.#objects[this.#objectNumber(record)] as Value
  }

  /** The bytes in which a record lies. */
  slabOf(record: number): Uint8Array {
    return this.arena.bytes[record >>> UNIT_BITS] as Uint8Array
  }

  /** Where the short string begins in the bytes of its slab. */
  valueAt(record: number): number {
    return this.#keyAt(record) + this.keyLength(record)
  }

  valueLength(record: number): number {
    const unit = (record & UNIT_MASK) << 1
    const words = this.arena.words[record >>> UNIT_BITS] as Int32Array
    const word = words[unit] as number
    return word & WIDE ? (words[unit + 3] as number) : word >>> 16
  }

  /** Forgets everything at once: every record is void. */
  reset(): void {
    this.arena.reset()
    this.#objects.length = 0
    this.#freeObjects.length = 0
    this.#weights.length = 0
    this.#isStale.length = 0
    this.#stale.length = 0
    this.#objectBytes = 0
    this.#count = 0
  }

  #flags(record: number): number {
    return (this.arena.words[record >>> UNIT_BITS] as Int32Array)[(record & UNIT_MASK) << 1] as number
  }

  #keyAt(record: number): number {
    return ((record & UNIT_MASK) << 3) + (this.#flags(record) & WIDE ? WIDE_HEADER : NARROW_HEADER)
  }

  #allocate(keyBytes: Uint8Array, keyStart: number, keyLength: number, valueLength: number, deadlineMs: number, kind: number): number {
    this.#count++
    const isWide = keyLength > NARROW_KEY || valueLength > NARROW_VALUE
    const header = isWide ? WIDE_HEADER : NARROW_HEADER
    const record = this.arena.allocate(sizeFor(header, keyLength, valueLength, deadlineMs !== NEVER))
    const unit = record & UNIT_MASK
    const words = this.arena.words[record >>> UNIT_BITS] as Int32Array
    const flags = kind | (deadlineMs === NEVER ? 0 : DEADLINE)
    if (isWide) {
      words[unit << 1] = flags | WIDE
      words[(unit << 1) + 2] = keyLength
      words[(unit << 1) + 3] = valueLength
    } else words[unit << 1] = flags | (keyLength << 8) | (valueLength << 16)
    copyInto(this.arena.bytes[record >>> UNIT_BITS] as Uint8Array, (unit << 3) + header, keyBytes, keyStart, keyLength)
    if (deadlineMs !== NEVER) this.#writeDeadline(record, deadlineMs)
    return record
  }

  #writeValue(record: number, bytes: Uint8Array, start: number, length: number): void {
    copyInto(this.arena.bytes[record >>> UNIT_BITS] as Uint8Array, this.valueAt(record), bytes, start, length)
  }

  #writeDeadline(record: number, deadlineMs: number): void {
    const slab = record >>> UNIT_BITS
    const last = (record & UNIT_MASK) + ((this.arena.sizes[slab] as number) >>> 3) - 1
    ;(this.arena.doubles[slab] as Float64Array)[last] = deadlineMs
  }

  #keepObject(value: Value): number {
    const number = this.#freeObjects.pop() ?? this.#objects.length
    this.#objects[number] = value
    this.#weights[number] ??= 0
    this.#markStale(number)
    return number
  }

  #markStale(number: number): void {
    if (this.#isStale[number]) return
    this.#isStale[number] = true
    this.#stale.push(number)
  }

  #setWeight(number: number, bytes: number): void {
    this.#objectBytes += bytes - (this.#weights[number] as number)
    this.#weights[number] = bytes
  }

  #objectNumber(record: number): number {
    const bytes = this.arena.bytes[record >>> UNIT_BITS] as Uint8Array
    const at = this.valueAt(record)
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
  }

  #setObjectNumber(record: number, number: number): void {
    const bytes = this.arena.bytes[record >>> UNIT_BITS] as Uint8Array
    const at = this.valueAt(record)
    bytes[at] = number
    bytes[at + 1] = number >>> 8
    bytes[at + 2] = number >>> 16
    bytes[at + 3] = number >>> 24
  }
}

/** Strings up to this many bytes lie in their record; a longer one is an object, so that reading a part of it copies no more than that. */
export const SHORT_STRING = 4096

const OBJECT = 1
const DEADLINE = 2
const WIDE = 4
const NARROW_HEADER = 8
const WIDE_HEADER = 16
const NARROW_KEY = 255
const NARROW_VALUE = 65_535

function sizeFor(header: number, keyLength: number, valueLength: number, hasDeadline: boolean): number {
  const bytes = header + keyLength + valueLength
  return hasDeadline ? ((bytes + 7) & ~7) + 8 : bytes
}

/** A loop beats `set` up to about 32 bytes. */
function copyInto(target: Uint8Array, at: number, source: Uint8Array, start: number, length: number): void {
  if (length > 32) target.set(source.subarray(start, start + length), at)
  else for (let i = 0; i < length; i++) target[at + i] = source[start + i] as number
}
