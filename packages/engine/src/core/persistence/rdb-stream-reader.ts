import type { Consumer, ConsumerGroup, Pending } from '../keyspace/values/consumer-group.ts'
import { StreamValue } from '../keyspace/values/stream.ts'
import { type StreamId, streamId } from '../keyspace/values/stream-id.ts'
import { entriesUpTo } from '../keyspace/values/stream-lag.ts'
import { StreamNode } from '../keyspace/values/stream-node.ts'
import { listpackElements } from './packed.ts'
import type { RdbInput } from './rdb-input.ts'

/** What comes next. Parts that come several times are counted down. */
type Part = 'nodes' | 'node' | 'totals' | 'group' | 'pending' | 'consumers' | 'consumer' | 'owned' | 'done'

/**
 * Reads a stream part by part: a node, the totals, a group, a pending entry, a consumer, an id that it owns. Form 2 tells
 * counters that 1 does not know, form 3 also when consumers were active.
 */
export class RdbStreamReader {
  readonly stream = new StreamValue()
  readonly #form: 1 | 2 | 3
  #next: Part = 'nodes'
  /** Of the parts that are counted, how many are still to come. */
  #nodes = 0
  #groups = 0
  #pending = 0
  #consumers = 0
  #owned = 0
  #group: ConsumerGroup | undefined
  #consumer: Consumer | undefined
  /** Pending entries of the group whose consumer has not been named yet. */
  #unowned = new Map<StreamId, Omit<Pending, 'consumer'>>()

  constructor(form: 1 | 2 | 3) {
    this.#form = form
  }

  get done(): boolean {
    return this.#next === 'done'
  }

  /** Reads the next part. When the input comes out short or has a problem, nothing has changed. */
  step(input: RdbInput): void {
    switch (this.#next) {
      case 'nodes': {
        const count = input.length()
        if (input.short || input.problem) return
        this.#nodes = count
        this.#next = count > 0 ? 'node' : 'totals'
        return
      }
      case 'node':
        return this.#readNode(input)
      case 'totals':
        return this.#readTotals(input)
      case 'group':
        return this.#readGroup(input)
      case 'pending':
        return this.#readPending(input)
      case 'consumers': {
        const count = input.length()
        if (input.short || input.problem) return
        this.#consumers = count
        this.#afterConsumer(input)
        return
      }
      case 'consumer':
        return this.#readConsumer(input)
      case 'owned':
        return this.#readOwned(input)
      case 'done':
        return
    }
  }

  #readNode(input: RdbInput): void {
    const key = input.string()
    const pack = input.string()
    if (input.short || input.problem) return
    const elements = key.length === 16 ? listpackElements(pack) : undefined
    const node = elements && StreamNode.ofElements(rawId(key), elements)
    if (!node || !this.stream.mayAttach(node)) return input.fail('damaged node of a stream')
    this.stream.attach(node)
    this.#nodes--
    if (this.#nodes === 0) this.#next = 'totals'
  }

  #readTotals(input: RdbInput): void {
    const { stream } = this
    const length = input.length()
    const lastId = readId(input)
    const firstId = this.#form >= 2 ? readId(input) : undefined
    const maxDeletedId = this.#form >= 2 ? readId(input) : 0n
    const entriesAdded = this.#form >= 2 ? input.wideLength() : BigInt(length)
    const groups = input.length()
    if (input.short || input.problem) return
    if (length !== stream.length) return input.fail('a stream has another length than its nodes')
    if (lastId < (stream.newestId() ?? 0n)) return input.fail('a stream has entries behind its last id')
    stream.lastId = lastId
    if (firstId === undefined) stream.noteFirst()
    else stream.firstId = firstId
    stream.maxDeletedId = maxDeletedId
    stream.entriesAdded = entriesAdded
    this.#groups = groups
    this.#next = groups > 0 ? 'group' : 'done'
  }

  #readGroup(input: RdbInput): void {
    const name = input.string()
    const lastId = readId(input)
    const entriesRead = this.#form >= 2 ? BigInt.asIntN(64, input.wideLength()) : entriesUpTo(this.stream, lastId)
    const pending = input.length()
    if (input.short || input.problem) return
    const group = this.stream.createGroup(name, lastId, entriesRead)
    if (!group) return input.fail('a stream names a group twice')
    this.#group = group
    this.#unowned.clear()
    this.#pending = pending
    this.#next = pending > 0 ? 'pending' : 'consumers'
  }

  #readPending(input: RdbInput): void {
    const raw = input.take(16)
    const deliveredAtMs = exact(input.int64())
    const deliveries = BigInt.asIntN(64, input.wideLength())
    if (input.short || input.problem) return
    const id = rawId(raw)
    if (this.#unowned.has(id)) return input.fail('a group names a pending entry twice')
    this.#unowned.set(id, { deliveredAtMs, deliveries })
    this.#pending--
    if (this.#pending === 0) this.#next = 'consumers'
  }

  #readConsumer(input: RdbInput): void {
    const name = input.string()
    const seenAtMs = input.int64()
    const activeAtMs = this.#form === 3 ? input.int64() : seenAtMs
    const owned = input.length()
    if (input.short || input.problem) return
    const consumer = this.#group?.createConsumer(name, seenAtMs)
    if (!consumer) return input.fail('a group names a consumer twice')
    consumer.activeAtMs = activeAtMs
    this.#consumer = consumer
    this.#consumers--
    this.#owned = owned
    if (owned > 0) this.#next = 'owned'
    else this.#afterConsumer(input)
  }

  #readOwned(input: RdbInput): void {
    const raw = input.take(16)
    if (input.short) return
    const id = rawId(raw)
    const pending = this.#unowned.get(id)
    if (!pending) return input.fail('a consumer owns what is not pending, or not its own')
    this.#unowned.delete(id)
    this.#group?.assign(id, this.#consumer as Consumer, pending.deliveredAtMs, pending.deliveries)
    this.#owned--
    if (this.#owned === 0) this.#afterConsumer(input)
  }

  #afterConsumer(input: RdbInput): void {
    if (this.#consumers > 0) {
      this.#next = 'consumer'
      return
    }
    if (this.#unowned.size > 0) return input.fail('a pending entry has no consumer')
    this.#groups--
    this.#next = this.#groups > 0 ? 'group' : 'done'
  }
}

function readId(input: RdbInput): StreamId {
  const ms = input.wideLength()
  return streamId(ms, input.wideLength())
}

/** No clock says times that numbers cannot hold; their texts would be no integers where claims are passed on. */
function exact(ms: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(ms, Number.MAX_SAFE_INTEGER))
}

/** 16 bytes, big endian. */
function rawId(bytes: Uint8Array): StreamId {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return streamId(view.getBigUint64(0), view.getBigUint64(8))
}
