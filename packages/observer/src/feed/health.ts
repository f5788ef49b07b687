import type { CoreState, Denial, Dispute, Problem, SlotRange } from '../stream/core-state.ts'
import { countSlots, formatRanges, toRanges } from '../stream/moves.ts'
import { lineOfReplica } from './node-figures.ts'
import { reportClocks, reportNode } from './node-health.ts'
import { isUp, shellOf } from './node-reach.ts'
import type { NodeRecord } from './node-record.ts'
import { reportBareShards } from './shard-health.ts'
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
  for (const [id, problem] of state.host) report({ id, severity: 'warning', ...problem })
  reportSlots(state, label, report)
  for (const node of Object.values(state.nodes)) {
    const belief = state.beliefs.get(node.id)
    const primary = belief?.primaryId ? state.records.get(belief.primaryId)?.figures : undefined
    const acknowledged = belief && lineOfReplica(primary, belief)
    reportNode(node, label(node.shard), { record: state.records.get(node.id), acknowledged }, report)
  }
  reportClocks(Object.values(state.nodes), report)
  for (const [id, { about }] of state.otherViews) {
    const others = about.map((other) => state.nodes[other]?.name ?? other.slice(0, 8))
    report({
      id: `other-view:${id}`,
      severity: 'warning',
      title: `${state.nodes[id]?.name ?? id.slice(0, 8)} sees other owners than most nodes`,
      evidence: `It gives other slots, or another role, to ${others.slice(0, 5).join(', ')}${others.length > 5 ? ` and ${others.length - 5} more` : ''}. A part of the cluster bus may be cut.`,
      node: id
    })
  }
  reportBareShards(state, report)
  for (const belief of state.beliefs.values()) reportOpenSlots(belief, state.nodes, report)
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
  for (const [rule, denial] of Object.entries(state.denied)) reportDenial(rule, denial, state.nodes, report)
  for (const [id, blind] of state.blindSpots)
    report({ id: `blind:${id}`, severity: 'info', title: 'We cannot read everything', evidence: blind, node: state.nodes[id] ? id : null })
  return problems
}

/** What health is judged from. */
export type HealthInput = {
  readonly state: CoreState['cluster']['state']
  /** As in `ClusterSummary`. */
  readonly mode?: CoreState['cluster']['mode']
  readonly versions: readonly string[]
  readonly nodes: CoreState['nodes']
  readonly shards: CoreState['shards']
  readonly jobs: CoreState['jobs']
  readonly unassigned: readonly SlotRange[]
  readonly disputed: readonly Dispute[]
  readonly denied: Readonly<Record<string, Denial>>
  readonly beliefs: ReadonlyMap<string, Belief>
  readonly records: ReadonlyMap<string, NodeRecord>
  /** Nodes whose view of the owners differs lastingly, with the nodes about whose slots it does. */
  readonly otherViews: ReadonlyMap<string, { readonly about: readonly string[] }>
  /** `cluster-databases` -> number of nodes that have it. */
  readonly databaseLimits: ReadonlyMap<number, number>
  /** By node id: what replies that nobody can read keep from us. */
  readonly blindSpots: ReadonlyMap<string, string>
  /** Why nothing of the cluster can be reached; null: something can. */
  readonly unreachable: string | null
  /** A fault inside the observer; null: none. */
  readonly fault: string | null
  /** By id: what the host itself reports of its own work. */
  readonly host: ReadonlyMap<string, HostProblem>
}

/** A problem of the one who watches, not of the cluster. */
export type HostProblem = { readonly title: string; readonly evidence: string }

/** Adds a problem; `sinceMs` is kept while it lasts. */
export type Report = (problem: Omit<Problem, 'sinceMs' | 'node' | 'repair'> & Partial<Pick<Problem, 'node' | 'repair'>>) => void

function reportSlots(state: HealthInput, label: (shard: string) => string, report: Report): void {
  const none = countSlots(state.unassigned)
  if (none > 0 && Object.keys(state.shards).length > 0)
    report({
      id: 'uncovered',
      severity: 'critical',
      title: `${none.toLocaleString('en-US')} slots have no owner`,
      evidence: formatRanges(state.unassigned),
      ...repairOfUncovered(state)
    })
  for (const shard of Object.values(state.shards)) {
    const primary = shard.primary === null ? undefined : state.nodes[shard.primary]
    if (shard.slotCount > 0 && (primary === undefined || primary.health === 'fail'))
      report({
        id: `uncovered:${shard.key}`,
        severity: 'critical',
        title: `Shard ${shard.label} has no primary in charge`,
        evidence: `${shard.slotCount.toLocaleString('en-US')} slots: ${formatRanges(shard.slots)}`,
        node: shard.primary,
        repair: shellOf(
          shard.replicas.map((id) => state.nodes[id]).find((node) => node?.role === 'replica' && isUp(node)),
          'CLUSTER FAILOVER FORCE'
        )
      })
  }
  if (state.disputed.length > 0)
    report({
      id: 'disputed',
      severity: 'critical',
      title: `${countSlots(state.disputed.flatMap(({ slots }) => slots)).toLocaleString('en-US')} slots are claimed by more than one primary`,
      evidence: state.disputed
        .map(({ slots, claims }) => {
          const who = claims.map(
            ({ node, shard, configEpoch }) => `${label(shard)} (${state.nodes[node]?.name ?? node.slice(0, 8)}, epoch ${configEpoch})`
          )
          return `${formatRanges(slots)}: ${who.join(' and ')}`
        })
        .join('; '),
      node: state.disputed[0]?.claims.at(-1)?.node ?? null
    })
}

/** Given to the shard with the fewest slots: most often nobody owns them because they were never given to anybody. */
function repairOfUncovered(state: HealthInput): { readonly node?: string; readonly repair?: string | null } {
  const shards = Object.values(state.shards).filter((shard) => shard.primary !== null && isUp(state.nodes[shard.primary]))
  const smallest = shards.sort((a, b) => a.slotCount - b.slotCount)[0]
  if (!smallest?.primary) return {}
  const ranges = state.unassigned.map(([first, last]) => `${first} ${last}`).join(' ')
  return { node: smallest.primary, repair: shellOf(state.nodes[smallest.primary], `CLUSTER ADDSLOTSRANGE ${ranges}`) }
}

function reportDenial(rule: string, denial: Denial, nodes: CoreState['nodes'], report: Report): void {
  const [first = ''] = denial.nodes
  const user = /\bUser (\S+) has no permissions/i.exec(denial.words)?.[1]
  const where = denial.nodes.length === 1 ? (nodes[first]?.name ?? first) : `${denial.nodes.length} nodes`
  report({
    id: `denied:${rule}`,
    severity: 'info',
    title: `Our user lacks the rule ${rule}`,
    evidence: `${denial.words} (${where}). For it there is less in: ${denial.panels.join(', ')}. Rules are kept by each node for itself.`,
    node: nodes[first] ? first : null,
    repair: user === undefined || rule.startsWith('%') ? null : shellOf(nodes[first], `ACL SETUSER ${user} ${rule}`)
  })
}

function reportOpenSlots(belief: Belief, nodes: CoreState['nodes'], report: Report): void {
  const slots = [...new Set([...belief.migrating, ...belief.importing].map((open) => open.slot))].sort((a, b) => a - b)
  if (slots.length === 0) return
  const node = nodes[belief.id]
  const ways = [
    ...(belief.migrating.length > 0 ? [`${belief.migrating.length} on their way out`] : []),
    ...(belief.importing.length > 0 ? [`${belief.importing.length} on their way in`] : [])
  ]
  const one = shellOf(node, `CLUSTER SETSLOT ${slots.length === 1 ? slots[0] : '$slot'} STABLE`)
  report({
    id: `open-slots:${belief.id}`,
    severity: 'warning',
    title: `${node?.name ?? belief.id.slice(0, 8)} has ${slots.length} ${slots.length === 1 ? 'slot' : 'slots'} half way in a legacy move`,
    evidence: `${formatRanges(toRanges(slots))}: ${ways.join(', ')} (CLUSTER SETSLOT). They refuse atomic moves of this node. STABLE ends that here; keys that were moved already stay where they are, so look first whether the importing node holds any (CLUSTER COUNTKEYSINSLOT in every database).`,
    node: belief.id,
    repair: one === null || slots.length === 1 ? one : `for slot in ${slots.join(' ')}; do ${one}; done`
  })
}
