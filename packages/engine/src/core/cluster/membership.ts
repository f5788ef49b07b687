import type { Endpoint } from '../input.ts'
import type { Header } from './bus/header.ts'
import { BusLink } from './bus/link.ts'
import { type ClientPorts, portsFromBus } from './client-ports.ts'
import type { Cluster } from './cluster.ts'
import { ClusterNode, NodeFlag } from './view.ts'

/** A handshake that nobody answers ends after the node timeout, but not before this. */
const LEAST_HANDSHAKE_MS = 1000
/** While a cluster starts, nodes that do not listen yet are tried again at each cron. */
const EAGER_CONNECTS_MS = 2000
/** Connections tried per cron, at least; more in large clusters. */
const LEAST_CONNECTS_PER_CRON = 20
/** Nodes in handshake above which a MEET from a stranger is not taken up: each costs a connection of ours. */
const MAX_HANDSHAKES = 1000
/** An accepted link that says nothing that makes sense is ended. */
const STRANGER_LINK_IDLE_MS = 30_000

/**
 * Who belongs to the cluster: the handshake that a MEET begins, the links to every node, addresses, and forgetting
 * (cluster bus specification, sections 4 and 6).
 */
export class Membership {
  readonly #cluster: Cluster
  /** Ids that gossip must not bring back, with the monotonic time at which that ends. */
  readonly #forgotten = new Map<string, number>()
  /** Accepted links of which we do not know whose they are, with the time of their last whole packet. */
  readonly #strangers = new Map<BusLink, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  // ---- joining -----------------------------------------------------------------------------------------------------

  /** CLUSTER MEET: a node of which only the address is known; its id comes with its first answer. */
  meet(host: string, port: number, busPort: number): void {
    if (this.#handshakeWith(host, busPort)) return
    // The port is of the kind that nodes talk over.
    const ports = portsFromBus({ port, otherPort: 0 }, this.#cluster.tlsBus)
    const node = this.#stranger(host, ports, busPort, NodeFlag.handshake | NodeFlag.meet)
    this.connect(node)
  }

  /** A MEET from a node that we do not know: it is trusted, and we shake hands the other way. */
  greet(link: BusLink, header: Header): ClusterNode | undefined {
    const host = addressOf(link, header)
    // A forgotten node that is still there finds that we have no link to it and sends MEET by itself: that does not count.
    if (host === '' || this.isForgotten(header.senderId)) return undefined
    let node = this.#handshakeWith(host, header.busPort)
    if (!node) {
      let handshakes = 0
      for (const other of this.#cluster.view.list) if (other.inHandshake) handshakes++
      if (handshakes >= MAX_HANDSHAKES) return undefined
      node = this.#stranger(host, portsFromBus(header, this.#cluster.tlsBus), header.busPort, NodeFlag.handshake)
      this.connect(node)
    }
    this.adoptInbound(node, link)
    return node
  }

  #stranger(host: string, ports: ClientPorts, busPort: number, flags: number): ClusterNode {
    const { node, view } = this.#cluster
    const stranger = new ClusterNode(node.random.hex(40), host, ports.port, busPort, flags, node.random.hex(40), node.now.monotonicMs)
    stranger.tlsPort = ports.tlsPort
    view.addNode(stranger)
    return stranger
  }

  #handshakeWith(host: string, busPort: number): ClusterNode | undefined {
    return this.#cluster.view.list.find((node) => node.inHandshake && node.host === host && node.busPort === busPort)
  }

  /**
   * A MEET from a node that we know: it does not know us. Our link is opened anew, so that our PING on it shows the other
   * side whose it is; not while it may still be in its own handshake.
   */
  metByKnown(sender: ClusterNode): void {
    if (!sender.outbound || this.#nowMs - sender.createdAtMs <= this.#handshakeMs) return
    this.#cluster.node.log('notice', `Node ${sender.id} does not know us: opening the link to it anew`)
    this.#disconnect(sender)
    this.connect(sender)
  }

  /**
   * The answer on a link that we opened names who is there. False when that ends the link: a handshake reached a node that
   * we know already, or another node answers where one is expected.
   */
  identify(link: BusLink, header: Header, sender: ClusterNode | undefined): boolean {
    const cluster = this.#cluster
    const peer = link.peer
    if (!peer) return false
    if (peer.inHandshake) {
      if (sender) {
        if (this.updateAddress(sender, link, header)) cluster.markDirty()
        const inbound = peer.inbound
        if (inbound && !sender.inbound) this.adoptInbound(sender, inbound)
        this.remove(peer)
        return false
      }
      if (this.isForgotten(header.senderId)) {
        // Only an operator's own MEET ends the forgetting.
        if (!peer.has(NodeFlag.meet)) {
          this.remove(peer)
          return false
        }
        this.#forgotten.delete(header.senderId)
      }
      cluster.view.renameNode(peer, header.senderId)
      peer.clear(NodeFlag.handshake | NodeFlag.meet)
      peer.set(header.primaryId === '' ? NodeFlag.primary : NodeFlag.replica)
      cluster.markDirty()
      cluster.node.log('notice', `Handshake with node ${peer.id} at ${peer.host}:${peer.busPort} done`)
      return true
    }
    if (peer.id === header.senderId) return true
    cluster.node.log('warning', `Another node, ${header.senderId}, answers at the address of node ${peer.id}`)
    link.close()
    cluster.lost(link, 'another node answers')
    peer.set(NodeFlag.noAddress)
    peer.host = ''
    peer.port = 0
    peer.tlsPort = 0
    peer.busPort = 0
    cluster.failure.fail(peer)
    cluster.markDirty()
    return false
  }

  /** We connected to ourselves: the handshake ends. */
  metMyself(link: BusLink): void {
    if (link.peer?.inHandshake) this.remove(link.peer)
  }

  /** The address at which clients reach us is the one at which others do; it is learnt from whoever meets us. */
  learnOwnAddress(link: BusLink, type: 'ping' | 'meet'): void {
    const cluster = this.#cluster
    const { myself } = cluster.view
    if (cluster.node.config.text('cluster-announce-ip') !== '' || !link.local) return
    const host = plainHost(link.local)
    if ((type === 'ping' && myself.host !== '') || myself.host === host) return
    myself.host = host
    cluster.markDirty()
  }

  // ---- addresses and links -----------------------------------------------------------------------------------------

  /** The sender's own word about its address. True when it changed. */
  updateAddress(node: ClusterNode, link: BusLink, header: Header): boolean {
    // What came over the link that we opened came from the address that we have.
    if (link === node.outbound) return false
    const host = addressOf(link, header)
    const ports = portsFromBus(header, this.#cluster.tlsBus)
    const isSame = host === node.host && ports.port === node.port && ports.tlsPort === node.tlsPort && header.busPort === node.busPort
    if (host === '' || isSame) return false
    this.moveTo(node, host, ports, header.busPort)
    return true
  }

  /** The node is to be found elsewhere. */
  moveTo(node: ClusterNode, host: string, ports: ClientPorts, busPort: number): void {
    node.host = host
    node.port = ports.port
    node.tlsPort = ports.tlsPort
    node.busPort = busPort
    node.clear(NodeFlag.noAddress)
    this.#disconnect(node)
    this.connect(node)
    this.#cluster.markDirty()
    this.#cluster.reviewState()
  }

  /** Opens our link to a node. */
  connect(node: ClusterNode): void {
    if (node.outbound || node.has(NodeFlag.noAddress) || node.host === '' || node === this.#cluster.myself) return
    node.connectTriedAtMs = this.#nowMs
    // A connection that never comes to be counts as a ping without answer, else nobody would notice.
    node.pingSentAtMs ??= this.#nowMs
    node.outbound = BusLink.to(this.#cluster.node, this.#cluster, node)
  }

  #disconnect(node: ClusterNode): void {
    const link = node.outbound
    if (!link) return
    link.close()
    node.outbound = undefined
  }

  /** Our link is open: the first packet says who we are, and asks to be taken in where that is due. */
  opened(link: BusLink): void {
    const { peer } = link
    if (!peer) return
    const pingSentAtMs = peer.pingSentAtMs
    this.#cluster.gossip.send(link, peer.has(NodeFlag.meet) ? 'meet' : 'ping')
    // A ping that was pending when the last link broke keeps its time: reconnecting must not look like an answer.
    peer.pingSentAtMs = pingSentAtMs
  }

  accepted(link: BusLink): void {
    this.#strangers.set(link, this.#nowMs)
  }

  /** A packet says whose link this is. */
  adoptInbound(node: ClusterNode, link: BusLink): void {
    if (link.peer === node) return
    this.#strangers.delete(link)
    if (link.peer?.inbound === link) link.peer.inbound = undefined
    const old = node.inbound
    link.peer = node
    node.inbound = link
    // The node has opened a new link; what may still arrive on the old one is older.
    if (old && old !== link) old.close()
  }

  /** A whole packet arrived on a link of whose owner we know nothing. */
  noteStranger(link: BusLink): void {
    if (this.#strangers.has(link)) this.#strangers.set(link, this.#nowMs)
  }

  lost(link: BusLink): void {
    this.#strangers.delete(link)
    const { peer } = link
    if (!peer) return
    if (peer.outbound === link) peer.outbound = undefined
    if (peer.inbound === link) {
      peer.inbound = undefined
      peer.inboundLostAtMs = this.#nowMs
    }
  }

  /** At the start: the first links; `cron` opens the others, so that a node of a large cluster is not met by all at one moment. */
  connectSome(): void {
    for (const node of this.#cluster.view.list.slice(0, LEAST_CONNECTS_PER_CRON + 1)) this.connect(node)
  }

  /** Each 100 ms: handshakes that ended in nothing, links to open, nodes to meet again. */
  cron(): void {
    const cluster = this.#cluster
    const nowMs = this.#nowMs
    const timeoutMs = cluster.node.config.number('cluster-node-timeout')
    const eager = nowMs - cluster.startedAtMs < EAGER_CONNECTS_MS
    let connects = Math.max(LEAST_CONNECTS_PER_CRON, Math.ceil((cluster.view.list.length * 100 * 10) / (timeoutMs / 2)))
    for (const node of [...cluster.view.list]) {
      if (node === cluster.myself || node.has(NodeFlag.noAddress)) continue
      if (node.inHandshake && nowMs - node.createdAtMs > this.#handshakeMs) {
        cluster.node.log('verbose', `Nobody answered the handshake at ${node.host}:${node.busPort}`)
        this.remove(node)
        continue
      }
      if (!node.outbound) {
        const tooSoon = !eager && !node.inbound && nowMs - (node.connectTriedAtMs ?? Number.NEGATIVE_INFINITY) < timeoutMs / 20
        if (tooSoon || connects === 0) continue
        connects--
        this.connect(node)
      } else if (node.outbound.open && !node.inbound && !node.inHandshake) this.#meetAgain(node, node.outbound)
    }
    for (const [link, lastAtMs] of this.#strangers) {
      if (nowMs - lastAtMs <= STRANGER_LINK_IDLE_MS) continue
      this.#strangers.delete(link)
      link.close()
    }
    for (const [id, untilMs] of this.#forgotten) if (nowMs >= untilMs) this.#forgotten.delete(id)
  }

  /** It answers us but opens no link of its own: it does not know us (any more), and is asked to. */
  #meetAgain(node: ClusterNode, link: BusLink): void {
    const handshakeMs = this.#handshakeMs
    const metLongAgo = this.#nowMs - (node.meetSentAtMs ?? Number.NEGATIVE_INFINITY) > handshakeMs
    if (!node.has(NodeFlag.lightModule) || this.#nowMs - node.inboundLostAtMs <= handshakeMs || !metLongAgo) return
    this.#cluster.node.log('notice', `Node ${node.id} has no link to us: meeting it again`)
    this.#cluster.gossip.send(link, 'meet')
  }

  // ---- leaving -----------------------------------------------------------------------------------------------------

  /** Drops a node and keeps gossip from bringing it back for so long. */
  forget(node: ClusterNode, forMs: number): void {
    this.#forgotten.set(node.id, this.#nowMs + forMs)
    this.remove(node)
    this.#cluster.markDirty()
    this.#cluster.reviewState()
  }

  isForgotten(id: string): boolean {
    return this.#forgotten.has(id)
  }

  /** What we tell others to forget too. */
  forgottenNodes(): readonly { readonly id: string; readonly ttlS: number }[] {
    if (this.#forgotten.size === 0) return NONE
    return [...this.#forgotten]
      .map(([id, untilMs]) => ({ id, ttlS: Math.floor((untilMs - this.#nowMs) / 1000) }))
      .filter(({ ttlS }) => ttlS > 0)
  }

  /** Drops a node with its links. */
  remove(node: ClusterNode): void {
    this.#disconnect(node)
    node.inbound?.close()
    node.inbound = undefined
    this.#cluster.view.removeNode(node)
  }

  get #nowMs(): number {
    return this.#cluster.node.now.monotonicMs
  }

  get #handshakeMs(): number {
    return Math.max(LEAST_HANDSHAKE_MS, this.#cluster.node.config.number('cluster-node-timeout'))
  }
}

const NONE: readonly { readonly id: string; readonly ttlS: number }[] = []

/** Where the sender of a packet is: what it announces, else where the link comes from. */
function addressOf(link: BusLink, header: Header): string {
  return header.ip || (link.remote ? plainHost(link.remote) : '')
}

/** An IPv4 address that a dual-stack socket shows as IPv6 is written as IPv4. */
function plainHost({ host }: Endpoint): string {
  return host.startsWith('::ffff:') ? host.slice(7) : host
}
