import { type CoreState, countSlots, type DatabasesState, type ExpiryState, type NodeState, type Problem } from '@slotscope/observer/stream'
import { type Family, family } from './exposition.ts'

/** What is known of one cluster when it is asked about. */
export type KnownCluster = {
  readonly id: string
  readonly isSeen: boolean
  readonly core: CoreState
  readonly databases: DatabasesState | undefined
  readonly expiry: ExpiryState | undefined
  /** Open streams, and how many were cut because they did not read, since the start. */
  readonly viewers: number
  readonly viewersCut: number
}

/** More cells of shards x databases are not told one by one: their sums over the shards are, under the shard `*`. */
export const MOST_CELLS = 4_096
/** What is about to expire is told within these times. */
const HORIZONS_S = [60, 3_600, 86_400] as const

/** Every figure of a cluster. Labels are ids, letters and closed sets of words: their number grows with nodes, never with slots or keys. */
export function clusterFamilies(known: KnownCluster): readonly Family[] {
  return [
    ...wholeFamilies(known),
    ...slotFamilies(known),
    ...nodeFamilies(known),
    ...jobFamilies(known),
    ...healthFamilies(known),
    ...databaseFamilies(known),
    ...expiryFamilies(known),
    ...watchFamilies(known)
  ]
}

function wholeFamilies({ id, isSeen, core: { cluster } }: KnownCluster): Family[] {
  const seen = family('slotscope_cluster_seen', 'gauge', '1: a node of the cluster answers us.')
  seen.add(isSeen ? 1 : 0, { cluster: id })
  const ok = family(
    'slotscope_cluster_ok',
    'gauge',
    'cluster_state by most of the nodes asked: 1 ok, 0 fail; absent before the first reply.'
  )
  ok.add(cluster.state === 'unknown' ? null : cluster.state === 'ok' ? 1 : 0, { cluster: id })
  const epoch = family('slotscope_cluster_epoch', 'gauge', 'currentEpoch, the highest of the majority.')
  epoch.add(cluster.currentEpoch, { cluster: id })
  return [seen, ok, epoch]
}

function slotFamilies({ id, core }: KnownCluster): Family[] {
  const slots = family('slotscope_slots', 'gauge', 'Slots by shard: owned, and those of running moves, leaving and arriving.')
  for (const shard of Object.values(core.shards)) {
    const running = Object.values(core.jobs).filter((job) => job.endedAtMs === null)
    const sum = (side: 'sourceShard' | 'targetShard') =>
      running.filter((job) => job[side] === shard.key).reduce((total, job) => total + job.slotCount, 0)
    const labels = { cluster: id, shard: shard.label }
    slots.add(shard.slotCount, { ...labels, state: 'owned' })
    slots.add(sum('sourceShard'), { ...labels, state: 'leaving' })
    slots.add(sum('targetShard'), { ...labels, state: 'arriving' })
  }
  const unassigned = family('slotscope_slots_unassigned', 'gauge', 'Slots that no node owns in the view of the majority.')
  unassigned.add(countSlots(core.unassigned), { cluster: id })
  const disputed = family('slotscope_slots_disputed', 'gauge', 'Slots that two primaries claim of themselves.')
  disputed.add(countSlots((core.disputed ?? []).flatMap((dispute) => dispute.slots)), { cluster: id })
  return [slots, unassigned, disputed]
}

function nodeFamilies({ id, core }: KnownCluster): Family[] {
  const info = family('slotscope_node_info', 'gauge', '1; what belongs to the id of a node, to be joined with the other figures.')
  const figures: readonly [ReturnType<typeof family>, (node: NodeState) => number | null][] = [
    [family('slotscope_node_up', 'gauge', '1: the node is online and answers us.'), (node) => (node.health === 'online' ? 1 : 0)],
    [family('slotscope_node_memory_used_bytes', 'gauge', 'used_memory.'), (node) => node.usedMemory],
    [family('slotscope_node_memory_limit_bytes', 'gauge', 'maxmemory; 0: no limit.'), (node) => node.maxMemory],
    [
      family('slotscope_node_operations_per_second', 'gauge', 'Commands per second that the node runs.'),
      (node) => node.operationsPerSecond
    ],
    [family('slotscope_node_keys', 'gauge', 'Keys of all databases.'), (node) => node.keys],
    [
      family('slotscope_node_replication_lag_bytes', 'gauge', 'Bytes that a replica is behind its primary.'),
      (node) => (node.role === 'replica' ? node.lagBytes : null)
    ],
    [family('slotscope_node_epoch', 'gauge', 'configEpoch.'), (node) => node.configEpoch],
    [
      family('slotscope_node_writes_paused', 'gauge', '1: the node holds back writes of clients.'),
      (node) => (node.paused === null ? 0 : 1)
    ],
    [
      family('slotscope_node_read_timestamp_seconds', 'gauge', 'Unix time of the last reply of the node.'),
      (node) => (node.readAtMs > 0 ? node.readAtMs / 1000 : null)
    ]
  ]
  for (const node of Object.values(core.nodes)) {
    const shard = core.shards[node.shard]?.label ?? ''
    const { name, role } = node
    info.add(1, { cluster: id, node: node.id, name, address: `${node.host}:${node.port}`, shard, role, version: node.version ?? '' })
    for (const [of, read] of figures) of.add(read(node), { cluster: id, node: node.id })
  }
  return [info, ...figures.map(([of]) => of)]
}

function jobFamilies({ id, core }: KnownCluster): Family[] {
  const jobs = Object.values(core.jobs)
  const running = family('slotscope_migration_jobs_running', 'gauge', 'Moves that run.')
  running.add(jobs.filter((job) => job.endedAtMs === null).length, { cluster: id })
  const stuck = family('slotscope_migration_jobs_stuck', 'gauge', 'Moves that made no progress for 30 seconds.')
  stuck.add(jobs.filter((job) => job.stuck).length, { cluster: id })
  const unclear = family('slotscope_migration_jobs_unclear', 'gauge', 'Moves whose outcome is unclear and of which nobody took note.')
  unclear.add(jobs.filter((job) => job.outcome === 'unclear' && job.acknowledged !== true).length, { cluster: id })
  const queues = family(
    'slotscope_move_queues',
    'gauge',
    'Confirmed plans that have not ended, by status; a stopped one waits for a person.'
  )
  for (const status of ['running', 'stopping', 'stopped'] as const)
    queues.add(Object.values(core.queues ?? {}).filter((queue) => queue.status === status).length, { cluster: id, status })
  return [running, stuck, unclear, queues]
}

function healthFamilies({ id, core }: KnownCluster): Family[] {
  const all = Object.values(core.health)
  const problems = family('slotscope_health_problems', 'gauge', 'Problems of the cluster, by severity.')
  for (const severity of ['critical', 'warning', 'info'] as const satisfies readonly Problem['severity'][])
    problems.add(all.filter((problem) => problem.severity === severity).length, { cluster: id, severity })
  const kinds = new Map<string, number>()
  for (const problem of all) {
    const name = `${problem.severity} ${problem.id.split(':', 1)[0]}`
    kinds.set(name, (kinds.get(name) ?? 0) + 1)
  }
  const byKind = family('slotscope_health_problems_by_kind', 'gauge', 'Problems of the cluster that there are, by severity and kind.')
  for (const [name, value] of kinds) {
    const [severity = '', kind = ''] = name.split(' ')
    byKind.add(value, { cluster: id, severity, kind })
  }
  return [problems, byKind]
}

function databaseFamilies({ id, core, databases }: KnownCluster): Family[] {
  const keys = family('slotscope_database_keys', 'gauge', 'Keys of a database in a shard; `*`: in all shards.')
  const withExpiry = family('slotscope_database_keys_with_expiry', 'gauge', 'Keys with a deadline.')
  const volatile = family('slotscope_database_keys_with_volatile_fields', 'gauge', 'Hashes that hold a field with a deadline.')
  const shards = Object.entries(databases?.shards ?? {})
  const cells = shards.reduce((sum, [, shard]) => sum + Object.keys(shard).length, 0)
  const sums = new Map<string, { keys: number; withExpiry: number; withVolatileFields: number; shard: string; database: string }>()
  for (const [shardKey, ofShard] of shards)
    for (const [database, cell] of Object.entries(ofShard)) {
      const shard = cells > MOST_CELLS ? '*' : (core.shards[shardKey]?.label ?? shardKey.slice(0, 8))
      const sum = sums.get(`${shard} ${database}`) ?? { keys: 0, withExpiry: 0, withVolatileFields: 0, shard, database }
      sums.set(`${shard} ${database}`, sum)
      sum.keys += cell.keys
      sum.withExpiry += cell.withExpiry
      sum.withVolatileFields += cell.withVolatileFields
    }
  for (const { shard, database, ...sum } of [...sums.values()].slice(0, MOST_CELLS)) {
    const labels = { cluster: id, shard, database }
    keys.add(sum.keys, labels)
    withExpiry.add(sum.withExpiry, labels)
    volatile.add(sum.withVolatileFields, labels)
  }
  return [keys, withExpiry, volatile]
}

function expiryFamilies({ id, expiry }: KnownCluster): Family[] {
  const fields = family(
    'slotscope_expiry_forecast_fields',
    'gauge',
    'Hash fields that will expire within that many seconds, estimated from a sample.'
  )
  const keys = family('slotscope_expiry_forecast_keys', 'gauge', 'Keys that will expire within that many seconds, estimated from a sample.')
  const fieldRate = family('slotscope_expired_fields_per_second', 'gauge', 'Hash fields removed by expiry, all primaries.')
  const keyRate = family('slotscope_expired_keys_per_second', 'gauge', 'Keys removed by expiry, all primaries.')
  if (expiry === undefined) return []
  fieldRate.add(expiry.expiredFieldsPerSecond, { cluster: id })
  keyRate.add(expiry.expiredKeysPerSecond, { cluster: id })
  const { forecast } = expiry
  if (forecast === null) return [fieldRate, keyRate]
  for (const within_seconds of HORIZONS_S) {
    const sum = (perSecond: readonly number[]) =>
      perSecond.reduce((total, rate, i) => {
        const [from = 0, to = 0] = [forecast.edgesMs[i], forecast.edgesMs[i + 1]]
        return total + (rate * Math.max(0, Math.min(to, within_seconds * 1000) - from)) / 1000
      }, 0)
    keys.add(sum(forecast.keysPerSecond), { cluster: id, within_seconds })
    for (const [database, perSecond] of Object.entries(forecast.fieldsPerSecond).slice(0, MOST_CELLS))
      fields.add(sum(perSecond), { cluster: id, database, within_seconds })
  }
  return [fields, keys, fieldRate, keyRate]
}

function watchFamilies({ id, core: { watching }, viewers, viewersCut }: KnownCluster): Family[] {
  const commands = family('slotscope_watch_commands_per_second', 'gauge', 'Commands that Slotscope sends to the cluster, by cause.')
  for (const [cause, perSecond] of Object.entries(watching.byCause)) commands.add(perSecond, { cluster: id, cause })
  const share = family(
    'slotscope_watch_node_time_ratio',
    'gauge',
    'Share of the main thread of the busiest node that Slotscope takes, by its commandstats.'
  )
  share.add(watching.shareOfNodeTime, { cluster: id })
  const open = family('slotscope_viewers', 'gauge', 'Open streams.')
  open.add(viewers, { cluster: id })
  const cut = family('slotscope_viewers_cut_total', 'counter', 'Streams that were cut because their viewer did not read.')
  cut.add(viewersCut, { cluster: id })
  return [commands, share, open, cut]
}
