import { latin1Bytes, latin1Text } from './bytes.ts'
import type { Client } from './client.ts'
import { keySlot } from './cluster/slot.ts'
import type { Node } from './node.ts'

/** One key that one client watches. */
type WatchedKey = {
  readonly database: number
  /** The key's bytes, one unit each. */
  readonly key: string
  /** The deadline had passed when WATCH was called, though nobody had removed the key yet: its removal is then no change. */
  wasExpired: boolean
}

/**
 * WATCH: which clients' transactions a change breaks. Keys are watched per database. A write by the watching client itself
 * counts, and so does a key that vanishes because its deadline passes.
 */
export class Watches {
  readonly #node: Node
  /** Database, key, and who watches it. */
  readonly #watchers = new Map<number, Map<string, Set<Client>>>()
  readonly #watched = new Map<Client, WatchedKey[]>()

  constructor(node: Node) {
    this.#node = node
  }

  /** Clients that watch something: INFO's `watching_clients`. */
  get clients(): number {
    return this.#watched.size
  }

  /** Keys that somebody watches: INFO's `total_watched_keys`. */
  get keys(): number {
    let count = 0
    for (const keys of this.#watchers.values()) count += keys.size
    return count
  }

  countOf(client: Client): number {
    return this.#watched.get(client)?.length ?? 0
  }

  /** `nowMs` is the command's clock, against which the key may already have expired. */
  watch(client: Client, database: number, key: Uint8Array, nowMs: number): void {
    const name = latin1Text(key)
    const own = this.#watched.get(client) ?? []
    if (own.some((watched) => watched.database === database && watched.key === name)) return
    own.push({ database, key: name, wasExpired: this.#hasExpired(database, key, nowMs) })
    this.#watched.set(client, own)
    const keys = this.#watchers.get(database) ?? new Map<string, Set<Client>>()
    this.#watchers.set(database, keys)
    const clients = keys.get(name) ?? new Set()
    keys.set(name, clients.add(client))
    client.watching = true
  }

  /** Must EXEC answer null? Also when a watched key has expired and nobody has noticed yet. */
  isBroken(client: Client, nowMs: number): boolean {
    if (client.watchBroken) return true
    const own = this.#watched.get(client)
    if (!own) return false
    return own.some(({ database, key, wasExpired }) => !wasExpired && this.#hasExpired(database, latin1Bytes(key), nowMs))
  }

  /** A key changed. */
  touched(database: number, key: Uint8Array): void {
    if (this.#watched.size === 0) return
    const name = latin1Text(key)
    const clients = this.#watchers.get(database)?.get(name)
    if (!clients) return
    const exists = this.#node.keyspace.database(database).has(key)
    for (const client of clients) this.#break(client, database, name, exists)
  }

  /** About to be emptied: keys that are there will change, others will not. */
  flushed(database: number | 'all'): void {
    for (const [index, keys] of this.#watchers) {
      if (database !== 'all' && database !== index) continue
      this.#vanish(index, keys, () => true)
    }
  }

  /** Two databases are about to exchange their keys (`touchAllWatchedKeysInDb`): a key is another one unless it is in neither. */
  swapped(first: number, second: number): void {
    this.#swapped(first, second)
    this.#swapped(second, first)
  }

  #swapped(database: number, other: number): void {
    const { keyspace, now } = this.#node
    for (const [name, clients] of this.#watchers.get(database) ?? []) {
      const key = latin1Bytes(name)
      const [before, after] = [keyspace.database(database).has(key), keyspace.database(other).has(key)]
      if (!before && !after) continue
      const comesExpired = this.#hasExpired(other, key, now.wallMs)
      for (const client of clients) {
        const watched = this.#watched.get(client)?.find((one) => one.database === database && one.key === name)
        if (watched?.wasExpired) {
          // What was already gone is gone, or is exchanged for what is gone too.
          if (!after) watched.wasExpired = false
          else if (!comesExpired) client.watchBroken = true
        } else if (!before && comesExpired) {
          if (watched) watched.wasExpired = true
        } else client.watchBroken = true
      }
    }
  }

  /** A slot and its keys are about to leave this node. */
  slotLeft(slot: number): void {
    for (const [index, keys] of this.#watchers) this.#vanish(index, keys, (key) => keySlot(key) === slot)
  }

  /** UNWATCH, EXEC, DISCARD, or the client is gone. */
  forget(client: Client): void {
    client.watching = false
    client.watchBroken = false
    const own = this.#watched.get(client)
    if (!own) return
    this.#watched.delete(client)
    for (const { database, key } of own) {
      const keys = this.#watchers.get(database)
      const clients = keys?.get(key)
      if (!keys || !clients) continue
      clients.delete(client)
      if (clients.size === 0) keys.delete(key)
      if (keys.size === 0) this.#watchers.delete(database)
    }
  }

  #vanish(database: number, keys: ReadonlyMap<string, ReadonlySet<Client>>, leaves: (key: Uint8Array) => boolean): void {
    for (const [name, clients] of keys) {
      const key = latin1Bytes(name)
      if (!leaves(key) || !this.#node.keyspace.database(database).has(key)) continue
      for (const client of clients) this.#break(client, database, name, false)
    }
  }

  #break(client: Client, database: number, name: string, exists: boolean): void {
    const watched = this.#watched.get(client)?.find((one) => one.database === database && one.key === name)
    if (watched?.wasExpired && !exists) {
      // It only became visible that the key was gone; from now on a new key of that name is a change.
      watched.wasExpired = false
      return
    }
    client.watchBroken = true
  }

  #hasExpired(database: number, key: Uint8Array, nowMs: number): boolean {
    const entry = this.#node.keyspace.database(database).peek(key)
    return entry !== undefined && nowMs > entry.deadlineMs
  }
}
