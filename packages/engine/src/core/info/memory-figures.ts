import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import type { KeyspaceSampler } from './keyspace-sampler.ts'
import { COSTS } from './value-bytes.ts'

/** Bytes, by what they are for: what lies in the store is counted, values that are objects are estimated. The process's true size is the host's to tell. */
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

/** What the node's memory is used for. */
export class MemoryFigures {
  readonly #node: Node
  readonly #sampler: KeyspaceSampler
  #memory: Memory | undefined
  #atMs = 0
  /** As of when the figures were taken: keys, what the store took, and the objects beside it. */
  #keys = 0
  #storeBytes = 0
  #objectBytes = 0

  constructor(node: Node, sampler: KeyspaceSampler) {
    this.#node = node
    this.#sampler = sampler
  }

  now(): Memory {
    const nowMs = this.#node.now.monotonicMs
    if (this.#memory && nowMs - this.#atMs < FRESH_FOR_MS) return this.#memory
    this.#atMs = nowMs
    this.#memory = this.#measure()
    return this.#memory
  }

  /**
   * What is used at this moment: what the figures said, what the store has grown by since, and for every key that came or went what the
   * object takes that such a one has on average.
   */
  usedNow(): number {
    const { used } = this.now()
    const { keyspace } = this.#node
    const objectBytesPerKey = this.#keys === 0 ? 0 : this.#objectBytes / this.#keys
    return used + keyspace.store.usedBytes - this.#storeBytes + (keyspace.size - this.#keys) * objectBytesPerKey
  }

  #measure(): Memory {
    const node = this.#node
    this.#keys = node.keyspace.size
    this.#storeBytes = node.keyspace.store.usedBytes
    const keyspaces = [node.keyspace, ...node.migrations.stagedImports().map((one) => one.staged)]
    this.#objectBytes = keyspaces.reduce((sum, keyspace) => sum + this.#objectsOf(keyspace), 0)
    const dataset = this.#storeBytes + this.#objectBytes
    const tables = new Map<number, number>()
    for (const database of node.keyspace.used()) tables.set(database.index, database.directories * COSTS.directory)
    let normalClients = 0
    let replicaClients = 0
    let slotImport = 0
    for (const client of node.clients.values()) {
      const bytes = client.decoder.pendingBytes + (client.transaction?.bytes ?? 0) + client.output.length + node.unsentBytes(client.link)
      if (client.origin === 'import') slotImport += bytes
      else if (client.roleFlag.includes('S')) replicaClients += bytes
      else normalClients += bytes
    }
    const slotExport = node.migrations.exportBufferBytes
    const overhead = [...tables.values()].reduce((sum, bytes) => sum + bytes, 0) + normalClients + replicaClients + slotExport + slotImport
    return { dataset, tables, normalClients, replicaClients, slotExport, slotImport, overhead, used: dataset + overhead }
  }

  #objectsOf(keyspace: Keyspace): number {
    let bytes = 0
    for (const database of keyspace.used()) {
      if (database.size === 0) continue
      const averages = this.#sampler.look(database, this.#node.now.wallMs)
      bytes += Math.round(database.size * averages.objectBytesPerKey)
    }
    return bytes
  }
}
