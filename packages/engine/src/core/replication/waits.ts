import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import type { Replicas } from './replicas.ts'

type Wait = {
  readonly client: Client
  readonly replicas: number
  readonly offset: number
  /** Monotonic ms; infinite: as long as it takes. */
  readonly endsAtMs: number
}

/** Clients in WAIT: nothing that they sent after it runs until enough replicas have what was written before it. */
export class Waits {
  readonly #node: Node
  readonly #replicas: Replicas
  #waits: Wait[] = []

  constructor(node: Node, replicas: Replicas) {
    this.#node = node
    this.#replicas = replicas
  }

  get count(): number {
    return this.#waits.length
  }

  /** Replies when enough replicas have everything up to `offset`, or the time is over. `timeoutMs` 0: no limit. */
  begin(client: Client, replicas: number, offset: number, timeoutMs: number): void {
    const node = this.#node
    const endsAtMs = timeoutMs > 0 ? node.now.monotonicMs + timeoutMs : Number.POSITIVE_INFINITY
    client.blocked = true
    this.#waits.push({ client, replicas, offset, endsAtMs })
    this.#replicas.askForAcks()
    if (timeoutMs > 0) node.wakeBy(endsAtMs)
  }

  /** Replies to those who have waited enough. */
  settle(): void {
    if (this.#waits.length === 0) return
    const nowMs = this.#node.now.monotonicMs
    const waits = this.#waits
    this.#waits = []
    for (const wait of waits) {
      if (wait.client.closing) continue
      const reached = this.#replicas.countAt(wait.offset)
      if (reached >= wait.replicas || nowMs >= wait.endsAtMs) {
        wait.client.reply.integer(reached)
        this.#node.dispatcher.unblock(wait.client)
      } else {
        this.#waits.push(wait)
        this.#node.wakeBy(wait.endsAtMs)
      }
    }
  }

  /** We became a replica: nobody will acknowledge anything to us. */
  endAll(): void {
    for (const { client } of this.#waits) {
      if (client.closing) continue
      client.reply.error('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)')
      this.#node.dispatcher.unblock(client)
    }
    this.#waits = []
  }
}
