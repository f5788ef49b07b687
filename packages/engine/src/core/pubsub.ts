import type { Client } from './client.ts'
import type { EventClass } from './commands/context.ts'
import type { Node } from './node.ts'

/** Channels and those who listen on this node. */
export class PubSub {
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  forget(_client: Client): void {}

  notifyKeyspace(_eventClass: EventClass, _event: string, _key: Uint8Array, _database: number): void {
    void this.#node
  }
}
