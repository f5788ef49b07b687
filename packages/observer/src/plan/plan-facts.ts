import { type Caller, type Command, ErrorReply, type Reply, UnreachableError } from '../caller.ts'
import { childOf } from '../feed/node-figures.ts'
import { parseClusterNodes } from '../replies/cluster-nodes.ts'
import { parseConfig } from '../replies/config.ts'
import { parseInfo } from '../replies/info.ts'
import { databasesOf } from '../replies/keyspace.ts'
import { fieldsOf, integerOf, listOf, textOf } from '../replies/shape.ts'
import { parseSlotStats } from '../replies/slot-stats.ts'
import type { CoreState, NodeState, SampledBytes, SlotRange } from '../stream/core-state.ts'
import { countSlots, eachSlot, splitMove } from '../stream/moves.ts'
import type { PlanRequest } from '../stream/questions.ts'
import { evenSample, MOST_SAMPLED_KEYS, sampleBytes } from './sampled-bytes.ts'

/** What one node that takes part in a plan said when it was asked for it. */
export type PlanNodeFacts = {
  /** Why it did not answer; null: it did. Then the rest is empty. */
  readonly error: string | null
  /** Our own engine keeps databases apart while slots move; real 9.0 and 9.1 do not. */
  readonly ownEngine: boolean
  readonly databasesInUse: readonly number[]
  /** `cluster-databases`; null: not readable. */
  readonly databaseLimit: number | null
  /** `cluster-allow-replica-migration`; null: not readable. */
  readonly allowReplicaMigration: boolean | null
  readonly usedMemory: number | null
  readonly maxMemory: number | null
  readonly keys: number
  /** Ids that its CLUSTER NODES lists. */
  readonly knownNodes: readonly string[]
  /** Slots half way in a legacy move. */
  readonly openSlots: number
  /** A child that keeps a real server from forking for a slot snapshot: `RDB save`, `AOF rewrite`, `slot snapshot`. */
  readonly childRunning: string | null
  /** Replicas that it needs before it takes a write (`min-replicas-to-write`), and those that are good enough now. */
  readonly replicasNeeded: number
  readonly replicasGood: number | null
  /** Why our own user may not start or cancel exports here, in the server's words; null: it may, or that cannot be read. */
  readonly denied: string | null
  /** As whom this node logs in to others for a migration; null: it does not, and comes as `default`. Undefined: not readable. */
  readonly linkUser: string | null | undefined
  /** Why a migration that comes as `default` would be refused here; null: it would not, or that cannot be read. */
  readonly refusesDefault: string | null
  /** A module is loaded: one that did not opt in makes MIGRATESLOTS fail. */
  readonly module: string | null
}

export type KeysOfMove = {
  readonly byDatabase: readonly { readonly database: number; readonly keys: number }[]
  /** Null: counted. Else the databases' shares are estimated from so many of the slots. */
  readonly estimatedFromSlots: number | null
  /** What they take in memory, from a sample; null: that could not be asked. */
  readonly bytes: SampledBytes | null
}

export type PlanFacts = {
  /** By source shard. */
  readonly keysByMove: Readonly<Record<string, KeysOfMove>>
  /** By node id: the sources' primaries and the target's. */
  readonly nodes: Readonly<Record<string, PlanNodeFacts>>
}

/** Work that is asked per slot is bounded (interaction section 4). */
const COUNTS_PER_NODE = 2_000
const PIPELINE = 256
const TIMEOUT_MS = 5_000

/**
 * Asks the nodes that a plan would involve, all at once. Reads only; a node that does not answer is a fact, not an error. At most
 * `sampledKeys` keys are measured, over all sources.
 */
export async function askPlanFacts(
  caller: Caller,
  core: CoreState,
  request: PlanRequest,
  { sampledKeys = MOST_SAMPLED_KEYS }: { readonly sampledKeys?: number } = {}
): Promise<PlanFacts> {
  const split = splitMove(core, request.slots, request.targetShard)
  const target = nodeOf(core, request.targetShard)
  const nodes: Record<string, PlanNodeFacts> = {}
  const keysByMove: Record<string, KeysOfMove> = {}
  const ask = async (node: NodeState) => {
    nodes[node.id] = await askNode(caller, node)
  }
  const askSource = async (source: (typeof split.sources)[number]) => {
    const node = nodeOf(core, source.shard)
    if (!node) return
    await ask(node)
    const databases = nodes[node.id]?.databasesInUse ?? []
    const most = Math.floor(sampledKeys / split.sources.length)
    keysByMove[source.shard] = await countKeys(caller, node, source.slots, databases, most)
  }
  await Promise.all([...(target ? [ask(target)] : []), ...split.sources.map(askSource)])
  return { keysByMove, nodes }
}

function nodeOf(core: CoreState, shard: string): NodeState | undefined {
  const primary = core.shards[shard]?.primary
  return primary === null || primary === undefined ? undefined : core.nodes[primary]
}

async function askNode(caller: Caller, node: NodeState): Promise<PlanNodeFacts> {
  const replies = await call(caller, node, [
    ['INFO', 'server', 'memory', 'keyspace', 'persistence', 'replication', 'modules'],
    ['CLUSTER', 'NODES'],
    ['CONFIG', 'GET', 'cluster-databases', 'cluster-allow-replica-migration', 'min-replicas-to-write', 'primaryauth', 'primaryuser'],
    ['ACL', 'WHOAMI'],
    ['ACL', 'GETUSER', 'default']
  ])
  if ('error' in replies) return { ...unknown, error: replies.error }
  const info = parseInfo(replies.value[0])
  if ('error' in info) return { ...unknown, error: info.error }
  const lines = parseClusterNodes(replies.value[1])
  const config = parseConfig(replies.value[2])
  const settings: ReadonlyMap<string, string> = 'value' in config ? config.value : new Map()
  const databases = databasesOf(info.value)
  const myself = 'value' in lines ? lines.value.find((line) => line.myself) : undefined
  const limit = settings.get('cluster-databases')
  const replicaMigration = settings.get('cluster-allow-replica-migration')
  return {
    error: 'error' in lines ? lines.error : null,
    ownEngine: info.value.text('slotscope_version') !== undefined,
    databasesInUse: [...databases].filter(([, figures]) => figures.keys > 0).map(([number]) => number),
    databaseLimit: limit === undefined ? null : Number(limit),
    allowReplicaMigration: replicaMigration === undefined ? null : replicaMigration === 'yes',
    usedMemory: info.value.number('used_memory') ?? null,
    maxMemory: info.value.number('maxmemory') ?? null,
    keys: [...databases.values()].reduce((sum, figures) => sum + figures.keys, 0),
    knownNodes: 'value' in lines ? lines.value.map((line) => line.id) : [],
    openSlots: myself === undefined ? 0 : myself.migrating.length + myself.importing.length,
    childRunning: childOf(info.value),
    replicasNeeded: Number(settings.get('min-replicas-to-write') ?? 0),
    replicasGood: info.value.number('min_slaves_good_slaves') ?? null,
    denied: await deniedOf(caller, node, textOf(replies.value[3])),
    linkUser: linkUserOf(settings),
    refusesDefault: refusalOfDefault(replies.value[4]),
    module: /name=([^,]*)/.exec(info.value.text('module') ?? '')?.[1] ?? null
  }
}

const unknown: Omit<PlanNodeFacts, 'error'> = {
  ownEngine: false,
  databasesInUse: [],
  databaseLimit: null,
  allowReplicaMigration: null,
  usedMemory: null,
  maxMemory: null,
  keys: 0,
  knownNodes: [],
  openSlots: 0,
  childRunning: null,
  replicasNeeded: 0,
  replicasGood: null,
  denied: null,
  linkUser: undefined,
  refusesDefault: null,
  module: null
}

/** What our own user may not do of a move. Who may not ask ACL DRYRUN learns it from the refusal when the time comes. */
async function deniedOf(caller: Caller, node: NodeState, user: string | undefined): Promise<string | null> {
  if (user === undefined) return null
  const needed = [
    ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '0', 'NODE', node.id],
    ['CLUSTER', 'GETSLOTMIGRATIONS'],
    ['CLUSTER', 'CANCELSLOTMIGRATIONS']
  ]
  const replies = await call(
    caller,
    node,
    needed.map((command) => ['ACL', 'DRYRUN', user, ...command])
  )
  if ('error' in replies) return null
  // An error is about DRYRUN itself; what the user may not run is a plain text.
  return (
    replies.value
      .map((reply) => (reply instanceof ErrorReply ? undefined : textOf(reply)))
      .find((text) => text !== undefined && text !== 'OK') ?? null
  )
}

/** The password itself is looked at here and goes nowhere. */
function linkUserOf(settings: ReadonlyMap<string, string>): string | null | undefined {
  const password = settings.get('primaryauth')
  if (password === undefined) return undefined
  return password === '' ? null : settings.get('primaryuser') || 'default'
}

/** A link without a login comes as `default`, which must be on and need no password (atomic-slot-migration.md section 3). */
function refusalOfDefault(reply: Reply | undefined): string | null {
  const fields = fieldsOf(reply)
  const flags = listOf(fields?.get('flags'))?.map((flag) => textOf(flag))
  if (!flags) return null
  if (flags.includes('off')) return 'its user default is off'
  return flags.includes('nopass') ? null : 'its user default needs a password'
}

/**
 * Keys of the slots by database. SLOT-STATS counts all databases in one call; only when several are in use is each slot asked
 * per database, and of very many slots an even sample, scaled to the counted total.
 */
async function countKeys(
  caller: Caller,
  node: NodeState,
  slots: readonly SlotRange[],
  databases: readonly number[],
  sampledKeys: number
): Promise<KeysOfMove> {
  const perSlot = await keysPerSlot(caller, node, slots)
  const total = perSlot === undefined ? undefined : [...perSlot.values()].reduce((sum, keys) => sum + keys, 0)
  if (databases.length === 0 || total === 0) return { byDatabase: [], estimatedFromSlots: null, bytes: null }
  const filled = perSlot === undefined ? [...eachSlot(slots)] : [...perSlot].filter(([, keys]) => keys > 0).map(([slot]) => slot)
  const counted =
    databases.length === 1 && total !== undefined
      ? { byDatabase: [{ database: databases[0] as number, keys: total }], estimatedFromSlots: null }
      : await countByDatabase(caller, node, filled, databases, total)
  const bytes = await sampleBytes(caller, node, { slots: filled, byDatabase: counted.byDatabase, most: sampledKeys })
  return { ...counted, bytes }
}

async function countByDatabase(
  caller: Caller,
  node: NodeState,
  filled: readonly number[],
  databases: readonly number[],
  total: number | undefined
): Promise<Omit<KeysOfMove, 'bytes'>> {
  const sample = evenSample(filled, Math.max(1, Math.floor(COUNTS_PER_NODE / databases.length)))
  const counts = new Map<number, number>()
  for (const database of databases) {
    const keys = await countInDatabase(caller, node, database, sample)
    if (keys === undefined) break
    counts.set(database, keys)
  }
  const counted = [...counts.values()].reduce((sum, keys) => sum + keys, 0)
  const estimated = sample.length < filled.length
  const factor = !estimated || counted === 0 ? 1 : (total ?? (counted * filled.length) / sample.length) / counted
  return {
    byDatabase: [...counts].filter(([, keys]) => keys > 0).map(([database, keys]) => ({ database, keys: Math.round(keys * factor) })),
    estimatedFromSlots: estimated ? sample.length : null
  }
}

async function keysPerSlot(caller: Caller, node: NodeState, slots: readonly SlotRange[]): Promise<ReadonlyMap<number, number> | undefined> {
  // Very many ranges are cheaper as one span, of which the rest is left aside.
  const first = slots[0]?.[0] ?? 0
  const last = slots.at(-1)?.[1] ?? 0
  const ranges: readonly SlotRange[] = slots.length > 32 ? [[first, last]] : slots
  const replies = await call(
    caller,
    node,
    ranges.map(([from, to]) => ['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', String(from), String(to)])
  )
  if ('error' in replies) return undefined
  const wanted = new Set(eachSlot(slots))
  const keys = new Map<number, number>()
  for (const reply of replies.value) {
    const stats = parseSlotStats(reply)
    if ('error' in stats) return undefined
    for (const stat of stats.value) if (wanted.has(stat.slot)) keys.set(stat.slot, stat.keys)
  }
  return keys.size === countSlots(slots) ? keys : undefined
}

async function countInDatabase(caller: Caller, node: NodeState, database: number, slots: readonly number[]): Promise<number | undefined> {
  let total = 0
  for (let at = 0; at < slots.length; at += PIPELINE - 1) {
    const commands: Command[] = [['SELECT', String(database)]]
    for (const slot of slots.slice(at, at + PIPELINE - 1)) commands.push(['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])
    const replies = await call(caller, node, commands)
    if ('error' in replies) return undefined
    for (const reply of replies.value.slice(1)) {
      const keys = integerOf(reply)
      if (keys === undefined) return undefined
      total += keys
    }
  }
  return total
}

async function call(
  caller: Caller,
  node: NodeState,
  commands: readonly Command[]
): Promise<{ value: readonly Reply[] } | { error: string }> {
  try {
    const address = { host: node.host, port: node.port }
    return { value: await caller.pipeline(address, commands, { purpose: 'work', cause: 'plan', timeoutMs: TIMEOUT_MS }) }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return { error: error.message }
  }
}
