import type { Database } from '../keyspace/database.ts'
import type { DeadlineHeap } from '../keyspace/values/deadline-heap.ts'
import type { FieldTable } from '../keyspace/values/field-table.ts'
import { Args } from '../resp/args.ts'
import { LOOKAHEAD_COMMANDS, type Lookahead } from '../resp/lookahead.ts'
import { commandTable } from './table.ts'

/**
 * Has the processor fetch what the commands of a pipeline will look at, before the first of them runs: their keys, and of large hashes and
 * sorted sets the field or member that they name, with its deadline. To wait for memory one look after another is most of what a small command costs once
 * its keys do not fit into the processor's cache; here each pass asks for something that is known for all commands by then, so that the
 * waiting overlaps. Nothing is changed, and nothing depends on it: what is wrong about a guess costs one look.
 */
export class WarmUp {
  readonly #args = new Args()
  readonly #records = new Int32Array(LOOKAHEAD_COMMANDS)
  readonly #tables: FieldTable[] = []
  /** Of the same values. */
  readonly #deadlines: (DeadlineHeap | undefined)[] = []
  /** By table: the hash of what is looked for, then the numbers and the places under which it may be. */
  readonly #hashes = new Int32Array(LOOKAHEAD_COMMANDS)
  readonly #places = new Int32Array(LOOKAHEAD_COMMANDS)
  readonly #heapPlaces = new Int32Array(LOOKAHEAD_COMMANDS)
  /** What was read goes here, so that it is read. */
  sum = 0

  run(ahead: Lookahead, database: Database): void {
    ahead.locate()
    if (ahead.count < 2) return
    this.sum ^= database.warm(ahead.slots, ahead.positions, ahead.count, this.#records)
    this.#collectTables(ahead, database)
    if (this.#tables.length < 2) return
    for (let i = 0; i < this.#tables.length; i++) {
      this.#places[i] = (this.#tables[i] as FieldTable).firstWith(this.#hashes[i] as number)
    }
    for (let i = 0; i < this.#tables.length; i++) {
      this.#heapPlaces[i] = this.#deadlines[i]?.warm(this.#places[i] as number) ?? -1
      this.#places[i] = (this.#tables[i] as FieldTable).placeOf(this.#places[i] as number)
    }
    for (let i = 0; i < this.#tables.length; i++) {
      this.sum ^= (this.#tables[i] as FieldTable).wordAt(this.#places[i] as number)
      this.#heapPlaces[i] = this.#deadlines[i]?.below(this.#heapPlaces[i] as number) ?? -1
    }
    for (let i = 0; i < this.#tables.length; i++) this.sum ^= this.#deadlines[i]?.warm(this.#heapPlaces[i] as number) ?? 0
  }

  /** The large tables of fields that the commands are about, each as often as it comes. */
  #collectTables(ahead: Lookahead, { records }: Database): void {
    const tables = this.#tables
    const args = this.#args
    tables.length = 0
    this.#deadlines.length = 0
    for (let i = 0; i < ahead.count; i++) {
      const record = this.#records[i] as number
      if (record === 0 || !records.isObject(record)) continue
      const value = records.objectAt(record)
      if ((value.type !== 'hash' && value.type !== 'zset') || value.size < WORTH_IT) continue
      const { fields } = value
      if (!fields) continue
      ahead.show(i, args)
      const found = commandTable.find(args)
      if (found.kind !== 'found' || found.definition.fieldAt === 0) continue
      const { fieldAt } = found.definition
      const index = fieldAt < 0 ? args.length + fieldAt : fieldAt
      if (index < 2 || index >= args.length) continue
      this.#hashes[tables.length] = args.position(index)
      tables.push(fields)
      this.#deadlines.push(value.type === 'hash' ? value.deadlines : undefined)
    }
  }
}

/** Smaller tables are mostly at hand. */
const WORTH_IT = 1024
