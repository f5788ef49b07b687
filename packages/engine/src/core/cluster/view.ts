import { SLOTS } from './slot.ts'

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

/** One node as this node knows it, itself included. */
export class ClusterNode {
  id: string
  host: string
  /** Client port and bus port. */
  port: number
  busPort: number
  flags: number
  /** The node that this one replicates; undefined for a primary. */
  primary: ClusterNode | undefined
  shardId: string
  configEpoch = 0
  /** Slots that `ClusterView` holds as this node's. */
  slotCount = 0
  hostname = ''
  humanName = ''
  /** As gossiped by itself: bytes produced (primary) or processed (replica). */
  replicationOffset = 0
  /** Monotonic-free wall times in ms, as CLUSTER NODES prints them; 0: none. */
  pingSentAtMs = 0
  pongReceivedAtMs = 0
  failedAtMs = 0
  readonly createdAtMs: number

  constructor(id: string, host: string, port: number, busPort: number, flags: number, shardId: string, createdAtMs: number) {
    this.id = id
    this.host = host
    this.port = port
    this.busPort = busPort
    this.flags = flags
    this.shardId = shardId
    this.createdAtMs = createdAtMs
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }

  get isPrimary(): boolean {
    return this.has(NodeFlag.primary)
  }

  get failing(): boolean {
    return this.has(NodeFlag.fail)
  }
}

/**
 * What this node believes of the cluster: nodes by id, one owner per slot, the greatest epoch seen. Only named transitions
 * change it, so that the counts stay right; deciding whether a claim is accepted is `claims.ts`.
 */
export class ClusterView {
  readonly myself: ClusterNode
  readonly nodes = new Map<string, ClusterNode>()
  readonly #owners: (ClusterNode | undefined)[] = new Array(SLOTS).fill(undefined)
  /** Legacy, key by key migration: SETSLOT MIGRATING and IMPORTING. */
  readonly migratingTo = new Map<number, ClusterNode>()
  readonly importingFrom = new Map<number, ClusterNode>()
  currentEpoch = 0
  lastVoteEpoch = 0

  constructor(myself: ClusterNode) {
    this.myself = myself
    this.nodes.set(myself.id, myself)
  }

  ownerOf(slot: number): ClusterNode | undefined {
    return this.#owners[slot]
  }

  /** The only place where a slot changes hands; `undefined` makes it unowned. */
  assignSlot(slot: number, owner: ClusterNode | undefined): void {
    const old = this.#owners[slot]
    if (old === owner) return
    if (old) old.slotCount--
    if (owner) owner.slotCount++
    this.#owners[slot] = owner
  }

  addNode(node: ClusterNode): void {
    this.nodes.set(node.id, node)
  }

  /** Forgets a node; its slots become unowned and its replicas lose their primary. */
  removeNode(node: ClusterNode): void {
    if (node.slotCount > 0) for (let slot = 0; slot < SLOTS; slot++) if (this.#owners[slot] === node) this.assignSlot(slot, undefined)
    for (const other of this.nodes.values()) if (other.primary === node) other.primary = undefined
    for (const [slot, peer] of this.migratingTo) if (peer === node) this.migratingTo.delete(slot)
    for (const [slot, peer] of this.importingFrom) if (peer === node) this.importingFrom.delete(slot)
    this.nodes.delete(node.id)
  }

  /** A handshake node learnt its real id. */
  renameNode(node: ClusterNode, id: string): void {
    this.nodes.delete(node.id)
    node.id = id
    this.nodes.set(id, node)
  }

  /** Slots of a node, ascending. */
  *slotsOf(node: ClusterNode): Generator<number> {
    if (node.slotCount === 0) return
    for (let slot = 0; slot < SLOTS; slot++) if (this.#owners[slot] === node) yield slot
  }

  replicasOf(primary: ClusterNode): ClusterNode[] {
    return [...this.nodes.values()].filter((node) => node.primary === primary)
  }

  /** Primaries with at least one slot: those whose word counts. */
  votingPrimaries(): ClusterNode[] {
    return [...this.nodes.values()].filter((node) => node.isPrimary && node.slotCount > 0)
  }

  get assignedSlots(): number {
    let count = 0
    for (const node of this.nodes.values()) count += node.slotCount
    return count
  }
}
