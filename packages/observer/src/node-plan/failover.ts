import type { CoreState, NodeState } from '../stream/core-state.ts'
import type { FailoverMode } from '../stream/node-plans.ts'
import { Checks, count, isUp, movesOf, type NodeDraft, type NodeRefusal, nameOf, roleOf, step, target } from './draft.ts'
import type { FactsByNode, NodeFacts } from './node-facts.ts'

/** A replica takes its shard over. Which way is chosen by what its primary says now, unless somebody chose it. */
export function failoverPlan(
  core: CoreState,
  request: { readonly node: string; readonly mode?: FailoverMode },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const node = core.nodes[request.node]
  if (!node) return { refused: `There is no node ${request.node.slice(0, 8)}.` }
  const shard = core.shards[node.shard]
  if (node.role === 'primary' || !shard) return { refused: `${node.name} is a primary already: a replica is to take over.` }
  const primary = shard.primary === null ? undefined : core.nodes[shard.primary]
  const primaryFacts = primary && facts.get(primary.id)
  const isPrimaryThere = primary !== undefined && isUp(primary) && primaryFacts?.error === null
  const mode = request.mode ?? (isPrimaryThere ? 'plain' : 'force')
  const checks = new Checks()
  const own = facts.get(node.id)
  if (checks.answers(node, own)) {
    if (own.failsOver === false)
      checks.stop('server', `${node.name} does not know CLUSTER FAILOVER: its server cannot hand a shard over to a replica.`)
    if (mode === 'plain') checkHandOver(checks, node, own, primary, isPrimaryThere ? primaryFacts : undefined)
    else checkWithout(checks, node, own, primary, isPrimaryThere, mode)
  }
  if (mode !== 'takeover') checkVotes(checks, core)
  for (const move of [shard.primary ?? '', node.id].flatMap((id) => movesOf(core, id)))
    checks.warn('moves', `The move ${move} runs: a change of primary ends it, and its slots stay where they are.`)
  return {
    title: `${node.name} takes over shard ${shard.label} from ${nameOf(core, shard.primary)}${mode === 'plain' ? '' : ` (${mode})`}`,
    steps: [step([target(node)], [['CLUSTER', 'FAILOVER', ...(mode === 'plain' ? [] : [mode.toUpperCase()])]])],
    checks: checks.list,
    seen: {
      [`role of ${node.name}`]: roleOf(core, node),
      [`shard ${shard.label}`]: `primary ${nameOf(core, shard.primary)} at epoch ${primary?.configEpoch ?? 0}`,
      ...(primary === undefined ? {} : { [primary.name]: isPrimaryThere ? 'answers' : 'does not answer' })
    },
    goal: { goal: 'in-charge', node: node.id },
    leastRole: mode === 'takeover' ? 'admin' : 'operator',
    typedName: mode === 'takeover' ? node.name : null
  }
}

/** A hand-over that both agree on: the primary stops its writers until the replica has everything. */
function checkHandOver(
  checks: Checks,
  node: NodeState,
  own: NodeFacts,
  primary: NodeState | undefined,
  primaryFacts: NodeFacts | undefined
): void {
  if (!primary || !primaryFacts) {
    const who = primary ? `${primary.name}, its primary, does not answer` : 'The shard has no primary'
    return checks.stop('primary', `${who}: there is nobody to agree with. FORCE goes without it.`)
  }
  if (!primaryFacts.lines.some((line) => line.id === node.id && line.primaryId === primary.id))
    checks.stop('known', `${primary.name} does not know ${node.name} as its replica.`)
  if (own.info?.number('master_sync_in_progress') === 1)
    return checks.stop('link', `${node.name} is still taking its first copy from ${primary.name}.`)
  if (own.info?.text('master_link_status') !== 'up')
    return checks.stop('link', `The link from ${node.name} to ${primary.name} is down: it cannot know when it has everything.`)
  const behind = (primaryFacts.info?.number('master_repl_offset') ?? 0) - (own.info?.number('slave_repl_offset') ?? 0)
  const text = `${node.name} follows ${primary.name} and is ${behind <= 0 ? 'in sync' : `${count(behind, 'byte')} behind`}.`
  if (behind > 1024 * 1024)
    checks.warn('lag', `${text} Writers wait until it has caught up, at most 5 s; if it has not by then, nothing changes.`)
  else checks.ok('lag', `${text} Writers wait for the moment of the hand-over, nothing is lost.`)
}

/** What the primary took and did not pass on is lost. */
function checkWithout(
  checks: Checks,
  node: NodeState,
  own: NodeFacts,
  primary: NodeState | undefined,
  isPrimaryThere: boolean,
  mode: FailoverMode
): void {
  if (isPrimaryThere)
    checks.warn('primary', `${primary?.name} answers: a plain failover would lose nothing, this way writes that it took just now are lost.`)
  else {
    const since = own.info?.number('master_link_down_since_seconds')
    const how = since === undefined || since < 0 ? '' : ` Its link has been down for ${count(since, 'second')}.`
    checks.warn(
      'primary',
      `${primary?.name ?? 'The primary'} does not answer: what it took and had not passed on to ${node.name} is lost.${how}`
    )
  }
  if (own.info?.number('master_sync_in_progress') === 1)
    checks.stop('link', `${node.name} has only a part of the first copy from its primary: it would serve a part of the keys.`)
  if (mode === 'takeover')
    checks.warn(
      'votes',
      `${node.name} takes a new epoch without asking anybody: where a part of the cluster is cut off, both parts may write.`
    )
}

/** A replica is elected by the primaries that own slots. */
function checkVotes(checks: Checks, core: CoreState): void {
  const voters = Object.values(core.shards).filter((shard) => shard.slotCount > 0)
  const living = voters.filter((shard) => shard.primary !== null && isUp(core.nodes[shard.primary]))
  const text = `${living.length} of ${count(voters.length, 'primary', 'primaries')} with slots can vote`
  if (living.length * 2 > voters.length) checks.ok('votes', `${text}: a majority.`)
  else checks.stop('votes', `${text}: no majority, so no replica is elected. TAKEOVER goes without votes (admin).`)
}
