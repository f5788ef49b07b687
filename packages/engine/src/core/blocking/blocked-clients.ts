import type { Client } from '../client.ts'
import type { Node } from '../node.ts'

/** What one client waits for. Whoever keeps it ends it by `BlockedClients.end`, after the reply. */
export type Wait = {
  /** Monotonic ms; infinite: as long as it takes. */
  readonly endsAtMs: number
  /** Writes the reply of a wait that brought nothing in its time. */
  readonly timedOut: () => void
  /** The client waits no more, for whatever reason: whoever keeps the wait drops it. */
  readonly forget: () => void
}

/** Clients whose command waits for what others do (BLPOP, XREAD BLOCK, WAIT); what they sent after it runs when it has ended. */
export class BlockedClients {
  readonly #node: Node
  /** In order of arrival. */
  readonly #waits = new Map<Client, Wait>()
  /** No wait ends before this; the bound rises when the ends are looked through. */
  #soonestEndMs = Number.POSITIVE_INFINITY

  constructor(node: Node) {
    this.#node = node
  }

  get count(): number {
    return this.#waits.size
  }

  /** Those that wait for a limited time only: INFO's `clients_in_timeout_table`. */
  get timedCount(): number {
    let count = 0
    for (const wait of this.#waits.values()) if (Number.isFinite(wait.endsAtMs)) count++
    return count
  }

  /** The client's running command goes on waiting; it writes no reply now. */
  begin(client: Client, wait: Wait): void {
    client.blocked = true
    this.#waits.set(client, wait)
    if (wait.endsAtMs < this.#soonestEndMs) this.#soonestEndMs = wait.endsAtMs
  }

  /** The reply has been written: the client goes on with what it sent meanwhile. */
  end(client: Client): void {
    this.forget(client)
    this.#node.dispatcher.unblock(client)
  }

  /** Answers as if the client's time were over; false when it does not wait. */
  timeOut(client: Client): boolean {
    const wait = this.#waits.get(client)
    if (!wait) return false
    this.#answer(client, wait.timedOut)
    return true
  }

  /** Answers by an error; false when the client does not wait. */
  fail(client: Client, error: string): boolean {
    if (!this.#waits.has(client)) return false
    this.#answer(client, () => {
      client.reply.error(error)
      this.#node.stats.noteError(error)
    })
    return true
  }

  /** We are a replica now: nothing that anybody waits for will happen here. The connections end (`disconnectAllBlockedClients`). */
  becameReplica(): void {
    for (const client of [...this.#waits.keys()]) {
      this.fail(client, 'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)')
      this.#node.closeClient(client, 'was blocked when its node became a replica')
    }
  }

  /** The client is gone, or waits no more. */
  forget(client: Client): void {
    const wait = this.#waits.get(client)
    if (!wait) return
    this.#waits.delete(client)
    client.blocked = false
    wait.forget()
  }

  /** Ends the waits whose time is over. Once per step. */
  settle(): void {
    if (this.#soonestEndMs === Number.POSITIVE_INFINITY) return
    const nowMs = this.#node.now.monotonicMs
    if (nowMs >= this.#soonestEndMs) {
      this.#soonestEndMs = Number.POSITIVE_INFINITY
      for (const [client, wait] of [...this.#waits]) {
        if (nowMs >= wait.endsAtMs) this.#answer(client, wait.timedOut)
        else if (wait.endsAtMs < this.#soonestEndMs) this.#soonestEndMs = wait.endsAtMs
      }
    }
    this.#node.wakeBy(this.#soonestEndMs)
  }

  #answer(client: Client, write: () => void): void {
    this.#node.dispatcher.answerLater(client, write)
    this.end(client)
  }
}
