import type { CoreState } from '../stream/core-state.ts'
import type { NodeStep } from '../stream/node-plans.ts'
import { Checks, count, isUp, type NodeDraft, type NodeRefusal, step, target } from './draft.ts'
import type { FactsByNode } from './node-facts.ts'

/** How many nodes are named one by one in a check. */
const NAMED = 5

/** A node leaves: every other one is told, since one that still lists it would bring it back by gossip. */
export function forgetPlan(
  core: CoreState,
  request: { readonly node: string; readonly reset?: 'soft' | 'hard' },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const node = core.nodes[request.node]
  if (!node) return { refused: `There is no node ${request.node.slice(0, 8)}.` }
  const shard = core.shards[node.shard]
  const followers = node.role === 'primary' && shard?.primary === node.id ? shard.replicas : []
  const slotCount = shard?.primary === node.id ? shard.slotCount : 0
  const others = Object.values(core.nodes).filter((other) => other.id !== node.id)
  const told = others.filter(isUp)
  const checks = new Checks()
  if (slotCount > 0) checks.stop('slots', `${node.name} owns ${count(slotCount, 'slot')}: drain shard ${shard?.label} first.`)
  if (followers.length > 0)
    checks.stop('replicas', `${node.name} has ${count(followers.length, 'replica')}: let them follow another primary or forget them first.`)
  if (checks.list.length === 0) checks.ok('free', `${node.name} owns no slots and no replica follows it.`)
  const silent = others.filter((other) => !isUp(other)).map((other) => other.name)
  if (told.length === 0) checks.stop('told', 'No other node can be told.')
  else if (silent.length === 0)
    checks.ok('told', `All ${count(told.length, 'other node')} are told at once: one that is left out would bring it back after 60 s.`)
  else {
    const names = silent.length > NAMED ? `${silent.slice(0, NAMED).join(', ')} and ${silent.length - NAMED} more` : silent.join(', ')
    checks.warn(
      'told',
      `${names} cannot be told: when it comes back after more than 60 s, it brings ${node.name} back. Forget it as well, or wait for it.`
    )
  }
  const own = facts.get(node.id)
  const isThere = own?.error === null && own.myself?.id === node.id
  const steps: NodeStep[] = [step(told.map(target), [['CLUSTER', 'FORGET', node.id]], { goal: 'forgotten', node: node.id })]
  if (request.reset !== undefined) {
    if (!isThere) checks.stop('reset', `${node.name} does not answer: it cannot be reset. Forget it without that.`)
    else if (node.role === 'primary' && own.keys > 0)
      checks.stop('reset', `${node.name} holds ${count(own.keys, 'key')}: a primary with keys refuses CLUSTER RESET.`)
    else
      checks.warn(
        'reset',
        `${node.name} forgets the cluster${request.reset === 'hard' ? ', its epochs and its id' : ''}${own.keys > 0 ? ` and drops its copy of ${count(own.keys, 'key')}` : ''}.`
      )
    steps.push(step([target(node)], [['CLUSTER', 'RESET', request.reset.toUpperCase()]]))
  } else if (isThere)
    checks.warn('stays', `${node.name} still holds itself for a member and serves stale answers: reset it too, or stop its server.`)
  if (
    node.role === 'replica' &&
    shard &&
    shard.slotCount > 0 &&
    shard.replicas.filter((id) => id !== node.id && isUp(core.nodes[id])).length === 0
  )
    checks.warn('last-replica', `Shard ${shard.label} keeps no replica.`)
  return {
    title: `${node.name} is forgotten by all${request.reset === undefined ? '' : ' and reset'}`,
    steps,
    checks: checks.list,
    seen: {
      [node.name]: `${node.role}, ${count(slotCount, 'slot')}, ${count(followers.length, 'replica')}`,
      'who is told': told
        .map((other) => other.name)
        .sort()
        .join(', ')
    },
    goal: { goal: 'forgotten', node: node.id },
    leastRole: 'admin',
    typedName: node.name
  }
}
