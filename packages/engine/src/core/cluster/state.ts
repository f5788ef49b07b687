import type { Cluster } from './cluster.ts'
import { SLOTS } from './slot.ts'
import { NodeFlag } from './view.ts'

/** A primary that was away must let the others tell it what it missed before it takes writes. */
const WRITABLE_DELAY_MS = 2000
const LEAST_REJOIN_MS = 500
const MOST_REJOIN_MS = 5000

/**
 * Whether this node serves: `ok` or `fail` (cluster bus specification, section 9).
 *
 * A wanted deviation: the reference lets every primary wait 2 s after its start. Ours does not wait any longer once it has
 * nothing to learn, which is when it holds no key and every node of its file has answered it and has pinged it since the
 * start: any newer claim on its slots would stand in those packets. A cluster laid out in advance is so ready as soon as its
 * links are up.
 */
export class ClusterState {
  readonly #cluster: Cluster
  value: 'ok' | 'fail' = 'fail'
  #amongMinorityAtMs = Number.NEGATIVE_INFINITY

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  review(): void {
    const { node, startedAtMs } = this.#cluster
    const { myself } = this.#cluster.view
    const nowMs = node.now.monotonicMs
    if (myself.isPrimary && this.value === 'fail' && nowMs - startedAtMs < WRITABLE_DELAY_MS && !this.#hasHeardEverybody()) return
    const reason = this.#reasonToFail()
    if (reason === MINORITY) this.#amongMinorityAtMs = nowMs
    const next = reason === undefined ? 'ok' : 'fail'
    if (next === this.value) return
    if (next === 'ok' && myself.isPrimary && nowMs - this.#amongMinorityAtMs < this.#rejoinMs) return
    node.log(next === 'ok' ? 'notice' : 'warning', `Cluster state is ${next} now${reason === undefined ? '' : `: ${reason}`}`)
    this.value = next
    node.keyWaits.review()
  }

  #reasonToFail(): string | undefined {
    const { view, node } = this.#cluster
    if (node.config.enabled('cluster-require-full-coverage')) {
      if (view.assignedSlots < SLOTS) return `${SLOTS - view.assignedSlots} slots have no owner`
      for (const owner of view.list) if (owner.slotCount > 0 && owner.failing) return `node ${owner.id} fails with ${owner.slotCount} slots`
    }
    let reachable = 0
    for (const primary of view.list) if (primary.votes && !primary.has(NodeFlag.pfail | NodeFlag.fail)) reachable++
    return reachable < view.quorum ? MINORITY : undefined
  }

  #hasHeardEverybody(): boolean {
    const { view, node } = this.#cluster
    if (node.keyspace.size > 0) return false
    return view.list.every((peer) => peer === view.myself || (peer.answeredAtMs !== undefined && peer.inbound !== undefined))
  }

  get #rejoinMs(): number {
    return Math.min(Math.max(this.#cluster.node.config.number('cluster-node-timeout'), LEAST_REJOIN_MS), MOST_REJOIN_MS)
  }
}

const MINORITY = 'most primaries cannot be reached'
