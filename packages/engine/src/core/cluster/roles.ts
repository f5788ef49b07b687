import type { Header } from './bus/header.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './view.ts'

/**
 * Primary or replica, and of whom: what headers say of others, and how this node changes its own part. Nothing else assigns
 * roles or shards (cluster bus specification, section 11).
 */
export class Roles {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Takes the role in a header. 'stale' when the packet is older than what we know: nothing else in it may be believed. */
  take(sender: ClusterNode, header: Header): 'taken' | 'stale' {
    return header.primaryId === '' ? this.#takePrimary(sender, header) : this.#takeReplica(sender, header)
  }

  #takePrimary(sender: ClusterNode, header: Header): 'taken' | 'stale' {
    if (header.configEpoch < sender.configEpoch) return 'stale'
    if (sender.isPrimary) return 'taken'
    const { view, node } = this.#cluster
    node.log('notice', `Node ${sender.id} is a primary now`)
    view.makePrimary(sender)
    this.#changed()
    return 'taken'
  }

  #takeReplica(sender: ClusterNode, header: Header): 'taken' | 'stale' {
    const { view, node } = this.#cluster
    const primary = header.primaryId === sender.id ? undefined : view.nodes.get(header.primaryId)
    if (sender.isPrimary) {
      if (primary && primary.shardId === sender.shardId) {
        if (sender.configEpoch > header.configEpoch) return 'stale'
        if (!primary.isPrimary && primary !== view.myself) {
          // We have not heard from the new primary itself; its old one knows.
          view.makePrimary(primary)
          primary.configEpoch = Math.max(primary.configEpoch, header.configEpoch)
        }
        if (primary.isPrimary) for (const slot of [...view.slotsOf(sender)]) view.assignSlot(slot, primary)
      }
      // In another shard now, or of an unknown primary: what it owned has no owner until somebody claims it.
      view.dropSlots(sender)
      node.log('notice', `Node ${sender.id} is a replica of ${header.primaryId} now`)
      view.makeReplica(sender, primary)
      if (primary) this.adoptShard(sender, primary.shardId)
      this.#changed()
    } else if (primary && sender.primary !== primary) {
      view.makeReplica(sender, primary)
      this.adoptShard(sender, primary.shardId)
      this.#changed()
    }
    return 'taken'
  }

  #changed(): void {
    this.#cluster.markDirty()
    this.#cluster.reviewState()
  }

  /** A node's shard became known. A replica of it is in the same one. */
  adoptShard(node: ClusterNode, shardId: string): void {
    const { myself } = this.#cluster.view
    if (node.shardId !== shardId) {
      node.shardId = shardId
      this.#cluster.markDirty()
    }
    if (myself.primary === node && myself.shardId !== shardId) {
      myself.shardId = shardId
      this.#cluster.markDirty()
    }
  }

  // ---- this node's own role ----------------------------------------------------------------------------------------

  /** CLUSTER REPLICATE, and what a primary does that lost its last slot. It owns no slots; open ones are closed. */
  becomeReplicaOf(primary: ClusterNode): void {
    const { view, node } = this.#cluster
    node.log('notice', `Becoming a replica of node ${primary.id}`)
    view.migratingTo.clear()
    view.importingFrom.clear()
    view.makeReplica(view.myself, primary)
    this.adoptShard(view.myself, primary.shardId)
    this.#changed()
  }

  /** CLUSTER REPLICATE NO ONE and CLUSTER RESET of a replica: an empty primary without slots in a shard of its own. */
  becomeEmptyPrimary(): void {
    const { view, node } = this.#cluster
    node.log('notice', 'Becoming a primary without slots and data')
    view.makePrimary(view.myself)
    view.myself.shardId = node.random.hex(40)
    this.#changed()
    // The link to the old primary ends first, so that nothing of it arrives in the empty node.
    this.#cluster.settle()
    node.flush('all')
  }
}
