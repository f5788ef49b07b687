import { type ChangeWatcher, Database } from './database.ts'
import { UsageClock } from './usage-clock.ts'

/**
 * Databases x slots x keys. A node has one for what it serves, and one more per import job, whose keys are out of sight by
 * construction until the hand-over attaches their slots here.
 */
export class Keyspace {
  /** Cursors that must see a key before it changes. */
  readonly watchers = new Set<ChangeWatcher>()
  readonly usage: UsageClock
  readonly #databases: (Database | undefined)[]

  /** `count`: `cluster-databases`. A database is made on first use. `usage` is the node's own. */
  constructor(count: number, usage: UsageClock = new UsageClock()) {
    this.usage = usage
    this.#databases = new Array(count).fill(undefined)
  }

  get count(): number {
    return this.#databases.length
  }

  /** `index` is 0..count-1. */
  database(index: number): Database {
    let database = this.#databases[index]
    if (!database) {
      database = new Database(index, this.watchers, this.usage)
      this.#databases[index] = database
    }
    return database
  }

  /** Databases that were ever used, ascending. */
  *used(): Generator<Database> {
    for (const database of this.#databases) if (database) yield database
  }

  /** Keys of a slot over all databases. */
  sizeOfSlot(slot: number): number {
    let size = 0
    for (const database of this.used()) size += database.sizeOfSlot(slot)
    return size
  }

  /** Slots that hold keys, in each database by itself. */
  get occupiedSlots(): number {
    let slots = 0
    for (const database of this.used()) slots += database.occupiedCount
    return slots
  }

  get size(): number {
    let size = 0
    for (const database of this.used()) size += database.size
    return size
  }

  /** Moves a slot's tables of every database into `target`, where the slot is empty. */
  moveSlotTo(target: Keyspace, slot: number): void {
    for (const database of this.used()) {
      const table = database.detachSlot(slot)
      if (table) target.database(database.index).attachSlot(slot, table)
    }
  }

  /** Drops a slot in every database; returns how many keys went. */
  dropSlot(slot: number): number {
    let dropped = 0
    for (const database of this.used()) dropped += database.detachSlot(slot)?.keys.size ?? 0
    return dropped
  }

  clear(): void {
    for (const database of this.used()) database.clear()
  }
}
