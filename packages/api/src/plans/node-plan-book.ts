import { randomBytes } from 'node:crypto'
import { askDenials, askNodeFacts, compareNodePlans, makeNodePlan, type PreparedNode, withDenials } from '@slotscope/observer'
import type {
  HostedRequest,
  NodeConfirmRequest,
  NodeDeed,
  NodePlanAnswer,
  NodePlanRequest,
  NodePlanState
} from '@slotscope/observer/stream'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { ApiFailure } from '../errors.ts'
import { authorise } from '../security/authorise.ts'
import type { Nonces } from '../security/nonce.ts'
import type { Session } from '../security/sessions.ts'
import { deedOf, type NodeDeeds } from './node-deeds.ts'

const MOST_PLANS_PER_USER = 20
/** Some plans ask every node: so many may be made at once, of all clusters and people. */
const MOST_AT_ONCE = 4
/** A confirm looks at the cluster again; a node that is slow to answer holds it up no longer than this. */
const LOOK_AGAIN_MS = 500

type Draft = { readonly plan: NodePlanState; readonly cluster: WatchedCluster; readonly prepared: PreparedNode | undefined }

/**
 * The plans of what is done to nodes. A confirm makes the plan again from what is true then, and begins only when it is the same plan
 * still. What cannot be taken back also needs the nonce of the session that made the plan, and the name that it is about.
 */
export class NodePlanBook {
  readonly #drafts = new Map<string, Draft>()
  readonly #now: () => number
  readonly #deeds: NodeDeeds
  readonly #nonces: Nonces
  #making = 0

  constructor({ now, deeds, nonces }: { now: () => number; deeds: NodeDeeds; nonces: Nonces }) {
    this.#now = now
    this.#deeds = deeds
    this.#nonces = nonces
  }

  /** Makes a plan: only reads. Throws `PLAN_REFUSED` when it makes no sense, `FORBIDDEN` for an address that only an admin may try. */
  async make(cluster: WatchedCluster, session: Session, request: NodePlanRequest): Promise<NodePlanAnswer> {
    this.sweep(this.#now())
    // The address is asked with the cluster's own user and password; a node that is prepared has an address of this machine.
    if (request.kind === 'meet' || isHosted(request)) authorise(session, 'restructure', { kind: 'cluster', cluster: cluster.id })
    if (isHosted(request) && !cluster.nodeHost)
      throw new ApiFailure('PLAN_REFUSED', 'the nodes of this cluster are not run by Slotscope: start and stop them where they run')
    const own = [...this.#drafts.values()].filter((draft) => draft.plan.actor === session.user)
    if (own.length >= MOST_PLANS_PER_USER)
      throw new ApiFailure('TOO_MANY_REQUESTS', `you have ${own.length} open plans: withdraw one, or wait until it expires`)
    if (this.#making >= MOST_AT_ONCE)
      throw new ApiFailure('TOO_MANY_REQUESTS', 'other plans are being made just now', { retryAfterSeconds: 1 })
    this.#making++
    try {
      return await this.#make(cluster, session, request)
    } finally {
      this.#making--
    }
  }

  async #make(cluster: WatchedCluster, session: Session, request: NodePlanRequest): Promise<NodePlanAnswer> {
    const prepared = request.kind === 'add' ? await cluster.nodeHost?.prepare() : undefined
    const made = await this.#plan(cluster, request, { planId: randomBytes(16).toString('hex'), actor: session.user, prepared })
    if ('refused' in made) throw new ApiFailure('PLAN_REFUSED', made.refused)
    const plan = withDenials(made, await askDenials(cluster.caller, made.steps))
    this.#drafts.set(plan.planId, { plan, cluster, prepared })
    cluster.feed.deedChanged(deedOf(plan))
    const nonce = plan.typedName === null ? null : this.#nonces.issue(session, deedText(plan), this.#now())
    return { ...plan, nonce }
  }

  /** A plan, also one that was confirmed. Throws `PLAN_EXPIRED`, also for an id that never was: whoever guesses learns nothing. */
  get(cluster: WatchedCluster, planId: string): NodePlanState {
    return this.#deeds.get(cluster, planId) ?? this.#draft(cluster, planId).plan
  }

  /**
   * Begins what was planned if it still is what was planned, and resolves when its first step was answered; `ended` is called with what
   * became of it. Throws `PLAN_STALE` with the difference, `PLAN_REFUSED` when a check says stop, `PLAN_EXPIRED`, `FORBIDDEN`, and
   * `NOT_CONFIRMED` without the nonce or the name. A second confirm, also one at the same time, answers the first.
   */
  async confirm(
    cluster: WatchedCluster,
    planId: string,
    session: Session,
    proof: NodeConfirmRequest,
    ended: (deed: NodeDeed) => Promise<void>
  ): Promise<NodeDeed> {
    const plan = this.get(cluster, planId)
    authorise(session, plan.leastRole === 'admin' ? 'restructure' : 'operate', { kind: 'cluster', cluster: cluster.id })
    if (this.#deeds.has(cluster, planId)) return this.#deeds.answer(planId)
    const { prepared } = this.#draft(cluster, planId)
    const stop = plan.checks.find((check) => check.level === 'stop')
    if (stop) throw new ApiFailure('PLAN_REFUSED', stop.text)
    if (plan.typedName !== null) {
      if (proof.typedName !== plan.typedName) throw new ApiFailure('NOT_CONFIRMED', 'the name that was typed is another one')
      this.#nonces.redeem(session, proof.nonce, deedText(plan), this.#now())
    }
    await cluster.lookAgain(LOOK_AGAIN_MS)
    const again = await this.#plan(cluster, plan.request, { planId, actor: plan.actor, prepared })
    // Meanwhile somebody else may have confirmed, withdrawn or outwaited it. From here on nothing waits, so that only one is the first.
    if (this.#deeds.has(cluster, planId)) return this.#deeds.answer(planId)
    this.#draft(cluster, planId)
    const details = [...compareNodePlans(plan, again), ...this.#deeds.overlaps(cluster, plan)]
    if (details.length > 0) throw new ApiFailure('PLAN_STALE', 'the cluster has changed since this plan was made', { details })
    this.#drafts.delete(planId)
    return this.#deeds.begin(cluster, plan, session.user, ended)
  }

  /** Takes a plan away. Throws `PLAN_EXPIRED`, `FORBIDDEN`, or `PLAN_REFUSED` when it was confirmed. */
  withdraw(cluster: WatchedCluster, planId: string, session: Session): void {
    if (this.#deeds.has(cluster, planId)) throw new ApiFailure('PLAN_REFUSED', 'this plan was confirmed: it is being done')
    const { plan } = this.#draft(cluster, planId)
    authorise(session, 'withdraw', { kind: 'plan', cluster: cluster.id, owner: plan.actor })
    this.#drafts.delete(planId)
    cluster.feed.deedGone(planId)
  }

  /** Forgets what has expired. The host calls it about once a second. */
  sweep(nowMs: number): void {
    for (const [planId, { plan, cluster }] of this.#drafts) {
      if (nowMs < plan.expiresAtMs) continue
      this.#drafts.delete(planId)
      cluster.feed.deedGone(planId)
    }
  }

  async #plan(
    cluster: WatchedCluster,
    request: NodePlanRequest,
    maker: { readonly planId: string; readonly actor: string; readonly prepared: PreparedNode | undefined }
  ) {
    const facts = await askNodeFacts(cluster.caller, cluster.core(), request)
    return makeNodePlan(cluster.core(), request, facts, { ...maker, nowMs: this.#now() })
  }

  #draft(cluster: WatchedCluster, planId: string): Draft {
    const draft = this.#drafts.get(planId)
    if (draft === undefined || draft.cluster !== cluster || this.#now() >= draft.plan.expiresAtMs)
      throw new ApiFailure('PLAN_EXPIRED', 'there is no such plan, or it has expired: make a new one')
    return draft
  }
}

function isHosted(request: NodePlanRequest): request is HostedRequest {
  return ['add', 'stop', 'kill', 'restart'].includes(request.kind)
}

/** What a nonce stands for: this plan with everything that it showed. */
function deedText(plan: NodePlanState): string {
  return `plan ${plan.planId} ${plan.title}`
}
