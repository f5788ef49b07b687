import { latin1Bytes, latin1Text } from '../bytes.ts'
import type { Client } from '../client.ts'
import { keySlot } from '../cluster/slot.ts'
import { type CommandDefinition, keyIndexes, namesKeys } from '../commands/define-command.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { Broadcasts } from './broadcasts.ts'
import { sendInvalidation } from './invalidation.ts'

/** What CLIENT TRACKING says of one client. */
export type TrackingState = {
  /** Number of the client that is told instead; 0: this one. */
  readonly redirect: number
  readonly broadcasts: boolean
  readonly optIn: boolean
  readonly optOut: boolean
  readonly noLoop: boolean
  /** CLIENT CACHING was said for the next command. */
  caching: boolean
  /** Whoever was to be told instead is gone. */
  redirectBroken: boolean
}

/**
 * Client-side caching: which clients read which keys, so that they are told when a key changes. Keys have no database here, as in
 * the reference: a change in one tells those who read the name in another, too.
 */
export class Tracking {
  readonly #node: Node
  /** Clients by number, however they track. */
  readonly #clients = new Map<number, Client>()
  /** Keys that were read, and the numbers of who read them: some of those may be gone. */
  readonly #readers = new Map<string, Set<number>>()
  readonly #broadcasts = new Broadcasts()
  /** What the client whose command is running must be told after its reply; null: everything. */
  #own: (Uint8Array | null)[] = []
  #items = 0
  /** Does anybody track? Asked with every change. */
  isOn = false

  constructor(node: Node) {
    this.#node = node
  }

  /** INFO's `tracking_clients`. */
  get clientCount(): number {
    return this.#clients.size
  }

  get keyCount(): number {
    return this.#readers.size
  }

  /** Readers over all keys. */
  get itemCount(): number {
    return this.#items
  }

  get prefixCount(): number {
    return this.#broadcasts.prefixCount
  }

  prefixesOf(client: Client): readonly string[] {
    return this.#broadcasts.prefixesOf(client)
  }

  /** CLIENT TRACKING ON; `prefixes` are added to those that the client has. */
  begin(client: Client, state: TrackingState, prefixes: readonly string[]): void {
    client.tracking = state
    this.#clients.set(client.id, client)
    this.isOn = true
    if (state.broadcasts) this.#broadcasts.listen(client, prefixes)
    this.#node.links.pace(client.link)
  }

  /** CLIENT TRACKING OFF, or the client is gone. Its number is dropped from the keys it read when those change. */
  forget(client: Client): void {
    if (!client.tracking) return
    client.tracking = undefined
    // It is told of nothing any more, not even of what its own command has changed.
    if (client === this.#node.execution.running) this.#own = []
    this.#clients.delete(client.id)
    if (this.#clients.size === 0) this.#end()
    this.#broadcasts.forget(client)
  }

  /** Nobody tracks: what was read need not be known. */
  #end(): void {
    this.isOn = false
    this.#readers.clear()
    this.#items = 0
  }

  /** A client that tracks has read: its keys are remembered, if it wants these. */
  remember(client: Client, state: TrackingState, definition: CommandDefinition, args: Args): void {
    if (state.broadcasts || (state.optIn && !state.caching) || (state.optOut && state.caching)) return
    if (!definition.flags.includes('readonly') || !namesKeys(definition)) return
    for (const index of keyIndexes(definition.keys, args)) {
      const key = args.text(index)
      let readers = this.#readers.get(key)
      if (!readers) {
        readers = new Set()
        this.#readers.set(key, readers)
      }
      if (readers.has(client.id)) continue
      readers.add(client.id)
      this.#items++
    }
  }

  /** A key has changed, or is gone. */
  touched(key: Uint8Array): void {
    const { running } = this.#node.execution
    const name = latin1Text(key)
    this.#broadcasts.touched(name, running)
    this.#invalidate(name, running)
  }

  /** FLUSHDB, FLUSHALL: everything that anybody has read counts as changed. */
  flushed(): void {
    const { running } = this.#node.execution
    this.#readers.clear()
    this.#items = 0
    for (const client of this.#clients.values()) {
      if (client === running) this.#own.push(null)
      else sendInvalidation(this.#node, client, null)
    }
  }

  /** The slot's keys are about to leave this node: what was read of them is not told of any more. */
  slotLeft(slot: number): void {
    if (this.#clients.size === 0) return
    const { running } = this.#node.execution
    for (const name of [...this.#readers.keys()]) if (keySlot(latin1Bytes(name)) === slot) this.#invalidate(name, running)
    if (this.#broadcasts.prefixCount === 0) return
    for (const database of this.#node.keyspace.used()) {
      for (const key of database.keysOf(slot)) this.#broadcasts.touched(latin1Text(key), undefined)
    }
  }

  /** The reply of the running command is complete. CLIENT CACHING holds for one command, or for one transaction. */
  afterCommand(client: Client, definition: CommandDefinition): void {
    const { tracking } = client
    if (tracking?.caching && !client.transaction && !definition.name.startsWith('CLIENT|')) tracking.caching = false
    if (this.#own.length === 0) return
    const own = this.#own
    this.#own = []
    for (const key of own) sendInvalidation(this.#node, client, key && [key])
  }

  /** The end of a step: changes since the last are told to those who listen to prefixes, and the table is cut to its limit. */
  settle(): void {
    this.#broadcasts.tell((client, keys) => sendInvalidation(this.#node, client, keys))
    if (this.#readers.size === 0) return
    const limit = this.#node.hotSettings.trackedKeysLimit
    if (limit === 0) return
    // The oldest go, as if they had changed. (The reference draws; either way the readers only ask again.)
    for (const name of this.#readers.keys()) {
      if (this.#readers.size <= limit) break
      this.#invalidate(name, undefined)
    }
  }

  #invalidate(name: string, running: Client | undefined): void {
    const readers = this.#readers.get(name)
    if (!readers) return
    this.#readers.delete(name)
    this.#items -= readers.size
    const key = latin1Bytes(name)
    for (const id of readers) {
      const client = this.#clients.get(id)
      if (!client?.tracking || client.tracking.broadcasts) continue
      if (client !== running) sendInvalidation(this.#node, client, [key])
      else if (!client.tracking.noLoop) this.#own.push(key)
    }
  }
}
