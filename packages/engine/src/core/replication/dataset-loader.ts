import { latin1Text, parseIntegerBetween } from '../bytes.ts'
import { keySlot, SLOTS, type SlotRange } from '../cluster/slot.ts'
import type { Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import { RdbReader } from '../persistence/rdb-reader.ts'

type StagedImport = { readonly job: string; readonly ranges: readonly SlotRange[]; readonly keyspace: Keyspace }

/**
 * Builds the dataset of a full sync beside the one that is served, from bytes as they arrive. Only when it is complete does
 * `install` put it in its place, so that a sync that breaks off has cost nothing.
 */
export class DatasetLoader {
  readonly #node: Node
  readonly #reader: RdbReader
  readonly #keyspace: Keyspace
  #database: Database
  #index = 0
  readonly #imports: StagedImport[] = []
  /** 1 + number of the import that builds the slot. */
  readonly #importOfSlot = new Uint16Array(SLOTS)
  #streamDatabase = 0
  #keys = 0
  #functions = 0

  constructor(node: Node) {
    this.#node = node
    this.#reader = new RdbReader({ maxStringBytes: node.config.number('proto-max-bulk-len') })
    this.#keyspace = node.keyspace.aside()
    this.#database = this.#keyspace.database(0)
  }

  get keys(): number {
    return this.#keys
  }

  get bytesRead(): number {
    return this.#reader.offset
  }

  /** Database in which the stream goes on, as the primary says. */
  get streamDatabase(): number {
    return this.#streamDatabase
  }

  /** Takes what arrived. `end`: complete, and `takeRest` gives what followed it. */
  push(bytes: Uint8Array): 'more' | 'end' | { readonly problem: string } {
    const reader = this.#reader
    reader.push(bytes)
    for (;;) {
      const item = reader.next()
      switch (item.kind) {
        case 'more':
          reader.keep()
          return 'more'
        case 'end':
          return 'end'
        case 'problem':
          return { problem: `${item.text} (at byte ${item.offset} of the RDB)` }
        case 'key': {
          const slot = this.#importOfSlot[keySlot(item.key)] as number
          const database = slot === 0 ? this.#database : (this.#imports[slot - 1] as StagedImport).keyspace.database(this.#index)
          if (database.has(item.key)) return { problem: `the RDB names key '${latin1Text(item.key.subarray(0, 100))}' twice` }
          database.put(item.key, item.value, item.deadlineMs)
          this.#keys++
          break
        }
        case 'database':
          if (item.index >= this.#keyspace.count)
            return { problem: `the RDB holds database ${item.index}, we have ${this.#keyspace.count}` }
          this.#index = item.index
          this.#database = this.#keyspace.database(item.index)
          break
        case 'slotImport':
          this.#imports.push({ job: item.job, ranges: item.ranges, keyspace: this.#keyspace.aside() })
          for (const [first, last] of item.ranges) this.#importOfSlot.fill(this.#imports.length, first, last + 1)
          break
        case 'auxiliary':
          if (item.name === 'repl-stream-db') this.#streamDatabase = parseIntegerBetween(item.value, 0, this.#keyspace.count - 1) ?? 0
          break
        case 'function':
          this.#functions++
          break
        case 'sizes':
        case 'emptyKey':
          break
      }
    }
  }

  /** What followed the end in the bytes of the last `push`; a view, as valid as those. */
  takeRest(): Uint8Array {
    return this.#reader.takeRest()
  }

  /** Lets go of what was loaded: the sync has failed. */
  discard(): void {
    this.#keyspace.clear()
    for (const { keyspace } of this.#imports) keyspace.clear()
  }

  /** Puts the dataset in the place of the node's own. Whoever reads the old one must have been ended. */
  install(): void {
    const node = this.#node
    node.migrations.forgetTracked()
    node.watches.flushed('all')
    node.keyspace.clear()
    moveAll(this.#keyspace, node.keyspace)
    for (const { job, ranges, keyspace } of this.#imports) moveAll(keyspace, node.migrations.restoreImport(job, ranges))
    if (this.#functions > 0)
      node.log('warning', `The primary has ${this.#functions} function libraries, which this node does not run: passed over`)
  }
}

function moveAll(from: Keyspace, to: Keyspace): void {
  for (const database of from.used()) {
    const target = to.database(database.index)
    for (const slot of database.occupiedSlots()) {
      const detached = database.detachSlot(slot)
      if (detached) target.attachSlot(slot, detached)
    }
  }
}
