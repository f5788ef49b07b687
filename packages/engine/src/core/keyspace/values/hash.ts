import { ByteTable } from '../byte-table.ts'
import { NEVER } from '../entry.ts'
import { DeadlineHeap } from './deadline-heap.ts'

/**
 * A hash whose fields may each have a deadline. A field is expired once the clock is past its deadline: reads that give a
 * clock do not see it, yet it stays, is counted by `size`, and goes only by `delete`, `set` or `takeExpired`.
 *
 * A field without a deadline costs its bytes alone; one with a deadline is an object that also stands in a heap, soonest first.
 */
export class HashValue {
  readonly type = 'hash'
  readonly #fields = new ByteTable<Uint8Array | VolatileField>()
  /** Made with the first deadline: most hashes never have one. */
  #deadlines: DeadlineHeap<VolatileField> | undefined
  #packed = true

  /** Fields, expired ones included: HLEN. */
  get size(): number {
    return this.#fields.size
  }

  /** Fields with a deadline, passed or not. */
  get volatileCount(): number {
    return this.#deadlines?.size ?? 0
  }

  /** The soonest deadline of any field; NEVER when none has one. */
  get soonestDeadlineMs(): number {
    return this.#deadlines?.first?.deadlineMs ?? NEVER
  }

  /** What OBJECT ENCODING says; a hash that once had a field with a deadline stays a hashtable (spec section 1). */
  get encoding(): 'listpack' | 'hashtable' {
    return this.#packed ? 'listpack' : 'hashtable'
  }

  /** The value of a field that has not expired at `nowMs`. */
  get(field: Uint8Array, nowMs: number): Uint8Array | undefined {
    const stored = this.#fields.get(field)
    if (stored === undefined || stored instanceof Uint8Array) return stored
    return nowMs > stored.deadlineMs ? undefined : stored.value
  }

  has(field: Uint8Array, nowMs: number): boolean {
    return this.get(field, nowMs) !== undefined
  }

  /** Is the field there, expired or not? */
  holds(field: Uint8Array): boolean {
    return this.#fields.has(field)
  }

  /** The field as it stands, expired or not. */
  peek(field: Uint8Array): HashField | undefined {
    const stored = this.#fields.get(field)
    if (stored === undefined) return undefined
    return stored instanceof Uint8Array ? { value: stored, deadlineMs: NEVER } : stored
  }

  /** Is the field there but expired at `nowMs`? */
  hides(field: Uint8Array, nowMs: number): boolean {
    if (this.volatileCount === 0) return false
    const stored = this.#fields.get(field)
    return stored instanceof VolatileField && nowMs > stored.deadlineMs
  }

  /**
   * Sets a field's value and deadline (unix milliseconds, NEVER for none). True if the field is new. `field` and `value`
   * are kept as they are: pass copies that nobody changes.
   */
  set(field: Uint8Array, value: Uint8Array, deadlineMs: number = NEVER): boolean {
    if (this.#packed) this.#packed = deadlineMs === NEVER && field.length <= PACKED_BYTES && value.length <= PACKED_BYTES
    const old = this.volatileCount > 0 || deadlineMs !== NEVER ? this.#fields.get(field) : undefined
    if (old instanceof VolatileField) {
      if (deadlineMs === NEVER) {
        this.#deadlines?.remove(old)
        this.#fields.set(old.field, value)
      } else {
        old.value = value
        old.deadlineMs = deadlineMs
        this.#deadlines?.moved(old)
      }
      return false
    }
    if (deadlineMs === NEVER) {
      const isNew = this.#fields.set(field, value)
      if (this.#packed && this.size > PACKED_FIELDS) this.#packed = false
      return isNew
    }
    const stored = new VolatileField(old ? (this.#fields.storedKey(field) as Uint8Array) : field, value, deadlineMs)
    this.#fields.set(stored.field, stored)
    this.#index(stored)
    return old === undefined
  }

  /** Replaces the value of a field that is there and keeps its deadline. */
  replace(field: Uint8Array, value: Uint8Array): void {
    const stored = this.#fields.get(field)
    if (stored instanceof VolatileField) stored.value = value
    else if (stored) {
      if (value.length > PACKED_BYTES) this.#packed = false
      this.#fields.set(field, value)
    }
  }

  /** Removes a field, expired or not; true if it was there. */
  delete(field: Uint8Array): boolean {
    const stored = this.#fields.delete(field)
    if (stored instanceof VolatileField) this.#deadlines?.remove(stored)
    return stored !== undefined
  }

  /** Sets or, with NEVER, clears the deadline of a field; false if there is no such field. */
  setDeadline(field: Uint8Array, deadlineMs: number): boolean {
    const stored = this.#fields.get(field)
    if (stored === undefined) return false
    if (stored instanceof VolatileField) {
      if (deadlineMs === NEVER) {
        this.#deadlines?.remove(stored)
        this.#fields.set(stored.field, stored.value)
      } else {
        stored.deadlineMs = deadlineMs
        this.#deadlines?.moved(stored)
      }
    } else if (deadlineMs !== NEVER) {
      this.#packed = false
      const timed = new VolatileField(this.#fields.storedKey(field) as Uint8Array, stored, deadlineMs)
      this.#fields.set(timed.field, timed)
      this.#index(timed)
    }
    return true
  }

  /** Every field, expired or not, in no promised order; the hash must not change meanwhile. */
  *entries(): Generator<[field: Uint8Array, value: Uint8Array, deadlineMs: number]> {
    for (const [field, stored] of this.#fields.entries()) {
      if (stored instanceof Uint8Array) yield [field, stored, NEVER]
      else yield [field, stored.value, stored.deadlineMs]
    }
  }

  /** Fields that a reader at `nowMs` sees. Costs O(expired), and nothing at all while no deadline has passed. */
  liveSize(nowMs: number): number {
    if (nowMs <= this.soonestDeadlineMs) return this.size
    return this.size - (this.#deadlines?.countPassed(nowMs) ?? 0)
  }

  /** One step of a walk, as `ByteTable.walk`; expired fields are visited too. */
  walk(position: number, visit: (field: Uint8Array, value: Uint8Array, deadlineMs: number) => void): number {
    return this.#fields.walk(position, (field, stored) => {
      if (stored instanceof Uint8Array) visit(field, stored, NEVER)
      else visit(field, stored.value, stored.deadlineMs)
    })
  }

  /** A random field, expired or not; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [field: Uint8Array, value: Uint8Array, deadlineMs: number] | undefined {
    const found = this.#fields.random(pick)
    if (!found) return undefined
    const [field, stored] = found
    return stored instanceof Uint8Array ? [field, stored, NEVER] : [field, stored.value, stored.deadlineMs]
  }

  /** Removes up to `limit` fields that have expired at `nowMs`, soonest first, and returns their names. */
  takeExpired(nowMs: number, limit: number): Uint8Array[] {
    const names: Uint8Array[] = []
    while (names.length < limit) {
      const first = this.#deadlines?.first
      if (!first || nowMs <= first.deadlineMs) break
      this.#deadlines?.remove(first)
      this.#fields.delete(first.field)
      names.push(first.field)
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

  #index(field: VolatileField): void {
    this.#deadlines ??= new DeadlineHeap()
    this.#deadlines.add(field)
  }
}

export type HashField = { readonly value: Uint8Array; readonly deadlineMs: number }

/** Defaults of `hash-max-listpack-entries` and `hash-max-listpack-value`. */
const PACKED_FIELDS = 512
const PACKED_BYTES = 64

class VolatileField {
  readonly field: Uint8Array
  value: Uint8Array
  deadlineMs: number
  heapIndex = 0

  constructor(field: Uint8Array, value: Uint8Array, deadlineMs: number) {
    this.field = field
    this.value = value
    this.deadlineMs = deadlineMs
  }
}
