import { MESSAGE_TYPES, type MessageType } from './message.ts'

/** Packets and bytes of the bus, as CLUSTER INFO shows them. */
export class BusCounters {
  readonly #sent = new Map<MessageType, number>(MESSAGE_TYPES.map((type) => [type, 0]))
  readonly #received = new Map<MessageType, number>(MESSAGE_TYPES.map((type) => [type, 0]))
  bytesSent = 0
  bytesReceived = 0
  pubsubBytesSent = 0
  pubsubBytesReceived = 0
  moduleBytesSent = 0
  moduleBytesReceived = 0
  /** Packets that broke the rules and were dropped. */
  malformed = 0
  /** Links that were cut because their peer took nothing. */
  bufferLimitExceeded = 0

  sent(type: MessageType, bytes: number): void {
    this.#sent.set(type, (this.#sent.get(type) as number) + 1)
    this.bytesSent += bytes
    if (isPublish(type)) this.pubsubBytesSent += bytes
    if (type === 'module') this.moduleBytesSent += bytes
  }

  received(type: MessageType, bytes: number): void {
    this.#received.set(type, (this.#received.get(type) as number) + 1)
    this.bytesReceived += bytes
    if (isPublish(type)) this.pubsubBytesReceived += bytes
    if (type === 'module') this.moduleBytesReceived += bytes
  }

  sentOf(type: MessageType): number {
    return this.#sent.get(type) as number
  }

  receivedOf(type: MessageType): number {
    return this.#received.get(type) as number
  }

  /** The `cluster_stats_*` lines and the last one of CLUSTER INFO: names with values, in the reference's order. */
  *lines(): Generator<readonly [name: string, value: number]> {
    for (const [direction, counts] of [
      ['sent', this.#sent],
      ['received', this.#received]
    ] as const) {
      let sum = 0
      for (const [type, count] of counts) {
        sum += count
        if (count > 0) yield [`cluster_stats_messages_${type}_${direction}`, count]
      }
      yield [`cluster_stats_messages_${direction}`, sum]
    }
    yield ['cluster_stats_bytes_sent', this.bytesSent]
    yield ['cluster_stats_bytes_received', this.bytesReceived]
    yield ['cluster_stats_pubsub_bytes_sent', this.pubsubBytesSent]
    yield ['cluster_stats_pubsub_bytes_received', this.pubsubBytesReceived]
    yield ['cluster_stats_module_bytes_sent', this.moduleBytesSent]
    yield ['cluster_stats_module_bytes_received', this.moduleBytesReceived]
    yield ['total_cluster_links_buffer_limit_exceeded', this.bufferLimitExceeded]
  }
}

function isPublish(type: MessageType): boolean {
  return type === 'publish' || type === 'publishshard'
}
