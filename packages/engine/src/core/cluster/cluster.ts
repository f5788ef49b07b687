import { latin1Bytes } from '../bytes.ts'
import type { Client } from '../client.ts'
import type { Endpoint, FileName, LinkId } from '../input.ts'
import type { Node } from '../node.ts'
import { BusCounters } from './bus/counters.ts'
import { type Header, MessageFlag } from './bus/header.ts'
import { BusLink, type BusLinkOwner, encodeOnce } from './bus/link.ts'
import { type Body, decodePacket } from './bus/message.ts'
import { Claims } from './claims.ts'
import { FailureDetector } from './failure.ts'
import { Gossip } from './gossip.ts'
import { Membership } from './membership.ts'
import { parseNodesConf, writeNodesConf } from './nodes-conf.ts'
import { describeMyself, restoreView } from './own-description.ts'
import { Roles } from './roles.ts'
import { ClusterState } from './state.ts'
import { ClusterNode, ClusterView, NodeFlag } from './view.ts'
import { Voting } from './voting.ts'

/** What every node of our version can do, as its flags say. */
const CAPABILITIES = NodeFlag.extensions | NodeFlag.lightPublish | NodeFlag.lightModule

type Heartbeat = Extract<Body, { readonly type: 'ping' | 'pong' | 'meet' }>

/** When nodes.conf is to be written, see `markDirty`. */
type Urgency = 'with others' | 'soon' | 'durably'

/** A file takes about half a millisecond per hundred lines to make: at most a thousandth of the time goes into it. */
const GATHER_MS_PER_NODE = 50

/**
 * This node's place in the cluster: what it believes, the bus links that teach it, and its own claims.
 *
 * Each part has its own file and owns one question: who belongs (`membership`), who is alive (`failure`), who has which part
 * (`roles`), who owns which slot (`claims`), do we serve (`state`), what do packets carry (`gossip`). This class routes
 * packets through them, and at the end of a step saves and announces what changed: the save stands before every packet that
 * leaves with the step, so no claim and no vote is known outside before it is on disk.
 */
export class Cluster implements BusLinkOwner {
  readonly node: Node
  readonly view: ClusterView
  readonly counters = new BusCounters()
  readonly membership: Membership
  readonly gossip: Gossip
  readonly failure: FailureDetector
  readonly roles: Roles
  readonly claims: Claims
  readonly voting: Voting
  readonly #state: ClusterState
  /** Monotonic. */
  startedAtMs: number
  #unsaved: 'no' | Urgency = 'no'
  #savedAtMs = Number.NEGATIVE_INFINITY
  #reviewDue = true
  #pongDue = false
  #stopped = false
  /** Which primary replication was told to follow, and where. */
  #followed: { readonly primary: ClusterNode; readonly host: string; readonly port: number } | undefined

  constructor(node: Node) {
    this.node = node
    this.startedAtMs = node.now.monotonicMs
    const flags = NodeFlag.primary | NodeFlag.myself | CAPABILITIES
    this.view = new ClusterView(new ClusterNode(node.random.hex(40), '', 0, 0, flags, node.random.hex(40), node.now.monotonicMs))
    this.membership = new Membership(this)
    this.gossip = new Gossip(this)
    this.failure = new FailureDetector(this)
    this.roles = new Roles(this)
    this.claims = new Claims(this)
    this.voting = new Voting(this)
    this.#state = new ClusterState(this)
    this.#describeMyself()
  }

  get myself(): ClusterNode {
    return this.view.myself
  }

  get state(): 'ok' | 'fail' {
    return this.#state.value
  }

  /** Bytes of the replication stream: produced by a primary, processed by a replica. */
  get replicationOffset(): number {
    return Math.max(0, this.node.replication.offset)
  }

  /** A monotonic instant as unix milliseconds; none is 0. */
  wallMs(monotonicMs: number | undefined): number {
    return monotonicMs === undefined ? 0 : Math.round(monotonicMs + this.node.now.wallMs - this.node.now.monotonicMs)
  }

  /** Do nodes talk to each other over TLS? */
  get tlsBus(): boolean {
    return this.node.config.enabled('tls-cluster')
  }

  /** Where replication and slot migration reach a node, which may move: it is read each time. */
  streamEndpoint(node: ClusterNode): Endpoint {
    const { config } = this.node
    return {
      get host() {
        return node.host
      },
      get port() {
        return config.enabled('tls-replication') ? node.tlsPort : node.port
      }
    }
  }

  /**
   * Where clients are sent for a node (`cluster-preferred-endpoint-type`); `client` chooses between the announced addresses
   * of both families. An empty host means "the one that you are connected to".
   */
  endpointFor(node: ClusterNode, client?: Client): Endpoint {
    const port = client?.isSecure ? node.clientTlsPort || node.tlsPort : node.clientPort || node.port
    switch (this.node.config.text('cluster-preferred-endpoint-type')) {
      case 'hostname':
        return { host: node.hostname || '?', port }
      case 'unknown-endpoint':
        return { host: '', port }
      default:
        return { host: this.addressFor(node, client), port }
    }
  }

  /** The address at which this client reaches a node. */
  addressFor(node: ClusterNode, client?: Client): string {
    const overIpv6 = client?.remote.host.includes(':') ?? false
    return (overIpv6 ? node.clientIpv6 : node.clientIpv4) || node.host
  }

  // ---- start -------------------------------------------------------------------------------------------------------

  /** The node's first step: reads nodes.conf, or begins as a new node. */
  started(nodesConf: Uint8Array | undefined): void {
    this.startedAtMs = this.node.now.monotonicMs
    if (nodesConf && nodesConf.length > 0) {
      const conf = parseNodesConf(nodesConf)
      if (typeof conf === 'string') {
        this.node.log('warning', `The cluster configuration file nodes.conf cannot be used: ${conf}`)
        this.#stopped = true
        this.node.stop(1)
        return
      }
      restoreView(this.view, conf, { nowMs: this.node.now.monotonicMs, random: this.node.random, tlsBus: this.tlsBus })
      this.node.log('notice', `Node configuration loaded, I'm ${this.myself.id}`)
    } else this.node.log('notice', `No cluster configuration found, I'm ${this.myself.id}`)
    this.#describeMyself()
    this.markDirty()
    this.view.takeChanges()
    this.membership.connectSome()
    this.settle()
  }

  /** What the configuration says of this node; it may be changed while the node runs. */
  #describeMyself(): void {
    if (describeMyself(this.myself, this.node.config)) this.markDirty()
  }

  // ---- links -------------------------------------------------------------------------------------------------------

  acceptLink(id: LinkId, remote: Endpoint, local: Endpoint): void {
    this.membership.accepted(BusLink.from(this.node, this, id, remote, local))
  }

  opened(link: BusLink): void {
    this.membership.opened(link)
  }

  lost(link: BusLink, reason: string): void {
    this.node.log(
      'verbose',
      `Bus link ${link.direction} ${link.peer?.id ?? 'an unknown node'} ended: ${reason || 'closed by the other side'}`
    )
    this.membership.lost(link)
  }

  received(link: BusLink, bytes: Uint8Array): void {
    if (this.#stopped) return
    const packet = decodePacket(bytes)
    if ('malformed' in packet) {
      this.counters.malformed++
      // Once per link where people look; a flood of them must not fill the log.
      const level = link.malformed++ === 0 ? 'warning' : 'verbose'
      this.node.log(level, `Dropping a bus packet of ${link.peer?.id ?? 'an unknown node'}: ${packet.malformed}`)
      return
    }
    const { header, body } = packet
    if (body.type !== 'unknown') this.counters.received(body.type, bytes.length)
    if (header) this.#process(link, header, body)
    else this.#processLight(link, body)
    this.settle()
  }

  /** Light packets do not say who sends: only a link that is somebody's may carry them. */
  #processLight(link: BusLink, body: Body): void {
    const { peer } = link
    if (!peer || peer.inHandshake) {
      link.close()
      this.lost(link, 'a light packet came first')
      return
    }
    peer.dataReceivedAtMs = this.node.now.monotonicMs
    this.#deliver(body)
  }

  #process(link: BusLink, header: Header, body: Body): void {
    const { view } = this
    if (header.messageFlags & MessageFlag.extensions) link.takesExtensions = true
    const known = view.nodes.get(header.senderId)
    if (known === view.myself) {
      if (body.type === 'ping' || body.type === 'meet') this.gossip.send(link, 'pong')
      else if (body.type === 'pong') this.membership.metMyself(link)
      return
    }
    const sender = known?.inHandshake ? undefined : known
    if (sender) this.#takeHeader(link, sender, header)
    else this.membership.noteStranger(link)
    switch (body.type) {
      case 'ping':
      case 'pong':
      case 'meet':
        this.#processHeartbeat(link, sender, header, body)
        return
      case 'update':
        if (sender) this.claims.takeUpdate(body.nodeId, body.configEpoch, body.slots)
        return
      case 'fail':
        if (sender) this.failure.told(sender, body.nodeId)
        return
      case 'auth-req':
        if (sender) this.voting.asked(sender, header)
        return
      case 'publish':
      case 'publishshard':
        if (sender) this.#deliver(body)
        return
      // Elections and manual failovers of our own do not exist yet, and neither do modules: nobody waits for these.
      case 'auth-ack':
      case 'mfstart':
      case 'module':
      case 'unknown':
        return
    }
  }

  /** What every packet of a node that we know teaches. */
  #takeHeader(link: BusLink, sender: ClusterNode, header: Header): void {
    if (link.direction === 'from') this.membership.adoptInbound(sender, link)
    sender.dataReceivedAtMs = this.node.now.monotonicMs
    sender.replicationOffset = header.replicationOffset
    if (header.messageFlags & MessageFlag.extensions) sender.set(NodeFlag.extensions)
    this.claims.takeEpochs(sender, header)
  }

  #processHeartbeat(link: BusLink, known: ClusterNode | undefined, header: Header, body: Heartbeat): void {
    const { membership, gossip } = this
    let sender = known
    if (body.type !== 'pong') {
      membership.learnOwnAddress(link, body.type)
      if (body.type === 'meet') {
        if (sender) membership.metByKnown(sender)
        else {
          // Whoever sends MEET was told by an operator; what it says of others is believed at once.
          const stranger = membership.greet(link, header)
          if (stranger) gossip.take(stranger, body.gossip)
        }
      }
      gossip.send(link, 'pong')
    }
    if (link.direction === 'to') {
      if (!membership.identify(link, header, sender)) return
      if (!sender && link.peer) {
        sender = link.peer
        this.#takeHeader(link, sender, header)
      }
    }
    if (!sender) return
    const announced = NodeFlag.noFailover | NodeFlag.lightPublish | NodeFlag.lightModule
    sender.flags = (sender.flags & ~announced) | (header.flags & announced)
    if (body.type === 'ping') membership.updateAddress(sender, link, header)
    if (body.type === 'pong' && link === sender.outbound) {
      const nowMs = this.node.now.monotonicMs
      sender.pongReceivedAtMs = nowMs
      sender.answeredAtMs = nowMs
      sender.pingSentAtMs = undefined
      this.failure.answered(sender)
    }
    const role = this.roles.take(sender, header)
    this.claims.take(sender, header, role)
    this.claims.resolveCollision(sender, header)
    gossip.take(sender, body.gossip)
    if (body.extensions) gossip.takeExtensions(sender, body.extensions)
  }

  // ---- publishing --------------------------------------------------------------------------------------------------

  /** Tells other nodes of a message: all of them, or for a shard channel those of this shard. */
  publish(channel: Uint8Array, message: Uint8Array, shard: boolean): void {
    const body: Body = { type: shard ? 'publishshard' : 'publish', channel, message }
    let light: Uint8Array | undefined
    let full: Uint8Array | undefined
    for (const node of this.view.list) {
      const link = node.outbound
      if (!link?.open || node.inHandshake || (shard && node.shardId !== this.myself.shardId)) continue
      // The receiver knows a light packet's sender from the link, so both links must be there.
      if (node.has(NodeFlag.lightPublish) && node.inbound) {
        light ??= encodeOnce({ header: undefined, body })
        link.sendEncoded(body.type, light)
      } else {
        full ??= encodeOnce({ header: this.gossip.header(), body })
        link.sendEncoded(body.type, full)
      }
    }
  }

  #deliver(body: Body): void {
    if (body.type === 'publish' || body.type === 'publishshard') {
      this.node.pubsub.deliver(body.channel, body.message, body.type === 'publishshard')
    }
  }

  /** Sends one packet to every node that we are linked to. */
  broadcast(body: Exclude<Body, { readonly type: 'unknown' }>): void {
    const bytes = encodeOnce({ header: this.gossip.header(), body })
    for (const node of [...this.view.list]) if (!node.inHandshake) node.outbound?.sendEncoded(body.type, bytes)
  }

  // ---- what others ask ---------------------------------------------------------------------------------------------

  /** Takes slots over by our own decision: a new epoch if ours is not the greatest, saved durably, then announced to all. */
  claimSlots(slots: Iterable<number>): void {
    this.claims.claim(slots)
    this.settle()
  }

  /**
   * nodes.conf is written at the end of this step; 'durably' holds everything back that this step sends. 'with others' is for what gossip
   * tells again if it is lost: in a large cluster all nodes tell it at once, and each writing would be the whole file.
   */
  markDirty(how: Urgency = 'soon'): void {
    if (this.#unsaved === 'durably' || (this.#unsaved === 'soon' && how !== 'durably')) return
    this.#unsaved = how
  }

  /** Whether we serve is judged anew at the end of this step. */
  reviewState(): void {
    this.#reviewDue = true
  }

  /** At the end of this step every node hears from us, asked or not. */
  broadcastPong(): void {
    this.#pongDue = true
  }

  /** CLUSTER RESET; `hard` also begins a new life with another id. The caller has checked that a primary holds no keys. */
  reset(hard: boolean): void {
    const { view } = this
    const { myself } = view
    if (myself.isReplica) this.roles.becomeEmptyPrimary()
    view.migratingTo.clear()
    view.importingFrom.clear()
    view.dropSlots(myself)
    for (const node of [...view.list]) if (node !== myself) this.membership.remove(node)
    if (hard) {
      view.currentEpoch = 0
      view.lastVoteEpoch = 0
      myself.configEpoch = 0
      view.renameNode(myself, this.node.random.hex(40))
      myself.shardId = this.node.random.hex(40)
      this.node.log('notice', `Node hard reset, now I'm ${myself.id}`)
    }
    this.markDirty('durably')
    this.reviewState()
    this.settle()
  }

  /**
   * After a packet or a command: tells migrations which slots changed hands and replication whom to follow, once and only if
   * something changed.
   */
  settle(): void {
    const { myself } = this.view
    const chain = myself.primary?.primary
    if (chain && chain !== myself) this.roles.becomeReplicaOf(chain)
    const { primary } = myself
    if (primary ? primary.host !== '' && !this.#follows(primary) : this.#followed) {
      const endpoint = primary && this.streamEndpoint(primary)
      this.#followed = primary && endpoint && { primary, host: endpoint.host, port: endpoint.port }
      this.node.replication.follow(endpoint)
    }
    const changes = this.view.takeChanges()
    if (changes.length === 0) return
    for (const { slot, from, to } of changes) {
      if (from === myself) {
        this.node.slotStats.resetSlot(slot)
        this.node.watches.slotLeft(slot)
        this.node.tracking.slotLeft(slot)
      }
      if (to?.shardId !== myself.shardId) this.node.pubsub.slotLeft(slot)
    }
    this.node.migrations.ownershipChanged(changes)
    this.node.keyWaits.review()
  }

  #follows(primary: ClusterNode): boolean {
    const { host, port } = this.streamEndpoint(primary)
    return this.#followed?.primary === primary && this.#followed.host === host && this.#followed.port === port
  }

  saved(file: FileName, error: string | undefined): void {
    if (file !== 'nodes.conf' || error === undefined) return
    this.node.log('warning', `nodes.conf cannot be written: ${error}`)
    this.#stopped = true
    this.node.stop(1)
  }

  /** Each 100 ms; `run` counts from 1. */
  cron(run: number): void {
    if (this.#stopped) return
    this.#describeMyself()
    this.membership.cron()
    this.gossip.cron(run)
    this.failure.cron()
    if (this.state === 'fail') this.reviewState()
    this.settle()
  }

  /** The end of a step: judges, saves, announces. */
  beforeSleep(): void {
    if (this.#stopped) return
    this.settle()
    if (this.#reviewDue) {
      this.#reviewDue = false
      this.#state.review()
    }
    const gatherMs = this.view.list.length * GATHER_MS_PER_NODE
    if (this.#unsaved !== 'no' && (this.#unsaved !== 'with others' || this.node.now.monotonicMs - this.#savedAtMs >= gatherMs)) {
      this.saveNow(this.#unsaved === 'durably')
      this.#unsaved = 'no'
    }
    if (this.#pongDue) {
      this.#pongDue = false
      for (const node of [...this.view.list]) if (node.outbound && !node.inHandshake) this.gossip.send(node.outbound, 'pong')
    }
  }

  /** Writes nodes.conf in this step. */
  saveNow(durable: boolean): void {
    const { view, tlsBus } = this
    this.#savedAtMs = this.node.now.monotonicMs
    const text = writeNodesConf({ view, isSecure: tlsBus, wallMs: (monotonicMs) => this.wallMs(monotonicMs) })
    this.node.save('nodes.conf', latin1Bytes(text), durable)
  }
}
