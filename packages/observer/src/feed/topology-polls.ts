import { type Command, ErrorReply, type NodeAddress, type Reply } from '../caller.ts'
import { KnownLines, type NodeLine, parseClusterNodes } from '../replies/cluster-nodes.ts'
import { parseClusterShards } from '../replies/cluster-shards.ts'
import { parseInfo } from '../replies/info.ts'
import { parseReplication, type Replication } from '../replies/replication.ts'
import type { Parsed } from '../replies/shape.ts'
import type { Asker } from './asker.ts'
import type { NodeLink } from './node-links.ts'
import { newRecord } from './node-record.ts'
import { ELECTION_MS, FIRST_VIEWERS, HEIR_PERIOD_MS, SHARDS_PERIOD_MS, TOPOLOGY_VIEWERS } from './poll-plan.ts'
import { STANDALONE_SHARD, standaloneLines } from './standalone.ts'
import { Topology } from './topology.ts'

/** Owners of the slots before and after one reply. */
type OnOwners = (before: readonly (string | undefined)[], after: readonly (string | undefined)[]) => void

/** Id of the node that answered, or why nothing could be folded. */
type Answer = { readonly viewer: string | null; readonly error: string | null }

/**
 * Asks who is in the cluster and who owns what: of the seeds while no node is known or none answers, then of three nodes in
 * rotation. Every node that a reply names gets a record and is asked itself from then on.
 */
export class TopologyPolls {
  readonly topology = new Topology()
  readonly #asker: Asker
  readonly #seeds: readonly NodeAddress[]
  readonly #onOwners: OnOwners
  readonly #knownLines = new KnownLines()
  /** Of the topology, when the records were last made to fit it. */
  #syncedRevision = -1
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** A round has been asked: until then nobody's word but the seeds' is known. */
  #begun = false
  #shardsAtMs = Number.NEGATIVE_INFINITY
  #shardsStructure = -1
  #cursor = 0
  /** Primaries that do not answer or are doubted, since when. */
  readonly #missedSinceMs = new Map<string, number>()
  #awaitsHeir = false
  #seedRetryAtMs = 0
  #seedError: string | null = null
  #standalone = false

  constructor(asker: Asker, seeds: readonly NodeAddress[], onOwners: OnOwners) {
    this.#asker = asker
    this.#seeds = seeds
    this.#onOwners = onOwners
  }

  /** Why nothing of the cluster can be reached; null: something can. */
  get unreachable(): string | null {
    const links = [...this.#asker.records.values()].map((record) => record.link)
    if (links.some((link) => link.error === null)) return null
    return links[0]?.error ?? this.#seedError
  }

  /** The servers are no cluster: they have no slots, no epochs and no ids. */
  get standalone(): boolean {
    return this.#standalone
  }

  /** When the next round is due. */
  dueAtMs(periodMs: number): number {
    if (this.#asker.records.size === 0) return this.#seedRetryAtMs
    return this.#askedAtMs + (this.#awaitsHeir ? Math.min(periodMs, HEIR_PERIOD_MS) : periodMs)
  }

  hurry(): void {
    this.#askedAtMs = Number.NEGATIVE_INFINITY
  }

  /** `earlyMs`: how long before it is due a round may begin. */
  ask(periodMs: number, earlyMs: number): void {
    const nowMs = this.#asker.now()
    const links = [...this.#asker.records.values()].map((record) => record.link)
    const reachable = links.filter((link) => link.error === null)
    if (reachable.length === 0 && nowMs >= this.#seedRetryAtMs) {
      this.#seedRetryAtMs = nowMs + (links.length === 0 ? 1_000 : 5_000)
      for (const seed of this.#seeds) this.#asker.run(() => this.#askSeed(seed))
    }
    const heirs = this.#heirs(nowMs)
    this.#awaitsHeir = heirs.length > 0
    if (links.length === 0 || nowMs + earlyMs < this.dueAtMs(periodMs)) return
    this.#askedAtMs = nowMs
    const shards = this.topology.structure !== this.#shardsStructure || nowMs - this.#shardsAtMs >= SHARDS_PERIOD_MS
    const primaries = this.#standalone ? reachable.filter((link) => this.topology.nodes.get(link.id)?.role === 'primary') : []
    const viewers = primaries.length > 0 ? primaries : reachable
    const turn = this.#cursor
    // What three nodes say may be old, and a watch that begins knows no better: at first everybody is asked about himself.
    const count = this.#begun || viewers.length > FIRST_VIEWERS ? TOPOLOGY_VIEWERS : FIRST_VIEWERS
    this.#begun = true
    for (let i = 0; i < Math.min(count, viewers.length); i++) {
      const heir = i < Math.min(2, heirs.length) ? heirs[(turn + i) % heirs.length] : undefined
      const link = heir ?? (viewers[this.#cursor++ % viewers.length] as NodeLink)
      if (!link.isRunning('topology')) this.#asker.start(link, 'topology', () => this.poll(link, shards && i === 0))
    }
  }

  /**
   * Replicas of primaries that do not answer us, or that others doubt: one of them is about to take over, and knows it first. Only so long
   * after the beginning as an election may take.
   */
  #heirs(nowMs: number): readonly NodeLink[] {
    const { records } = this.#asker
    const missed = new Set<string>()
    for (const id of this.#missedSinceMs.keys()) if (!this.topology.nodes.has(id)) this.#missedSinceMs.delete(id)
    for (const { id, role, slots } of this.topology.nodes.values()) {
      const isMissed = role === 'primary' && slots.length > 0 && (records.get(id)?.link.error != null || this.topology.isDoubted(id))
      if (!isMissed) this.#missedSinceMs.delete(id)
      else if (!this.#missedSinceMs.has(id)) this.#missedSinceMs.set(id, nowMs)
      if (isMissed && nowMs - (this.#missedSinceMs.get(id) ?? nowMs) < ELECTION_MS) missed.add(id)
    }
    if (missed.size === 0) return []
    const heirs = [...this.topology.nodes.values()].filter(({ primaryId }) => primaryId !== null && missed.has(primaryId))
    return heirs.flatMap(({ id }) => {
      const link = records.get(id)?.link
      return link && link.error === null ? [link] : []
    })
  }

  /** Asks one node for its view, `shards`: for CLUSTER SHARDS too. */
  async poll(link: NodeLink, shards: boolean): Promise<void> {
    const replies = await this.#asker.call(link, 'topology', this.#questions(shards))
    if (!replies) return
    const answer = this.#standalone ? this.#foldStandalone(replies[0], link.address) : this.#fold(replies)
    this.#asker.unreadable(link.id, this.#standalone ? 'INFO replication' : 'CLUSTER NODES', answer.error, replies[0])
    if (answer.viewer !== null && answer.viewer !== link.id && !this.#standalone)
      this.#asker.lose(link, `another node answers at ${link.address.host}:${link.address.port}: ${answer.viewer.slice(0, 8)}`)
  }

  #questions(shards: boolean): readonly Command[] {
    if (this.#standalone) return [['INFO', 'replication']]
    const commands: Command[] = [
      ['CLUSTER', 'NODES'],
      ['CLUSTER', 'INFO']
    ]
    return shards ? [...commands, ['CLUSTER', 'SHARDS']] : commands
  }

  async #askSeed(seed: NodeAddress): Promise<void> {
    const place = `${seed.host}:${seed.port}`
    const answer = await this.#entryAt(seed, place)
    this.#seedError = answer.error === null ? null : `${place}: ${answer.error}`
    if (answer.error !== null) this.#asker.changed()
    const link = answer.viewer === null ? undefined : this.#asker.records.get(answer.viewer)?.link
    link?.prove(seed)
  }

  async #entryAt(seed: NodeAddress, place: string): Promise<Answer> {
    if (this.#standalone) return this.#entryStandalone(seed)
    const replies = await this.#asker.callAddress(seed, place, 'topology', this.#questions(true))
    if ('error' in replies) return { viewer: null, error: replies.error }
    const first = replies.value[0]
    const isCluster = !(first instanceof ErrorReply && /cluster support disabled|unknown command/i.test(first.message))
    if (isCluster) return this.#fold(replies.value, true)
    if (this.topology.nodes.size > 0 && !this.#standalone)
      return { viewer: null, error: 'the server is no node of the cluster that is watched' }
    this.#standalone = true
    return this.#entryStandalone(seed)
  }

  /** A replica is asked for its primary, which knows them all: so nobody is listed under two addresses. */
  async #entryStandalone(seed: NodeAddress): Promise<Answer> {
    const own = await this.#replicationAt(seed)
    if ('error' in own) return { viewer: null, error: own.error }
    const primary = own.value.primary
    const above = primary?.linkUp ? await this.#replicationAt(primary) : undefined
    if (primary && above && 'value' in above && above.value.role === 'primary') return this.#foldReplication(above.value, primary)
    return this.#foldReplication(own.value, seed)
  }

  async #replicationAt({ host, port }: NodeAddress): Promise<Parsed<Replication>> {
    const replies = await this.#asker.callAddress({ host, port }, `${host}:${port}`, 'topology', [['INFO', 'replication']])
    return 'error' in replies ? replies : parseReplication(replies.value[0])
  }

  #foldStandalone(reply: Reply | undefined, address: NodeAddress): Answer {
    const replication = parseReplication(reply)
    return 'error' in replication ? { viewer: null, error: replication.error } : this.#foldReplication(replication.value, address)
  }

  /** A server that is no cluster, and what it knows of its primary or its replicas. */
  #foldReplication(replication: Replication, address: NodeAddress): Answer {
    return this.#foldLines(standaloneLines(replication, address), () => {
      for (const id of this.topology.nodes.keys()) this.topology.foldShardId(id, STANDALONE_SHARD)
      return { state: replication.role === 'primary' || replication.primary?.linkUp === true ? 'ok' : 'fail', currentEpoch: 0 }
    })
  }

  /** `fromSeed`: the first seed to answer says which cluster this is; a seed of another cluster is not mixed in. */
  #fold(replies: readonly Reply[], fromSeed = false): Answer {
    const nowMs = this.#asker.now()
    const lines = parseClusterNodes(replies[0], this.#knownLines)
    if ('error' in lines) return { viewer: null, error: lines.error }
    const myself = lines.value.find((line) => line.myself)
    if (!myself) return { viewer: null, error: 'CLUSTER NODES: no line is marked as myself' }
    if (fromSeed && this.topology.nodes.size > 0 && !this.topology.nodes.has(myself.id))
      return { viewer: null, error: 'the node belongs to another cluster than the one that is watched' }
    return this.#foldLines(lines.value, () => {
      if (replies[2] !== undefined) this.#foldShards(replies[2], nowMs)
      const summary = parseInfo(replies[1])
      if ('error' in summary) return undefined
      const state = summary.value.text('cluster_state') === 'ok' ? 'ok' : 'fail'
      return { state, currentEpoch: summary.value.number('cluster_current_epoch') ?? 0 }
    })
  }

  /** Folds the nodes that one of them lists; `more` folds what came along and gives what it says of the whole. */
  #foldLines(lines: readonly NodeLine[], more: () => { readonly state: 'ok' | 'fail'; readonly currentEpoch: number } | undefined): Answer {
    const before = this.topology.owners()
    const viewer = this.topology.foldNodes(lines, this.#asker.now())
    if (viewer === undefined) return { viewer: null, error: 'no node is marked as the one that was asked' }
    const summary = more()
    if (summary) this.topology.foldSummary(viewer, summary.state, summary.currentEpoch)
    this.#syncRecords()
    const after = this.topology.owners()
    if (before !== after) this.#onOwners(before, after)
    this.#asker.changed()
    return { viewer, error: null }
  }

  #foldShards(reply: Reply, nowMs: number): void {
    // Refused or unreadable, it is asked again in its own time: owners and epochs do not need it.
    this.#shardsAtMs = nowMs
    this.#shardsStructure = this.topology.structure
    const shards = parseClusterShards(reply)
    if ('value' in shards) this.topology.foldShards(shards.value)
  }

  /** A record per known node; forgotten ones are dropped. */
  #syncRecords(): void {
    if (this.#syncedRevision === this.topology.revision) return
    this.#syncedRevision = this.topology.revision
    const { records } = this.#asker
    for (const belief of this.topology.nodes.values()) {
      const address = this.topology.addressOf(belief)
      const record = records.get(belief.id)
      if (!record) records.set(belief.id, newRecord(belief.id, address))
      else if (!belief.noAddress && address.host !== '') record.link.announce(address)
    }
    for (const id of records.keys()) {
      if (this.topology.nodes.has(id)) continue
      records.delete(id)
      this.#asker.refusals.forget(id)
    }
  }
}
