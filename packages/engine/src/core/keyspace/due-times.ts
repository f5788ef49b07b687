import { SLOTS } from '../cluster/slot.ts'
import { NEVER } from './entry.ts'

/** What has deadlines: keys, or fields of hashes. */
export type DueKind = 'keysMs' | 'fieldsMs'

/**
 * Before when nothing expires, in unix milliseconds, in a database and in each of its slots: bounds that fall with every new deadline, and
 * that active expiry raises when it has looked at everything. So what has nothing due costs it one comparison.
 */
export class DueTimes {
  keysMs = NEVER
  fieldsMs = NEVER
  /** By slot; made when something has a deadline. */
  #slotKeysMs: Float64Array | undefined
  #slotFieldsMs: Float64Array | undefined

  ofSlot(slot: number, kind: DueKind): number {
    const bounds = kind === 'keysMs' ? this.#slotKeysMs : this.#slotFieldsMs
    return bounds === undefined ? NEVER : (bounds[slot] as number)
  }

  setOfSlot(slot: number, kind: DueKind, ms: number): void {
    if (ms === NEVER && (kind === 'keysMs' ? this.#slotKeysMs : this.#slotFieldsMs) === undefined) return
    this.#bounds(kind)[slot] = ms
  }

  lower(slot: number, keysMs: number, fieldsMs: number): void {
    if (keysMs !== NEVER) this.#lower('keysMs', slot, keysMs)
    if (fieldsMs !== NEVER) this.#lower('fieldsMs', slot, fieldsMs)
  }

  /** Nothing is left. */
  forget(): void {
    this.keysMs = NEVER
    this.fieldsMs = NEVER
    this.#slotKeysMs = undefined
    this.#slotFieldsMs = undefined
  }

  #lower(kind: DueKind, slot: number, ms: number): void {
    if (ms < this[kind]) this[kind] = ms
    const bounds = this.#bounds(kind)
    if (ms < (bounds[slot] as number)) bounds[slot] = ms
  }

  #bounds(kind: DueKind): Float64Array {
    if (kind === 'keysMs') {
      this.#slotKeysMs ??= new Float64Array(SLOTS).fill(NEVER)
      return this.#slotKeysMs
    }
    this.#slotFieldsMs ??= new Float64Array(SLOTS).fill(NEVER)
    return this.#slotFieldsMs
  }
}
