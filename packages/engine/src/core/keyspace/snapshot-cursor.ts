import { SLOTS, type SlotRange } from '../cluster/slot.ts'
import { ByteTable, keyPosition, WALK_END } from './byte-table.ts'
import type { ChangeWatcher, Database } from './database.ts'
import type { Entry } from './entry.ts'
import type { Keyspace } from './keyspace.ts'

/** Gets the image of one key; it must serialise at once, for the value may change right after. */
export type EmitImage = (database: number, slot: number, key: Uint8Array, entry: Entry) => void

/**
 * One consistent picture of some slots over all databases, taken while writes go on: what was there when the cursor was
 * made, each key once. Full syncs and slot exports read it (design, section 5).
 *
 * The walk goes database by database, slot by slot, and inside a slot in the order of `Database.walkSlot`, in which "has it
 * passed this key?" is one comparison. A key that is about to change before the walk reaches it is emitted first, in its
 * old state, and remembered; so is, without being emitted, a key that comes into being ahead of the walk. Emission is
 * therefore out of order: whoever writes images must write the database with each that differs from the one before.
 *
 * Memory: one table entry per key that was changed ahead of the walk, until the walk has passed its slot.
 */
export class SnapshotCursor implements ChangeWatcher {
  readonly #keyspace: Keyspace
  readonly #emit: EmitImage
  /** 1 for each slot of the picture; undefined: all of them. */
  readonly #wanted: Uint8Array | undefined
  readonly #firstSlot: number
  readonly #lastSlot: number
  /** Where the walk stands: everything before it has been emitted. */
  #database = 0
  #slot: number
  #position = 0
  #isOpen = true
  #emitted = 0
  /** Keys ahead of the walk that are done already, by `placeOf`. */
  readonly #settled = new Map<number, ByteTable<true>>()
  /** Whole slots that were attached ahead of the walk and are no part of the picture. */
  readonly #skipped = new Set<number>()

  /** The picture is that of now. `slots` may be in any order. */
  constructor(keyspace: Keyspace, slots: readonly SlotRange[] | 'all', emit: EmitImage) {
    this.#keyspace = keyspace
    this.#emit = emit
    if (slots === 'all') {
      this.#firstSlot = 0
      this.#lastSlot = SLOTS - 1
    } else {
      const wanted = new Uint8Array(SLOTS)
      for (const [first, last] of slots) wanted.fill(1, first, last + 1)
      this.#wanted = wanted
      this.#firstSlot = Math.max(wanted.indexOf(1), 0)
      this.#lastSlot = wanted.lastIndexOf(1)
    }
    this.#slot = this.#firstSlot
    keyspace.watchers.add(this)
  }

  /** Images given out so far. */
  get emitted(): number {
    return this.#emitted
  }

  /**
   * Goes on with the walk, step by step, until it is through (true, and the cursor is closed) or `shouldStop` says so
   * (false). `shouldStop` is asked after every step that gave something.
   */
  advance(shouldStop: () => boolean): boolean {
    while (this.#isOpen) {
      const database = this.#databaseFrom(this.#database)
      if (!database) {
        this.close()
        break
      }
      if (database.index !== this.#database) this.#enter(database.index)
      while (this.#slot <= this.#lastSlot) {
        const before = this.#emitted
        if (this.#step(database)) this.#enterSlot(this.#slot + 1)
        if (this.#emitted !== before && shouldStop()) return false
      }
      this.#enter(database.index + 1)
    }
    return true
  }

  /** Is this key done: emitted, or no part of the picture? */
  hasPassed(database: number, slot: number, key: Uint8Array): boolean {
    if (!this.#isOpen || !this.#covers(slot) || this.#isBehind(database, slot, key)) return true
    const place = placeOf(database, slot)
    return this.#skipped.has(place) || (this.#settled.get(place)?.has(key) ?? false)
  }

  /** Ends the cursor; the keyspace forgets it. */
  close(): void {
    this.#isOpen = false
    this.#keyspace.watchers.delete(this)
    this.#settled.clear()
    this.#skipped.clear()
  }

  /** `ChangeWatcher`: emits an unreached key before its first write, and never again. */
  beforeChange(database: number, slot: number, key: Uint8Array, entry: Entry | undefined): void {
    if (!this.#covers(slot) || this.#isBehind(database, slot, key)) return
    const place = placeOf(database, slot)
    if (this.#skipped.has(place)) return
    let settled = this.#settled.get(place)
    if (!settled) {
      settled = new ByteTable()
      this.#settled.set(place, settled)
    }
    if (settled.has(key)) return
    settled.set(key.slice(), true)
    if (entry) this.#give(database, slot, key, entry)
  }

  /**
   * `ChangeWatcher`: a slot leaves the keyspace. What the walk has not reached of it is emitted at once, for nobody
   * tells us of changes to keys that live elsewhere; keys that come to the slot later are no part of the picture.
   */
  beforeDetach(database: Database, slot: number): void {
    if (!this.#covers(slot)) return
    const { index } = database
    for (const [key, entry] of database.entriesOf(slot)) if (!this.hasPassed(index, slot, key)) this.#give(index, slot, key, entry)
    this.#skip(index, slot)
  }

  /** `ChangeWatcher`: keys that come as a whole slot were not here when the picture was taken. */
  beforeAttach(database: number, slot: number): void {
    if (this.#covers(slot)) this.#skip(database, slot)
  }

  /** Takes the next step of the walk; true when the slot is through. */
  #step(database: Database): boolean {
    const slot = this.#slot
    const place = placeOf(database.index, slot)
    if (!this.#covers(slot) || database.sizeOfSlot(slot) === 0 || this.#skipped.has(place)) return true
    const settled = this.#settled.get(place)
    this.#position = database.walkSlot(slot, this.#position, (key, entry) => {
      if (!settled?.has(key)) this.#give(database.index, slot, key, entry)
    })
    return this.#position >= WALK_END
  }

  #give(database: number, slot: number, key: Uint8Array, entry: Entry): void {
    this.#emitted++
    this.#emit(database, slot, key, entry)
  }

  #covers(slot: number): boolean {
    return this.#wanted === undefined || this.#wanted[slot] === 1
  }

  #isBehind(database: number, slot: number, key: Uint8Array): boolean {
    if (database !== this.#database) return database < this.#database
    if (slot !== this.#slot) return slot < this.#slot
    return this.#position > 0 && keyPosition(key) < this.#position
  }

  #skip(database: number, slot: number): void {
    if (database < this.#database || (database === this.#database && slot < this.#slot)) return
    const place = placeOf(database, slot)
    this.#skipped.add(place)
    this.#settled.delete(place)
  }

  #enter(database: number): void {
    this.#database = database
    this.#slot = this.#firstSlot
    this.#position = 0
  }

  #enterSlot(slot: number): void {
    const left = placeOf(this.#database, this.#slot)
    if (this.#settled.size > 0) this.#settled.delete(left)
    if (this.#skipped.size > 0) this.#skipped.delete(left)
    this.#slot = slot
    this.#position = 0
  }

  /** The first database from `index` on that holds anything. */
  #databaseFrom(index: number): Database | undefined {
    for (const database of this.#keyspace.used()) if (database.index >= index && database.size > 0) return database
    return undefined
  }
}

/** One number for a slot of a database. */
function placeOf(database: number, slot: number): number {
  return database * SLOTS + slot
}
