import type { CoreState, NodeState } from '../stream/core-state.ts'
import type { NodeGoal, NodeStep } from '../stream/node-plans.ts'
import { Checks, count, isUp, labelOf, type NodeDraft, type NodeRefusal, step, target } from './draft.ts'
import { type FactsByNode, placeOf } from './node-facts.ts'
import { checkFits } from './replicate.ts'

/** A node at an address joins the cluster; it stays an empty primary, or follows one at once. */
export function meetPlan(
  core: CoreState,
  request: { readonly host: string; readonly port: number; readonly replicaOf?: string },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const place = placeOf(request)
  const known = Object.values(core.nodes).find((node) => node.host === request.host && node.port === request.port)
  if (known && isUp(known)) return { refused: `${place} is ${known.name}, a member already.` }
  const host = introducer(core)
  if (!host) return { refused: 'No node of the cluster is online: nobody could introduce the new one.' }
  const primary = request.replicaOf === undefined ? undefined : core.nodes[request.replicaOf]
  if (request.replicaOf !== undefined && primary?.role !== 'primary') return { refused: 'The node that it is to follow is no primary.' }
  const checks = new Checks()
  const own = facts.get(place)
  const id = own?.myself?.id
  if (!own || own.error !== null || id === undefined)
    checks.stop('answers', `${place} does not answer as a node of a cluster: ${own?.error ?? 'not asked'}.`)
  else if (core.nodes[id]) return { refused: `${place} is ${core.nodes[id].name}, a member already.` }
  else {
    checks.ok('answers', `${place} answers, has cluster mode on and is the node ${id.slice(0, 8)}.`)
    if (own.lines.length > 1)
      checks.stop(
        'alone',
        `${place} knows ${count(own.lines.length - 1, 'other node')}: the two clusters would be merged. CLUSTER RESET on it first.`
      )
    if (own.myself?.role === 'replica') checks.stop('role', `${place} is a replica of another cluster.`)
    if ((own.myself?.slots.length ?? 0) > 0) checks.stop('slots', `${place} owns slots of its own: two would claim them.`)
    if (own.keys > 0) checks.stop('empty', `${place} holds ${count(own.keys, 'key')}: only an empty node is taken in.`)
    if (checks.list.length === 1) checks.ok('empty', `${place} is alone, owns no slots and holds no keys.`)
    const model = primary === undefined ? undefined : facts.get(primary.id)
    if (model?.error === null) checkFits(checks, place, own, model)
    else checkLikeOthers(checks, core, place, own.settings.get('cluster-databases'), own.version)
  }
  const join = joining(host, { id: id ?? '', host: request.host, port: request.port }, primary)
  return {
    title: `${place} joins the cluster ${primary ? `as a replica of ${primary.name} (shard ${labelOf(core, primary.shard)})` : 'as an empty primary'}`,
    steps: join.steps,
    checks: checks.list,
    seen: {
      [place]: own?.error === null ? `node ${id?.slice(0, 8)}, ${count(own.keys, 'key')}, knows ${own.lines.length - 1}` : 'does not answer'
    },
    goal: join.goal,
    leastRole: 'admin',
    typedName: null
  }
}

/** How a node that runs and has met nobody becomes a member, by the word of one that is. */
export function joining(
  host: NodeState,
  newcomer: { readonly id: string; readonly host: string; readonly port: number },
  primary: NodeState | undefined
): { readonly steps: readonly NodeStep[]; readonly goal: NodeGoal } {
  const { id, host: address, port } = newcomer
  const member: NodeGoal = { goal: 'member', node: id, host: address, port, knows: primary?.id ?? null }
  const meet = step([target(host)], [['CLUSTER', 'MEET', address, String(port)]], member)
  if (!primary) return { steps: [meet], goal: member }
  const replicate = step([{ node: null, host: address, port }], [['CLUSTER', 'REPLICATE', primary.id]])
  return { steps: [meet, replicate], goal: { goal: 'follows', node: id, primary: primary.id } }
}

/** The one who introduces a newcomer. */
export function introducer(core: CoreState): NodeState | undefined {
  const members = Object.values(core.nodes).filter((node) => node.health === 'online')
  return members.find((node) => node.role === 'primary') ?? members[0]
}

function checkLikeOthers(checks: Checks, core: CoreState, place: string, databases: string | undefined, version: string | null): void {
  if (core.cluster.databases !== null && databases !== undefined && Number(databases) !== core.cluster.databases)
    checks.stop(
      'databases',
      `${place} has ${databases} databases (cluster-databases), the cluster ${core.cluster.databases}: moves and replicas would break.`
    )
  if (version !== null && core.cluster.versions.length > 0 && !core.cluster.versions.includes(version))
    checks.warn('version', `${place} runs ${version}, the others ${core.cluster.versions.join(', ')}.`)
}
