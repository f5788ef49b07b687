import type { Client } from '../client.ts'
import { clientLine } from '../commands/client-line.ts'
import type { Node } from '../node.ts'

export type AclLogEntry = {
  readonly id: number
  readonly reason: 'auth' | 'command' | 'key' | 'channel' | 'database'
  readonly context: 'toplevel' | 'multi'
  readonly object: string
  readonly userName: string
  readonly createdAtMs: number
  updatedAtMs: number
  count: number
  /** The client's line as of the last time. */
  clientInfo: string
}

/** Equal events within so long are one entry. */
const GROUPED_WITHIN_MS = 60_000

/** ACL LOG: what was refused, to whom, newest first. */
export class AclLog {
  readonly #node: Node
  #entries: AclLogEntry[] = []
  #nextId = 0

  constructor(node: Node) {
    this.#node = node
  }

  get entries(): readonly AclLogEntry[] {
    return this.#entries
  }

  reset(): void {
    this.#entries = []
  }

  add(client: Client, reason: AclLogEntry['reason'], context: AclLogEntry['context'], object: string, userName: string): void {
    const nowMs = this.#node.now.wallMs
    const clientInfo = clientLine(this.#node, client).trimEnd()
    const known = this.#entries.find(
      (entry) =>
        entry.reason === reason &&
        entry.context === context &&
        entry.object === object &&
        entry.userName === userName &&
        nowMs - entry.updatedAtMs <= GROUPED_WITHIN_MS
    )
    if (known) {
      known.count++
      known.updatedAtMs = nowMs
      known.clientInfo = clientInfo
      this.#entries = [known, ...this.#entries.filter((entry) => entry !== known)]
      return
    }
    const times = { createdAtMs: nowMs, updatedAtMs: nowMs }
    this.#entries.unshift({ id: this.#nextId++, reason, context, object, userName, ...times, count: 1, clientInfo })
    this.#entries.length = Math.min(this.#entries.length, this.#node.config.number('acllog-max-len'))
  }
}
