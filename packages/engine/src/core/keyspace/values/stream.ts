import { latin1Text } from '../../bytes.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { OrderedIds } from './ordered-ids.ts'
import { MAX_ID, MIN_ID, type StreamId } from './stream-id.ts'
import { StreamNode } from './stream-node.ts'

/** Names and values in turn. */
export type StreamEntry = { readonly id: StreamId; readonly fields: readonly Uint8Array[] }

/** When the last node is full: `stream-node-max-bytes` and `stream-node-max-entries`; 0 is no limit. */
export type NodeLimits = { readonly maxBytes: number; readonly maxEntries: number }

/** A packed form must stay far below the 32 bits of its length (`STREAM_LISTPACK_MAX_SIZE`). */
export const MAX_NODE_BYTES = 2 ** 30

/**
 * Entries in the order of their ids, in nodes of about a hundred, and the groups that read them. A range is found by search over
 * the nodes and a walk inside one; whole nodes leave from the front at once.
 */
export class StreamValue {
  readonly type = 'stream'
  readonly encoding = 'stream'
  /** Nodes by their first ids. */
  readonly nodes = new OrderedIds<StreamNode>()
  readonly #groups = new Map<string, ConsumerGroup>()
  #length = 0
  /** The first entry that is there; 0-0 without entries. */
  firstId: StreamId = MIN_ID
  /** The greatest id ever given, or what XSETID says: new entries come after it. */
  lastId: StreamId = MIN_ID
  /** The greatest id that was deleted from within, by which readers know that their counts are of no use. */
  maxDeletedId: StreamId = MIN_ID
  /** Entries ever added, unsigned 64 bits. */
  entriesAdded = 0n

  get length(): number {
    return this.#length
  }

  get groupCount(): number {
    return this.#groups.size
  }

  /** Groups in the order of their names' bytes. */
  get groups(): ConsumerGroup[] {
    return [...this.#groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
  }

  group(name: Uint8Array): ConsumerGroup | undefined {
    return this.#groups.get(latin1Text(name))
  }

  /** Adds a group; undefined when one has this name. */
  createGroup(name: Uint8Array, lastId: StreamId, entriesRead: bigint): ConsumerGroup | undefined {
    const text = latin1Text(name)
    if (this.#groups.has(text)) return undefined
    const group = new ConsumerGroup(name.slice(), lastId, entriesRead)
    this.#groups.set(text, group)
    return group
  }

  deleteGroup(name: Uint8Array): boolean {
    return this.#groups.delete(latin1Text(name))
  }

  /** Adds an entry; its id must be greater than the last one. The bytes are copied. */
  append(id: StreamId, fields: readonly Uint8Array[], limits: NodeLimits): void {
    let node = this.nodes.last
    if (node && isFull(node, fields, limits)) {
      node.seal()
      node = undefined
    }
    if (!node) {
      node = new StreamNode(
        id,
        fields.filter((_, index) => index % 2 === 0)
      )
      this.nodes.set(id, node)
    }
    node.append(id, fields)
    this.#length++
    this.entriesAdded = BigInt.asUintN(64, this.entriesAdded + 1n)
    this.lastId = id
    if (this.#length === 1) this.firstId = id
  }

  /** Takes in a node from elsewhere, behind all others. */
  attach(node: StreamNode): void {
    this.nodes.set(node.first, node)
    this.#length += node.live
  }

  /** Would the entries of this node follow those that are here? */
  mayAttach(node: StreamNode): boolean {
    let last = this.newestId() ?? MIN_ID - 1n
    if (node.first <= last || node.first <= (this.nodes.lastId ?? MIN_ID - 1n)) return false
    for (const { id } of node.ascending()) {
      if (id <= last || id < node.first) return false
      last = id
    }
    return true
  }

  /** Entries from `from` up to `to`, both included. */
  *ascending(from: StreamId, to: StreamId): Generator<StreamEntry> {
    const start = this.nodes.descending(from).next()
    for (const [, node] of this.nodes.ascending(start.done ? MIN_ID : start.value[0])) {
      for (const item of node.ascending()) {
        if (item.id < from) continue
        if (item.id > to) return
        yield { id: item.id, fields: node.fieldsOf(item) }
      }
    }
  }

  /** Entries from `to` back to `from`, both included. */
  *descending(from: StreamId, to: StreamId): Generator<StreamEntry> {
    for (const [, node] of this.nodes.descending(to)) {
      for (const item of node.descending()) {
        if (item.id > to) continue
        if (item.id < from) return
        yield { id: item.id, fields: node.fieldsOf(item) }
      }
    }
  }

  entry(id: StreamId): StreamEntry | undefined {
    return this.ascending(id, id).next().value
  }

  /** The last entry that is there. */
  newestId(): StreamId | undefined {
    for (const [, node] of this.nodes.descending(MAX_ID)) for (const { id } of node.descending()) return id
    return undefined
  }

  /** The first place of the first node, whether its entry is deleted or not; the greatest id when there is no node. */
  get firstPlaceId(): StreamId {
    return this.nodes.firstId ?? MAX_ID
  }

  /** Deletes one entry from within; true if it was there. `noteFirst` must follow when all are deleted. */
  delete(id: StreamId): boolean {
    const found = this.nodes.descending(id).next()
    if (found.done) return false
    const [, node] = found.value
    if (!node.delete(id)) return false
    if (node.live === 0) this.nodes.delete(node.first)
    this.#length--
    if (id > this.maxDeletedId) this.maxDeletedId = id
    return true
  }

  /** Removes a whole node from the front and returns how many entries went with it. */
  dropNode(node: StreamNode): number {
    this.nodes.delete(node.first)
    this.#length -= node.live
    return node.live
  }

  /** Deletes entries of the first node, from the first on, while `mayGo`, which is told the length so far; how many they were. */
  deleteFront(node: StreamNode, mayGo: (id: StreamId, length: number) => boolean): number {
    const before = this.#length
    const others = before - node.live
    const count = node.deleteWhile((id) => mayGo(id, others + node.live))
    this.#length = before - count
    return count
  }

  /** Looks up which entry is the first now. */
  noteFirst(): void {
    this.firstId = this.ascending(MIN_ID, MAX_ID).next().value?.id ?? MIN_ID
  }

  copy(): StreamValue {
    const copy = new StreamValue()
    for (const [, node] of this.nodes.ascending()) copy.attach(node.copy())
    copy.firstId = this.firstId
    copy.lastId = this.lastId
    copy.maxDeletedId = this.maxDeletedId
    copy.entriesAdded = this.entriesAdded
    for (const [text, group] of this.#groups) copy.#groups.set(text, group.copy())
    return copy
  }
}

function isFull(node: StreamNode, fields: readonly Uint8Array[], { maxBytes, maxEntries }: NodeLimits): boolean {
  let bytes = node.packBytes
  for (const field of fields) bytes += field.length
  if (bytes >= (maxBytes === 0 ? MAX_NODE_BYTES : Math.min(maxBytes, MAX_NODE_BYTES))) return true
  return maxEntries > 0 && node.count >= maxEntries
}
