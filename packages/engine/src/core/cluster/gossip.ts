import type { Extensions } from './bus/extensions.ts'
import type { GossipEntry } from './bus/gossip-section.ts'
import type { Header } from './bus/header.ts'
import type { BusLink } from './bus/link.ts'
import { portsForBus, portsFromBus } from './client-ports.ts'
import type { Cluster } from './cluster.ts'
import { ClusterNode, NodeFlag } from './view.ts'

/** A pong time that another node gossips may be ahead of our clock by so much. */
const CLOCK_TOLERANCE_MS = 500

/** Flags that a node of which we only heard takes over from what was said of it. */
const GOSSIPED_FLAGS =
  NodeFlag.primary |
  NodeFlag.replica |
  NodeFlag.fail |
  NodeFlag.noFailover |
  NodeFlag.extensions |
  NodeFlag.lightPublish |
  NodeFlag.lightModule

/**
 * Heartbeats and what rides on them: who is pinged when, which nodes a packet mentions, and what is believed of such
 * mentions (cluster bus specification, section 7).
 *
 * A packet mentions a tenth of the nodes, so that in two node timeouts every node is mentioned often enough for a majority
 * to report a failure, and all that the sender suspects.
 */
export class Gossip {
  readonly #cluster: Cluster
  #packets = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** What we say of ourselves. A replica speaks of its primary's slots and epoch. */
  header(messageFlags = 0): Header {
    const { view, node, state } = this.#cluster
    const { myself } = view
    const claims = myself.primary ?? myself
    return {
      ...portsForBus(myself, this.#cluster.tlsBus),
      currentEpoch: view.currentEpoch,
      configEpoch: claims.configEpoch,
      replicationOffset: this.#cluster.replicationOffset,
      senderId: myself.id,
      slots: claims.slots,
      primaryId: myself.primary?.id ?? '',
      ip: node.config.text('cluster-announce-ip'),
      busPort: myself.busPort,
      flags: myself.flags,
      state,
      messageFlags
    }
  }

  // ---- sending -----------------------------------------------------------------------------------------------------

  send(link: BusLink, type: 'ping' | 'pong' | 'meet'): void {
    const { peer } = link
    const nowMs = this.#cluster.node.now.monotonicMs
    if (peer && link.direction === 'to') {
      if (type === 'ping') peer.pingSentAtMs = nowMs
      if (type === 'meet') peer.meetSentAtMs = nowMs
    }
    const extended = link.takesExtensions || (peer?.has(NodeFlag.extensions) ?? false)
    link.send({
      header: this.header(),
      body: { type, gossip: this.#mentions(peer), extensions: extended ? this.#extensions() : undefined }
    })
  }

  #mentions(receiver: ClusterNode | undefined): GossipEntry[] {
    const { view, node } = this.#cluster
    const others = view.list.length - 2
    const wanted = Math.min(Math.max(3, Math.floor(view.list.length / 10)), others)
    const mark = ++this.#packets
    const entries: GossipEntry[] = []
    for (let tries = wanted * 3; entries.length < wanted && tries > 0; tries--) {
      const picked = view.list[node.random.below(view.list.length)] as ClusterNode
      if (picked === view.myself || picked === receiver || picked.gossipMark === mark) continue
      // Those under suspicion are all mentioned below.
      if (picked.has(NodeFlag.pfail | NodeFlag.handshake | NodeFlag.noAddress)) continue
      if (!picked.outbound?.open && picked.slotCount === 0) continue
      picked.gossipMark = mark
      entries.push(this.#entry(picked))
    }
    if (this.#cluster.failure.suspectedCount > 0) {
      for (const suspect of view.list) {
        if (suspect.has(NodeFlag.pfail) && !suspect.has(NodeFlag.handshake | NodeFlag.noAddress)) entries.push(this.#entry(suspect))
      }
    }
    return entries
  }

  #entry(node: ClusterNode): GossipEntry {
    const seconds = (monotonicMs: number | undefined) => Math.floor(this.#cluster.wallMs(monotonicMs) / 1000)
    return {
      id: node.id,
      pingSentS: seconds(node.pingSentAtMs),
      pongReceivedS: seconds(node.pongReceivedAtMs),
      ip: node.host,
      ...portsForBus(node, this.#cluster.tlsBus),
      busPort: node.busPort,
      flags: node.flags
    }
  }

  #extensions(): Extensions {
    const { myself } = this.#cluster.view
    return {
      hostname: myself.hostname,
      humanName: myself.humanName,
      clientIpv4: myself.clientIpv4,
      clientIpv6: myself.clientIpv6,
      clientPort: myself.clientPort,
      clientTlsPort: myself.clientTlsPort,
      availabilityZone: myself.availabilityZone,
      forgotten: this.#cluster.membership.forgottenNodes(),
      shardId: myself.shardId
    }
  }

  /** Each 100 ms: pings that are due, and links that must be replaced. */
  cron(run: number): void {
    if (run % 10 === 0) this.#pingStalest()
    const { view, node } = this.#cluster
    const nowMs = node.now.monotonicMs
    const timeoutMs = node.config.number('cluster-node-timeout')
    for (const peer of view.list) {
      const link = peer.outbound
      if (peer === view.myself || !link || peer.has(NodeFlag.noAddress | NodeFlag.handshake)) continue
      const waitedMs = nowMs - (peer.pingSentAtMs ?? nowMs)
      const silentMs = nowMs - (peer.dataReceivedAtMs ?? Number.NEGATIVE_INFINITY)
      if (nowMs - link.createdAtMs > timeoutMs && waitedMs > timeoutMs / 2 && silentMs > timeoutMs / 2) {
        // The node may be well and only this connection broken: a new one is tried while there is time.
        link.close()
        this.#cluster.lost(link, 'no answer')
      } else if (
        link.open &&
        peer.pingSentAtMs === undefined &&
        nowMs - (peer.pongReceivedAtMs ?? Number.NEGATIVE_INFINITY) > timeoutMs / 2
      ) {
        this.send(link, 'ping')
      }
    }
  }

  /** Of five nodes picked at random, pings the one that was silent the longest. */
  #pingStalest(): void {
    const { view, node } = this.#cluster
    let stalest: BusLink | undefined
    let pongAtMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < 5; i++) {
      const peer = view.list[node.random.below(view.list.length)] as ClusterNode
      if (!peer.outbound?.open || peer.pingSentAtMs !== undefined || peer.has(NodeFlag.myself | NodeFlag.handshake)) continue
      const peerPongAtMs = peer.pongReceivedAtMs ?? Number.NEGATIVE_INFINITY
      if (peerPongAtMs >= pongAtMs) continue
      stalest = peer.outbound
      pongAtMs = peerPongAtMs
    }
    if (stalest) this.send(stalest, 'ping')
  }

  // ---- receiving ---------------------------------------------------------------------------------------------------

  /** Takes what `sender` says of others; `sender` is known, or just introduced itself by MEET. */
  take(sender: ClusterNode, entries: readonly GossipEntry[]): void {
    const { view } = this.#cluster
    for (const entry of entries) {
      const about = view.nodes.get(entry.id)
      if (about === view.myself) continue
      if (about) this.#takeAboutKnown(sender, about, entry)
      else if (!(entry.flags & NodeFlag.noAddress) && entry.ip !== '' && !this.#cluster.membership.isForgotten(entry.id))
        this.#addMentioned(entry)
    }
  }

  #takeAboutKnown(sender: ClusterNode, about: ClusterNode, entry: GossipEntry): void {
    const cluster = this.#cluster
    const suspected = (entry.flags & (NodeFlag.pfail | NodeFlag.fail)) !== 0
    cluster.failure.reported(sender, about, suspected)
    if (suspected) return
    const { monotonicMs, wallMs } = cluster.node.now
    if (about.pingSentAtMs === undefined && about.failureReports.size === 0) {
      const pongAtMs = entry.pongReceivedS * 1000 - (wallMs - monotonicMs)
      if (pongAtMs <= monotonicMs + CLOCK_TOLERANCE_MS && pongAtMs > (about.pongReceivedAtMs ?? 0)) {
        about.pongReceivedAtMs = Math.min(pongAtMs, monotonicMs)
      }
    }
    const ports = portsFromBus(entry, cluster.tlsBus)
    const moved = entry.ip !== about.host || ports.port !== about.port || ports.tlsPort !== about.tlsPort || entry.busPort !== about.busPort
    if (moved && about.has(NodeFlag.pfail | NodeFlag.fail) && !(entry.flags & NodeFlag.noAddress) && entry.ip !== '') {
      // We cannot reach it where we look; the sender can, elsewhere.
      cluster.membership.moveTo(about, entry.ip, ports, entry.busPort)
    }
  }

  #addMentioned(entry: GossipEntry): void {
    const cluster = this.#cluster
    const { node, view } = cluster
    const flags = entry.flags & GOSSIPED_FLAGS
    const { port, tlsPort } = portsFromBus(entry, cluster.tlsBus)
    const added = new ClusterNode(entry.id, entry.ip, port, entry.busPort, flags, node.random.hex(40), node.now.monotonicMs)
    added.tlsPort = tlsPort
    if (!added.isReplica) added.set(NodeFlag.primary)
    if (added.failing) added.failedAtMs = node.now.monotonicMs
    view.addNode(added)
    cluster.membership.connect(added)
    cluster.markDirty('with others')
  }

  takeExtensions(sender: ClusterNode, extensions: Extensions): void {
    const cluster = this.#cluster
    const { view } = cluster
    if (
      sender.hostname !== extensions.hostname ||
      sender.humanName !== extensions.humanName ||
      sender.clientIpv4 !== extensions.clientIpv4 ||
      sender.clientIpv6 !== extensions.clientIpv6 ||
      sender.clientPort !== extensions.clientPort ||
      sender.clientTlsPort !== extensions.clientTlsPort ||
      sender.availabilityZone !== extensions.availabilityZone
    ) {
      sender.hostname = extensions.hostname
      sender.humanName = extensions.humanName
      sender.clientIpv4 = extensions.clientIpv4
      sender.clientIpv6 = extensions.clientIpv6
      sender.clientPort = extensions.clientPort
      sender.clientTlsPort = extensions.clientTlsPort
      sender.availabilityZone = extensions.availabilityZone
      cluster.markDirty('with others')
    }
    for (const { id, ttlS } of extensions.forgotten) {
      const forgotten = view.nodes.get(id)
      if (!forgotten || forgotten === view.myself || forgotten === view.myself.primary || forgotten === sender || ttlS === 0) continue
      cluster.node.log('notice', `Node ${sender.id} asks to forget node ${id}`)
      cluster.membership.forget(forgotten, ttlS * 1000)
    }
    // An old node sends none: then the one that was made up for it stays.
    if (extensions.shardId !== '') cluster.roles.adoptShard(sender, extensions.shardId)
  }
}
