import type { CoreState, NodeState, Problem, SlotRange } from '../stream/core-state.ts'
import { countSlots, formatRanges } from '../stream/moves.ts'
import type { Belief } from './topology.ts'

/** What is wrong with the cluster, from its folded state; `sinceMs` of a problem that lasts is kept from `before`. */
export function problemsOf(state: HealthInput, before: Readonly<Record<string, Problem>>, nowMs: number): Record<string, Problem> {
  const problems: Record<string, Problem> = {}
  const report = (problem: Omit<Problem, 'sinceMs' | 'node' | 'repair'> & Partial<Pick<Problem, 'node' | 'repair'>>) => {
    const sinceMs = before[problem.id]?.sinceMs ?? nowMs
    problems[problem.id] = { node: null, repair: null, ...problem, sinceMs }
  }
  const label = (shard: string) => state.shards[shard]?.label ?? shard.slice(0, 8)

  if (state.unreachable !== null)
    report({ id: 'no-entry', severity: 'critical', title: 'No node of the cluster answers', evidence: state.unreachable })
  if (state.fault !== null)
    report({
      id: 'observer-fault',
      severity: 'critical',
      title: 'The observer made a mistake: figures may be incomplete',
      evidence: state.fault
    })
  if (state.state === 'fail')
    report({
      id: 'cluster-fail',
      severity: 'critical',
      title: 'The cluster is down',
      evidence: 'cluster_state:fail by most of the nodes asked'
    })
  reportSlots(state, report)
  for (const node of Object.values(state.nodes)) reportNode(node, label(node.shard), report)
  for (const shard of Object.values(state.shards)) {
    if (shard.slotCount > 0 && shard.primary !== null && !shard.replicas.some((id) => isUp(state.nodes[id]))) {
      const some = shard.replicas.length > 0
      report({
        id: `no-replica:${shard.key}`,
        severity: some ? 'warning' : 'info',
        title: `Shard ${shard.label} has no ${some ? 'living ' : ''}replica`,
        evidence: `${shard.slotCount.toLocaleString('en-US')} slots are lost to clients when its primary fails`,
        node: shard.primary
      })
    }
  }
  for (const belief of state.beliefs) reportOpenSlots(belief, state.nodes, report)
  for (const job of Object.values(state.jobs)) {
    const way = `${label(job.sourceShard)} → ${label(job.targetShard)}`
    if (job.stuck)
      report({
        id: `stuck-job:${job.name}`,
        severity: 'warning',
        title: `The move ${way} makes no progress`,
        evidence: `${job.export?.state ?? 'no export'} and ${job.import?.state ?? 'no import'} for 30 s or longer`,
        node: job.sourceNode,
        repair: shellOf(state.nodes[job.sourceNode], 'CLUSTER CANCELSLOTMIGRATIONS')
      })
    if (job.outcome === 'unclear' && job.acknowledged !== true)
      report({
        id: `unclear-job:${job.name}`,
        severity: 'critical',
        title: `The outcome of the move ${way} is unclear`,
        evidence: job.reason ?? `source says ${job.export?.state ?? 'nothing'}, target says ${job.import?.state ?? 'nothing'}`,
        node: job.sourceNode
      })
  }
  if (state.versions.length > 1)
    report({ id: 'versions', severity: 'warning', title: 'Nodes run different versions', evidence: state.versions.join(', ') })
  if (state.databaseLimits.size > 1) {
    const values = [...state.databaseLimits].map(([value, count]) => `${value} on ${count}`).join(', ')
    report({
      id: 'cluster-databases',
      severity: 'warning',
      title: 'Nodes have unequal cluster-databases',
      evidence: `${values}. A replica or a move into a node with fewer databases breaks at the first SELECT that it cannot run.`
    })
  }
  for (const [id, blind] of state.blindSpots)
    report({ id: `blind:${id}`, severity: 'info', title: 'We may not read everything', evidence: blind, node: state.nodes[id] ? id : null })
  return problems
}

/** What health is judged from. */
export type HealthInput = {
  readonly state: CoreState['cluster']['state']
  readonly versions: readonly string[]
  readonly nodes: CoreState['nodes']
  readonly shards: CoreState['shards']
  readonly jobs: CoreState['jobs']
  readonly unassigned: readonly SlotRange[]
  readonly disputed: readonly SlotRange[]
  readonly beliefs: Iterable<Belief>
  /** `cluster-databases` -> number of nodes that have it. */
  readonly databaseLimits: ReadonlyMap<number, number>
  /** By node id: what a refusal (NOPERM ...) keeps from us. */
  readonly blindSpots: ReadonlyMap<string, string>
  /** Why nothing of the cluster can be reached; null: something can. */
  readonly unreachable: string | null
  /** A fault inside the observer; null: none. */
  readonly fault: string | null
}

type Report = (problem: Omit<Problem, 'sinceMs' | 'node' | 'repair'> & Partial<Pick<Problem, 'node' | 'repair'>>) => void

function reportSlots(state: HealthInput, report: Report): void {
  const none = countSlots(state.unassigned)
  if (none > 0 && Object.keys(state.shards).length > 0)
    report({
      id: 'uncovered',
      severity: 'critical',
      title: `${none.toLocaleString('en-US')} slots have no owner`,
      evidence: formatRanges(state.unassigned)
    })
  for (const shard of Object.values(state.shards)) {
    const primary = shard.primary === null ? undefined : state.nodes[shard.primary]
    if (shard.slotCount > 0 && (primary === undefined || primary.health === 'fail'))
      report({
        id: `uncovered:${shard.key}`,
        severity: 'critical',
        title: `Shard ${shard.label} has no primary in charge`,
        evidence: `${shard.slotCount.toLocaleString('en-US')} slots: ${formatRanges(shard.slots)}`,
        node: shard.primary
      })
  }
  if (state.disputed.length > 0)
    report({
      id: 'disputed',
      severity: 'critical',
      title: `${countSlots(state.disputed).toLocaleString('en-US')} slots are claimed by two primaries`,
      evidence: formatRanges(state.disputed)
    })
}

function reportNode(node: NodeState, shard: string, report: Report): void {
  const what = `${node.role} of ${shard}`
  if (node.health === 'fail' || node.health === 'suspected')
    report({
      id: `failed:${node.id}`,
      severity: node.health === 'fail' ? 'critical' : 'warning',
      title: `${node.name} (${what}) ${node.health === 'fail' ? 'has failed' : 'is suspected to have failed'}`,
      evidence: node.error ?? 'the other nodes report it',
      node: node.id
    })
  else if (node.health === 'unreachable')
    report({
      id: `unreachable:${node.id}`,
      severity: 'warning',
      title: `${node.name} (${what}) does not answer us`,
      evidence: node.error ?? 'no reply',
      node: node.id
    })
  if (node.usedMemory !== null && node.maxMemory !== null && node.maxMemory > 0 && node.usedMemory > node.maxMemory * 0.85)
    report({
      id: `memory:${node.id}`,
      severity: 'warning',
      title: `${node.name} (${what}) uses over 85 % of its maxmemory`,
      evidence: `${((node.usedMemory * 100) / node.maxMemory).toFixed(1)} % of ${Math.round(node.maxMemory / 1024 / 1024)} MiB`,
      node: node.id
    })
}

function reportOpenSlots(belief: Belief, nodes: CoreState['nodes'], report: Report): void {
  if (belief.migrating.length === 0 && belief.importing.length === 0) return
  const slots = [...belief.migrating.map((open) => open.slot), ...belief.importing.map((open) => open.slot)].sort((a, b) => a - b)
  const node = nodes[belief.id]
  report({
    id: `open-slots:${belief.id}`,
    severity: 'warning',
    title: `${node?.name ?? belief.id.slice(0, 8)} has ${slots.length} slots half way in a legacy move`,
    evidence: `${formatRanges(slots.map((slot) => [slot, slot] as const))} (CLUSTER SETSLOT MIGRATING or IMPORTING). They refuse atomic moves of this node.`,
    node: belief.id,
    repair: shellOf(node, `CLUSTER SETSLOT ${slots[0]} STABLE`)
  })
}

function isUp(node: NodeState | undefined): boolean {
  return node !== undefined && node.health !== 'fail' && node.health !== 'unreachable'
}

function shellOf(node: NodeState | undefined, command: string): string | null {
  return node ? `valkey-cli -h ${node.host} -p ${node.port} ${command}` : null
}
