import type { Command, NodeAddress, Reply } from '../caller.ts'
import { KnownLines, parseClusterNodes } from '../replies/cluster-nodes.ts'
import { parseClusterShards } from '../replies/cluster-shards.ts'
import { parseInfo } from '../replies/info.ts'
import type { Asker } from './asker.ts'
import type { NodeLink } from './node-links.ts'
import { newRecord } from './node-record.ts'
import { SHARDS_PERIOD_MS, TOPOLOGY_VIEWERS } from './poll-plan.ts'
import { Topology } from './topology.ts'

/** Owners of the slots before and after one reply. */
type OnOwners = (before: readonly (string | undefined)[], after: readonly (string | undefined)[]) => void

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
  #shardsAtMs = Number.NEGATIVE_INFINITY
  #shardsStructure = -1
  #cursor = 0
  #seedRetryAtMs = 0
  #seedError: string | null = null

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

  /** When the next round is due. */
  dueAtMs(periodMs: number): number {
    return this.#asker.records.size === 0 ? this.#seedRetryAtMs : this.#askedAtMs + periodMs
  }

  hurry(): void {
    this.#askedAtMs = Number.NEGATIVE_INFINITY
  }

  ask(periodMs: number): void {
    const nowMs = this.#asker.now()
    const links = [...this.#asker.records.values()].map((record) => record.link)
    const reachable = links.filter((link) => link.error === null)
    if (reachable.length === 0 && nowMs >= this.#seedRetryAtMs) {
      this.#seedRetryAtMs = nowMs + (links.length === 0 ? 1_000 : 5_000)
      for (const seed of this.#seeds) this.#asker.run(() => this.#askSeed(seed))
    }
    if (links.length === 0 || nowMs - this.#askedAtMs < periodMs) return
    this.#askedAtMs = nowMs
    const shards = this.topology.structure !== this.#shardsStructure || nowMs - this.#shardsAtMs >= SHARDS_PERIOD_MS
    for (let i = 0; i < Math.min(TOPOLOGY_VIEWERS, reachable.length); i++) {
      const link = reachable[this.#cursor++ % reachable.length] as NodeLink
      if (!link.isRunning('topology')) this.#asker.start(link, 'topology', () => this.poll(link, shards && i === 0))
    }
  }

  /** Asks one node for its view, `shards`: for CLUSTER SHARDS too. */
  async poll(link: NodeLink, shards: boolean): Promise<void> {
    const commands: Command[] = [
      ['CLUSTER', 'NODES'],
      ['CLUSTER', 'INFO']
    ]
    if (shards) commands.push(['CLUSTER', 'SHARDS'])
    const replies = await this.#asker.call(link, 'topology', commands)
    if (!replies) return
    const answer = this.#fold(replies)
    this.#asker.refused(link.id, 'CLUSTER NODES', answer.error)
    if (answer.viewer !== null && answer.viewer !== link.id)
      this.#asker.lose(link, `another node answers at ${link.address.host}:${link.address.port}: ${answer.viewer.slice(0, 8)}`)
  }

  async #askSeed(seed: NodeAddress): Promise<void> {
    const place = `${seed.host}:${seed.port}`
    const commands: Command[] = [
      ['CLUSTER', 'NODES'],
      ['CLUSTER', 'INFO'],
      ['CLUSTER', 'SHARDS']
    ]
    const replies = await this.#asker.callAddress(seed, place, 'topology', commands)
    const answer = 'error' in replies ? { viewer: null, error: replies.error } : this.#fold(replies.value, true)
    this.#seedError = answer.error === null ? null : `${place}: ${answer.error}`
    if (answer.error !== null) this.#asker.changed()
    const link = answer.viewer === null ? undefined : this.#asker.records.get(answer.viewer)?.link
    link?.prove(seed)
  }

  /** `fromSeed`: the first seed to answer says which cluster this is; a seed of another cluster is not mixed in. */
  #fold(replies: readonly Reply[], fromSeed = false): { readonly viewer: string | null; readonly error: string | null } {
    const nowMs = this.#asker.now()
    const lines = parseClusterNodes(replies[0], this.#knownLines)
    if ('error' in lines) return { viewer: null, error: lines.error }
    const myself = lines.value.find((line) => line.myself)
    if (!myself) return { viewer: null, error: 'CLUSTER NODES: no line is marked as myself' }
    if (fromSeed && this.topology.nodes.size > 0 && !this.topology.nodes.has(myself.id))
      return { viewer: null, error: 'the node belongs to another cluster than the one that is watched' }
    const before = this.topology.owners()
    this.topology.foldNodes(lines.value, nowMs)
    const summary = parseInfo(replies[1])
    if ('value' in summary) {
      const state = summary.value.text('cluster_state') === 'ok' ? 'ok' : 'fail'
      this.topology.foldSummary(myself.id, state, summary.value.number('cluster_current_epoch') ?? 0)
    }
    if (replies[2] !== undefined) this.#foldShards(replies[2], nowMs)
    this.#syncRecords()
    const after = this.topology.owners()
    if (before !== after) this.#onOwners(before, after)
    this.#asker.changed()
    return { viewer: myself.id, error: null }
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
    for (const id of records.keys()) if (!this.topology.nodes.has(id)) records.delete(id)
  }
}
