import type { ClusterNode } from '../cluster/view.ts'
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

  /** Lines of INFO replication. */
  infoLines(): string[] {
    return [`role:${this.#node.role === 'primary' ? 'master' : 'slave'}`]
  }

  /** Has a healthy replica, if there is one, acknowledged the stream up to this offset? True when there is none. */
  acknowledgedBySome(_offset: number): boolean {
    return true
  }

  /** A replica: the full sync is loaded and the stream follows. */
  get inSync(): boolean {
    return false
  }

  /** Bytes of the stream so far: produced by a primary, processed by a replica. */
  offset = 0

  /** Replicates this node from now on; undefined: this node is a primary now. */
  follow(_primary: ClusterNode | undefined): void {}

  flushed(): void {}
  cron(_run: number): void {}
  beforeSleep(): void {}
}
