import { NEVER } from '../entry.ts'
import { DeadlineHeap } from './deadline-heap.ts'
import { FieldTable } from './field-table.ts'

/**
 * A hash whose fields may each have a deadline. A field is expired once the clock is past its deadline: reads that give a
 * clock do not see it, yet it stays, is counted by `size`, and goes only by `delete`, `set` or `takeExpired`.
 *
 * A field without a deadline costs its packed bytes alone; one with a deadline also stands in a heap, soonest first. Names and values that
 * come out are views, valid until the hash changes.
 */
export class HashValue {
  readonly type = 'hash'
  readonly #fields = new FieldTable()
  /** Made with the first deadline: most hashes never have one. */
  #deadlines: DeadlineHeap | undefined
  #packed = true

  /** Fields, expired ones included: HLEN. */
  get size(): number {
    return this.#fields.size
  }

  /** Where fields are found, for those who look ahead. */
  get fields(): FieldTable {
    return this.#fields
  }

  /** When they expire, for the same. */
  get deadlines(): DeadlineHeap | undefined {
    return this.#deadlines
  }

  /** What the hash takes. */
  get bytes(): number {
    return this.#fields.bytes + (this.#deadlines?.bytes ?? 0)
  }

  /** Fields with a deadline, passed or not. */
  get volatileCount(): number {
    return this.#deadlines?.size ?? 0
  }

  /** The soonest deadline of any field; NEVER when none has one. */
  get soonestDeadlineMs(): number {
    return this.#deadlines?.soonestMs ?? NEVER
  }

  /** What OBJECT ENCODING says; a hash that once had a field with a deadline stays a hashtable (spec section 1). */
  get encoding(): 'listpack' | 'hashtable' {
    return this.#packed ? 'listpack' : 'hashtable'
  }

  /** The value of a field that has not expired at `nowMs`. */
  get(field: Uint8Array, nowMs: number): Uint8Array | undefined {
    const number = this.#fields.find(field)
    return number < 0 || nowMs > this.#deadlineOf(number) ? undefined : this.#fields.value(number)
  }

  /**
   * As `get`, without making a view: the number of the field `source[start .. start + length)`, -1 when there is none that can be seen.
   * It holds until the hash changes, and `pageOf`, `valueStart` and `valueLength` say where the value lies.
   */
  locate(source: Uint8Array, start: number, length: number, nowMs: number): number {
    const number = this.#fields.find(source, start, length)
    return number < 0 || nowMs > this.#deadlineOf(number) ? -1 : number
  }

  pageOf(number: number): Uint8Array {
    return this.#fields.pageOf(number)
  }

  valueStart(number: number): number {
    return this.#fields.valueStart(number)
  }

  valueLength(number: number): number {
    return this.#fields.valueLength(number)
  }

  has(field: Uint8Array, nowMs: number): boolean {
    const number = this.#fields.find(field)
    return number >= 0 && nowMs <= this.#deadlineOf(number)
  }

  /** Is the field there, expired or not? */
  holds(field: Uint8Array): boolean {
    return this.#fields.find(field) >= 0
  }

  /** The field as it stands, expired or not. */
  peek(field: Uint8Array): HashField | undefined {
    const number = this.#fields.find(field)
    return number < 0 ? undefined : { value: this.#fields.value(number), deadlineMs: this.#deadlineOf(number) }
  }

  /** Is the field there but expired at `nowMs`? */
  hides(field: Uint8Array, nowMs: number): boolean {
    if (this.volatileCount === 0) return false
    const number = this.#fields.find(field)
    return number >= 0 && nowMs > this.#deadlineOf(number)
  }

  /** Sets a field's value, a copy, and its deadline (unix milliseconds, NEVER for none). True if the field is new. */
  set(field: Uint8Array, value: Uint8Array, deadlineMs: number = NEVER): boolean {
    return this.overwrite(field, 0, field.length, value, 0, value.length, deadlineMs, Number.NEGATIVE_INFINITY) === 'new'
  }

  /** As `set`, of a field and a value that are each a part of some bytes; tells what was there at `nowMs`. */
  overwrite(
    fields: Uint8Array,
    fieldStart: number,
    fieldLength: number,
    values: Uint8Array,
    valueStart: number,
    valueLength: number,
    deadlineMs: number,
    nowMs: number
  ): 'new' | 'replaced' | 'expired' {
    if (this.#packed) this.#packed = deadlineMs === NEVER && fieldLength <= PACKED_BYTES && valueLength <= PACKED_BYTES
    const known = this.#fields.find(fields, fieldStart, fieldLength)
    if (known >= 0) {
      const isExpired = nowMs > this.#deadlineOf(known)
      this.#fields.replace(known, values, valueStart, valueLength)
      this.#time(known, deadlineMs)
      return isExpired ? 'expired' : 'replaced'
    }
    const number = this.#fields.add(fields, fieldStart, fieldLength, values, valueStart, valueLength)
    if (deadlineMs !== NEVER) this.#time(number, deadlineMs)
    else if (this.#packed && this.size > PACKED_FIELDS) this.#packed = false
    return 'new'
  }

  /** Replaces the value of a field that is there and keeps its deadline. */
  replace(field: Uint8Array, value: Uint8Array): void {
    const number = this.#fields.find(field)
    if (number < 0) return
    if (value.length > PACKED_BYTES) this.#packed = false
    this.#fields.replace(number, value, 0, value.length)
  }

  /** Removes a field, expired or not; true if it was there. */
  delete(field: Uint8Array): boolean {
    const number = this.#fields.find(field)
    if (number < 0) return false
    this.#remove(number)
    return true
  }

  /** Sets or, with NEVER, clears the deadline of a field; false if there is no such field. */
  setDeadline(field: Uint8Array, deadlineMs: number): boolean {
    const number = this.#fields.find(field)
    if (number < 0) return false
    if (deadlineMs !== NEVER) this.#packed = false
    this.#time(number, deadlineMs)
    return true
  }

  /** Every field, expired or not, in no promised order; the hash must not change meanwhile. */
  *entries(): Generator<[field: Uint8Array, value: Uint8Array, deadlineMs: number]> {
    for (const number of this.#fields.numbers()) yield this.#entry(number)
  }

  /** Fields that a reader at `nowMs` sees. Costs O(expired), and nothing at all while no deadline has passed. */
  liveSize(nowMs: number): number {
    if (nowMs <= this.soonestDeadlineMs) return this.size
    return this.size - (this.#deadlines?.countPassed(nowMs) ?? 0)
  }

  /** One step of a walk, as `ByteTable.walk`; expired fields are visited too. */
  walk(position: number, visit: (field: Uint8Array, value: Uint8Array, deadlineMs: number) => void): number {
    return this.#fields.walk(position, (number) => visit(...this.#entry(number)))
  }

  /** A random field, expired or not; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [field: Uint8Array, value: Uint8Array, deadlineMs: number] | undefined {
    const number = this.#fields.random(pick)
    return number < 0 ? undefined : this.#entry(number)
  }

  /** Removes up to `limit` fields that have expired at `nowMs`, soonest first, and returns copies of their names. */
  takeExpired(nowMs: number, limit: number): Uint8Array[] {
    const names: Uint8Array[] = []
    while (names.length < limit) {
      if (!this.#deadlines || nowMs <= this.#deadlines.soonestMs) break
      const number = this.#deadlines.first
      names.push(this.#fields.field(number).slice())
      this.#remove(number)
    }
    return names
  }

  /** A copy with all fields that have not expired at `nowMs`, deadlines kept. */
  copy(nowMs: number): HashValue {
    const copy = new HashValue()
    for (const [field, value, deadlineMs] of this.entries()) if (nowMs <= deadlineMs) copy.set(field, value, deadlineMs)
    if (!this.#packed) copy.#packed = false
    return copy
  }

  #entry(number: number): [field: Uint8Array, value: Uint8Array, deadlineMs: number] {
    return [this.#fields.field(number), this.#fields.value(number), this.#deadlineOf(number)]
  }

  #deadlineOf(number: number): number {
    return this.#deadlines?.deadlineOf(number) ?? NEVER
  }

  #remove(number: number): void {
    this.#time(number, NEVER)
    this.#fields.remove(number)
  }

  /** Sets or, with NEVER, clears the deadline of a field. */
  #time(number: number, deadlineMs: number): void {
    if (deadlineMs === NEVER) {
      this.#deadlines?.remove(number)
      return
    }
    this.#deadlines ??= new DeadlineHeap()
    this.#deadlines.set(number, deadlineMs)
  }
}

export type HashField = { readonly value: Uint8Array; readonly deadlineMs: number }

/** Defaults of `hash-max-listpack-entries` and `hash-max-listpack-value`. */
const PACKED_FIELDS = 512
const PACKED_BYTES = 64
