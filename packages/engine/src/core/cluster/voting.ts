import { type Header, MessageFlag } from './bus/header.ts'
import type { Cluster } from './cluster.ts'
import { type ClusterNode, slotsIn } from './view.ts'

/**
 * The voter's side of an election (cluster bus specification, section 10). A replica asks for the slots of its failed
 * primary under a new epoch; a voting primary grants at most one such request per epoch.
 */
export class Voting {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** A request for our vote; silence refuses it. Its epochs are already taken over, so ours is not smaller. */
  asked(sender: ClusterNode, header: Header): void {
    const cluster = this.#cluster
    const { view } = cluster
    const { primary } = sender
    if (!view.myself.votes || header.currentEpoch < view.currentEpoch || view.lastVoteEpoch >= view.currentEpoch) return
    if (!primary || (!primary.failing && !(header.messageFlags & MessageFlag.forceAck))) return
    for (const slot of slotsIn(header.slots)) {
      const holder = view.ownerOf(slot)
      if (!holder || holder.configEpoch <= header.configEpoch) continue
      cluster.node.log('verbose', `No vote for node ${sender.id}: slot ${slot} is claimed under epoch ${holder.configEpoch}`)
      cluster.claims.tell(sender, holder)
      return
    }
    view.lastVoteEpoch = view.currentEpoch
    cluster.markDirty('durably')
    cluster.node.log('notice', `Voting for node ${sender.id} in epoch ${view.currentEpoch}`)
    sender.outbound?.send({ header: cluster.gossip.header(), body: { type: 'auth-ack' } })
  }
}
