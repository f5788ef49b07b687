import type { CoreState, NodeState } from '../stream/core-state.ts'
import { Checks, count, isUp, labelOf, type NodeDraft, type NodeRefusal, roleOf, step, target } from './draft.ts'
import type { FactsByNode, NodeFacts } from './node-facts.ts'

/** A node follows another primary. */
export function replicatePlan(
  core: CoreState,
  request: { readonly node: string; readonly primary: string },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const node = core.nodes[request.node]
  const primary = core.nodes[request.primary]
  if (!node || !primary) return { refused: `There is no node ${(node ? request.primary : request.node).slice(0, 8)}.` }
  if (node === primary) return { refused: 'A node cannot follow itself.' }
  const shard = core.shards[node.shard]
  const checks = new Checks()
  if (primary.role !== 'primary') checks.stop('primary', `${primary.name} is a replica itself: choose a primary.`)
  else if (node.role === 'replica' && shard?.primary === primary.id) return { refused: `${node.name} follows ${primary.name} already.` }
  const own = facts.get(node.id)
  const others = facts.get(primary.id)
  if (checks.answers(node, own)) {
    if (node.role === 'primary') checkEmpty(checks, node, own)
    else checkLeaves(checks, core, node)
    checks.knows(node, own, primary)
  }
  if (checks.answers(primary, others)) {
    checks.knows(primary, others, node)
    if ((core.shards[primary.shard]?.slotCount ?? 0) === 0)
      checks.warn('slots', `${primary.name} owns no slots: there is nothing to copy yet.`)
    else checks.ok('copy', `${primary.name} copies ${count(others.keys, 'key')} to ${node.name} and forks for that.`)
    if (own?.error === null) checkFits(checks, node.name, own, others)
  }
  return {
    title: `${node.name} becomes a replica of ${primary.name} (shard ${labelOf(core, primary.shard)})`,
    steps: [step([target(node)], [['CLUSTER', 'REPLICATE', primary.id]])],
    checks: checks.list,
    seen: { [`role of ${node.name}`]: roleOf(core, node), [`role of ${primary.name}`]: roleOf(core, primary) },
    goal: { goal: 'follows', node: node.id, primary: primary.id },
    leastRole: 'operator',
    typedName: null
  }
}

/** Only a primary without slots and keys may become a replica: what it had would be gone. */
function checkEmpty(checks: Checks, node: NodeState, own: NodeFacts): void {
  const slots = own.myself?.slots.length ?? 0
  if (slots > 0) checks.stop('empty', `${node.name} is a primary with slots: drain its shard first.`)
  else if (own.keys > 0) checks.stop('empty', `${node.name} holds ${count(own.keys, 'key')}: only an empty primary can become a replica.`)
  else checks.ok('empty', `${node.name} owns no slots and holds no keys in any database.`)
}

function checkLeaves(checks: Checks, core: CoreState, node: NodeState): void {
  const shard = core.shards[node.shard]
  const left = (shard?.replicas ?? []).filter((id) => id !== node.id && isUp(core.nodes[id])).length
  const text = `${node.name} leaves shard ${shard?.label ?? '?'}, which keeps ${left === 0 ? 'no replica' : count(left, 'replica')}; its copy is dropped.`
  if (left === 0 && (shard?.slotCount ?? 0) > 0) checks.warn('leaves', text)
  else checks.ok('leaves', text)
}

/** A replica with fewer databases, or of an older version, breaks at what it does not understand. */
export function checkFits(checks: Checks, name: string, own: NodeFacts, primary: NodeFacts): void {
  const [has, needs] = [own, primary].map((facts) => facts.settings.get('cluster-databases'))
  if (has !== undefined && needs !== undefined && Number(has) < Number(needs))
    checks.stop(
      'databases',
      `${name} has ${has} databases (cluster-databases), the cluster ${needs}: it would break at the first key beyond.`
    )
  else if (has !== needs && has !== undefined && needs !== undefined)
    checks.warn('databases', `${name} has ${has} databases (cluster-databases), the cluster ${needs}.`)
  const [version, theirs] = [own, primary].map((facts) => facts.version)
  if (version != null && theirs != null && isOlder(version, theirs))
    checks.warn('version', `${name} runs ${version}, older than ${theirs}: it may not understand what it is sent.`)
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number))
  for (const at of [0, 1]) if ((a?.[at] ?? 0) !== (b?.[at] ?? 0)) return (a?.[at] ?? 0) < (b?.[at] ?? 0)
  return false
}
