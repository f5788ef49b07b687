import { keySlot, SLOTS } from '../cluster/slot.ts'
import { ByteTable, WALK_END } from './byte-table.ts'
import { type Entry, NEVER, type Value } from './entry.ts'
import type { UsageClock } from './usage-clock.ts'

/** What wants to see a key just before it changes: the cursors of full syncs and slot exports. */
export interface ChangeWatcher {
  /** `entry` is the key's image before the change, undefined when there is no such key. */
  beforeChange(database: number, slot: number, key: Uint8Array, entry: Entry | undefined): void
  /** A slot's whole table leaves this keyspace; it is intact during the call only. */
  beforeDetach(database: number, slot: number, table: SlotTable): void
  /** A slot's whole table comes into this keyspace. */
  beforeAttach(database: number, slot: number): void
}

type StoredEntry = { value: Value; deadlineMs: number; usage: number }

/**
 * Before when nothing expires, in unix milliseconds: bounds that fall with every new deadline, and that active expiry raises
 * when it has looked at everything. So what has nothing due costs it one comparison.
 */
class DueBounds {
  keysMs = NEVER
  /** For fields of hashes. */
  fieldsMs = NEVER

  lower(keysMs: number, fieldsMs: number): void {
    if (keysMs < this.keysMs) this.keysMs = keysMs
    if (fieldsMs < this.fieldsMs) this.fieldsMs = fieldsMs
  }
}

/** The keys of one slot in one database. */
export class SlotTable {
  readonly keys = new ByteTable<StoredEntry>()
  /** Keys with a deadline; their stored keys. */
  readonly expiring = new ByteTable<StoredEntry>()
  /** Hashes that hold at least one field with a deadline. */
  readonly volatile = new ByteTable<StoredEntry>()
  readonly due = new DueBounds()
}

/**
 * One numbered database: a directory of 16,384 slots, each a table that exists only while it holds keys. Counting,
 * iterating, dropping and handing over a slot cost nothing that grows with the other slots.
 */
export class Database {
  readonly index: number
  readonly due = new DueBounds()
  readonly #slots: (SlotTable | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #watchers: Set<ChangeWatcher>
  readonly #usage: UsageClock
  #size = 0
  #occupied = 0
  #expiring = 0
  #volatile = 0

  /** `watchers` and `usage` are shared by all databases of a keyspace. */
  constructor(index: number, watchers: Set<ChangeWatcher>, usage: UsageClock) {
    this.#usage = usage
    this.index = index
    this.#watchers = watchers
  }

  get size(): number {
    return this.#size
  }

  /** Slots that hold keys. */
  get occupiedCount(): number {
    return this.#occupied
  }

  /** Keys with a deadline. */
  get expiringCount(): number {
    return this.#expiring
  }

  /** Keys that hold fields with deadlines (`keys_with_volatile_items`). */
  get volatileCount(): number {
    return this.#volatile
  }

  sizeOfSlot(slot: number): number {
    return this.#slots[slot]?.keys.size ?? 0
  }

  /** The entry as it stands, expired or not; for reading only. */
  peek(key: Uint8Array): Entry | undefined {
    return this.#slots[keySlot(key)]?.keys.get(key)
  }

  /** The entry for a command that is about to change its value in place; call `noteChanged` afterwards. */
  open(key: Uint8Array): Entry | undefined {
    const slot = keySlot(key)
    const entry = this.#slots[slot]?.keys.get(key)
    this.#announce(slot, key, entry)
    return entry
  }

  /** Stores a value, replacing what was there; the key's bytes are copied if it is new. */
  put(key: Uint8Array, value: Value, deadlineMs: number = NEVER): void {
    const slot = keySlot(key)
    const table = this.#table(slot)
    const old = table.keys.get(key)
    this.#announce(slot, key, old)
    // A count of uses belongs to the name, the time of the last one to what is stored now.
    const usage = old && this.#usage.countsUses ? old.usage : this.#usage.fresh
    const entry: StoredEntry = { value, deadlineMs, usage }
    const stored = old ? (table.keys.storedKey(key) as Uint8Array) : key.slice()
    if (old) this.#unindex(table, stored, old)
    else this.#size++
    table.keys.set(stored, entry)
    this.#index(table, stored, entry)
  }

  /** Removes a key; true if it was there. */
  remove(key: Uint8Array): boolean {
    const slot = keySlot(key)
    const table = this.#slots[slot]
    const entry = table?.keys.get(key)
    if (!table || !entry) return false
    this.#announce(slot, key, entry)
    this.#unindex(table, key, entry)
    table.keys.delete(key)
    this.#size--
    if (table.keys.size === 0) {
      this.#slots[slot] = undefined
      this.#occupied--
    }
    return true
  }

  /** Sets or, with NEVER, clears the deadline of a key that exists. */
  setDeadline(key: Uint8Array, deadlineMs: number): void {
    const slot = keySlot(key)
    const table = this.#slots[slot]
    const entry = table?.keys.get(key)
    if (!table || !entry) return
    this.#announce(slot, key, entry)
    const stored = table.keys.storedKey(key) as Uint8Array
    this.#unindex(table, stored, entry)
    entry.deadlineMs = deadlineMs
    this.#index(table, stored, entry)
  }

  /** After a value changed in place: keeps the index of hashes with volatile fields right. */
  noteChanged(key: Uint8Array): void {
    const table = this.#slots[keySlot(key)]
    const entry = table?.keys.get(key)
    if (!table || entry?.value.type !== 'hash') return
    const isVolatile = entry.value.volatileCount > 0
    if (isVolatile) this.#lowerDue(table, entry)
    if (isVolatile === table.volatile.has(key)) return
    if (isVolatile) {
      table.volatile.set(table.keys.storedKey(key) as Uint8Array, entry)
      this.#volatile++
    } else {
      table.volatile.delete(key)
      this.#volatile--
    }
  }

  /** Removes every key. Watchers are not told key by key: whoever flushes ends them first. */
  clear(): void {
    this.#slots.fill(undefined)
    this.#occupied = 0
    this.#size = 0
    this.#expiring = 0
    this.#volatile = 0
  }

  /** The table of a slot for walking; undefined while the slot is empty here. */
  slotTable(slot: number): SlotTable | undefined {
    return this.#slots[slot]
  }

  /** Takes a slot's whole table out, in constant time: hand-over, drop. */
  detachSlot(slot: number): SlotTable | undefined {
    const table = this.#slots[slot]
    if (!table) return undefined
    for (const watcher of this.#watchers) watcher.beforeDetach(this.index, slot, table)
    this.#slots[slot] = undefined
    this.#occupied--
    this.#size -= table.keys.size
    this.#expiring -= table.expiring.size
    this.#volatile -= table.volatile.size
    return table
  }

  /** Puts in a table that was detached elsewhere; the slot must be empty here. */
  attachSlot(slot: number, table: SlotTable): void {
    if (this.#slots[slot]) throw new Error(`slot ${slot} of database ${this.index} is not empty`)
    if (table.keys.size === 0) return
    for (const watcher of this.#watchers) watcher.beforeAttach(this.index, slot)
    this.#slots[slot] = table
    this.#occupied++
    this.due.lower(table.due.keysMs, table.due.fieldsMs)
    this.#size += table.keys.size
    this.#expiring += table.expiring.size
    this.#volatile += table.volatile.size
  }

  /** Slots that hold keys here, ascending. */
  *occupiedSlots(): Generator<number> {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#slots[slot]) yield slot
  }

  /**
   * One step of a walk over all keys, in slot order. `cursor` is 0 to begin; the result is 0 at the end. At most one
   * bucket is visited per call, besides skipping empty slots.
   */
  walk(cursor: number, visit: (key: Uint8Array, entry: Entry) => void): number {
    let slot = Math.floor(cursor / WALK_END)
    let position = cursor % WALK_END
    while (slot < SLOTS) {
      const table = this.#slots[slot]
      if (table) {
        const next = table.keys.walk(position, visit)
        return next >= WALK_END ? this.#nextOccupied(slot + 1) : slot * WALK_END + next
      }
      slot++
      position = 0
    }
    return 0
  }

  /** A random key; each slot that holds keys is weighed by its count. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [Uint8Array, Entry] | undefined {
    if (this.#size === 0) return undefined
    let skip = pick(this.#size)
    for (const table of this.#slots) {
      if (!table) continue
      if (skip < table.keys.size) return table.keys.random(pick)
      skip -= table.keys.size
    }
    return undefined
  }

  #nextOccupied(from: number): number {
    for (let slot = from; slot < SLOTS; slot++) if (this.#slots[slot]) return slot * WALK_END
    return 0
  }

  #table(slot: number): SlotTable {
    let table = this.#slots[slot]
    if (!table) {
      table = new SlotTable()
      this.#slots[slot] = table
      this.#occupied++
    }
    return table
  }

  #announce(slot: number, key: Uint8Array, entry: Entry | undefined): void {
    if (this.#watchers.size === 0) return
    for (const watcher of this.#watchers) watcher.beforeChange(this.index, slot, key, entry)
  }

  #index(table: SlotTable, key: Uint8Array, entry: StoredEntry): void {
    const hasDeadline = entry.deadlineMs !== NEVER
    const isVolatile = entry.value.type === 'hash' && entry.value.volatileCount > 0
    if (hasDeadline && table.expiring.set(key, entry)) this.#expiring++
    if (isVolatile && table.volatile.set(key, entry)) this.#volatile++
    if (hasDeadline || isVolatile) this.#lowerDue(table, entry)
  }

  #lowerDue(table: SlotTable, { value, deadlineMs }: StoredEntry): void {
    const fieldsMs = value.type === 'hash' ? value.soonestDeadlineMs : NEVER
    table.due.lower(deadlineMs, fieldsMs)
    this.due.lower(deadlineMs, fieldsMs)
  }

  #unindex(table: SlotTable, key: Uint8Array, entry: StoredEntry): void {
    if (entry.deadlineMs !== NEVER && table.expiring.delete(key)) this.#expiring--
    if (entry.value.type === 'hash' && table.volatile.delete(key)) this.#volatile--
  }
}
