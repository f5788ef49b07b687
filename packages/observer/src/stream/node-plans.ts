import type { PlanCheck, SlotRange } from './core-state.ts'

/**
 * What is done to nodes, as a plan: made by the server, looked at by everybody, confirmed by its id, followed until the cluster
 * itself shows what became of it.
 */

/** POST /api/clusters/:cluster/node-plans. Nothing is sent to the cluster that changes it. */
export type NodePlanRequest =
  | {
      readonly kind: 'failover'
      /** The replica that is to take over. */
      readonly node: string
      /** Absent: `plain` while its primary answers, else `force`. */
      readonly mode?: FailoverMode
    }
  | { readonly kind: 'replicate'; readonly node: string; readonly primary: string }
  | {
      readonly kind: 'meet'
      /** An IP address: CLUSTER MEET takes no name. */
      readonly host: string
      readonly port: number
      /** The primary that the new node is to follow; absent: it stays an empty primary. */
      readonly replicaOf?: string
    }
  | {
      readonly kind: 'forget'
      readonly node: string
      /** CLUSTER RESET on the node that is forgotten, so that it does not hold itself for a member any longer. */
      readonly reset?: 'soft' | 'hard'
    }
  | { readonly kind: 'add-slots'; readonly slots: readonly SlotRange[]; readonly shard: string }
  | { readonly kind: 'config'; readonly parameter: ViewParameter; readonly value: 'yes' | 'no' }
  | { readonly kind: 'resync'; readonly node: string }
  | HostedRequest

/** Where we run the nodes ourselves (`node-host`): a new one is started and joins; one is ended in order, at once, or and begun again. */
export type HostedRequest =
  | { readonly kind: 'add'; readonly replicaOf?: string }
  | { readonly kind: 'stop' | 'kill' | 'restart'; readonly node: string }

/** `plain` agrees with the primary and loses nothing, `force` goes without it, `takeover` also without the majority's votes. */
export type FailoverMode = 'plain' | 'force' | 'takeover'

/** Settings that a view needs and that are off, or can be, on real servers. */
export type ViewParameter = 'cluster-slot-stats-enabled' | 'latency-tracking'

/** One thing that is done, at one node or at several at once. The next step waits for its `until`. */
export type NodeStep = {
  readonly to: readonly StepTarget[]
  /** What the host of the nodes does, before anything is sent. Absent: nothing. */
  readonly host?: 'start' | 'kill'
  /** Exactly what is sent to each of them, in one pipeline. */
  readonly commands: readonly (readonly string[])[]
  /** What has to be seen before the next step. Absent: only the replies. */
  readonly until?: NodeGoal
}

/** `node` is null for a node that is no member yet. */
export type StepTarget = { readonly node: string | null; readonly host: string; readonly port: number }

/** What the nodes themselves have to show: a reply of OK says little of what became of it. */
export type NodeGoal =
  | { readonly goal: 'in-charge'; readonly node: string }
  | { readonly goal: 'follows'; readonly node: string; readonly primary: string }
  /** Its primary counted one more full resync than before, and the link is up again. */
  | { readonly goal: 'resynced'; readonly node: string; readonly primary: string; readonly fullSyncsBefore: number }
  | { readonly goal: 'member'; readonly node: string; readonly host: string; readonly port: number; readonly knows: string | null }
  | { readonly goal: 'forgotten'; readonly node: string }
  | { readonly goal: 'silent'; readonly node: string }
  | { readonly goal: 'back'; readonly node: string }
  | { readonly goal: 'owns'; readonly node: string; readonly slots: readonly SlotRange[] }
  | { readonly goal: 'set'; readonly parameter: ViewParameter; readonly value: string; readonly nodes: readonly string[] }

export type NodePlanState = {
  readonly planId: string
  readonly actor: string
  readonly madeAtMs: number
  readonly expiresAtMs: number
  readonly request: NodePlanRequest
  /** What is done, in words: `node-4 takes over shard A from node-1`. */
  readonly title: string
  readonly steps: readonly NodeStep[]
  readonly checks: readonly PlanCheck[]
  /** What the plan rests on, by what it is of. When one of them is another one at the confirm, the plan is stale. */
  readonly seen: Readonly<Record<string, string>>
  readonly goal: NodeGoal
  /** `admin` for what cannot be taken back. */
  readonly leastRole: 'operator' | 'admin'
  /** The name that has to be typed to confirm it; null: none. Then the nonce of the answer is needed too. */
  readonly typedName: string | null
}

/** `nonce` is for the session that made the plan, for a plan with a `typedName`. */
export type NodePlanAnswer = NodePlanState & { readonly nonce: string | null }

/**
 * POST /api/clusters/:cluster/node-plans/:planId/confirm -> `NodeDeed`, as soon as its first step was answered; what becomes of it
 * is in `core.deeds`. 409 `PLAN_STALE` has the difference in `details` as `NodeStaleDetail[]`. A second confirm answers the same deed.
 * DELETE /api/clusters/:cluster/node-plans/:planId -> 204.
 */
export type NodeConfirmRequest = { readonly nonce?: string; readonly typedName?: string }
export type NodeStaleDetail = { readonly what: string; readonly was: string; readonly is: string }

/** A plan for nodes and how far it has come: `planned` until somebody confirms it. */
export type NodeDeed = NodePlanState & {
  /** `unclear`: its commands were sent, and what was to be seen did not show in time. */
  readonly status: 'planned' | 'running' | 'done' | 'failed' | 'unclear'
  readonly confirmedBy: string | null
  readonly confirmedAtMs: number | null
  readonly endedAtMs: number | null
  /** What the servers answered when it was not OK, each with the node's name. */
  readonly replies: readonly string[]
  /** What the nodes showed afterwards, in words. */
  readonly outcome: string | null
}

/**
 * A step for a shell, one line for each of its nodes; several commands go through one connection, one after the other. What the host
 * does has no command: it is a comment.
 */
export function shellOf(step: Pick<NodeStep, 'to' | 'commands' | 'host'>): readonly string[] {
  return step.to.map(({ host, port }) => {
    if (step.host !== undefined) return `# the host ${step.host === 'start' ? 'starts' : 'kills'} the node at ${plain(host)}:${port}`
    const cli = `valkey-cli -h ${plain(host)} -p ${port}`
    const lines = step.commands.map((command) => command.map(plain).join(' '))
    return lines.length === 1 ? `${cli} ${lines[0]}` : `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} | ${cli}`
  })
}

/** Addresses come from gossip: what is more than an address must not become a command of its own. */
function plain(word: string): string {
  return word.replace(/[^\w.:-]/g, '_')
}
