import { randomBytes } from 'node:crypto'
import { askLoad, askPlanFacts, compareWithPlan, dropsFor, joinPlans, MOST_SAMPLED_KEYS, makePlan, withBytes } from '@slotscope/observer'
import {
  type ConfirmAnswer,
  type DrainRequest,
  type MoveBackRequest,
  normalise,
  type PlanRequest,
  type PlanState,
  type RebalanceRequest
} from '@slotscope/observer/stream'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { ApiFailure } from '../errors.ts'
import { type Actor, authorise } from '../security/authorise.ts'
import type { MoveQueues } from './move-queues.ts'

const MOST_PLANS_PER_USER = 20
/** A confirm looks at the cluster again; a node that is slow to answer holds it up no longer than this. */
const LOOK_AGAIN_MS = 500

/** What one plan makes of many drops. */
type ManyRequest = RebalanceRequest | DrainRequest | MoveBackRequest

type Draft = {
  readonly plan: PlanState
  readonly cluster: WatchedCluster
}

/**
 * The plans of all clusters. The server makes them, so that what is confirmed is what was checked; the id is random and stands for
 * the whole, so that a confirm cannot ask for anything else; it is compared with the cluster once more and then given to its queue, once.
 */
export class PlanBook {
  readonly #drafts = new Map<string, Draft>()
  readonly #now: () => number

  readonly #queues: MoveQueues

  constructor(now: () => number, queues: MoveQueues) {
    this.#now = now
    this.#queues = queues
  }

  /** Makes a plan: only reads. Throws `PLAN_REFUSED` when nothing of the selection can move, or the target cannot take it. */
  async make(cluster: WatchedCluster, actor: Actor, request: PlanRequest | ManyRequest): Promise<PlanState> {
    this.sweep(this.#now())
    const own = [...this.#drafts.values()].filter((draft) => draft.plan.actor === actor.user)
    if (own.length >= MOST_PLANS_PER_USER)
      throw new ApiFailure('TOO_MANY_REQUESTS', `you have ${own.length} open plans: withdraw one, or wait until it expires`)
    const { drops, bytes } = 'kind' in request ? await this.#drops(cluster, request) : { drops: [request] }
    const planId = randomBytes(16).toString('hex')
    // Where the loads were sampled already, half is left for the moves.
    const sampledKeys = Math.floor(MOST_SAMPLED_KEYS / (bytes ? 2 : 1) / Math.max(1, drops.length))
    const [first, ...rest] = await Promise.all(
      drops.map(({ slots, targetShard }) => this.#plan(cluster, actor, planId, { slots: normalise(slots), targetShard }, sampledKeys))
    )
    if (!first) throw new ApiFailure('PLAN_REFUSED', 'there is nothing to move')
    const joined = 'kind' in request ? joinPlans(cluster.core(), [first, ...rest]) : first
    const plan = bytes ? withBytes(cluster.core(), joined, bytes) : joined
    this.#drafts.set(plan.planId, { plan, cluster })
    cluster.feed.planMade(plan)
    return plan
  }

  /**
   * What a plan of that cluster would send, or has sent. Throws `PLAN_EXPIRED`, also for an id that never was: whoever guesses learns
   * nothing.
   */
  movesOf(cluster: WatchedCluster, planId: string): readonly { readonly sourceNode: string; readonly command: readonly string[] }[] {
    return this.#queues.movesOf(cluster, planId) ?? this.#draft(cluster, planId).plan.moves
  }

  /**
   * Starts the plan's moves if they still are what was planned. Throws `PLAN_STALE` with the difference, `PLAN_REFUSED` when a check
   * says stop, `PLAN_EXPIRED`. A second confirm, also one at the same time, answers the jobs of the first.
   */
  async confirm(cluster: WatchedCluster, planId: string, actor: Actor): Promise<ConfirmAnswer> {
    if (this.#queues.has(cluster, planId)) return this.#queues.answer(planId)
    const { plan } = this.#draft(cluster, planId)
    const stop = plan.checks.find((check) => check.level === 'stop')
    if (stop) throw new ApiFailure('PLAN_REFUSED', stop.text)
    await cluster.lookAgain(LOOK_AGAIN_MS)
    // Meanwhile somebody else may have confirmed, withdrawn or outwaited it. From here on nothing waits, so that only one is the first.
    if (this.#queues.has(cluster, planId)) return this.#queues.answer(planId)
    this.#draft(cluster, planId)
    const differences = [...compareWithPlan(cluster.core(), plan), ...this.#queues.overlaps(cluster, plan)]
    if (differences.length > 0)
      throw new ApiFailure('PLAN_STALE', 'the cluster has changed since this plan was made', { details: differences })
    const answer = this.#queues.begin(cluster, plan, actor)
    this.#drafts.delete(planId)
    cluster.feed.planGone(planId)
    return answer
  }

  /** Takes a plan away. Throws `PLAN_EXPIRED`, `FORBIDDEN`, or `PLAN_REFUSED` when it was confirmed: a job is cancelled, not withdrawn. */
  withdraw(cluster: WatchedCluster, planId: string, actor: Actor): void {
    if (this.#queues.has(cluster, planId)) throw new ApiFailure('PLAN_REFUSED', 'this plan was confirmed: its jobs run')
    const draft = this.#draft(cluster, planId)
    authorise(actor, 'withdraw', { kind: 'plan', cluster: cluster.id, owner: draft.plan.actor })
    this.#drafts.delete(planId)
    cluster.feed.planGone(planId)
  }

  /** Forgets what has expired. The host calls it about once a second. */
  sweep(nowMs: number): void {
    for (const [planId, draft] of this.#drafts) {
      if (nowMs < draft.plan.expiresAtMs) continue
      this.#drafts.delete(planId)
      draft.cluster.feed.planGone(planId)
    }
  }

  /** What a rebalance, a drain or a move back would drop where, and the bytes of each slot if it goes by them. Throws `PLAN_REFUSED`. */
  async #drops(
    cluster: WatchedCluster,
    request: ManyRequest
  ): Promise<{ readonly drops: readonly PlanRequest[]; readonly bytes?: Float64Array }> {
    if (request.kind === 'move-back') return { drops: this.#queues.wayBack(cluster, request.planId) }
    const load = await askLoad(cluster.caller, cluster.core(), request.by ?? 'slots')
    if ('error' in load) throw new ApiFailure('PLAN_REFUSED', load.error)
    const drops = dropsFor(cluster.core(), request, load)
    if ('refused' in drops) throw new ApiFailure('PLAN_REFUSED', drops.refused)
    return request.by === 'bytes' ? { drops, bytes: load } : { drops }
  }

  async #plan(cluster: WatchedCluster, actor: Actor, planId: string, request: PlanRequest, sampledKeys: number): Promise<PlanState> {
    const core = cluster.core()
    const facts = await askPlanFacts(cluster.countingCaller, core, request, { sampledKeys })
    const plan = makePlan(core, request, facts, { planId, actor: actor.user, nowMs: this.#now() })
    if ('refused' in plan) throw new ApiFailure('PLAN_REFUSED', plan.refused)
    return plan
  }

  #draft(cluster: WatchedCluster, planId: string): Draft {
    const draft = this.#drafts.get(planId)
    if (draft === undefined || draft.cluster !== cluster || this.#now() >= draft.plan.expiresAtMs)
      throw new ApiFailure('PLAN_EXPIRED', 'there is no such plan, or it has expired: make a new one')
    return draft
  }
}
