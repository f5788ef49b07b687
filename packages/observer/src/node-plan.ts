import { addSlotsPlan } from './node-plan/add-slots.ts'
import type { NodeDraft, NodeRefusal } from './node-plan/draft.ts'
import { failoverPlan } from './node-plan/failover.ts'
import { forgetPlan } from './node-plan/forget.ts'
import { addPlan, endPlan, type PreparedNode } from './node-plan/hosted.ts'
import { meetPlan } from './node-plan/meet.ts'
import { type FactsByNode, placeOf } from './node-plan/node-facts.ts'
import { replicatePlan } from './node-plan/replicate.ts'
import { resyncPlan } from './node-plan/resync.ts'
import { settingPlan } from './node-plan/setting.ts'
import { PLAN_LIFE_MS, type PlanMaker, type PlanRefusal } from './plan.ts'
import type { CoreState, PlanCheck } from './stream/core-state.ts'
import type { NodePlanRequest, NodePlanState, NodeStaleDetail, NodeStep } from './stream/node-plans.ts'

/**
 * What would be done to nodes: the exact commands with the nodes they are sent to, checked against what the nodes said
 * (`askNodeFacts`). Nothing is sent. A plan with a `stop` among its checks must not be confirmed.
 */
export function makeNodePlan(
  core: CoreState,
  request: NodePlanRequest,
  facts: FactsByNode,
  maker: PlanMaker & { readonly prepared?: PreparedNode | undefined }
): NodePlanState | PlanRefusal {
  const draft = draftOf(core, request, facts, maker.prepared)
  if ('refused' in draft) return draft
  const { planId, actor, nowMs } = maker
  return { planId, actor, madeAtMs: nowMs, expiresAtMs: nowMs + PLAN_LIFE_MS, request, ...draft }
}

function draftOf(
  core: CoreState,
  request: NodePlanRequest,
  facts: FactsByNode,
  prepared: PreparedNode | undefined
): NodeDraft | NodeRefusal {
  switch (request.kind) {
    case 'failover':
      return failoverPlan(core, request, facts)
    case 'replicate':
      return replicatePlan(core, request, facts)
    case 'meet':
      return meetPlan(core, request, facts)
    case 'forget':
      return forgetPlan(core, request, facts)
    case 'add-slots':
      return addSlotsPlan(core, request, facts)
    case 'config':
      return settingPlan(core, request, facts)
    case 'resync':
      return resyncPlan(core, request, facts)
    case 'add':
      return addPlan(core, request, prepared)
    case 'stop':
    case 'kill':
    case 'restart':
      return endPlan(core, request, facts)
  }
}

/** The plan with what our own user may not run (`askDenials`) among its checks. */
export function withDenials(plan: NodePlanState, denials: ReadonlyMap<string, string>): NodePlanState {
  const rules = [...new Set(plan.steps.flatMap((step) => step.commands.map(ruleOf)))].join(' ')
  const checks = [...denials].map(
    ([place, text]): PlanCheck => ({ id: `acl:${place}`, level: 'stop', text: `${place}: ${text}. It takes ${rules}.` })
  )
  return checks.length === 0 ? plan : { ...plan, checks: [...plan.checks, ...checks] }
}

function ruleOf([name = '', sub = '']: readonly string[]): string {
  return `+${name}|${sub}`.toLowerCase()
}

/** What is no longer as it was when the plan was made; `now` is the same request, made again. Empty: it may be confirmed. */
export function compareNodePlans(plan: NodePlanState, now: NodePlanState | PlanRefusal): readonly NodeStaleDetail[] {
  if ('refused' in now) return [{ what: plan.title, was: 'possible', is: now.refused }]
  const details: NodeStaleDetail[] = []
  for (const what of new Set([...Object.keys(plan.seen), ...Object.keys(now.seen)])) {
    const [was, is] = [plan.seen[what] ?? 'not there', now.seen[what] ?? 'not there']
    if (was !== is) details.push({ what, was, is })
  }
  const stops = now.checks.filter((check) => check.level === 'stop')
  for (const { text } of stops) details.push({ what: 'check', was: 'passed', is: text })
  if (details.length === 0 && sent(plan.steps) !== sent(now.steps))
    details.push({ what: 'commands', was: sent(plan.steps), is: sent(now.steps) })
  return details
}

function sent(steps: readonly NodeStep[]): string {
  return steps
    .flatMap((step) =>
      step.to.map((to) => `${placeOf(to)} ${step.host ?? ''} ${step.commands.map((command) => command.join(' ')).join(', ')}`)
    )
    .join('; ')
}
