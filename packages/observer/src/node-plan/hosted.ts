import type { CoreState, NodeState } from '../stream/core-state.ts'
import type { NodeStep } from '../stream/node-plans.ts'
import { Checks, count, isUp, labelOf, type NodeDraft, type NodeRefusal, roleOf, target } from './draft.ts'
import { introducer, joining } from './meet.ts'
import type { FactsByNode, NodeFacts } from './node-facts.ts'

/** A node that the host can start: it has an id and an address, and does not run. */
export type PreparedNode = { readonly id: string; readonly host: string; readonly port: number }

/** The host starts one more node, and it joins: empty, or as a replica. */
export function addPlan(
  core: CoreState,
  request: { readonly replicaOf?: string },
  prepared: PreparedNode | undefined
): NodeDraft | NodeRefusal {
  const host = introducer(core)
  if (!prepared) return { refused: 'Nobody here can start a node.' }
  if (!host) return { refused: 'No node of the cluster is online: nobody could introduce the new one.' }
  const primary = request.replicaOf === undefined ? undefined : core.nodes[request.replicaOf]
  if (request.replicaOf !== undefined && primary?.role !== 'primary') return { refused: 'The node that it is to follow is no primary.' }
  const place = `${prepared.host}:${prepared.port}`
  const checks = new Checks()
  checks.ok('start', `A new node ${prepared.id.slice(0, 8)} is started at ${place}, with the settings of the others and no keys.`)
  if (!primary) checks.ok('role', 'It stays a primary without slots until some are moved to it.')
  else if (isUp(primary)) checks.ok('role', `It copies ${count(primary.keys ?? 0, 'key')} from ${primary.name}.`)
  else checks.stop('role', `${primary.name} does not answer: there is nobody to copy from.`)
  const start: NodeStep = { to: [{ node: null, host: prepared.host, port: prepared.port }], host: 'start', commands: [] }
  const join = joining(host, prepared, primary)
  return {
    title: `A new node at ${place} joins ${primary ? `as a replica of ${primary.name} (shard ${labelOf(core, primary.shard)})` : 'as an empty primary'}`,
    steps: [start, ...join.steps],
    checks: checks.list,
    seen: {
      [place]: core.nodes[prepared.id] ? 'a member' : 'free',
      ...(primary ? { [`role of ${primary.name}`]: roleOf(core, primary) } : {})
    },
    goal: join.goal,
    leastRole: 'admin',
    typedName: null
  }
}

const verbs = { stop: 'is stopped', kill: 'is killed', restart: 'is started again' } as const

/** The host ends a node, or begins it again: `stop` asks the node to end itself, `kill` does not ask. */
export function endPlan(
  core: CoreState,
  request: { readonly kind: 'stop' | 'kill' | 'restart'; readonly node: string },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const node = core.nodes[request.node]
  const shard = node && core.shards[node.shard]
  if (!node || !shard) return { refused: `There is no node ${request.node.slice(0, 8)}.` }
  const { kind } = request
  const own = facts.get(node.id)
  const runs = own?.error === null
  if (!runs && kind !== 'restart') return { refused: `${node.name} does not run: ${own?.error ?? 'it was not asked'}.` }
  const checks = new Checks()
  const isLoss = checkLoss(checks, core, node, own, kind === 'restart')
  const kill: NodeStep = { to: [target(node)], host: 'kill', commands: [] }
  const start: NodeStep = { to: [target(node)], host: 'start', commands: [] }
  const shutdown: NodeStep = { to: [target(node)], commands: [['SHUTDOWN', 'NOSAVE']] }
  return {
    title: `${node.name}, ${roleOf(core, node)} of shard ${shard.label}, ${verbs[kind]}`,
    steps: kind === 'stop' ? [shutdown] : kind === 'kill' ? [kill] : runs ? [kill, start] : [start],
    checks: checks.list,
    seen: { [`role of ${node.name}`]: roleOf(core, node), [node.name]: runs ? 'runs' : 'does not run' },
    goal: { goal: kind === 'restart' ? 'back' : 'silent', node: node.id },
    leastRole: 'admin',
    typedName: isLoss ? node.name : null
  }
}

/** What is lost with the node. Returns true when keys are. */
function checkLoss(checks: Checks, core: CoreState, node: NodeState, own: NodeFacts | undefined, comesBack: boolean): boolean {
  const shard = core.shards[node.shard]
  if (node.role === 'replica' || !shard || shard.primary !== node.id) {
    const left = (shard?.replicas ?? []).filter((id) => id !== node.id && isUp(core.nodes[id])).length
    const text = `Shard ${shard?.label ?? '?'} keeps ${left === 0 ? 'no other replica' : count(left, 'other replica')}; the node copies its keys anew when it is started.`
    if (left === 0) checks.warn('replica', text)
    else checks.ok('replica', text)
    return false
  }
  const replicas = shard.replicas.map((id) => core.nodes[id]).filter(isUp)
  const keys = Math.max(own?.keys ?? 0, ...replicas.map((replica) => replica?.keys ?? 0))
  const elects = own?.failsOver === true && replicas.length > 0
  if (shard.slotCount === 0) checks.ok('slots', `${node.name} owns no slots: no client notices.`)
  else if (comesBack) checks.warn('slots', `Its ${count(shard.slotCount, 'slot')} fail until it answers again.`)
  else if (elects)
    checks.warn(
      'slots',
      `Its ${count(shard.slotCount, 'slot')} fail until one of ${count(replicas.length, 'replica')} is elected, after the node timeout.`
    )
  else {
    const why = replicas.length === 0 ? 'it has no replica' : 'this engine elects no replica yet'
    checks.warn('slots', `Its ${count(shard.slotCount, 'slot')} fail until it is started again: ${why}.`)
  }
  if (keys === 0) checks.ok('keys', `${node.name} holds no keys.`)
  else if (comesBack || !elects)
    checks.warn(
      'keys',
      `It keeps no keys on disk: started again it is empty${replicas.length > 0 ? ', and its replicas copy that' : ''}. What is lost: ${count(keys, 'key')}.`
    )
  return keys > 0 && (comesBack || !elects)
}
