import type { CoreState, NodePlanRequest, NodeState, ShardState } from '@slotscope/observer/stream'
import { formatBytes, listWords, plural } from './format.ts'
import { compareLabels } from './shard-order.ts'

/** One shard as the room draws it: its primary first, then its replicas by name. */
export type ShardView = { readonly shard: ShardState; readonly nodes: readonly NodeState[] }

type Places = Pick<CoreState, 'nodes' | 'shards'>

/** Shards by letter. */
export function shardViews({ nodes, shards }: Places): readonly ShardView[] {
  return Object.values(shards)
    .sort((a, b) => compareLabels(a.label, b.label))
    .map((shard) => {
      const members = [shard.primary ?? '', ...shard.replicas].flatMap((id) => nodes[id] ?? [])
      const first = members.filter((node) => node.id === shard.primary)
      const rest = members.filter((node) => node.id !== shard.primary)
      return { shard, nodes: [...first, ...rest.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))] }
    })
}

/** True where a node answers, so that it can be asked to do something. */
export function isUp(node: NodeState | undefined): boolean {
  return node !== undefined && node.health !== 'fail' && node.health !== 'unreachable'
}

/** How a replica stands to its primary, in words; null for a primary, and where nothing is known now. */
export function linkWords(node: NodeState): string | null {
  if (node.role === 'primary' || node.primaryLink === undefined || !isUp(node)) return null
  if (node.primaryLink === 'syncing') return 'takes its first copy'
  if (node.primaryLink === 'down') return 'link down'
  if (node.lagBytes === null) return 'link up'
  return node.lagBytes === 0 ? 'in sync' : `${formatBytes(node.lagBytes)} behind`
}

/** `failed, says node-2; suspected by node-3`; null: nobody thinks ill of it. */
export function doubtWords(node: NodeState, nodes: CoreState['nodes']): string | null {
  const by = (as: 'failed' | 'suspected') =>
    (node.doubts ?? []).filter((doubt) => doubt.as === as).map((doubt) => nodes[doubt.by]?.name ?? doubt.by.slice(0, 8))
  const [failed, suspected] = [by('failed'), by('suspected')]
  const parts = [
    ...(failed.length > 0 ? [`failed, say ${listWords(failed)}`] : []),
    ...(suspected.length > 0 ? [`suspected by ${listWords(suspected)}`] : [])
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

/** Replicas that were found to differ from their primary after a move, with what was found, unless a full copy came since. */
export function wrongReplicas(queues: CoreState['queues'], deeds: CoreState['deeds']): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const queue of Object.values(queues ?? {}))
    for (const move of queue.moves)
      for (const { node } of move.comparison?.wrongReplicas ?? []) {
        const repaired = Object.values(deeds ?? {}).some(
          ({ request, status, endedAtMs }) =>
            request.kind === 'resync' && request.node === node && status === 'done' && (endedAtMs ?? 0) > move.atMs
        )
        if (!repaired) found.set(node, move.comparison?.text ?? '')
      }
  return found
}

/** Something that can be planned for a node. What its plan says against it is the server's to find. */
export type NodeAction = { readonly label: string; readonly request: NodePlanRequest; readonly grave?: boolean }

/** What may be worth planning for a node. `hosted`: we run it ourselves. */
export function actionsFor(node: NodeState, { nodes, shards }: Places, hosted: boolean): readonly NodeAction[] {
  const shard = shards[node.shard]
  const primary = shard?.primary == null ? undefined : nodes[shard.primary]
  const actions: NodeAction[] = []
  if (node.role === 'replica' && isUp(node)) {
    const label = `Take over shard ${shard?.label ?? '?'}`
    if (isUp(primary)) actions.push({ label, request: { kind: 'failover', node: node.id } })
    else {
      actions.push({ label: `${label} by force`, request: { kind: 'failover', node: node.id, mode: 'force' } })
      actions.push({ label: `${label} without votes`, request: { kind: 'failover', node: node.id, mode: 'takeover' }, grave: true })
    }
    if (isUp(primary)) actions.push({ label: 'Take a full copy anew', request: { kind: 'resync', node: node.id } })
  }
  if (hosted && isUp(node)) {
    actions.push({ label: 'Stop it', request: { kind: 'stop', node: node.id }, grave: true })
    actions.push({ label: 'Kill it', request: { kind: 'kill', node: node.id }, grave: true })
    actions.push({ label: 'Start it again', request: { kind: 'restart', node: node.id }, grave: true })
  } else if (hosted) actions.push({ label: 'Start it', request: { kind: 'restart', node: node.id } })
  actions.push({ label: 'Forget it', request: { kind: 'forget', node: node.id }, grave: true })
  if (isUp(node)) actions.push({ label: 'Forget and reset it', request: { kind: 'forget', node: node.id, reset: 'soft' }, grave: true })
  return actions
}

/** Primaries that a node could follow: none for a primary with slots. */
export function primariesToFollow(node: NodeState, { nodes, shards }: Places): readonly NodeState[] {
  const shard = shards[node.shard]
  if (!isUp(node) || (node.role === 'primary' && (shard?.slotCount ?? 0) > 0)) return []
  return Object.values(nodes)
    .filter((other) => other.role === 'primary' && other.id !== node.id && other.id !== shard?.primary && isUp(other))
    .sort((a, b) => compareLabels(shards[a.shard]?.label ?? '', shards[b.shard]?.label ?? ''))
}

/** How many nodes of which role, and what is wrong with how many. */
export function topologyNote({ nodes }: Pick<CoreState, 'nodes'>): string {
  const all = Object.values(nodes)
  const primaries = all.filter((node) => node.role === 'primary').length
  const down = all.filter((node) => !isUp(node)).length
  const parts = [plural(primaries, 'primary', 'primaries'), plural(all.length - primaries, 'replica')]
  return [...parts, ...(down > 0 ? [`${down} down`] : [])].join(' · ')
}
