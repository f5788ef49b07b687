import type { NodeAddress } from '../caller.ts'
import type { NodeLine, OpenSlot } from '../replies/cluster-nodes.ts'
import type { ShardReply } from '../replies/cluster-shards.ts'
import type { SlotRange } from '../stream/core-state.ts'
import { SLOTS, toRanges } from '../stream/moves.ts'

/**
 * Who is in the cluster and who owns which slot, from the views of several nodes that never agree at the same instant.
 *
 * Per node one *belief* is held: its config epoch and the slots it claims. A view replaces a belief when it knows a greater
 * epoch; at the same epoch the node's own word beats hearsay for as long as it is fresh, so that a viewer that lags cannot take
 * a claim back. A slot belongs to the claim with the greatest config epoch (the rule of the cluster itself).
 */
export class Topology {
  readonly #beliefs = new Map<string, Belief>()
  readonly #views = new Map<string, View>()
  /** Shard ids as CLUSTER SHARDS (9.1) or MYSHARDID (9.0) gave them. */
  readonly #shardIds = new Map<string, string>()
  readonly #health = new Map<string, 'online' | 'fail' | 'loading'>()
  readonly #endpoints = new Map<string, string>()
  #owners: readonly (string | undefined)[] | undefined
  /** Nodes that some view thinks ill of; undefined: the views have changed since. */
  #accused: ReadonlySet<string> | undefined
  #structure = 0
  #memberships = 0
  #revision = 0

  /** Raised whenever nodes, roles or memberships change: CLUSTER SHARDS is worth asking again. */
  get structure(): number {
    return this.#structure
  }

  /** Raised whenever a node may belong to another shard than before. */
  get memberships(): number {
    return this.#structure + this.#memberships
  }

  /** Raised whenever a belief is another object than before, or gone. */
  get revision(): number {
    return this.#revision
  }

  get nodes(): ReadonlyMap<string, Belief> {
    return this.#beliefs
  }

  /** Folds one CLUSTER NODES reply. Returns the id of the node that answered, or undefined when it did not say. */
  foldNodes(lines: readonly NodeLine[], atMs: number): string | undefined {
    const viewer = lines.find((line) => line.myself)
    if (!viewer) return undefined
    const failed = new Set<string>()
    const suspected = new Set<string>()
    const listed = new Set<string>()
    let currentEpoch = this.#views.get(viewer.id)?.currentEpoch ?? 0
    for (const line of lines) {
      currentEpoch = Math.max(currentEpoch, line.configEpoch)
      if (line.handshake) continue
      listed.add(line.id)
      if (line.failed) failed.add(line.id)
      if (line.suspected) suspected.add(line.id)
      this.#believe(line, viewer.id, atMs)
    }
    const state = this.#views.get(viewer.id)?.state ?? 'unknown'
    this.#views.set(viewer.id, { atMs, listed, failed, suspected, state, currentEpoch })
    this.#accused = undefined
    this.#trimViews()
    this.#forgetUnlisted(atMs)
    return viewer.id
  }

  /** Folds what CLUSTER INFO of a node says about the whole. */
  foldSummary(viewerId: string, state: 'ok' | 'fail', currentEpoch: number): void {
    const view = this.#views.get(viewerId)
    if (view) this.#views.set(viewerId, { ...view, state, currentEpoch: Math.max(view.currentEpoch, currentEpoch) })
  }

  /** Folds CLUSTER SHARDS: shard ids, endpoints, and the health that nodes report of themselves. */
  foldShards(shards: readonly ShardReply[]): void {
    for (const shard of shards) {
      for (const node of shard.nodes) {
        this.#health.set(node.id, node.health)
        if (node.endpoint === null) this.#endpoints.delete(node.id)
        else this.#endpoints.set(node.id, node.endpoint)
        if (shard.id !== null) this.foldShardId(node.id, shard.id)
      }
    }
  }

  foldShardId(nodeId: string, shardId: string): void {
    if (this.#shardIds.get(nodeId) === shardId) return
    this.#shardIds.set(nodeId, shardId)
    this.#memberships++
  }

  /** A node that does not answer has no view any more: what it believed is out of date. */
  dropView(viewerId: string): void {
    this.#views.delete(viewerId)
    this.#accused = undefined
  }

  /** Where clients are to connect to a node; an empty host: nobody has said. */
  addressOf({ id, host, port, hostname }: Belief): NodeAddress {
    const preferred = this.#endpoints.get(id) ?? (host || hostname || '')
    return { host: preferred, port, ...(hostname === null || hostname === preferred ? {} : { hostname }) }
  }

  /** Key of the shard that a node belongs to: a replica belongs where its primary does. */
  shardOf(nodeId: string): string {
    const belief = this.#beliefs.get(nodeId)
    const anchor = belief?.role === 'replica' && belief.primaryId !== null ? belief.primaryId : nodeId
    return this.#shardIds.get(anchor) ?? (anchor === nodeId ? undefined : this.#shardIds.get(nodeId)) ?? anchor
  }

  /** Node id of each slot's owner; undefined where nobody claims it. */
  owners(): readonly (string | undefined)[] {
    if (this.#owners) return this.#owners
    const owners = new Array<string | undefined>(SLOTS).fill(undefined)
    const epochs = new Float64Array(SLOTS).fill(-1)
    const reads = new Float64Array(SLOTS)
    for (const belief of this.#beliefs.values()) {
      if (belief.role !== 'primary') continue
      for (const [first, last] of belief.slots) {
        for (let slot = first; slot <= last; slot++) {
          const epoch = epochs[slot] as number
          if (epoch > belief.configEpoch || (epoch === belief.configEpoch && (reads[slot] as number) >= belief.atMs)) continue
          epochs[slot] = belief.configEpoch
          reads[slot] = belief.atMs
          owners[slot] = belief.id
        }
      }
    }
    this.#owners = owners
    return owners
  }

  /** Slots that two primaries claim of themselves, both lately, each by its own word. */
  disputed(nowMs: number): readonly SlotRange[] {
    const claims = new Map<number, string>()
    const disputed = new Set<number>()
    for (const belief of this.#beliefs.values()) {
      if (belief.role !== 'primary' || !belief.own || nowMs - belief.atMs > 10_000) continue
      const shard = this.shardOf(belief.id)
      for (const [first, last] of belief.slots) {
        for (let slot = first; slot <= last; slot++) {
          const other = claims.get(slot)
          if (other === undefined) claims.set(slot, shard)
          else if (other !== shard) disputed.add(slot)
        }
      }
    }
    return toRanges([...disputed].sort((a, b) => a - b))
  }

  /** The verdict of most of the freshest views, and the node's own word about loading. */
  healthOf(nodeId: string): 'online' | 'fail' | 'suspected' | 'loading' {
    this.#accused ??= new Set([...this.#views.values()].flatMap((view) => [...view.failed, ...view.suspected]))
    if (this.#accused.has(nodeId)) {
      const others = [...this.#views].filter(([viewerId]) => viewerId !== nodeId)
      const failed = others.filter(([, view]) => view.failed.has(nodeId)).length
      const doubted = others.filter(([, view]) => view.failed.has(nodeId) || view.suspected.has(nodeId)).length
      if (failed * 2 > others.length) return 'fail'
      if (doubted * 2 > others.length) return 'suspected'
    }
    return this.#health.get(nodeId) === 'loading' ? 'loading' : 'online'
  }

  /** `cluster_state` as most of the freshest views have it; `fail` when they are split evenly. */
  state(): 'ok' | 'fail' | 'unknown' {
    const states = [...this.#views.values()].map((view) => view.state).filter((state) => state !== 'unknown')
    if (states.length === 0) return 'unknown'
    return states.filter((state) => state === 'ok').length * 2 > states.length ? 'ok' : 'fail'
  }

  currentEpoch(): number {
    return Math.max(0, ...[...this.#views.values()].map((view) => view.currentEpoch))
  }

  /** When the node itself last said what it owns; 0: never. */
  ownWordAtMs(nodeId: string): number {
    const belief = this.#beliefs.get(nodeId)
    return belief?.ownAtMs ?? 0
  }

  #believe(line: NodeLine, viewerId: string, atMs: number): void {
    const own = line.id === viewerId
    const held = this.#beliefs.get(line.id)
    if (!held) {
      this.#structure++
      this.#put(newBelief(undefined, line, own, atMs))
      return
    }
    if (!own || this.#beliefs.size === 1) held.listedAtMs = atMs
    if (!replaces(held, line, own, atMs)) return
    if (own) held.ownAtMs = atMs
    if (isSame(held, line, own)) {
      held.own = own
      held.atMs = atMs
      return
    }
    if (held.role !== line.role || held.primaryId !== line.primaryId) this.#structure++
    this.#put(newBelief(held, line, own, atMs))
  }

  #put(belief: Belief): void {
    const held = this.#beliefs.get(belief.id)
    if (held?.role !== belief.role || held.slotsText !== belief.slotsText || held.configEpoch !== belief.configEpoch)
      this.#owners = undefined
    this.#beliefs.set(belief.id, belief)
    this.#revision++
  }

  /** A few recent views are enough for a vote. */
  #trimViews(): void {
    if (this.#views.size <= VIEWS) return
    const oldestFirst = [...this.#views].sort((a, b) => a[1].atMs - b[1].atMs)
    for (const [id] of oldestFirst.slice(0, Math.max(0, oldestFirst.length - VIEWS))) this.#views.delete(id)
  }

  /** A node that none of the views lists was forgotten; its own list does not count. */
  #forgetUnlisted(nowMs: number): void {
    for (const belief of this.#beliefs.values()) {
      if (nowMs - belief.listedAtMs < FORGET_AFTER_MS) continue
      const witnesses = [...this.#views].filter(([viewerId]) => viewerId !== belief.id)
      if (witnesses.length === 0) continue
      if (witnesses.some(([, view]) => view.listed.has(belief.id))) continue
      this.#beliefs.delete(belief.id)
      this.#views.delete(belief.id)
      this.#shardIds.delete(belief.id)
      this.#health.delete(belief.id)
      this.#endpoints.delete(belief.id)
      this.#owners = undefined
      this.#accused = undefined
      this.#structure++
      this.#revision++
    }
  }
}

/** What is believed of one node. When and by whom it was confirmed changes in place; anything else is a new object. */
export type Belief = {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly hostname: string | null
  readonly role: 'primary' | 'replica'
  readonly primaryId: string | null
  readonly configEpoch: number
  readonly slotsText: string
  readonly slots: readonly SlotRange[]
  readonly migrating: readonly OpenSlot[]
  readonly importing: readonly OpenSlot[]
  readonly noAddress: boolean
  /** The node said so itself. */
  own: boolean
  atMs: number
  ownAtMs: number
  /** When another node last listed it. */
  listedAtMs: number
}

type View = {
  readonly atMs: number
  readonly listed: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
  readonly suspected: ReadonlySet<string>
  readonly state: 'ok' | 'fail' | 'unknown'
  readonly currentEpoch: number
}

const VIEWS = 5
/** For so long a node's own word beats what others say of it at the same epoch. */
const OWN_WORD_MS = 1_500
/** A belief that nobody confirmed for so long yields to a lower epoch: the cluster was reset. */
const STALE_MS = 30_000
const FORGET_AFTER_MS = 3_000

/** `held`: what was believed before. */
function newBelief(held: Belief | undefined, line: NodeLine, own: boolean, atMs: number): Belief {
  return {
    id: line.id,
    ...placeOf(held, line),
    role: line.role,
    primaryId: line.primaryId,
    configEpoch: line.configEpoch,
    slotsText: line.slotsText,
    slots: line.slots,
    migrating: own ? line.migrating : (held?.migrating ?? []),
    importing: own ? line.importing : (held?.importing ?? []),
    noAddress: line.noAddress,
    own,
    atMs,
    ownAtMs: own ? atMs : (held?.ownAtMs ?? 0),
    listedAtMs: held?.listedAtMs ?? atMs
  }
}

/** A node may not know its own address; what others know of it stays. */
function placeOf(held: Belief | undefined, line: NodeLine): Pick<Belief, 'host' | 'port' | 'hostname'> {
  return { host: line.host || held?.host || '', port: line.port || held?.port || 0, hostname: line.hostname ?? held?.hostname ?? null }
}

/** Whether the line says nothing that is not believed already. */
function isSame(held: Belief, line: NodeLine, own: boolean): boolean {
  return (
    held.role === line.role &&
    held.primaryId === line.primaryId &&
    held.configEpoch === line.configEpoch &&
    held.slotsText === line.slotsText &&
    held.noAddress === line.noAddress &&
    (line.host === '' || held.host === line.host) &&
    (line.port === 0 || held.port === line.port) &&
    (line.hostname === null || held.hostname === line.hostname) &&
    (!own || (areSame(held.migrating, line.migrating) && areSame(held.importing, line.importing)))
  )
}

function areSame(a: readonly OpenSlot[], b: readonly OpenSlot[]): boolean {
  return a.length === b.length && a.every(({ slot, node }, index) => b[index]?.slot === slot && b[index].node === node)
}

function replaces(held: Belief, line: NodeLine, own: boolean, atMs: number): boolean {
  if (line.configEpoch < held.configEpoch) return atMs - held.atMs > STALE_MS
  if (line.configEpoch > held.configEpoch || own) return true
  if (!line.connected && !line.failed && atMs - held.atMs < STALE_MS) return false
  return !held.own || atMs - held.atMs > OWN_WORD_MS
}
