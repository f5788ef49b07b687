import type { CoreState, NodeState, ShardState } from '../stream/core-state.ts'
import type { HealthInput, Report } from './health.ts'
import { isUp, shellOf } from './node-reach.ts'

type Places = Pick<HealthInput, 'nodes' | 'shards' | 'mode'>

/** Shards whose slots nobody takes over, each with a node that could follow its primary while there are such nodes. */
export function reportBareShards(state: Places, report: Report): void {
  const spares = spareNodes(state)
  for (const shard of Object.values(state.shards)) {
    if (shard.slotCount === 0 || shard.primary === null || shard.replicas.some((id) => isUp(state.nodes[id]))) continue
    const had = shard.replicas.length > 0
    // A single server was never meant to be taken over by another.
    const isMeant = state.mode === 'standalone' && !had
    const spare = had || isMeant ? undefined : spares.shift()
    report({
      id: `no-replica:${shard.key}`,
      severity: isMeant ? 'info' : 'warning',
      title: `Shard ${shard.label} has no ${had ? 'living ' : ''}replica`,
      evidence: `${shard.slotCount.toLocaleString('en-US')} slots are lost to clients when its primary fails${
        had || isMeant
          ? ''
          : spare
            ? `. ${spare.name} ${spare.role === 'replica' ? 'is one of several replicas of its shard' : 'owns no slots'}, so it could follow it.`
            : ', and no node is to spare: add one (CLUSTER MEET), and let it follow the primary (CLUSTER REPLICATE).'
      }`,
      node: shard.primary,
      repair: shellOf(spare, `CLUSTER REPLICATE ${shard.primary}`)
    })
  }
}

/** Nodes that may follow another primary and leave nothing bare behind: empty primaries, then replicas of shards that have several. */
function spareNodes({ nodes, shards }: Places): NodeState[] {
  const all = Object.values(shards)
  const empty = all.filter((shard) => shard.slotCount === 0).flatMap((shard) => upOf([shard.primary], nodes))
  return [...empty, ...all.filter((shard) => shard.slotCount > 0).flatMap((shard) => replicasToSpare(shard, nodes))]
}

function replicasToSpare(shard: ShardState, nodes: CoreState['nodes']): NodeState[] {
  return upOf(shard.replicas, nodes).slice(1)
}

function upOf(ids: readonly (string | null)[], nodes: CoreState['nodes']): NodeState[] {
  return ids.map((id) => nodes[id ?? '']).filter((node) => node !== undefined && isUp(node)) as NodeState[]
}
