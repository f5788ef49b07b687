import { type ChangeWatcher, Database } from './database.ts'
import { KeyStore } from './key-store.ts'
import { UsageClock } from './usage-clock.ts'

/**
 * Databases x slots x keys. A node has one for what it serves, and one more per import job, whose keys are out of sight by
 * construction until the hand-over attaches their slots here.
 */
export class Keyspace {
  /** Cursors that must see a key before it changes. */
  readonly watchers = new Set<ChangeWatcher>()
  readonly store: KeyStore
  readonly usage: UsageClock
  readonly #databases: (Database | undefined)[]

  /** `count`: `cluster-databases`, or `databases` outside of a cluster. A database is made on first use. `usage` and `store` are the node's own. */
  constructor(count: number, usage = new UsageClock(), store = new KeyStore()) {
    this.usage = usage
    this.store = store
    this.#databases = new Array(count).fill(undefined)
  }

  /** An empty keyspace of the same size over the same store: slots can move between the two. Clear it before you let go of it. */
  aside(): Keyspace {
    return new Keyspace(this.count, this.usage, this.store)
  }

  get count(): number {
    return this.#databases.length
  }

  /** `index` is 0..count-1. */
  database(index: number): Database {
    let database = this.#databases[index]
    if (!database) {
      database = new Database(index, this.watchers, this.store, this.usage)
      this.#databases[index] = database
    }
    return database
  }

  /** Exchanges the keys of two databases. Whoever walks over them must have been ended. */
  swap(first: number, second: number): void {
    const [a, b] = [this.database(first), this.database(second)]
    a.index = second
    b.index = first
    this.#databases[first] = b
    this.#databases[second] = a
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

  get size(): number {
    let size = 0
    for (const database of this.used()) size += database.size
    return size
  }

  /** Moves a slot's keys of every database into `target`, where the slot is empty. */
  moveSlotTo(target: Keyspace, slot: number): void {
    for (const database of this.used()) {
      const detached = database.detachSlot(slot)
      if (detached) target.database(database.index).attachSlot(slot, detached)
    }
  }

  /** Drops a slot in every database; returns how many keys went. */
  dropSlot(slot: number): number {
    let dropped = 0
    for (const database of this.used()) dropped += database.dropSlot(slot)
    return dropped
  }

  clear(): void {
    for (const database of this.used()) database.clear()
  }
}
