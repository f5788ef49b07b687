import { type Command, compareReplicas, ErrorReply, eachOf, type GoalSight, lookForGoal, UnreachableError } from '@slotscope/observer'
import type { NodeDeed, NodeGoal, NodePlanState, NodeStaleDetail, NodeStep, StepTarget } from '@slotscope/observer/stream'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'

/** Looks at the nodes while a goal is not reached: often at first, since most deeds take less than a second. */
const LOOK_MS = 150
const LATER_LOOK_MS = 1_000
/** Goals that a copy of the data stands in the way of. */
const COPY_MS = 10 * 60_000
const LIMIT_MS = 30_000
const ENDED_KEPT = 20
/** Before the end is told, the whole is read again, for no longer than this. */
const LAST_LOOK_MS = 500
/** A healthy replica has caught up in this time. */
const COMPARE_PAUSE_MS = 500

type Held = {
  readonly cluster: WatchedCluster
  deed: NodeDeed
  readonly answered: Promise<NodeDeed>
}

type Said = { readonly text: string; readonly isRefusal: boolean }

/** A plan that nobody has confirmed. */
export function deedOf(plan: NodePlanState): NodeDeed {
  return { ...plan, status: 'planned', confirmedBy: null, confirmedAtMs: null, endedAtMs: null, replies: [], outcome: null }
}

/**
 * What is being done to nodes: sends the steps of a confirmed plan, one after the other, and looks at the nodes until they show what
 * was wanted or will not. A reply of OK is no outcome.
 */
export class NodeDeeds {
  readonly #held = new Map<string, Held>()
  readonly #now: () => number
  readonly #onError: (error: unknown) => void
  readonly #pauses = new Set<() => void>()
  #closed = false

  constructor({ now, onError }: { now: () => number; onError: (error: unknown) => void }) {
    this.#now = now
    this.#onError = onError
  }

  has(cluster: WatchedCluster, planId: string): boolean {
    return this.#held.get(planId)?.cluster === cluster
  }

  get(cluster: WatchedCluster, planId: string): NodeDeed | undefined {
    return this.has(cluster, planId) ? this.#held.get(planId)?.deed : undefined
  }

  /** The deed of a plan that was confirmed, once its first step was answered. */
  async answer(planId: string): Promise<NodeDeed> {
    const held = this.#held.get(planId)
    if (!held) throw new Error(`no deed ${planId}`)
    await held.answered
    return held.deed
  }

  /** What is being done just now to something that this plan rests on. */
  overlaps(cluster: WatchedCluster, plan: NodePlanState): readonly NodeStaleDetail[] {
    return [...this.#held.values()].flatMap(({ cluster: other, deed }): NodeStaleDetail[] => {
      const what = Object.keys(deed.seen).find((one) => Object.hasOwn(plan.seen, one))
      if (other !== cluster || deed.status !== 'running' || what === undefined) return []
      return [{ what, was: 'left alone', is: `${deed.confirmedBy} confirmed just now: ${deed.title}` }]
    })
  }

  /** Begins a plan and resolves when its first step was answered. `ended` is called once, with what became of it. */
  begin(cluster: WatchedCluster, plan: NodePlanState, confirmedBy: string, ended: (deed: NodeDeed) => Promise<void>): Promise<NodeDeed> {
    let answer: () => void = () => undefined
    const first = new Promise<void>((resolve) => {
      answer = resolve
    })
    const held: Held = {
      cluster,
      deed: { ...deedOf(plan), status: 'running', confirmedBy, confirmedAtMs: this.#now() },
      answered: first.then(() => held.deed)
    }
    this.#held.set(plan.planId, held)
    this.#tell(held, {})
    this.#run(held, answer)
      .then(() => (this.#closed ? undefined : ended(held.deed)))
      .catch(this.#onError)
      .finally(answer)
    return held.answered
  }

  /** Begins and follows nothing more. */
  close(): void {
    this.#closed = true
    for (const end of this.#pauses) end()
  }

  async #run(held: Held, answer: () => void): Promise<void> {
    const { steps, goal } = held.deed
    let refused = false
    let sight: GoalSight = { reached: false, text: '' }
    for (const step of steps) {
      refused = await this.#send(held, step)
      answer()
      if (refused) break
      if (step.until) sight = await this.#follow(held, step.until, limitOf(step.until))
      if (step.until && !sight.reached) break
    }
    const isStuck = refused || (sight.text !== '' && !sight.reached)
    // What was refused may be so already, e.g. a node that is forgotten.
    sight = await this.#follow(held, goal, isStuck ? 0 : limitOf(goal))
    if (this.#closed) return
    const comparison = goal.goal === 'resynced' && sight.reached ? await this.#compare(held, goal) : null
    const differs = comparison?.isWrong ?? false
    const status = sight.reached && !differs ? 'done' : refused || differs ? 'failed' : 'unclear'
    const outcome = comparison === null ? sight.text : `${sight.text}. ${comparison.text}`
    // What is told as done is to be seen as well.
    await held.cluster.lookAgain(LAST_LOOK_MS)
    if (this.#closed) return
    this.#tell(held, { status, outcome, endedAtMs: this.#now() })
    this.#trim(held.cluster)
  }

  /** Resolves with true when every node refused it. No reply is no refusal: what came of it is looked at. */
  async #send(held: Held, step: NodeStep): Promise<boolean> {
    const replies: string[] = []
    let refusals = 0
    await eachOf(step.to, async (to) => {
      const name = held.cluster.core().nodes[to.node ?? '']?.name ?? `${to.host}:${to.port}`
      const said = step.host === undefined ? await this.#sendTo(held.cluster, to, step.commands) : await hosted(held, to, step.host)
      if (said === null) return
      if (said.isRefusal) refusals++
      replies.push(`${name}: ${said.text}`)
    })
    this.#tell(held, { replies: [...held.deed.replies, ...replies] })
    held.cluster.requestRefresh()
    return refusals === step.to.length
  }

  /** What the node said that was not OK. */
  async #sendTo(cluster: WatchedCluster, to: StepTarget, commands: readonly Command[]): Promise<Said | null> {
    cluster.noteWork('nodes', to.node ?? `${to.host}:${to.port}`, commands)
    try {
      const replies = await cluster.caller.pipeline({ host: to.host, port: to.port }, commands, { purpose: 'work', cause: 'nodes' })
      const refusal = replies.find((reply) => reply instanceof ErrorReply)
      return refusal ? { text: refusal.message, isRefusal: true } : null
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      // A node that ends as it was told does not answer.
      return commands[0]?.[0] === 'SHUTDOWN' ? null : { text: `no reply (${error.message})`, isRefusal: false }
    }
  }

  /** Looks until the goal is reached, at most so long. */
  async #follow(held: Held, goal: NodeGoal, limitMs: number): Promise<GoalSight> {
    const begunAtMs = this.#now()
    for (;;) {
      const sight = await lookForGoal(held.cluster.caller, held.cluster.core(), goal)
      if (held.deed.outcome !== sight.text) this.#tell(held, { outcome: sight.text })
      const spentMs = this.#now() - begunAtMs
      if (sight.reached || spentMs >= limitMs || this.#closed) return sight
      held.cluster.requestRefresh()
      await this.#pause(spentMs < 5_000 ? LOOK_MS : LATER_LOOK_MS)
    }
  }

  /** After a full copy: the replica beside its primary. */
  async #compare(held: Held, goal: Extract<NodeGoal, { goal: 'resynced' }>): Promise<{ text: string; isWrong: boolean }> {
    const core = held.cluster.core()
    const targetShard = core.nodes[goal.primary]?.shard ?? ''
    const slots = core.shards[targetShard]?.slots ?? []
    const caller = held.cluster.countingCaller
    const found = await compareReplicas(caller, core, { targetShard, targetNode: goal.primary, slots }, () => this.#pause(COMPARE_PAUSE_MS))
    return { text: found.text, isWrong: found.wrongReplicas.some((wrong) => wrong.node === goal.node) }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#pauses.delete(end)
        resolve()
      }
      const timer = setTimeout(end, this.#closed ? 0 : ms)
      this.#pauses.add(end)
    })
  }

  #tell(held: Held, change: Partial<NodeDeed>): void {
    held.deed = { ...held.deed, ...change }
    held.cluster.feed.deedChanged(held.deed)
  }

  #trim(cluster: WatchedCluster): void {
    const ended = [...this.#held.values()].filter((held) => held.cluster === cluster && held.deed.endedAtMs !== null)
    for (const { deed } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
      this.#held.delete(deed.planId)
      cluster.feed.deedGone(deed.planId)
    }
  }
}

function limitOf(goal: NodeGoal): number {
  return goal.goal === 'follows' || goal.goal === 'resynced' ? COPY_MS : LIMIT_MS
}

/** A node that has no id in the plan is the one that its goal is about. */
async function hosted({ cluster, deed }: Held, to: StepTarget, action: 'start' | 'kill'): Promise<Said | null> {
  const node = to.node ?? ('node' in deed.goal ? deed.goal.node : '')
  try {
    await cluster.nodeHost?.[action](node)
    return null
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isRefusal: true }
  }
}
