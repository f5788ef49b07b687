import type { Node } from '../node.ts'

/** One write as it goes to replicas. */
export type ReplicatedCommand = { readonly database: number; readonly slot: number; readonly parts: readonly (Uint8Array | string)[] }

/** Both halves of replication: a primary's stream and replicas, a replica's link to its primary. */
export class Replication {
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  /** Appends effective writes to the stream; more than one goes inside MULTI/EXEC. Nothing on a replica. */
  feed(_commands: readonly ReplicatedCommand[]): void {
    void this.#node
  }

  flushed(): void {}
  cron(_run: number): void {}
  beforeSleep(): void {}
}
