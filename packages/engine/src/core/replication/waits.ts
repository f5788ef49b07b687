import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import type { Replicas } from './replicas.ts'

type ReplicaWait = { readonly client: Client; readonly replicas: number; readonly offset: number }

/** Clients in WAIT: nothing that they sent after it runs until enough replicas have what was written before it. */
export class Waits {
  readonly #node: Node
  readonly #replicas: Replicas
  readonly #waits = new Set<ReplicaWait>()

  constructor(node: Node, replicas: Replicas) {
    this.#node = node
    this.#replicas = replicas
  }

  /** Replies when enough replicas have everything up to `offset`, or the time is over. `timeoutMs` 0: no limit. */
  begin(client: Client, replicas: number, offset: number, timeoutMs: number): void {
    const wait = { client, replicas, offset }
    this.#waits.add(wait)
    this.#node.blocked.begin(client, {
      endsAtMs: timeoutMs > 0 ? this.#node.now.monotonicMs + timeoutMs : Number.POSITIVE_INFINITY,
      timedOut: () => client.reply.integer(this.#replicas.countAt(offset)),
      forget: () => this.#waits.delete(wait)
    })
    this.#replicas.askForAcks()
  }

  /** Replies to those whose writes have arrived. */
  settle(): void {
    for (const { client, replicas, offset } of this.#waits) {
      const reached = this.#replicas.countAt(offset)
      if (reached < replicas) continue
      this.#node.dispatcher.answerLater(client, () => client.reply.integer(reached))
      this.#node.blocked.end(client)
    }
  }
}
