import { GREATEST_COUNTER } from './bus/fields.ts'
import type { Header } from './bus/header.ts'
import type { Cluster } from './cluster.ts'
import { type ClusterNode, slotsIn } from './view.ts'

/** An epoch that jumps by so much is no cluster's own doing. */
const ALARMING_EPOCH_JUMP = 1_000_000

/**
 * Who owns which slot. A primary claims its slots in every packet, under its config epoch; of two claims on a slot the one
 * with the greater epoch holds (cluster bus specification, section 11).
 */
export class Claims {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  // ---- epochs ------------------------------------------------------------------------------------------------------

  /** Epochs in a header of a node that we know: the greatest anywhere, and a primary's own. */
  takeEpochs(sender: ClusterNode, header: Header): void {
    const cluster = this.#cluster
    const { view } = cluster
    this.#watchForJump(Math.max(header.currentEpoch, header.configEpoch), `Node ${sender.id}`)
    if (header.currentEpoch > view.currentEpoch) {
      view.currentEpoch = header.currentEpoch
      cluster.markDirty()
    }
    sender.announcedEpoch = header.configEpoch
    if (header.primaryId === '' && header.configEpoch > sender.configEpoch) {
      sender.configEpoch = header.configEpoch
      cluster.markDirty('durably')
    }
  }

  /** The bus knows no passwords: whoever reaches it can raise epochs. That cannot be prevented here, but it must be seen. */
  #watchForJump(epoch: number, who: string): void {
    const { view, node } = this.#cluster
    const known = view.greatestEpoch
    if (epoch > known + ALARMING_EPOCH_JUMP) node.log('warning', `${who} raises the cluster's epoch from ${known} to ${epoch}`)
  }

  /**
   * Two primaries with the same epoch: the one with the smaller id takes a new one. The other does nothing, so they part.
   */
  resolveCollision(sender: ClusterNode, header: Header): void {
    const cluster = this.#cluster
    const { myself } = cluster.view
    if (header.primaryId !== '' || !myself.isPrimary || !sender.isPrimary) return
    if (header.configEpoch !== myself.configEpoch || sender.id <= myself.id) return
    if (this.#takeNewEpoch()) cluster.node.log('warning', `Node ${sender.id} has our config epoch: ours is ${myself.configEpoch} now`)
  }

  /** A new epoch without asking anybody; only when ours is 0 or not the greatest. True when it changed. */
  bumpEpoch(): boolean {
    const { view } = this.#cluster
    if (view.myself.configEpoch !== 0 && view.myself.configEpoch === view.greatestEpoch) return false
    view.currentEpoch = view.greatestEpoch
    return this.#takeNewEpoch()
  }

  /** False when there is none left, which takes a hostile packet: nobody would read a greater one. */
  #takeNewEpoch(): boolean {
    const { view, node } = this.#cluster
    if (view.currentEpoch >= GREATEST_COUNTER) {
      node.log('warning', `The cluster's epoch is ${view.currentEpoch}: there is no greater one`)
      return false
    }
    view.currentEpoch++
    view.myself.configEpoch = view.currentEpoch
    this.#cluster.markDirty('durably')
    this.#cluster.broadcastPong()
    return true
  }

  // ---- claims ------------------------------------------------------------------------------------------------------

  /** Takes the slots in a header of PING, PONG or MEET; those of a stale packet are only answered. */
  take(sender: ClusterNode, header: Header, role: 'taken' | 'stale'): void {
    const { view } = this.#cluster
    const claimsItself = header.primaryId === ''
    const owner = claimsItself ? sender : sender.primary
    if (!owner) return
    if (sameBitmap(owner.slots, header.slots)) {
      if (claimsItself && view.unclaimedCount > 0) for (const slot of view.slotsOf(sender)) view.setUnclaimed(slot, false)
      return
    }
    if (claimsItself && role === 'taken') this.#apply(sender, header.configEpoch, header.slots)
    this.#correct(sender, owner, header)
  }

  /** UPDATE: somebody tells us of a claim newer than ours of it. */
  takeUpdate(id: string, configEpoch: number, slots: Uint8Array): void {
    const cluster = this.#cluster
    const node = cluster.view.nodes.get(id)
    if (!node || node === cluster.myself || node.inHandshake || node.configEpoch >= configEpoch) return
    this.#watchForJump(configEpoch, `An update about node ${id}`)
    if (!node.isPrimary) cluster.view.makePrimary(node)
    node.configEpoch = configEpoch
    cluster.markDirty('durably')
    this.#apply(node, configEpoch, slots)
  }

  /** The sender claims a slot that somebody else holds under a greater epoch: it is told, once per packet. */
  #correct(sender: ClusterNode, owner: ClusterNode, header: Header): void {
    const { view } = this.#cluster
    for (const slot of slotsIn(header.slots)) {
      const holder = view.ownerOf(slot)
      if (!holder || holder === owner || holder === sender || view.isUnclaimed(slot)) continue
      if (holder.configEpoch <= header.configEpoch) continue
      this.tell(sender, holder)
      return
    }
  }

  /** UPDATE to `receiver` about the slots of `holder`, without those that it no longer claims itself. */
  tell(receiver: ClusterNode, holder: ClusterNode): void {
    const { view, gossip } = this.#cluster
    const slots = holder.slots.slice()
    if (view.unclaimedCount > 0) {
      for (const slot of view.slotsOf(holder)) if (view.isUnclaimed(slot)) (slots[slot >> 3] as number) &= ~(1 << (slot & 7))
    }
    receiver.outbound?.send({
      header: gossip.header(),
      body: { type: 'update', nodeId: holder.id, configEpoch: holder.configEpoch, slots }
    })
  }

  #apply(sender: ClusterNode, configEpoch: number, bitmap: Uint8Array): void {
    const cluster = this.#cluster
    const { view, node } = cluster
    const { myself } = view
    const myPrimary = myself.primary ?? myself
    let lostByMyShard = false
    let claimed = 0
    for (const slot of slotsIn(bitmap)) {
      claimed++
      const holder = view.ownerOf(slot)
      if (holder === sender) {
        view.setUnclaimed(slot, false)
        continue
      }
      const accepted =
        !holder ||
        view.isUnclaimed(slot) ||
        holder.configEpoch < configEpoch ||
        (holder === myself && node.migrations.coversGrantedExport(slot, sender))
      if (!accepted) continue
      if (holder === myPrimary) lostByMyShard = true
      this.#followOpenSlot(slot, holder, sender)
      view.assignSlot(slot, sender)
      cluster.markDirty('durably')
      cluster.reviewState()
    }
    // What the sender holds in our view and claims no more stays its own until somebody claims it: redirecting a client once
    // too often is better than refusing it.
    for (const slot of [...view.slotsOf(sender)]) {
      if ((bitmap[slot >> 3] as number) & (1 << (slot & 7))) continue
      if (view.importingFrom.get(slot) === sender && myself.isPrimary) this.#finishImport(slot)
      else view.setUnclaimed(slot, true)
    }
    this.#followIfShardIsEmpty(sender, configEpoch, claimed, lostByMyShard, myPrimary)
  }

  /** A slot open for key by key migration changed hands. */
  #followOpenSlot(slot: number, from: ClusterNode | undefined, to: ClusterNode): void {
    const { view } = this.#cluster
    const source = view.importingFrom.get(slot)
    if (source && source !== to) {
      if (source.shardId === to.shardId) view.importingFrom.set(slot, to)
      else view.importingFrom.delete(slot)
    }
    // A failover inside our own shard keeps the slot open; any other owner ends it.
    if (view.migratingTo.has(slot) && from?.shardId !== to.shardId) view.migratingTo.delete(slot)
  }

  /** The node that we import from gave the slot up, and nobody else has it: the operator finished there first. */
  #finishImport(slot: number): void {
    const { view } = this.#cluster
    view.importingFrom.delete(slot)
    view.assignSlot(slot, view.myself)
    this.bumpEpoch()
    this.#cluster.markDirty('durably')
    this.#cluster.broadcastPong()
    this.#cluster.reviewState()
  }

  /** A shard that lost its last slot follows who took it: within the shard always, beyond it where that is allowed. */
  #followIfShardIsEmpty(sender: ClusterNode, configEpoch: number, claimed: number, lostByMyShard: boolean, myPrimary: ClusterNode): void {
    const cluster = this.#cluster
    const { myself } = cluster.view
    if (sender === myself || myself.primary === sender) return
    const sameShard = sender.shardId === myself.shardId
    if (lostByMyShard && myPrimary.slotCount === 0) {
      if (sameShard || cluster.node.config.enabled('cluster-allow-replica-migration')) cluster.roles.becomeReplicaOf(sender)
      else cluster.node.log('notice', `The last slot went to node ${sender.id}; this shard is empty now`)
      return
    }
    // Neither side has slots: within a shard the greater epoch still leads.
    if (claimed === 0 && myself.isPrimary && myself.slotCount === 0 && sameShard && myself.configEpoch < configEpoch) {
      cluster.roles.becomeReplicaOf(sender)
    }
  }

  // ---- our own claims ----------------------------------------------------------------------------------------------

  /** Takes slots over by our own decision: a hand-over that was granted, or the end of an import. */
  claim(slots: Iterable<number>): void {
    const { view } = this.#cluster
    this.bumpEpoch()
    for (const slot of slots) view.assignSlot(slot, view.myself)
    this.#cluster.markDirty('durably')
    this.#cluster.reviewState()
    this.#cluster.broadcastPong()
  }
}

function sameBitmap(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
