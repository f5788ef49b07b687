import type { ClusterEvent, CoreState, JobState, NodeState, SlotRange } from '../stream/core-state.ts'
import { ownerOfSlot, sameRanges } from '../stream/moves.ts'

/** What happened between two states of the cluster, in words, without number and time. */
export function eventsBetween(before: CoreState, after: CoreState): readonly Pick<ClusterEvent, 'kind' | 'text'>[] {
  // The first picture is not news.
  if (Object.keys(before.nodes).length === 0) return []
  return [
    ...jobEvents(before, after),
    ...ownershipEvents(before, after),
    ...failoverEvents(before, after),
    ...nodeEvents(before, after),
    ...deedEvents(before, after),
    ...(after.cluster.currentEpoch > before.cluster.currentEpoch && before.cluster.currentEpoch > 0
      ? [{ kind: 'epoch' as const, text: `epoch ${before.cluster.currentEpoch} → ${after.cluster.currentEpoch}` }]
      : []),
    ...(after.cluster.state !== before.cluster.state && before.cluster.state !== 'unknown' && after.cluster.state !== 'unknown'
      ? [{ kind: 'node' as const, text: after.cluster.state === 'ok' ? 'the cluster is up again' : 'the cluster is down' }]
      : [])
  ]
}

type Event = Pick<ClusterEvent, 'kind' | 'text'>

function jobEvents(before: CoreState, after: CoreState): Event[] {
  const events: Event[] = []
  for (const job of Object.values(after.jobs)) {
    const old = before.jobs[job.name]
    if (old === job) continue
    const what = `${count(job.slotCount)} ${labelOf(after, job.sourceShard)} → ${labelOf(after, job.targetShard)}`
    // A job that we only find in the list of finished ones has no history and is no news.
    if (!old && job.history.length > 0)
      events.push({ kind: 'job-started', text: `move of ${what} started${job.startedBy === null ? ' elsewhere' : ` by ${job.startedBy}`}` })
    // What was told of an end may prove to be one of two stories.
    if (job.endedAtMs !== null && job.history.length > 0 && (!old || old.endedAtMs === null || old.outcome !== job.outcome))
      events.push({ kind: 'job-ended', text: `move of ${what}: ${outcomeText(job)}` })
  }
  return events
}

function outcomeText(job: JobState): string {
  if (job.outcome === 'moved') return 'moved'
  const reason = job.reason === null ? '' : ` (${job.reason})`
  return job.outcome === 'unclear' ? `outcome unclear${reason}` : `not moved${reason}`
}

function ownershipEvents(before: CoreState, after: CoreState): Event[] {
  const none: readonly SlotRange[] = []
  const keys = new Set([...Object.keys(before.shards), ...Object.keys(after.shards)])
  const changed = [...keys].some((key) => !sameRanges(before.shards[key]?.slots ?? none, after.shards[key]?.slots ?? none))
  if (!changed) return []
  const [old, now] = [ownerOfSlot(before), ownerOfSlot(after)]
  const moves = new Map<string, number>()
  for (let slot = 0; slot < now.length; slot++) {
    if (old[slot] === now[slot]) continue
    const way = `${nameOf(before, old[slot])} → ${nameOf(after, now[slot])}`
    moves.set(way, (moves.get(way) ?? 0) + 1)
  }
  return [...moves].map(([way, slots]) => ({ kind: 'ownership', text: `${count(slots)} ${way}` }))
}

function failoverEvents(before: CoreState, after: CoreState): Event[] {
  const events: Event[] = []
  for (const shard of Object.values(after.shards)) {
    const old = before.shards[shard.key]?.primary
    if (old === undefined || old === null || shard.primary === null || shard.primary === old) continue
    const from = after.nodes[old] ?? before.nodes[old]
    events.push({
      kind: 'failover',
      text: `shard ${shard.label}: ${nodeName(after.nodes[shard.primary])} took over from ${nodeName(from)}`
    })
  }
  return events
}

function nodeEvents(before: CoreState, after: CoreState): Event[] {
  const events: Event[] = []
  for (const node of Object.values(after.nodes)) {
    const old = before.nodes[node.id]
    if (old?.health === node.health) continue
    if (!old) events.push({ kind: 'node', text: `${node.name} joined as ${node.role}` })
    else events.push({ kind: 'node', text: `${node.name}: ${old.health} → ${node.health}${node.error === null ? '' : ` (${node.error})`}` })
  }
  for (const node of Object.values(before.nodes))
    if (!after.nodes[node.id]) events.push({ kind: 'node', text: `${node.name} was forgotten` })
  return events
}

/** What somebody did to a node, when it begins and when it ends. */
function deedEvents(before: CoreState, after: CoreState): Event[] {
  return Object.values(after.deeds ?? {}).flatMap((deed): Event[] => {
    const old = before.deeds?.[deed.planId]?.status ?? 'planned'
    if (deed.status === old || deed.status === 'planned') return []
    const how = deed.status === 'running' ? '' : ` ${deed.status}${deed.outcome === null ? '' : ` (${deed.outcome})`}`
    return [{ kind: 'deed', text: `${deed.confirmedBy ?? deed.actor}: ${deed.title}:${how === '' ? ' begun' : how}` }]
  })
}

function count(slots: number): string {
  return `${slots.toLocaleString('en-US')} ${slots === 1 ? 'slot' : 'slots'}`
}

function labelOf(core: CoreState, shard: string): string {
  return core.shards[shard]?.label ?? core.formerShards?.[shard]?.label ?? shard.slice(0, 8)
}

function nameOf(core: CoreState, shard: string | undefined): string {
  return shard === undefined ? 'nobody' : labelOf(core, shard)
}

function nodeName(node: NodeState | undefined): string {
  return node?.name ?? 'a node that is gone'
}
