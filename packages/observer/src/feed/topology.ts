import type { NodeAddress } from '../caller.ts'
import type { NodeLine, OpenSlot } from '../replies/cluster-nodes.ts'
import type { ShardReply } from '../replies/cluster-shards.ts'
import type { Dispute, NodeDoubt, SlotRange } from '../stream/core-state.ts'
import { SLOTS, toRanges } from '../stream/moves.ts'

/**
 * Who is in the cluster and who owns which slot, from the views of several nodes that never agree at the same instant.
 *
 * Per node one *belief* is held: its config epoch and the slots it claims. A view replaces a belief when it knows a greater
 * epoch; at the same epoch the node's own word beats hearsay for as long as it is fresh, so that a viewer that lags cannot take
 * a claim back. A slot belongs to the claim with the greatest config epoch (the rule of the cluster itself). A node that cannot
 * reach a majority of the primaries replaces nothing that the majority has said: what it claims is a dispute, not an owner.
 */
export class Topology {
  readonly #beliefs = new Map<string, Belief>()
  readonly #views = new Map<string, View>()
  /** Shard ids as CLUSTER SHARDS (9.1) or MYSHARDID (9.0) gave them. */
  readonly #shardIds = new Map<string, string>()
  readonly #health = new Map<string, 'online' | 'fail' | 'loading'>()
  readonly #endpoints = new Map<string, string>()
  /** What primaries said of themselves last, the majority's or not. */
  readonly #claims = new Map<string, Claim>()
  /** Nodes whose own view of the owners is another one than ours, and since when. */
  readonly #otherViews = new Map<string, OtherView>()
  #owners: readonly (string | undefined)[] | undefined
  /** Nodes that some view thinks ill of; undefined: the views have changed since. */
  #accused: ReadonlySet<string> | undefined
  /** Views that think ill of somebody: more than the few that are enough for a vote. */
  readonly #opinions = new Map<string, Pick<View, 'atMs' | 'failed' | 'suspected'>>()
  readonly #doubts = new Map<string, readonly NodeDoubt[]>()
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
    const minority = isMinority(lines)
    let currentEpoch = this.#views.get(viewer.id)?.currentEpoch ?? 0
    for (const line of lines) {
      currentEpoch = Math.max(currentEpoch, line.configEpoch)
      if (line.handshake) continue
      listed.add(line.id)
      if (line.failed) failed.add(line.id)
      if (line.suspected) suspected.add(line.id)
      this.#believe(line, viewer.id, atMs, minority)
    }
    if (viewer.role === 'primary' && viewer.slots.length > 0)
      this.#claims.set(viewer.id, { configEpoch: viewer.configEpoch, slots: viewer.slots, atMs })
    else this.#claims.delete(viewer.id)
    this.#compareView(lines, viewer.id, atMs)
    const state = this.#views.get(viewer.id)?.state ?? 'unknown'
    this.#views.set(viewer.id, { atMs, listed, failed, suspected, state, currentEpoch })
    this.#opinions.delete(viewer.id)
    if (failed.size + suspected.size > 0) this.#opinions.set(viewer.id, { atMs, failed, suspected })
    for (const [id, opinion] of this.#opinions) if (atMs - opinion.atMs > OPINION_MS) this.#opinions.delete(id)
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
        // What is kept must not grow with what a node makes up.
        if (!this.#beliefs.has(node.id)) continue
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
    this.#claims.delete(viewerId)
    this.#otherViews.delete(viewerId)
    this.#opinions.delete(viewerId)
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

  /** Slots that several shards' primaries claim of themselves, all lately, each by its own word: the claims of each run of slots. */
  disputes(nowMs: number): readonly Dispute[] {
    const lately = [...this.#claims].filter(([, claim]) => nowMs - claim.atMs <= CLAIM_MS)
    if (!overlap(lately.flatMap(([, { slots }]) => slots))) return []
    const claims = new Array<readonly string[] | undefined>(SLOTS)
    let disputed = false
    for (const [node, claim] of lately) {
      const alone: readonly string[] = [node]
      for (const [first, last] of claim.slots) {
        for (let slot = first; slot <= last; slot++) {
          const others = claims[slot]
          claims[slot] = others ? [...others, node] : alone
          if (others) disputed = true
        }
      }
    }
    if (!disputed) return []
    const slotsOf = new Map<string, number[]>()
    for (const [slot, nodes] of claims.entries()) {
      if (!nodes || new Set(nodes.map((node) => this.shardOf(node))).size < 2) continue
      const key = [...nodes].sort().join(' ')
      const slots = slotsOf.get(key)
      if (slots) slots.push(slot)
      else slotsOf.set(key, [slot])
    }
    return [...slotsOf].map(([nodes, slots]) => ({
      slots: toRanges(slots),
      claims: nodes
        .split(' ')
        .map((node) => ({ node, shard: this.shardOf(node), configEpoch: (this.#claims.get(node) as Claim).configEpoch }))
        .sort((x, y) => y.configEpoch - x.configEpoch || (x.node < y.node ? -1 : 1))
    }))
  }

  /** Nodes that have seen other owners than we do for so long, by id, with the nodes about whose slots they differ. */
  otherViews(nowMs: number): ReadonlyMap<string, OtherView> {
    return new Map([...this.#otherViews].filter(([, view]) => view.atMs - view.sinceMs >= OTHER_VIEW_MS && nowMs - view.atMs < STALE_MS))
  }

  /** The verdict of most of the freshest views, and the node's own word about loading. */
  healthOf(nodeId: string): 'online' | 'fail' | 'suspected' | 'loading' {
    if (this.isDoubted(nodeId)) {
      const others = [...this.#views].filter(([viewerId]) => viewerId !== nodeId)
      const failed = others.filter(([, view]) => view.failed.has(nodeId)).length
      const doubted = others.filter(([, view]) => view.failed.has(nodeId) || view.suspected.has(nodeId)).length
      if (failed * 2 > others.length) return 'fail'
      if (doubted * 2 > others.length) return 'suspected'
    }
    return this.#health.get(nodeId) === 'loading' ? 'loading' : 'online'
  }

  /** Who thinks that a node has failed; the same list as before while they do. Undefined: nobody who was asked lately. */
  doubtsOf(nodeId: string): readonly NodeDoubt[] | undefined {
    if (this.#opinions.size === 0) return undefined
    const doubts: NodeDoubt[] = []
    for (const [by, { failed, suspected }] of this.#opinions) {
      if (by === nodeId) continue
      if (failed.has(nodeId)) doubts.push({ by, as: 'failed' })
      else if (suspected.has(nodeId)) doubts.push({ by, as: 'suspected' })
    }
    if (doubts.length === 0) return undefined
    doubts.sort((a, b) => (a.by < b.by ? -1 : 1))
    const held = this.#doubts.get(nodeId)
    if (held && JSON.stringify(held) === JSON.stringify(doubts)) return held
    this.#doubts.set(nodeId, doubts)
    return doubts
  }

  /** Whether any of the freshest views thinks ill of a node. */
  isDoubted(nodeId: string): boolean {
    this.#accused ??= new Set([...this.#views.values()].flatMap((view) => [...view.failed, ...view.suspected]))
    return this.#accused.has(nodeId)
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

  /** `minority`: the viewer does not reach a majority. */
  #believe(line: NodeLine, viewerId: string, atMs: number, minority: boolean): void {
    const own = line.id === viewerId
    const held = this.#beliefs.get(line.id)
    if (!held) {
      this.#structure++
      this.#put(newBelief(undefined, line, own, atMs, minority))
      return
    }
    if (!own || this.#beliefs.size === 1) held.listedAtMs = atMs
    if (own) held.ownAtMs = atMs
    if (minority && atMs - held.majorityAtMs < STALE_MS) return
    if (!minority) held.majorityAtMs = atMs
    if (!replaces(held, line, own, atMs)) return
    if (isSame(held, line, own)) {
      held.own = own
      held.atMs = atMs
      return
    }
    if (held.role !== line.role || held.primaryId !== line.primaryId) this.#structure++
    this.#put(newBelief(held, line, own, atMs, minority))
  }

  /** Notes whether a node sees other owners than we do. A handful of lines differ for a moment after each change. */
  #compareView(lines: readonly NodeLine[], viewerId: string, atMs: number): void {
    const about: string[] = []
    for (const line of lines) {
      const held = line.handshake ? undefined : this.#beliefs.get(line.id)
      if (held && (held.slotsText !== line.slotsText || held.role !== line.role)) about.push(line.id)
    }
    if (about.length === 0) this.#otherViews.delete(viewerId)
    else this.#otherViews.set(viewerId, { about, sinceMs: this.#otherViews.get(viewerId)?.sinceMs ?? atMs, atMs })
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
      this.dropView(belief.id)
      this.#shardIds.delete(belief.id)
      this.#health.delete(belief.id)
      this.#endpoints.delete(belief.id)
      this.#owners = undefined
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
  /** When a node that reaches a majority last listed it; 0: never. */
  majorityAtMs: number
}

type Claim = { readonly configEpoch: number; readonly slots: readonly SlotRange[]; readonly atMs: number }
type OtherView = { readonly about: readonly string[]; readonly sinceMs: number; readonly atMs: number }

type View = {
  readonly atMs: number
  readonly listed: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
  readonly suspected: ReadonlySet<string>
  readonly state: 'ok' | 'fail' | 'unknown'
  readonly currentEpoch: number
}

const VIEWS = 5
/** What a node thought of another is told for so long, unless it is asked again. */
const OPINION_MS = 15_000
/** For so long a node's own word beats what others say of it at the same epoch. */
const OWN_WORD_MS = 1_500
/** A belief that nobody confirmed for so long yields to a lower epoch: the cluster was reset. */
const STALE_MS = 30_000
const FORGET_AFTER_MS = 3_000
/** A claim that its node did not repeat for so long is none. */
const CLAIM_MS = 10_000
/** After a change views differ for a moment; so long apart two views of a node must differ to be told of. */
const OTHER_VIEW_MS = 10_000

/** A node that holds half or more of the primaries with slots for failed cannot be in the majority. */
function isMinority(lines: readonly NodeLine[]): boolean {
  let voters = 0
  let lost = 0
  for (const line of lines) {
    if (line.role !== 'primary' || line.slots.length === 0) continue
    voters++
    if (line.failed || line.suspected) lost++
  }
  return voters > 0 && lost * 2 >= voters
}

/** `held`: what was believed before. */
function newBelief(held: Belief | undefined, line: NodeLine, own: boolean, atMs: number, minority: boolean): Belief {
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
    listedAtMs: held?.listedAtMs ?? atMs,
    majorityAtMs: minority ? (held?.majorityAtMs ?? 0) : atMs
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
  // A replica has the epoch of its primary, which may be lower than the one that it had as a primary; it claims nothing.
  if (own && line.role === 'replica') return true
  if (line.configEpoch < held.configEpoch) return atMs - held.atMs > STALE_MS
  if (line.configEpoch > held.configEpoch || own) return true
  if (!line.connected && !line.failed && atMs - held.atMs < STALE_MS) return false
  return !held.own || atMs - held.atMs > OWN_WORD_MS
}

/** True when two of the ranges have a slot in common: asked often, and nearly always false. */
function overlap(ranges: readonly SlotRange[]): boolean {
  let reach = -1
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    if (first <= reach) return true
    reach = Math.max(reach, last)
  }
  return false
}
