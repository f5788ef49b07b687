import { randomBytes } from 'node:crypto'
import { askPlanFacts, compareWithPlan, makePlan } from '@slotscope/observer'
import {
  type ConfirmAnswer,
  eachSlot,
  normalise,
  type PlanRequest,
  type PlanState,
  type StaleDetail,
  toRanges
} from '@slotscope/observer/stream'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { ApiFailure } from '../errors.ts'
import { type Actor, authorise } from '../security/authorise.ts'
import { Pace } from './pace.ts'
import { startJobs } from './start-jobs.ts'

/** For so long a second confirm still answers the jobs of the first. */
const CONFIRMED_LASTS_MS = 10 * 60_000
const MOST_PLANS_PER_USER = 20
/** A confirm looks at the cluster again; a node that is slow to answer holds it up no longer than this. */
const LOOK_AGAIN_MS = 500
/** A job that was started is in the cluster's state after this at the latest. */
const SEEN_WITHIN_MS = 10_000

type Draft = {
  readonly plan: PlanState
  readonly cluster: WatchedCluster
  /** Set once, by the first confirm that found the plan still true. */
  confirmed: Confirmed | undefined
}

type Confirmed = {
  readonly answer: Promise<ConfirmAnswer>
  readonly atMs: number
  /** Source nodes that did not take their move. */
  readonly failed: Set<string>
}

/**
 * The plans of all clusters. The server makes them, so that what is confirmed is what was checked; the id is random and stands for
 * the whole, so that a confirm cannot ask for anything else; it is compared with the cluster once more and then starts once.
 */
export class PlanBook {
  readonly #drafts = new Map<string, Draft>()
  readonly #now: () => number
  readonly #pace: Pace

  constructor(now: () => number) {
    this.#now = now
    this.#pace = new Pace(now)
  }

  /** Makes a plan: only reads. Throws `PLAN_REFUSED` when nothing of the selection can move, or the target cannot take it. */
  async make(cluster: WatchedCluster, actor: Actor, request: PlanRequest): Promise<PlanState> {
    this.sweep(this.#now())
    const own = [...this.#drafts.values()].filter((draft) => draft.plan.actor === actor.user && draft.confirmed === undefined)
    if (own.length >= MOST_PLANS_PER_USER)
      throw new ApiFailure('TOO_MANY_REQUESTS', `you have ${own.length} open plans: withdraw one, or wait until it expires`)
    const wanted: PlanRequest = { slots: normalise(request.slots), targetShard: request.targetShard }
    const plan = await this.#plan(cluster, actor, wanted)
    this.#drafts.set(plan.planId, { plan, cluster, confirmed: undefined })
    cluster.feed.planMade(plan)
    return plan
  }

  /** The plan of that id in that cluster. Throws `PLAN_EXPIRED`, also for an id that never was: whoever guesses learns nothing. */
  get(cluster: WatchedCluster, planId: string): PlanState {
    return this.#draft(cluster, planId).plan
  }

  /**
   * Starts the plan's moves if they still are what was planned. Throws `PLAN_STALE` with the difference, `PLAN_REFUSED` when a check
   * says stop, `PLAN_EXPIRED`. A second confirm, also one at the same time, answers the jobs of the first.
   */
  async confirm(cluster: WatchedCluster, planId: string, actor: Actor): Promise<ConfirmAnswer> {
    const draft = this.#draft(cluster, planId)
    if (draft.confirmed) return draft.confirmed.answer
    const { plan } = draft
    const stop = plan.checks.find((check) => check.level === 'stop')
    if (stop) throw new ApiFailure('PLAN_REFUSED', stop.text)
    await cluster.lookAgain(LOOK_AGAIN_MS)
    // Meanwhile somebody else may have confirmed, withdrawn or outwaited it. From here on nothing waits, so that only one is the first.
    const now = this.#draft(cluster, planId)
    if (now.confirmed) return now.confirmed.answer
    const differences = [...compareWithPlan(cluster.core(), plan), ...this.#startedElsewhere(now)]
    if (differences.length > 0)
      throw new ApiFailure('PLAN_STALE', 'the cluster has changed since this plan was made', { details: differences })
    const answer = startJobs(cluster, plan, actor, this.#now)
    const confirmed: Confirmed = { answer, atMs: this.#now(), failed: new Set() }
    now.confirmed = confirmed
    void answer.then(({ jobs }) => {
      for (const job of jobs) if (job.error !== null) confirmed.failed.add(job.sourceNode)
    })
    return answer
  }

  /** Takes a plan away. Throws `PLAN_EXPIRED`, `FORBIDDEN`, or `PLAN_REFUSED` when it was confirmed: a job is cancelled, not withdrawn. */
  withdraw(cluster: WatchedCluster, planId: string, actor: Actor): void {
    const draft = this.#draft(cluster, planId)
    authorise(actor, 'withdraw', { kind: 'plan', cluster: cluster.id, owner: draft.plan.actor })
    if (draft.confirmed) throw new ApiFailure('PLAN_REFUSED', 'this plan was confirmed: its jobs run')
    this.#drafts.delete(planId)
    cluster.feed.planGone(planId)
  }

  /** Forgets what has expired. The host calls it about once a second. */
  sweep(nowMs: number): void {
    for (const [planId, draft] of this.#drafts) {
      if (draft.confirmed ? nowMs - draft.confirmed.atMs < CONFIRMED_LASTS_MS : nowMs < draft.plan.expiresAtMs) continue
      this.#drafts.delete(planId)
      draft.cluster.feed.planGone(planId)
    }
  }

  async #plan(cluster: WatchedCluster, actor: Actor, request: PlanRequest): Promise<PlanState> {
    const core = cluster.core()
    const facts = await askPlanFacts(this.#pace.over(cluster.caller), core, request)
    const planId = randomBytes(16).toString('hex')
    const plan = makePlan(core, request, facts, { planId, actor: actor.user, nowMs: this.#now() })
    if ('refused' in plan) throw new ApiFailure('PLAN_REFUSED', plan.refused)
    return plan
  }

  /**
   * Slots of this plan that a plan confirmed a moment ago sets moving. The cluster's state has them only when the job was seen; two
   * people who confirm at once must not have to wait for that to learn that they overlap.
   */
  #startedElsewhere(draft: Draft): StaleDetail[] {
    const slots = new Set(draft.plan.moves.flatMap((move) => [...eachSlot(move.slots)]))
    const details: StaleDetail[] = []
    for (const other of this.#drafts.values()) {
      const { confirmed } = other
      if (other === draft || other.cluster !== draft.cluster || !confirmed || this.#now() - confirmed.atMs > SEEN_WITHIN_MS) continue
      const seen = Object.values(other.cluster.core().jobs).filter((job) => job.planId === other.plan.planId)
      for (const move of other.plan.moves) {
        if (confirmed.failed.has(move.sourceNode) || seen.some((job) => job.sourceNode === move.sourceNode)) continue
        const shared = [...eachSlot(move.slots)].filter((slot) => slots.has(slot))
        if (shared.length > 0)
          details.push({ slots: toRanges(shared), was: 'not moving', is: `already migrating: ${other.plan.actor} confirmed it just now` })
      }
    }
    return details
  }

  #draft(cluster: WatchedCluster, planId: string): Draft {
    const draft = this.#drafts.get(planId)
    const isOpen = draft !== undefined && (draft.confirmed !== undefined || this.#now() < draft.plan.expiresAtMs)
    if (!isOpen || draft.cluster !== cluster)
      throw new ApiFailure('PLAN_EXPIRED', 'there is no such plan, or it has expired: make a new one')
    return draft
  }
}
