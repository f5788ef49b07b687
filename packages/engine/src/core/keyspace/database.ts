import { keySlot, SLOTS } from '../cluster/slot.ts'
import { hashBytes, WALK_END } from './byte-table.ts'
import { DueTimes } from './due-times.ts'
import { type Entry, NEVER, type Value } from './entry.ts'
import { type KeyRecords, SHORT_STRING } from './key-records.ts'
import type { DetachedSlot, KeyStore } from './key-store.ts'
import { SlotDirectory } from './slot-directory.ts'
import type { UsageClock } from './usage-clock.ts'
import { StringValue } from './values/string.ts'

/** What wants to see a key just before it changes: the cursors of full syncs and slot exports. */
export interface ChangeWatcher {
  /** `entry` is the key's image before the change, undefined when there is no such key. */
  beforeChange(database: number, slot: number, key: Uint8Array, entry: Entry | undefined): void
  /** All keys of a slot leave this keyspace; they are still here during the call. */
  beforeDetach(database: Database, slot: number): void
  /** A slot with all its keys comes into this keyspace. */
  beforeAttach(database: number, slot: number): void
}

/** The keys of a slot that a walk may be about: all, those with a deadline, or hashes that hold at least one field with a deadline. */
export type KeyIndex = 'keys' | 'expiring' | 'volatile'

/**
 * One numbered database: a directory of 16,384 slots over records in the node's store. Counting, iterating, dropping and
 * handing over a slot cost nothing that grows with the other slots.
 */
export class Database {
  /** Changes only when its keyspace exchanges two databases. */
  index: number
  readonly due = new DueTimes()
  readonly #store: KeyStore
  readonly records: KeyRecords
  readonly #keys: SlotDirectory
  readonly #expiring: SlotDirectory
  readonly #volatile: SlotDirectory
  readonly #watchers: Set<ChangeWatcher>
  readonly #usage: UsageClock
  /** Of the key that was looked up last. */
  #slot = 0
  #position = 0
  /** Its record, if it was then opened for a change, and where the key lies among the arguments of the command; 0 for not. */
  #opened = 0
  #openedAt = 0

  /** `watchers` is shared by all databases of a keyspace, `store` and `usage` by all keyspaces of a node. */
  constructor(index: number, watchers: Set<ChangeWatcher>, store: KeyStore, usage: UsageClock) {
    this.#usage = usage
    this.index = index
    this.#watchers = watchers
    this.#store = store
    this.records = store.records
    this.#keys = new SlotDirectory(store.records)
    this.#expiring = new SlotDirectory(store.records)
    this.#volatile = new SlotDirectory(store.records)
  }

  get size(): number {
    return this.#keys.size
  }

  /** Keys with a deadline. */
  get expiringCount(): number {
    return this.#expiring.size
  }

  /** Keys that hold fields with deadlines (`keys_with_volatile_items`). */
  get volatileCount(): number {
    return this.#volatile.size
  }

  /** Directories in use: of all keys, and of those that something is due of. */
  get directories(): number {
    return (this.size > 0 ? 1 : 0) + (this.expiringCount > 0 ? 1 : 0) + (this.volatileCount > 0 ? 1 : 0)
  }

  sizeOfSlot(slot: number, index: KeyIndex = 'keys'): number {
    return this.#directory(index).sizeOfSlot(slot)
  }

  has(key: Uint8Array): boolean {
    return this.locate(key, 0, key.length) !== 0
  }

  /** The entry as it stands, expired or not; for reading only. */
  peek(key: Uint8Array): Entry | undefined {
    const record = this.locate(key, 0, key.length)
    return record === 0 ? undefined : this.records.entry(record)
  }

  /** What a key costs: bytes of its record, and the object that holds its value if the record does not. */
  footprint(key: Uint8Array): { readonly bytes: number; readonly object: Value | undefined } | undefined {
    const record = this.locate(key, 0, key.length)
    return record === 0 ? undefined : this.#footprintOf(record)
  }

  /**
   * The entry for a command that is about to change its value in place; call `noteChanged` afterwards. A short string becomes an object
   * for it, and stays one until it is replaced: what was edited once, by APPEND or SETBIT, is mostly edited again.
   */
  open(key: Uint8Array): Entry | undefined {
    const record = this.openAt(this.locate(key, 0, key.length), key)
    return record === 0 ? undefined : this.records.entry(record)
  }

  /** As `open`, right after `locate` of the key gave `record`; the record of an object. */
  openAt(record: number, key: Uint8Array): number {
    this.#announce(key, record)
    if (record === 0 || this.records.isObject(record)) return record
    const opened = this.records.addObject(key, this.records.value(record), this.records.deadlineMs(record))
    this.#exchange(record, opened, this.records.usage(record))
    return opened
  }

  /** As `openAt`, of a key that is a part of some bytes. */
  openPart(record: number, source: Uint8Array, start: number, length: number): number {
    if (this.#watchers.size === 0 && (record === 0 || this.records.isObject(record))) {
      // Nearly always `noteChangedAt` of the same key is what comes next.
      this.#opened = record
      this.#openedAt = start
      return record
    }
    return this.openAt(record, source.subarray(start, start + length))
  }

  /** Stores a value, replacing what was there; the key's bytes are copied if it is new. */
  put(key: Uint8Array, value: Value, deadlineMs: number = NEVER): void {
    if (value.type === 'string' && value.isWhole) return this.putString(key, value.bytes, deadlineMs)
    const old = this.locate(key, 0, key.length)
    this.#announce(key, old)
    this.#exchange(old, this.records.addObject(key, value, deadlineMs), this.#usageAfter(old))
  }

  /** As `put`, for a string: a copy of these bytes. */
  putString(key: Uint8Array, bytes: Uint8Array, deadlineMs: number = NEVER): void {
    this.putStringAt(this.locate(key, 0, key.length), key, 0, key.length, bytes, 0, bytes.length, deadlineMs)
  }

  /**
   * The record of the key `source[start .. start + length)`, 0 if there is none. It holds until something changes; whoever has a record
   * may read it by `records`, and gets no objects made for it. Say which `slot` it is if you know.
   */
  locate(source: Uint8Array, start: number, length: number, slot = -1): number {
    const known = slot >= 0 ? slot : keySlot(source, start, start + length)
    return this.locateAt(known, hashBytes(source, start, start + length), source, start, length)
  }

  /** As `locate`, by somebody who knows the slot and the hash of the key. */
  locateAt(slot: number, position: number, source: Uint8Array, start: number, length: number): number {
    this.#slot = slot
    this.#position = position
    this.#opened = 0
    return this.#keys.find(slot, position, source, start, length)
  }

  /** As `SlotDirectory.warm`: soon these keys will be located. */
  warm(slots: Int32Array, positions: Int32Array, count: number, records: Int32Array): number {
    return this.#keys.warm(slots, positions, count, records)
  }

  /** As `putString`, right after `locate` of the key gave `old`; key and value are each a part of some bytes. */
  putStringAt(
    old: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyLength: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    deadlineMs: number
  ): void {
    const records = this.records
    if (this.#watchers.size > 0) this.#announce(keyBytes.subarray(keyStart, keyStart + keyLength), old)
    if (length > SHORT_STRING) {
      const value = new StringValue(bytes.slice(start, start + length))
      const record = records.addObject(keyBytes.subarray(keyStart, keyStart + keyLength), value, deadlineMs)
      this.#exchange(old, record, this.#usageAfter(old))
    } else if (old !== 0 && records.takesString(old, length, deadlineMs !== NEVER)) {
      if (records.deadlineMs(old) !== NEVER) this.#expiring.remove(this.#slot, this.#position, old)
      records.overwriteString(old, bytes, start, length, deadlineMs)
      records.setUsage(old, this.#usageAfter(old))
      if (deadlineMs !== NEVER) this.#index(old)
    } else {
      const record = records.addString(keyBytes, keyStart, keyLength, bytes, start, length, deadlineMs)
      this.#exchange(old, record, this.#usageAfter(old))
    }
  }

  /** The key of this record is used. */
  noteUse(record: number): void {
    const before = this.records.usage(record)
    const after = this.#usage.noted(before)
    // A line of memory that is only read stays cheap.
    if (after !== before) this.records.setUsage(record, after)
  }

  /** Removes a key; true if it was there. */
  remove(key: Uint8Array): boolean {
    const record = this.locate(key, 0, key.length)
    if (record === 0) return false
    this.#announce(key, record)
    this.#exchange(record, 0, 0)
    return true
  }

  /** Sets or, with NEVER, clears the deadline of a key that exists. */
  setDeadline(key: Uint8Array, deadlineMs: number): void {
    const record = this.locate(key, 0, key.length)
    if (record === 0) return
    this.#announce(key, record)
    this.#exchange(record, this.records.addWithDeadline(record, deadlineMs), this.records.usage(record))
  }

  /** After a value changed in place: keeps the index of hashes with volatile fields right. */
  noteChanged(key: Uint8Array): void {
    this.noteChangedAt(keySlot(key), hashBytes(key), key, 0, key.length)
  }

  /** As `noteChanged`, of a key that is a part of some bytes, by somebody who knows its slot and hash. */
  noteChangedAt(slot: number, position: number, source: Uint8Array, start: number, length: number): void {
    const record = this.#opened !== 0 && this.#openedAt === start ? this.#opened : this.locateAt(slot, position, source, start, length)
    if (record === 0 || !this.records.isObject(record)) return
    this.records.noteChanged(record)
    const value = this.records.objectAt(record)
    if (value.type !== 'hash') return
    if (value.volatileCount === 0) this.#volatile.remove(this.#slot, this.#position, record)
    else this.#index(record)
  }

  /** Removes every key. Watchers are not told key by key: whoever flushes ends them first. */
  clear(): void {
    const slots: DetachedSlot[] = []
    for (const slot of this.occupiedSlots()) slots.push(this.#take(slot))
    this.due.forget()
    this.#store.discard(slots)
  }

  /** Takes all keys of a slot out, in constant time: hand-over. What comes back must be attached somewhere. */
  detachSlot(slot: number): DetachedSlot | undefined {
    if (this.#keys.sizeOfSlot(slot) === 0) return undefined
    for (const watcher of this.#watchers) watcher.beforeDetach(this, slot)
    return this.#take(slot)
  }

  /** Puts in what was detached elsewhere; the slot must be empty here. */
  attachSlot(slot: number, detached: DetachedSlot): void {
    if (this.#keys.sizeOfSlot(slot) > 0) throw new Error(`slot ${slot} of database ${this.index} is not empty`)
    for (const watcher of this.#watchers) watcher.beforeAttach(this.index, slot)
    this.#keys.attach(slot, detached.keys)
    this.#expiring.attach(slot, detached.expiring)
    this.#volatile.attach(slot, detached.volatile)
    this.due.lower(slot, detached.dueKeysMs, detached.dueFieldsMs)
  }

  /** Removes all keys of a slot; returns how many. */
  dropSlot(slot: number): number {
    const detached = this.detachSlot(slot)
    if (!detached) return 0
    this.#store.discard([detached])
    return detached.keys.count
  }

  /** Slots that hold keys here, ascending. */
  *occupiedSlots(): Generator<number> {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#keys.sizeOfSlot(slot) > 0) yield slot
  }

  /** Copies of the keys of a slot, which must not change meanwhile. */
  *keysOf(slot: number): Generator<Uint8Array> {
    for (const record of this.#keys.recordsOf(slot)) yield this.records.key(record)
  }

  *entriesOf(slot: number): Generator<[Uint8Array, Entry]> {
    for (const record of this.#keys.recordsOf(slot)) yield [this.records.key(record), this.records.entry(record)]
  }

  /**
   * One step of a walk over a slot: a few keys from `position` on (0 to begin), in the order of `keyPosition`. Returns where the next step
   * begins, `WALK_END` after the last. Keys are copies; `visit` must not change the database.
   */
  walkSlot(slot: number, position: number, visit: (key: Uint8Array, entry: Entry) => void, index: KeyIndex = 'keys'): number {
    const records = this.records
    return this.#directory(index).walk(slot, position, (record) => visit(records.key(record), records.entry(record)))
  }

  /** As a step of `walkSlot`: moves the keys that it is about, and their pages, out of slabs that are leaving. */
  relocate(slot: number, position: number): number {
    const { records } = this
    const directories = [this.#keys, this.#expiring, this.#volatile]
    for (const directory of directories) directory.movePage(slot, position)
    const leaving: { record: number; place: number }[] = []
    const next = this.#keys.walk(slot, position, (record, place) => {
      if (records.arena.isLeaving(record)) leaving.push({ record, place: place | 0 })
    })
    for (const { record, place } of leaving) {
      const moved = records.move(record)
      for (const directory of directories) directory.replace(slot, place, record, moved)
    }
    return next
  }

  /** One step of a walk over all keys, in slot order. `cursor` is 0 to begin; the result is 0 at the end. */
  walk(cursor: number, visit: (key: Uint8Array, entry: Entry) => void): number {
    const records = this.records
    return this.#walk(cursor, (record) => visit(records.key(record), records.entry(record)))
  }

  /** As `walk`, over deadlines alone. */
  walkDeadlines(cursor: number, visit: (deadlineMs: number) => void): number {
    return this.#walk(cursor, (record) => visit(this.records.deadlineMs(record)))
  }

  /** A random key; each slot that holds keys is weighed by its count. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): Uint8Array | undefined {
    if (this.size === 0) return undefined
    let skip = pick(this.size)
    for (let slot = 0; slot < SLOTS; slot++) {
      const size = this.#keys.sizeOfSlot(slot)
      if (skip < size) return this.records.key(this.#keys.random(slot, pick))
      skip -= size
    }
    return undefined
  }

  #walk(cursor: number, visit: (record: number) => void): number {
    let slot = Math.floor(cursor / WALK_END)
    let position = cursor % WALK_END
    for (; slot < SLOTS; slot++, position = 0) {
      if (this.#keys.sizeOfSlot(slot) === 0) continue
      const next = this.#keys.walk(slot, position, visit)
      return next < WALK_END ? slot * WALK_END + next : this.#nextOccupied(slot + 1)
    }
    return 0
  }

  #nextOccupied(from: number): number {
    for (let slot = from; slot < SLOTS; slot++) if (this.#keys.sizeOfSlot(slot) > 0) return slot * WALK_END
    return 0
  }

  #directory(index: KeyIndex): SlotDirectory {
    return index === 'keys' ? this.#keys : index === 'expiring' ? this.#expiring : this.#volatile
  }

  #footprintOf(record: number): { readonly bytes: number; readonly object: Value | undefined } {
    const bytes = this.records.arena.sizeAt(record)
    return { bytes, object: this.records.isObject(record) ? this.records.objectAt(record) : undefined }
  }

  #announce(key: Uint8Array, record: number): void {
    if (this.#watchers.size === 0) return
    const entry = record === 0 ? undefined : this.records.entry(record)
    for (const watcher of this.#watchers) watcher.beforeChange(this.index, this.#slot, key, entry)
  }

  /** How a key counts as used that is stored in the place of `old`: a count of uses belongs to the name, the time of the last to what is stored. */
  #usageAfter(old: number): number {
    return old !== 0 && this.#usage.countsUses ? this.records.usage(old) : this.#usage.fresh
  }

  /** Puts one record of the key that was located in the place of another, in all directories; 0 is none. */
  #exchange(old: number, record: number, usage: number): void {
    const [slot, position] = [this.#slot, this.#position]
    this.#opened = 0
    if (record !== 0) this.records.setUsage(record, usage)
    if (old === 0) this.#keys.add(slot, position, record)
    else {
      if (record === 0) this.#keys.remove(slot, position, old)
      else this.#keys.replace(slot, position, old, record)
      this.#expiring.remove(slot, position, old)
      this.#volatile.remove(slot, position, old)
      this.records.free(old)
    }
    if (record !== 0 && this.records.mayBeDue(record)) this.#index(record)
  }

  /** Sees to it that a record with something that will be due is where active expiry looks. */
  #index(record: number): void {
    const [slot, position] = [this.#slot, this.#position]
    const deadlineMs = this.records.deadlineMs(record)
    const value = this.records.isObject(record) ? this.records.objectAt(record) : undefined
    const fieldsMs = value?.type === 'hash' && value.volatileCount > 0 ? value.soonestDeadlineMs : NEVER
    const isVolatile = value?.type === 'hash' && value.volatileCount > 0
    if (deadlineMs !== NEVER && !this.#expiring.has(slot, position, record)) this.#expiring.add(slot, position, record)
    if (isVolatile && !this.#volatile.has(slot, position, record)) this.#volatile.add(slot, position, record)
    if (deadlineMs !== NEVER || isVolatile) this.due.lower(slot, deadlineMs, fieldsMs)
  }

  #take(slot: number): DetachedSlot {
    const detached = {
      keys: this.#keys.detach(slot),
      expiring: this.#expiring.detach(slot),
      volatile: this.#volatile.detach(slot),
      dueKeysMs: this.due.ofSlot(slot, 'keysMs'),
      dueFieldsMs: this.due.ofSlot(slot, 'fieldsMs')
    }
    this.due.setOfSlot(slot, 'keysMs', NEVER)
    this.due.setOfSlot(slot, 'fieldsMs', NEVER)
    return detached
  }
}
