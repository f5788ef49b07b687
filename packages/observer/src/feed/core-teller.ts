import type { ClusterEvent, CoreState, Denial, Dispute, PlanState, QueueState, ShardName, WatchingCost } from '../stream/core-state.ts'
import type { NodeDeed } from '../stream/node-plans.ts'
import type { Asker } from './asker.ts'
import { buildCore } from './core-build.ts'
import { eventsBetween } from './events.ts'
import { type HostProblem, problemsOf } from './health.ts'
import type { JobPolls } from './job-polls.ts'
import type { LabelBook } from './labels.ts'
import type { TopologyPolls } from './topology-polls.ts'

const EVENTS_KEPT = 200
/** What watching costs a large cluster is told so often. */
const COST_STEP_MS = 5_000
/** Two claims at once are normal for a moment after a move; only those that last are a dispute. */
const DISPUTE_MS = 5_000

/** Makes the next state of topic `core` from everything that is known: nodes, shards and jobs, then health, then what is news. */
export class CoreTeller {
  readonly plans = new Map<string, PlanState>()
  readonly queues = new Map<string, QueueState>()
  readonly deeds = new Map<string, NodeDeed>()
  /** What people call databases, by number. */
  databaseNames: Readonly<Record<string, string>> = {}
  /** By id: what the host cannot do. */
  readonly hostProblems = new Map<string, HostProblem>()
  readonly #identity: { readonly name: string; readonly kind: 'embedded' | 'connected' }
  readonly #asker: Asker
  readonly #places: TopologyPolls
  readonly #jobs: JobPolls
  readonly #labels: LabelBook
  #disputed: { readonly key: string; readonly sinceMs: number } | null = null
  #costedAtMs = Number.NEGATIVE_INFINITY
  #sequence = 0
  fault: string | null = null

  constructor(
    identity: { readonly name: string; readonly kind: 'embedded' | 'connected' },
    asker: Asker,
    places: TopologyPolls,
    jobs: JobPolls,
    labels: LabelBook
  ) {
    this.#identity = identity
    this.#asker = asker
    this.#places = places
    this.#jobs = jobs
    this.#labels = labels
  }

  /** Plans that nobody confirmed in time go. Returns true when one did. */
  expirePlans(nowMs: number): boolean {
    const expired = [...this.plans.values()].filter((plan) => nowMs > plan.expiresAtMs)
    for (const plan of expired) this.plans.delete(plan.planId)
    return expired.length > 0
  }

  /** `figuresPeriodMs`: between two readings of a node's figures now. */
  next(before: CoreState, nowMs: number, figuresPeriodMs: number): CoreState {
    const { topology } = this.#places
    const known = topology.nodes.size > 0
    const disputed = known ? this.#lastingDisputes(nowMs) : []
    const denied = this.#denied(known, before.denied)
    const {
      disputed: _,
      queues: __,
      denied: ___,
      formerShards: ____,
      deeds: _____,
      databaseNames: ______,
      ...built
    } = known ? this.#build(before, nowMs, figuresPeriodMs) : before
    const slotStatsSinceMs = statsSince(before.cluster, built.cluster, nowMs)
    const spoken: CoreState = {
      ...built,
      cluster: { ...built.cluster, slotStatsSinceMs },
      ...(disputed.length > 0 ? { disputed } : {}),
      ...(this.queues.size > 0 ? { queues: Object.fromEntries(this.queues) } : {}),
      ...(this.deeds.size > 0 ? { deeds: Object.fromEntries(this.deeds) } : {}),
      ...(Object.keys(this.databaseNames).length > 0 ? { databaseNames: this.databaseNames } : {}),
      ...(Object.keys(denied).length > 0 ? { denied } : {})
    }
    const state: CoreState = { ...spoken, ...this.#formerShards(spoken) }
    const health = problemsOf(
      {
        ...state,
        state: state.cluster.state,
        mode: state.cluster.mode,
        versions: state.cluster.versions,
        disputed,
        denied,
        beliefs: topology.nodes,
        records: this.#asker.records,
        otherViews: topology.otherViews(nowMs),
        databaseLimits: this.#databaseLimits(),
        blindSpots: this.#blindSpots(),
        unreachable: this.#places.unreachable,
        fault: this.fault,
        host: this.hostProblems
      },
      before.health,
      nowMs
    )
    const news = eventsBetween(before, state).map((event): ClusterEvent => ({ sequence: ++this.#sequence, atMs: nowMs, ...event }))
    const events = news.length === 0 ? before.events : [...before.events, ...news].slice(-EVENTS_KEPT)
    return { ...state, health, events }
  }

  /** A drained shard ends, and what its moves were called does not. */
  #formerShards({ shards, jobs, queues }: CoreState): Pick<CoreState, 'formerShards'> {
    const former: Record<string, ShardName> = {}
    const spokenOf = [...Object.values(jobs), ...Object.values(queues ?? {}).flatMap((queue) => queue.moves)]
    for (const key of spokenOf.flatMap((move) => [move.sourceShard, move.targetShard])) {
      const label = Object.hasOwn(shards, key) ? undefined : this.#labels.get(key)
      if (label) former[key] = label
    }
    return Object.keys(former).length > 0 ? { formerShards: former } : {}
  }

  #build(before: CoreState, nowMs: number, figuresPeriodMs: number): CoreState {
    const { records } = this.#asker
    return buildCore(
      {
        ...this.#identity,
        topology: this.#places.topology,
        records,
        labelsFor: (shards) => this.#labels.assign(shards),
        jobs: this.#jobs.book.states(),
        plans: Object.fromEntries(this.plans),
        watching: this.#watching(before, nowMs),
        standalone: this.#places.standalone,
        atomicMigration: this.#places.standalone ? false : this.#jobs.supported,
        figuresPeriodMs,
        nowMs
      },
      before
    )
  }

  /** With many nodes the cost of watching wavers at every telling, which each viewer would be told: every few seconds is enough. */
  #watching(before: CoreState, nowMs: number): WatchingCost {
    const { records, meter } = this.#asker
    const isFresh = nowMs >= this.#costedAtMs && nowMs - this.#costedAtMs < COST_STEP_MS
    if (records.size > 100 && isFresh) return before.watching
    this.#costedAtMs = nowMs
    return meter.cost(nowMs, records.size)
  }

  #lastingDisputes(nowMs: number): readonly Dispute[] {
    const disputed = this.#places.topology.disputes(nowMs)
    const key = JSON.stringify(disputed)
    if (disputed.length === 0) this.#disputed = null
    else if (this.#disputed?.key !== key) this.#disputed = { key, sinceMs: nowMs }
    return this.#disputed && nowMs - this.#disputed.sinceMs >= DISPUTE_MS ? disputed : []
  }

  /** The same object as long as it says the same. */
  #denied(known: boolean, before: CoreState['denied']): Readonly<Record<string, Denial>> {
    const { records, refusals } = this.#asker
    const denied = refusals.denied((name) => !known || records.has(name))
    return before && JSON.stringify(before) === JSON.stringify(denied) ? before : denied
  }

  #databaseLimits(): ReadonlyMap<number, number> {
    const limits = new Map<number, number>()
    for (const { databaseLimit } of this.#asker.records.values())
      if (databaseLimit !== null) limits.set(databaseLimit, (limits.get(databaseLimit) ?? 0) + 1)
    return limits
  }

  #blindSpots(): ReadonlyMap<string, string> {
    const spots = new Map<string, string>()
    for (const [id, record] of this.#asker.records) {
      if (record.unreadable.size > 0) spots.set(id, [...record.unreadable.values()].join('; '))
    }
    return spots
  }
}

/** Rates per slot mean something some readings after they were switched on. */
function statsSince(before: CoreState['cluster'], now: CoreState['cluster'], nowMs: number): number | null {
  if (now.slotStatsEnabled !== true) return null
  return before.slotStatsEnabled === false ? nowMs : (before.slotStatsSinceMs ?? null)
}
