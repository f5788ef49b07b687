import type { CoreState, NodeState, PlanCheck } from '../stream/core-state.ts'
import type { NodeGoal, NodePlanState, NodeStep, StepTarget } from '../stream/node-plans.ts'
import type { NodeFacts } from './node-facts.ts'

/** What one kind of plan says; who made it and when is added to it. */
export type NodeDraft = Pick<NodePlanState, 'title' | 'steps' | 'checks' | 'seen' | 'goal' | 'leastRole' | 'typedName'>

export type NodeRefusal = { readonly refused: string }

/** Collects checks; a line per thing that was looked at. */
export class Checks {
  readonly list: PlanCheck[] = []

  ok(id: string, text: string): void {
    this.list.push({ id, level: 'ok', text })
  }

  warn(id: string, text: string): void {
    this.list.push({ id, level: 'warn', text })
  }

  stop(id: string, text: string): void {
    this.list.push({ id, level: 'stop', text })
  }

  /** True when the node answered; else says that it did not. */
  answers(node: NodeState, facts: NodeFacts | undefined): facts is NodeFacts & { readonly error: null } {
    if (facts?.error === null && facts.myself?.id === node.id) return true
    const why = facts?.error ?? (facts === undefined ? 'not asked' : 'another node answers at its address')
    this.stop(`answers:${node.id}`, `${node.name} does not answer: ${why}.`)
    return false
  }

  knows(node: NodeState, facts: NodeFacts, other: NodeState): void {
    if (facts.lines.some((line) => line.id === other.id && !line.handshake)) return
    this.stop(`knows:${node.id}`, `${node.name} does not know ${other.name}: the two have not met.`)
  }
}

export function target(node: NodeState): StepTarget {
  return { node: node.id, host: node.host, port: node.port }
}

export function step(nodes: readonly StepTarget[], commands: readonly (readonly string[])[], until?: NodeGoal): NodeStep {
  return { to: nodes, commands, ...(until === undefined ? {} : { until }) }
}

export function nameOf(core: CoreState, id: string | null | undefined): string {
  return id == null ? 'no node' : (core.nodes[id]?.name ?? id.slice(0, 8))
}

export function labelOf(core: CoreState, shard: string): string {
  return core.shards[shard]?.label ?? shard.slice(0, 8)
}

/** The role of a node as a plan rests on it. */
export function roleOf(core: CoreState, node: NodeState): string {
  const shard = core.shards[node.shard]
  if (node.role === 'primary') return 'primary'
  return `replica of ${nameOf(core, shard?.primary)}`
}

export function isUp(node: NodeState | undefined): boolean {
  return node !== undefined && node.health !== 'fail' && node.health !== 'unreachable'
}

/** Moves that have not ended and that have this node as one of their sides. */
export function movesOf(core: CoreState, node: string): readonly string[] {
  return Object.values(core.jobs).flatMap((job) =>
    job.endedAtMs === null && (job.sourceNode === node || job.targetNode === node)
      ? [`${labelOf(core, job.sourceShard)} → ${labelOf(core, job.targetShard)}`]
      : []
  )
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? one : many}`
}
