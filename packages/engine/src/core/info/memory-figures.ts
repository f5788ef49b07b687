import type { Value } from '../keyspace/entry.ts'
import type { Node } from '../node.ts'
import { COSTS, valueBytes } from './value-bytes.ts'

/** Bytes, by what they are for: what lies in the store is counted, values that are objects are weighed when they have changed. The process's true size is the host's to tell. */
export type Memory = {
  /** Keys and values, those of unfinished imports and of slots that have just left included. */
  readonly dataset: number
  /** Directories and tables, by database, of databases that were ever used. */
  readonly tables: ReadonlyMap<number, number>
  /** Requests, replies and transactions that wait, by kind of client. */
  readonly normalClients: number
  readonly replicaClients: number
  /** What waits on the links of exports and imports. */
  readonly slotExport: number
  readonly slotImport: number
  readonly overhead: number
  readonly used: number
}

/** Figures younger than this are good enough: INFO, MEMORY STATS and `maxmemory` ask in turn. */
const FRESH_FOR_MS = 100
/** Values that are weighed at most: for the figures, some milliseconds' worth; between two of them, as many as a few commands change. */
const WEIGHED_PER_MEASURE = 20_000
const WEIGHED_PER_QUESTION = 64
/** The reference's MEMORY USAGE looks at so many too. */
const ELEMENTS_PER_VALUE = 5

/** What the node's memory is used for. */
export class MemoryFigures {
  readonly #node: Node
  #memory: Memory | undefined
  #atMs = 0
  /** As of when the figures were taken. */
  #dataset = 0

  constructor(node: Node) {
    this.#node = node
  }

  now(): Memory {
    const nowMs = this.#node.now.monotonicMs
    if (this.#memory && nowMs - this.#atMs < FRESH_FOR_MS) return this.#memory
    this.#atMs = nowMs
    this.#memory = this.#measure()
    return this.#memory
  }

  /** What is used at this moment: what the figures said, and what keys and values have grown by since. */
  usedNow(): number {
    return this.now().used + this.#weighed(WEIGHED_PER_QUESTION) - this.#dataset
  }

  /** Bytes of all keys and values, once up to so many of the values that have changed are weighed anew. */
  #weighed(limit: number): number {
    const { store } = this.#node.keyspace
    store.records.weigh(weightOf, limit)
    return store.usedBytes + store.records.objectBytes
  }

  #measure(): Memory {
    const node = this.#node
    const dataset = this.#weighed(WEIGHED_PER_MEASURE)
    this.#dataset = dataset
    const tables = new Map<number, number>()
    for (const database of node.keyspace.used()) tables.set(database.index, database.directories * COSTS.directory)
    let normalClients = 0
    let replicaClients = 0
    let slotImport = 0
    for (const client of node.clients.values()) {
      const bytes =
        client.decoder.pendingBytes + (client.transaction?.bytes ?? 0) + client.output.length + node.links.unsentBytes(client.link)
      if (client.origin === 'import') slotImport += bytes
      else if (client.roleFlag.includes('S')) replicaClients += bytes
      else normalClients += bytes
    }
    const slotExport = node.migrations.exportBufferBytes
    const overhead = [...tables.values()].reduce((sum, bytes) => sum + bytes, 0) + normalClients + replicaClients + slotExport + slotImport
    return { dataset, tables, normalClients, replicaClients, slotExport, slotImport, overhead, used: dataset + overhead }
  }
}

function weightOf(value: Value): number {
  return valueBytes(value, ELEMENTS_PER_VALUE)
}
