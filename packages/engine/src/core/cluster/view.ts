import type { BusLink } from './bus/link.ts'
import { SLOTS, type SlotRange } from './slot.ts'

/** Flags of a node as the bus carries them (cluster bus specification, section 5). */
export const NodeFlag = {
  primary: 1,
  replica: 2,
  pfail: 4,
  fail: 8,
  myself: 16,
  handshake: 32,
  noAddress: 64,
  meet: 128,
  migrateTo: 256,
  noFailover: 512,
  extensions: 1024,
  lightPublish: 2048,
  lightModule: 4096
} as const

/** The bitmap of every node without slots; never written to. */
const NO_SLOTS = new Uint8Array(SLOTS / 8)

/** One node as this node knows it, itself included. */
export class ClusterNode {
  id: string
  /** Where other nodes connect; '' while it is not known. */
  host: string
  /** Where clients come plainly, and over TLS; 0: they do not. */
  port: number
  tlsPort = 0
  busPort: number
  flags: number
  /** The node that this one replicates; undefined for a primary, and for a replica whose primary nobody has told us of. */
  primary: ClusterNode | undefined
  shardId: string
  /** The epoch of a primary's claims. A replica has none of its own until it is promoted. */
  configEpoch = 0
  /** The config epoch in its last header: of a replica, that of the primary it follows. */
  announcedEpoch = 0
  /** Slots that `ClusterView` holds as this node's: how many, and slot s as bit s & 7 of byte s >> 3. */
  slotCount = 0
  slots: Uint8Array = NO_SLOTS
  hostname = ''
  humanName = ''
  availabilityZone = ''
  /** Where clients are sent instead of host and port; '' and 0: no difference. */
  clientIpv4 = ''
  clientIpv6 = ''
  clientPort = 0
  clientTlsPort = 0
  /** As gossiped by itself: bytes produced (primary) or processed (replica). */
  replicationOffset = 0
  /** Instants on the monotonic clock; undefined: none pending, none received, not failing, never tried. */
  pingSentAtMs: number | undefined
  pongReceivedAtMs: number | undefined
  /** A PONG of its own, not what others gossip of it. */
  answeredAtMs: number | undefined
  dataReceivedAtMs: number | undefined
  failedAtMs: number | undefined
  connectTriedAtMs: number | undefined
  meetSentAtMs: number | undefined
  readonly createdAtMs: number
  /** The link that we opened, and the one that it opened. */
  outbound: BusLink | undefined
  inbound: BusLink | undefined
  inboundLostAtMs: number
  /** Who has gossiped that this node fails, and when at the latest (monotonic, whole seconds). */
  readonly failureReports = new Map<ClusterNode, number>()
  /** Place in `ClusterView.list`. */
  listIndex = -1
  /** Which packet mentioned this node last, so that none mentions it twice. */
  gossipMark = 0

  constructor(id: string, host: string, port: number, busPort: number, flags: number, shardId: string, createdAtMs: number) {
    this.id = id
    this.host = host
    this.port = port
    this.busPort = busPort
    this.flags = flags
    this.shardId = shardId
    this.createdAtMs = createdAtMs
    this.inboundLostAtMs = createdAtMs
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }

  set(flag: number): void {
    this.flags |= flag
  }

  clear(flag: number): void {
    this.flags &= ~flag
  }

  get isPrimary(): boolean {
    return this.has(NodeFlag.primary)
  }

  get isReplica(): boolean {
    return this.has(NodeFlag.replica)
  }

  get failing(): boolean {
    return this.has(NodeFlag.fail)
  }

  get inHandshake(): boolean {
    return this.has(NodeFlag.handshake)
  }

  /** A primary with slots: one whose word counts. */
  get votes(): boolean {
    return this.isPrimary && this.slotCount > 0
  }

  /** The epoch under which its slots are claimed: a replica's is its primary's. */
  get effectiveEpoch(): number {
    return this.primary?.configEpoch ?? this.configEpoch
  }
}

/** A slot changed hands in this node's view. */
export type SlotChange = { readonly slot: number; readonly from: ClusterNode | undefined; readonly to: ClusterNode | undefined }

/**
 * What this node believes of the cluster: nodes by id, one owner per slot, the greatest epoch seen. Only named transitions
 * change it, so that counts and bitmaps stay right; deciding whether a claim is accepted is `claims.ts`.
 */
export class ClusterView {
  readonly myself: ClusterNode
  readonly nodes = new Map<string, ClusterNode>()
  /** The same nodes in no order, for picking at random. */
  readonly list: ClusterNode[] = []
  readonly #owners: (ClusterNode | undefined)[] = new Array(SLOTS).fill(undefined)
  /** Slots whose owner no longer claims them in its packets; they stay its own until somebody else does. */
  readonly #unclaimed = new Uint8Array(SLOTS / 8)
  /** How many slots are so marked. */
  unclaimedCount = 0
  /** Legacy, key by key migration: SETSLOT MIGRATING and IMPORTING. */
  readonly migratingTo = new Map<number, ClusterNode>()
  readonly importingFrom = new Map<number, ClusterNode>()
  /** Goes up whenever a slot changes hands: whoever checks the whole view need not do so again until then. */
  version = 0
  currentEpoch = 0
  lastVoteEpoch = 0
  /** Slots that have an owner. */
  assignedSlots = 0
  #changes: SlotChange[] = []

  constructor(myself: ClusterNode) {
    this.myself = myself
    this.addNode(myself)
  }

  /** Does any slot move key by key? */
  get movesKeyByKey(): boolean {
    return this.migratingTo.size > 0 || this.importingFrom.size > 0
  }

  /** As `ownerOf(slot) === myself`, from memory that is small enough to be at hand. */
  isMine(slot: number): boolean {
    return ((this.myself.slots[slot >> 3] as number) & (1 << (slot & 7))) !== 0
  }

  ownerOf(slot: number): ClusterNode | undefined {
    return this.#owners[slot]
  }

  /** The only place where a slot changes hands; `undefined` makes it unowned. */
  assignSlot(slot: number, owner: ClusterNode | undefined): void {
    const from = this.#owners[slot]
    if (from === owner) return
    const byte = slot >> 3
    const bit = 1 << (slot & 7)
    if (from) {
      from.slotCount--
      ;(from.slots[byte] as number) &= ~bit
      this.assignedSlots--
    }
    if (owner) {
      if (owner.slots === NO_SLOTS) owner.slots = new Uint8Array(SLOTS / 8)
      owner.slotCount++
      ;(owner.slots[byte] as number) |= bit
      this.assignedSlots++
    }
    this.#owners[slot] = owner
    this.setUnclaimed(slot, false)
    this.#changes.push({ slot, from, to: owner })
    this.version++
  }

  /** What `assignSlot` changed since this was last asked, in order. */
  takeChanges(): readonly SlotChange[] {
    if (this.#changes.length === 0) return NO_CHANGES
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  isUnclaimed(slot: number): boolean {
    return ((this.#unclaimed[slot >> 3] as number) & (1 << (slot & 7))) !== 0
  }

  setUnclaimed(slot: number, unclaimed: boolean): void {
    if (this.isUnclaimed(slot) === unclaimed) return
    ;(this.#unclaimed[slot >> 3] as number) ^= 1 << (slot & 7)
    this.unclaimedCount += unclaimed ? 1 : -1
  }

  addNode(node: ClusterNode): void {
    this.nodes.set(node.id, node)
    node.listIndex = this.list.length
    this.list.push(node)
  }

  /** Forgets a node; its slots become unowned and its replicas lose their primary. Closing its links is the caller's. */
  removeNode(node: ClusterNode): void {
    this.dropSlots(node)
    for (const other of this.list) {
      if (other.primary === node) other.primary = undefined
      other.failureReports.delete(node)
    }
    for (const [slot, peer] of this.migratingTo) if (peer === node) this.migratingTo.delete(slot)
    for (const [slot, peer] of this.importingFrom) if (peer === node) this.importingFrom.delete(slot)
    this.nodes.delete(node.id)
    const last = this.list.pop() as ClusterNode
    if (last !== node) {
      this.list[node.listIndex] = last
      last.listIndex = node.listIndex
    }
    node.listIndex = -1
  }

  /** A handshake node learnt its real id, or we took a new one. */
  renameNode(node: ClusterNode, id: string): void {
    this.nodes.delete(node.id)
    node.id = id
    this.nodes.set(id, node)
  }

  /** Every slot of a node becomes unowned. */
  dropSlots(node: ClusterNode): void {
    for (const slot of [...this.slotsOf(node)]) this.assignSlot(slot, undefined)
  }

  makePrimary(node: ClusterNode): void {
    node.primary = undefined
    node.clear(NodeFlag.replica)
    node.set(NodeFlag.primary)
  }

  /** `primary` is undefined when the node's header names one that we do not know. A replica owns no slots. */
  makeReplica(node: ClusterNode, primary: ClusterNode | undefined): void {
    node.clear(NodeFlag.primary)
    node.set(NodeFlag.replica)
    node.primary = primary
    if (!primary) return
    // An open slot follows its peer's shard to the node that now serves it.
    for (const [slot, peer] of this.migratingTo) if (peer === node) this.migratingTo.set(slot, primary)
    for (const [slot, peer] of this.importingFrom) if (peer === node) this.importingFrom.set(slot, primary)
  }

  /** Slots of a node, ascending. */
  *slotsOf(node: ClusterNode): Generator<number> {
    if (node.slotCount > 0) yield* slotsIn(node.slots)
  }

  replicasOf(primary: ClusterNode): ClusterNode[] {
    return this.list.filter((node) => node.primary === primary)
  }

  /** Primaries with at least one slot: those whose word counts. */
  votingPrimaries(): ClusterNode[] {
    return this.list.filter((node) => node.votes)
  }

  /** How many voting primaries make a majority. */
  get quorum(): number {
    let size = 0
    for (const node of this.list) if (node.votes) size++
    return Math.floor(size / 2) + 1
  }

  /** The greatest epoch that anybody is known to have. */
  get greatestEpoch(): number {
    let greatest = this.currentEpoch
    for (const node of this.list) if (node.configEpoch > greatest) greatest = node.configEpoch
    return greatest
  }
}

const NO_CHANGES: readonly SlotChange[] = []

/** Runs of slots whose bit is set in a bitmap. Whole bytes are passed over: a bitmap is mostly these. */
export function rangesIn(bitmap: Uint8Array): SlotRange[] {
  const ranges: SlotRange[] = []
  let first = -1
  for (let byte = 0; byte < bitmap.length; byte++) {
    const bits = bitmap[byte] as number
    if (bits === (first < 0 ? 0 : 255)) continue
    for (let bit = 0; bit < 8; bit++) {
      const slot = (byte << 3) + bit
      if ((bits >> bit) & 1) {
        if (first < 0) first = slot
      } else if (first >= 0) {
        ranges.push([first, slot - 1])
        first = -1
      }
    }
  }
  if (first >= 0) ranges.push([first, (bitmap.length << 3) - 1])
  return ranges
}

/** Slots whose bit is set in a bitmap, ascending. */
export function* slotsIn(bitmap: Uint8Array): Generator<number> {
  for (let byte = 0; byte < bitmap.length; byte++) {
    let bits = bitmap[byte] as number
    for (let slot = byte << 3; bits !== 0; slot++, bits >>= 1) if (bits & 1) yield slot
  }
}
