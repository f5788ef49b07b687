import type { CoreState } from '../stream/core-state.ts'
import type { StepTarget } from '../stream/node-plans.ts'
import { Checks, count, isUp, type NodeDraft, type NodeRefusal, roleOf, step, target } from './draft.ts'
import type { FactsByNode } from './node-facts.ts'

/**
 * A replica takes its whole copy anew. There is no command for that. A replica that is told to follow a primary of another shard drops
 * what it could continue from (replication.c, `replicationSetPrimary`); told to follow its own again in the same pipeline, it has not
 * yet spoken to the other one, which is not troubled. It keeps and serves its old copy until the new one has come. CLUSTER RESET SOFT
 * has the same end, but empties the replica at once and makes it forget the cluster.
 */
export function resyncCommands(own: string, other: string): readonly (readonly string[])[] {
  return [
    ['CLUSTER', 'REPLICATE', other],
    ['CLUSTER', 'REPLICATE', own]
  ]
}

/** A primary of another shard that the replica can be told to follow for a moment. */
export function detourOf(core: CoreState, own: string): (StepTarget & { readonly node: string }) | undefined {
  const others = Object.values(core.nodes).filter((node) => node.role === 'primary' && node.id !== own && isUp(node))
  const other = others.find((node) => (core.shards[node.shard]?.slotCount ?? 0) > 0) ?? others[0]
  return other && { ...target(other), node: other.id }
}

export function resyncPlan(core: CoreState, request: { readonly node: string }, facts: FactsByNode): NodeDraft | NodeRefusal {
  const node = core.nodes[request.node]
  const shard = node && core.shards[node.shard]
  if (!node || !shard) return { refused: `There is no node ${request.node.slice(0, 8)}.` }
  const primary = shard.primary === null ? undefined : core.nodes[shard.primary]
  if (node.role === 'primary' || !primary) return { refused: `${node.name} follows no primary: there is nothing to take a copy from.` }
  const detour = detourOf(core, primary.id)
  if (!detour) return { refused: 'There is no other primary: without one, only a restart of the replica makes it take a full copy.' }
  const checks = new Checks()
  const own = facts.get(node.id)
  const source = facts.get(primary.id)
  if (checks.answers(node, own)) {
    checks.knows(node, own, primary)
    if (!own.lines.some((line) => line.id === detour.node)) checks.stop('detour', `${node.name} does not know another primary.`)
    if (own.info?.text('slotscope_version') !== undefined)
      checks.stop('server', `${node.name} would go on where it was: this engine takes a full copy when the replica is started again.`)
    if (own.info?.number('master_sync_in_progress') === 1) checks.stop('sync', `${node.name} takes a full copy already.`)
  }
  if (checks.answers(primary, source))
    checks.ok(
      'copy',
      `${primary.name} forks once and sends ${count(source.keys, 'key')}; it waits 5 s first for others (repl-diskless-sync-delay). ${node.name} serves its old copy until then.`
    )
  const others = shard.replicas.filter((id) => id !== node.id && isUp(core.nodes[id])).length
  const text = `Meanwhile shard ${shard.label} has ${others === 0 ? 'no replica' : count(others, 'other replica')} that could take over.`
  if (others === 0) checks.warn('cover', text)
  else checks.ok('cover', text)
  return {
    title: `${node.name} takes a full copy of ${primary.name} anew`,
    steps: [step([target(node)], resyncCommands(primary.id, detour.node))],
    checks: checks.list,
    seen: { [`role of ${node.name}`]: roleOf(core, node) },
    goal: { goal: 'resynced', node: node.id, primary: primary.id, fullSyncsBefore: source?.info?.number('sync_full') ?? 0 },
    leastRole: 'operator',
    typedName: null
  }
}
