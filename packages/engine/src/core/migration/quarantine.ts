import { type ClusterNode, NodeFlag } from '../cluster/view.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'

/**
 * Keys of slots that went to another shard, out of sight, kept until the new owner is beyond doubt: with a live replica
 * there, when one announces the claim's epoch; without, after one node timeout in a healthy cluster. Then they are dropped.
 */
export class Quarantine {
  readonly #slots: ReadonlySet<number>
  readonly #node: Node
  readonly #owner: ClusterNode
  readonly #epoch: number
  readonly #kept: Keyspace
  #untilMs: number

  /** Takes the slots' keys out of the node's keyspace at once. */
  constructor(node: Node, slots: readonly number[], owner: ClusterNode) {
    this.#node = node
    this.#slots = new Set(slots)
    this.#owner = owner
    this.#epoch = owner.configEpoch
    this.#kept = node.keyspace.aside()
    for (const slot of slots) {
      this.#kept.dropSlot(slot)
      node.keyspace.moveSlotTo(this.#kept, slot)
    }
    this.#untilMs = node.now.monotonicMs + node.config.number('cluster-node-timeout')
  }

  get keys(): number {
    return this.#kept.size
  }

  /** True when the keys may go; they are gone then. */
  release(): boolean {
    const { cluster, now } = this.#node
    if (cluster.state !== 'ok') {
      // A minority cannot know; the wait begins anew when the majority is back.
      this.#untilMs = now.monotonicMs + this.#node.config.number('cluster-node-timeout')
      return false
    }
    const replicas = cluster.view.replicasOf(this.#owner).filter((node) => !node.has(NodeFlag.fail | NodeFlag.pfail))
    const seenByReplica = replicas.some((node) => node.announcedEpoch >= this.#epoch)
    if (!seenByReplica && now.monotonicMs < this.#untilMs) return false
    this.#kept.clear()
    return true
  }

  /** The slot comes back by a new import: what was kept of it is older than what comes. */
  forgetSlot(slot: number): void {
    if (this.#slots.has(slot)) this.#kept.dropSlot(slot)
  }
}
