import type { Caller, NodeAddress } from '../caller.ts'
import { type NodeLine, parseClusterNodes } from '../replies/cluster-nodes.ts'
import { parseConfig } from '../replies/config.ts'
import { type Info, parseInfo } from '../replies/info.ts'
import type { CoreState } from '../stream/core-state.ts'
import { countSlots, eachSlot } from '../stream/moves.ts'
import type { NodeGoal } from '../stream/node-plans.ts'
import { count, isUp, labelOf, nameOf } from './draft.ts'
import { ask, eachOf } from './node-facts.ts'

/** What the nodes show of a goal: `text` says it, or what is missing still. */
export type GoalSight = { readonly reached: boolean; readonly text: string }

/** Whoever else is asked whether it sees the same. */
const WITNESSES = 64

/** Asks the nodes themselves whether they have come to what was wanted. Reads only; never rejects for a node that does not answer. */
export async function lookForGoal(caller: Caller, core: CoreState, goal: NodeGoal): Promise<GoalSight> {
  switch (goal.goal) {
    case 'in-charge':
      return inCharge(caller, core, goal.node)
    case 'follows':
      return follows(caller, core, goal.node, goal.primary)
    case 'resynced':
      return resynced(caller, core, goal)
    case 'member':
      return member(caller, core, goal)
    case 'forgotten':
      return forgotten(caller, core, goal.node)
    case 'silent':
      return silent(caller, core, goal.node)
    case 'back':
      return back(caller, core, goal.node)
    case 'owns': {
      const wanted = new Set(eachSlot(goal.slots))
      const owns = (lines: readonly NodeLine[]) => {
        const line = lines.find((one) => one.id === goal.node)
        return (
          line !== undefined &&
          countSlots(line.slots) > 0 &&
          [...wanted].every((slot) => line.slots.some(([a, b]) => slot >= a && slot <= b))
        )
      }
      const { agree, asked } = await witnesses(caller, core, owns)
      const text = `${agree} of ${count(asked, 'node')} hold ${nameOf(core, goal.node)} for the owner of ${count(wanted.size, 'slot')}`
      return { reached: asked > 0 && agree === asked, text }
    }
    case 'set':
      return settings(caller, core, goal)
  }
}

async function inCharge(caller: Caller, core: CoreState, id: string): Promise<GoalSight> {
  const name = nameOf(core, id)
  const lines = await viewOf(caller, core.nodes[id])
  const own = lines?.find((line) => line.id === id)
  if (!lines || !own) return { reached: false, text: `${name} does not answer` }
  if (own.role !== 'primary') return { reached: false, text: `${name} is still a replica of ${nameOf(core, own.primaryId)}` }
  const isPrimary = (view: readonly NodeLine[]) =>
    view.some((line) => line.id === id && line.role === 'primary' && line.configEpoch === own.configEpoch)
  const { agree, asked } = await witnesses(caller, core, isPrimary)
  const followers = lines.filter((line) => line.primaryId === id).map((line) => nameOf(core, line.id))
  const rest =
    followers.length === 0 ? 'no node follows it yet' : `${followers.join(', ')} ${followers.length === 1 ? 'follows' : 'follow'} it`
  const where = labelOf(core, core.nodes[id]?.shard ?? '')
  const text = `${name} is the primary of ${where} at epoch ${own.configEpoch} with ${count(countSlots(own.slots), 'slot')}, as ${agree} of ${count(asked, 'node')} see it; ${rest}`
  return { reached: agree * 2 > asked, text }
}

async function follows(caller: Caller, core: CoreState, id: string, primary: string): Promise<GoalSight> {
  const node = core.nodes[id]
  // A node that has just joined may not be in our picture yet.
  if (!node) return { reached: false, text: 'the new node is not listed by the others yet' }
  const [view, info] = await Promise.all([viewOf(caller, node), infoOf(caller, node, 'replication')])
  const own = view?.find((line) => line.id === id)
  if (!own || !info) return { reached: false, text: `${node.name} does not answer` }
  if (own.primaryId !== primary)
    return { reached: false, text: `${node.name} ${own.primaryId === null ? 'is a primary' : `follows ${nameOf(core, own.primaryId)}`}` }
  if (info.number('master_sync_in_progress') === 1)
    return { reached: false, text: `${node.name} takes its copy from ${nameOf(core, primary)}` }
  const isLinked = info.text('master_link_status') === 'up'
  const text = isLinked
    ? `${node.name} follows ${nameOf(core, primary)}, its link is up`
    : `${node.name} has no link to ${nameOf(core, primary)} yet`
  return { reached: isLinked, text }
}

async function resynced(caller: Caller, core: CoreState, goal: Extract<NodeGoal, { goal: 'resynced' }>): Promise<GoalSight> {
  const sight = await follows(caller, core, goal.node, goal.primary)
  const primary = core.nodes[goal.primary]
  if (!sight.reached || !primary) return sight
  const info = await infoOf(caller, primary, 'stats')
  const fullSyncs = info?.number('sync_full') ?? 0
  if (fullSyncs > goal.fullSyncsBefore) return { reached: true, text: `${sight.text} after a full copy` }
  return { reached: false, text: `${sight.text}, but ${primary.name} has sent no full copy` }
}

async function member(caller: Caller, core: CoreState, goal: Extract<NodeGoal, { goal: 'member' }>): Promise<GoalSight> {
  const own = await viewOf(caller, goal)
  const knows = (id: string | null) => own?.some((line) => !line.myself && !line.handshake && (id === null || line.id === id)) ?? false
  const isListed = (lines: readonly NodeLine[]) => lines.some((line) => line.id === goal.node && !line.handshake)
  const { agree, asked } = await witnesses(caller, core, isListed, goal.node)
  const place = `${goal.host}:${goal.port}`
  if (!knows(goal.knows)) return { reached: false, text: own ? `${place} does not know the others yet` : `${place} does not answer` }
  return { reached: agree === asked && asked > 0, text: `${place} is listed by ${agree} of ${count(asked, 'node')}` }
}

async function forgotten(caller: Caller, core: CoreState, id: string): Promise<GoalSight> {
  const { agree, asked } = await witnesses(caller, core, (lines) => !lines.some((line) => line.id === id), id)
  return { reached: asked > 0 && agree === asked, text: `${agree} of ${count(asked, 'node')} do not list it any more` }
}

async function silent(caller: Caller, core: CoreState, id: string): Promise<GoalSight> {
  const node = core.nodes[id]
  const name = nameOf(core, id)
  const answer = node ? await ask(caller, node, [['PING']]) : { error: 'it is gone' }
  if (!('error' in answer)) return { reached: false, text: `${name} answers still` }
  const { agree, asked } = await witnesses(caller, core, (lines) => lines.some((line) => line.id === id && line.failed), id)
  return { reached: true, text: `${name} does not answer; ${agree} of ${count(asked, 'node')} hold it for failed` }
}

async function back(caller: Caller, core: CoreState, id: string): Promise<GoalSight> {
  const name = nameOf(core, id)
  const own = (await viewOf(caller, core.nodes[id]))?.find((line) => line.myself)
  if (own?.id !== id) return { reached: false, text: `${name} does not answer yet` }
  const isBack = (lines: readonly NodeLine[]) => lines.some((line) => line.id === id && line.connected && !line.failed)
  const { agree, asked } = await witnesses(caller, core, isBack, id)
  const text = `${name} answers with ${count(countSlots(own.slots), 'slot')}, ${agree} of ${count(asked, 'node')} are linked to it`
  return { reached: asked > 0 && agree === asked, text }
}

async function settings(caller: Caller, core: CoreState, goal: Extract<NodeGoal, { goal: 'set' }>): Promise<GoalSight> {
  const others: string[] = []
  await eachOf(goal.nodes, async (id) => {
    const node = core.nodes[id]
    const replies = node ? await ask(caller, node, [['CONFIG', 'GET', goal.parameter]]) : { error: 'it is gone' }
    const config = 'error' in replies ? replies : parseConfig(replies.value[0])
    const value = 'error' in config ? config.error : config.value.get(goal.parameter)
    if (value !== goal.value) others.push(`${nameOf(core, id)}: ${value ?? 'not known'}`)
  })
  const done = goal.nodes.length - others.length
  const text = `${goal.parameter} is ${goal.value} at ${done} of ${count(goal.nodes.length, 'node')}`
  return { reached: others.length === 0, text: others.length === 0 ? text : `${text} (${others.slice(0, 5).join('; ')})` }
}

/** How many of the other members that answer see it so. */
async function witnesses(
  caller: Caller,
  core: CoreState,
  sees: (lines: readonly NodeLine[]) => boolean,
  except?: string
): Promise<{ readonly agree: number; readonly asked: number }> {
  let [agree, asked] = [0, 0]
  const others = Object.values(core.nodes).filter((node) => node.id !== except && isUp(node))
  await eachOf(others.slice(0, WITNESSES), async (node) => {
    const lines = await viewOf(caller, node)
    if (!lines) return
    asked++
    if (sees(lines)) agree++
  })
  return { agree, asked }
}

async function viewOf(caller: Caller, address: NodeAddress | undefined): Promise<readonly NodeLine[] | undefined> {
  const replies = address ? await ask(caller, address, [['CLUSTER', 'NODES']]) : { error: 'no address' }
  const lines = 'error' in replies ? replies : parseClusterNodes(replies.value[0])
  return 'value' in lines ? lines.value : undefined
}

async function infoOf(caller: Caller, address: NodeAddress, section: string): Promise<Info | undefined> {
  const replies = await ask(caller, address, [['INFO', section]])
  const info = 'error' in replies ? replies : parseInfo(replies.value[0])
  return 'value' in info ? info.value : undefined
}
