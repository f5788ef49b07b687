import type { Cluster } from './cluster.ts'
import { type ClusterNode, NodeFlag } from './view.ts'

/**
 * Failure detection (cluster bus specification, section 8). PFAIL is what this node alone believes: no answer for a node
 * timeout. FAIL is what a majority of the voting primaries believes: each gossips its PFAILs, and whoever counts enough
 * reports tells everybody.
 */
export class FailureDetector {
  readonly #cluster: Cluster
  /** Nodes in PFAIL; every packet mentions them. */
  suspectedCount = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Each 100 ms: who has not answered in time? */
  cron(): void {
    const cluster = this.#cluster
    const { view } = cluster
    const nowMs = this.#nowMs
    const timeoutMs = this.#timeoutMs
    let suspected = 0
    for (const node of view.list) {
      if (node.has(NodeFlag.myself | NodeFlag.noAddress | NodeFlag.handshake)) continue
      if (node.has(NodeFlag.pfail)) suspected++
      else if (!node.failing && node.pingSentAtMs !== undefined) {
        const silentMs = Math.min(nowMs - node.pingSentAtMs, nowMs - (node.dataReceivedAtMs ?? Number.NEGATIVE_INFINITY))
        if (silentMs <= timeoutMs) continue
        node.set(NodeFlag.pfail)
        suspected++
        cluster.node.log('debug', `Node ${node.id} may be failing`)
        cluster.reviewState()
        if (view.myself.votes) this.#failIfAgreed(node)
      }
    }
    this.suspectedCount = suspected
  }

  /** `reporter` gossips about `node`; only voting primaries count. */
  reported(reporter: ClusterNode, node: ClusterNode, suspected: boolean): void {
    if (!reporter.votes) return
    if (!suspected) {
      node.failureReports.delete(reporter)
      return
    }
    if (node.failing) return
    node.failureReports.set(reporter, Math.ceil(this.#nowMs / 1000) * 1000)
    this.#failIfAgreed(node)
  }

  /** Fresh reports about a node: CLUSTER COUNT-FAILURE-REPORTS. */
  countReports(node: ClusterNode): number {
    const oldestMs = this.#nowMs - 2 * this.#timeoutMs
    for (const [reporter, atMs] of node.failureReports) if (atMs < oldestMs) node.failureReports.delete(reporter)
    return node.failureReports.size
  }

  #failIfAgreed(node: ClusterNode): void {
    if (!node.has(NodeFlag.pfail) || node.failing) return
    const { view } = this.#cluster
    const agreeing = this.countReports(node) + (view.myself.votes ? 1 : 0)
    if (agreeing < view.quorum) return
    this.#cluster.node.log('notice', `Marking node ${node.id} as failing: ${agreeing} primaries agree`)
    this.fail(node)
  }

  /** The node is held for failed, and everybody is told. */
  fail(node: ClusterNode): void {
    this.#markFailing(node)
    this.#cluster.broadcast({ type: 'fail', nodeId: node.id })
  }

  /** A node that we know says that a majority holds `id` for failed. */
  told(sender: ClusterNode, id: string): void {
    const node = this.#cluster.view.nodes.get(id)
    if (!node || node.failing || node === this.#cluster.myself || node.inHandshake) return
    this.#cluster.node.log('notice', `Node ${sender.id} says that node ${id} fails`)
    this.#markFailing(node)
  }

  #markFailing(node: ClusterNode): void {
    node.clear(NodeFlag.pfail)
    node.set(NodeFlag.fail)
    node.failedAtMs = this.#nowMs
    this.#cluster.markDirty()
    this.#cluster.reviewState()
  }

  /** The node answered a ping of ours. */
  answered(node: ClusterNode): void {
    if (node.has(NodeFlag.pfail)) {
      node.clear(NodeFlag.pfail)
      this.#cluster.reviewState()
    } else if (node.failing && this.#mayClear(node)) {
      this.#cluster.node.log('notice', `Node ${node.id} is reachable again`)
      node.clear(NodeFlag.fail)
      node.failedAtMs = undefined
      this.#cluster.markDirty()
      this.#cluster.reviewState()
    }
  }

  /**
   * Nobody depends on what a replica or a primary without slots did meanwhile. A voting primary may be replaced at any
   * moment: it comes back only when two timeouts have passed and its slots are still its own.
   */
  #mayClear(node: ClusterNode): boolean {
    return !node.votes || this.#nowMs - (node.failedAtMs ?? Number.NEGATIVE_INFINITY) > 2 * this.#timeoutMs
  }

  get #nowMs(): number {
    return this.#cluster.node.now.monotonicMs
  }

  get #timeoutMs(): number {
    return this.#cluster.node.config.number('cluster-node-timeout')
  }
}
