import { latin1Text } from '../../bytes.ts'
import { OrderedIds } from './ordered-ids.ts'
import type { StreamId } from './stream-id.ts'

/** An entry that was delivered to a consumer and not acknowledged. */
export type Pending = {
  consumer: Consumer
  deliveredAtMs: number
  /** Signed 64 bits, which wrap around. */
  deliveries: bigint
}

export class Consumer {
  readonly name: Uint8Array
  readonly pending = new OrderedIds<Pending>()
  /** When it last asked. */
  seenAtMs: number
  /** When it last got something; -1: never. */
  activeAtMs = -1

  constructor(name: Uint8Array, nowMs: number) {
    this.name = name
    this.seenAtMs = nowMs
  }
}

/** `entriesRead` of a group that has lost count. */
export const UNKNOWN_READ = -1n

/** What a group of consumers has read of a stream, and who works on what. */
export class ConsumerGroup {
  readonly name: Uint8Array
  lastId: StreamId
  /** How many entries were ever added up to `lastId`. */
  entriesRead: bigint
  /** Pending entries of all consumers; each is in its consumer's too. */
  readonly pending = new OrderedIds<Pending>()
  readonly #consumers = new Map<string, Consumer>()

  constructor(name: Uint8Array, lastId: StreamId, entriesRead: bigint) {
    this.name = name
    this.lastId = lastId
    this.entriesRead = entriesRead
  }

  get consumerCount(): number {
    return this.#consumers.size
  }

  /** Consumers in the order of their names' bytes. */
  get consumers(): Consumer[] {
    return [...this.#consumers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, consumer]) => consumer)
  }

  consumer(name: Uint8Array): Consumer | undefined {
    return this.#consumers.get(latin1Text(name))
  }

  /** Adds a consumer; undefined when one has this name. */
  createConsumer(name: Uint8Array, nowMs: number): Consumer | undefined {
    const text = latin1Text(name)
    if (this.#consumers.has(text)) return undefined
    const consumer = new Consumer(name.slice(), nowMs)
    this.#consumers.set(text, consumer)
    return consumer
  }

  /** Removes a consumer with its pending entries. */
  deleteConsumer(consumer: Consumer): void {
    for (const [id] of consumer.pending.ascending()) this.pending.delete(id)
    this.#consumers.delete(latin1Text(consumer.name))
  }

  /** An entry is `consumer`'s from now on, whoever had it. */
  assign(id: StreamId, consumer: Consumer, deliveredAtMs: number, deliveries: bigint): Pending {
    const pending = this.pending.get(id)
    if (!pending) {
      const made = { consumer, deliveredAtMs, deliveries }
      this.pending.set(id, made)
      consumer.pending.set(id, made)
      return made
    }
    if (pending.consumer !== consumer) {
      pending.consumer.pending.delete(id)
      consumer.pending.set(id, pending)
    }
    pending.consumer = consumer
    pending.deliveredAtMs = deliveredAtMs
    pending.deliveries = BigInt.asIntN(64, deliveries)
    return pending
  }

  /** An entry is pending no more; true if it was. */
  release(id: StreamId): boolean {
    const pending = this.pending.get(id)
    if (!pending) return false
    this.pending.delete(id)
    pending.consumer.pending.delete(id)
    return true
  }

  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.name, this.lastId, this.entriesRead)
    for (const { name, seenAtMs, activeAtMs } of this.#consumers.values()) {
      const consumer = copy.createConsumer(name, seenAtMs) as Consumer
      consumer.activeAtMs = activeAtMs
    }
    for (const [id, { consumer, deliveredAtMs, deliveries }] of this.pending.ascending()) {
      copy.assign(id, copy.consumer(consumer.name) as Consumer, deliveredAtMs, deliveries)
    }
    return copy
  }
}
