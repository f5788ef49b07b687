import { type Caller, type Reply, UnreachableError } from '../caller.ts'
import { parseInfo } from '../replies/info.ts'
import { databasesOf } from '../replies/keyspace.ts'
import { parseSlotStats } from '../replies/slot-stats.ts'
import type { CoreState, NodeState, PlanCheck, PlanState, SlotRange } from '../stream/core-state.ts'
import { eachSlot, SLOTS } from '../stream/moves.ts'
import type { DrainRequest, PlanRequest, RebalanceLoad, RebalanceRequest } from '../stream/questions.ts'
import { drain, type RebalanceMove, rebalance } from './rebalance.ts'
import { type BytesPerKey, MOST_SAMPLED_KEYS, sampleBytes, settledMeans } from './sampled-bytes.ts'

/** Within this of its share a shard counts as even, unless asked otherwise. */
const TOLERANCE = 0.02

/** The load of each slot as the primaries count it, or why it is not known. `slots` needs no question: each counts as one. */
export async function askLoad(caller: Caller, core: CoreState, by: RebalanceLoad): Promise<Float64Array | { readonly error: string }> {
  const load = new Float64Array(SLOTS).fill(by === 'slots' ? 1 : 0)
  if (by === 'slots') return load
  const primaries = Object.values(core.shards).flatMap((shard) => {
    const node = shard.primary === null || shard.slotCount === 0 ? undefined : core.nodes[shard.primary]
    return node ? [node] : []
  })
  const sampledKeys = Math.floor(LOAD_SAMPLED_KEYS / Math.max(1, primaries.length))
  if (by === 'bytes' && sampledKeys < LEAST_SAMPLED_KEYS)
    return { error: `Bytes are sampled from ${LOAD_SAMPLED_KEYS} keys at most: too few for ${primaries.length} shards. Even out the keys.` }
  const weighed: (BytesPerKey & { readonly slots: readonly number[] })[] = []
  const errors = await Promise.all(
    primaries.map(async (node) => {
      try {
        const commands = [
          ['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', String(SLOTS - 1)],
          ['INFO', 'keyspace']
        ]
        const replies = await caller.pipeline({ host: node.host, port: node.port }, commands, { purpose: 'work', cause: 'plan' })
        const stats = parseSlotStats(replies[0])
        if ('error' in stats) return `${node.name}: ${stats.error}`
        for (const stat of stats.value) {
          const value = by === 'cpu' ? stat.cpuUs : stat.keys
          if (value === null) return `${node.name} does not count the processor time of slots: set cluster-slot-stats-enabled yes`
          load[stat.slot] = value
        }
        if (by !== 'bytes') return undefined
        const weight = await weigh(caller, node, stats.value, replies[1], sampledKeys)
        if (typeof weight === 'string') return weight
        if (weight) weighed.push({ ...weight, slots: stats.value.map(({ slot }) => slot) })
        return undefined
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error
        return `${node.name}: ${error.message}`
      }
    })
  )
  for (const [index, mean] of settledMeans(weighed).entries())
    for (const slot of weighed[index]?.slots ?? []) load[slot] = (load[slot] as number) * mean
  const error = errors.find((text) => text !== undefined)
  return error === undefined ? load : { error }
}

/** Of the keys that one plan may measure, half are for the loads and half for what the moves themselves take. */
const LOAD_SAMPLED_KEYS = MOST_SAMPLED_KEYS / 2
/** Of each shard; fewer say nothing. */
const LEAST_SAMPLED_KEYS = 4

/** What a node's keys take on average, by a sample; undefined where it has none. A text says why that is not known. */
async function weigh(
  caller: Caller,
  node: NodeState,
  stats: readonly { readonly slot: number; readonly keys: number }[],
  keyspace: Reply | undefined,
  sampledKeys: number
): Promise<BytesPerKey | undefined | string> {
  const info = parseInfo(keyspace)
  if ('error' in info) return `${node.name}: ${info.error}`
  const byDatabase = [...databasesOf(info.value)].map(([database, { keys }]) => ({ database, keys })).filter(({ keys }) => keys > 0)
  const filled = stats.filter(({ keys }) => keys > 0).map(({ slot }) => slot)
  const keys = stats.reduce((sum, stat) => sum + stat.keys, 0)
  if (keys === 0) return undefined
  const bytes = await sampleBytes(caller, node, { slots: filled, byDatabase, most: sampledKeys })
  if (!bytes) return `${node.name} does not say how much memory keys take: MEMORY USAGE and CLUSTER GETKEYSINSLOT are needed`
  return { mean: (bytes.low + bytes.high) / 2 / keys, error: (bytes.high - bytes.low) / 4 / keys }
}

/** The plan with the bytes of each shard before and after, by the estimate from which it was made. */
export function withBytes(core: CoreState, plan: PlanState, load: Float64Array): PlanState {
  const of = (ranges: readonly SlotRange[]) => [...eachSlot(ranges)].reduce((sum, slot) => sum + (load[slot] ?? 0), 0)
  const balance = plan.balance.map((row) => {
    const before = of(core.shards[row.shard]?.slots ?? [])
    const given = plan.moves.filter((move) => move.sourceShard === row.shard).reduce((sum, move) => sum + of(move.slots), 0)
    const taken = plan.moves
      .filter((move) => (move.targetShard ?? plan.targetShard) === row.shard)
      .reduce((sum, move) => sum + of(move.slots), 0)
    return { ...row, bytesBefore: Math.round(before), bytesAfter: Math.round(before - given + taken) }
  })
  return { ...plan, balance }
}

/** What has to be dropped where, for a rebalance or a drain; one entry per target. Refused in words when there is nothing to do. */
export function dropsFor(
  core: CoreState,
  request: RebalanceRequest | DrainRequest,
  load: Float64Array
): readonly PlanRequest[] | { readonly refused: string } {
  const able = Object.values(core.shards).filter((shard) => shard.primary !== null && core.nodes[shard.primary]?.health === 'online')
  const asShard = (shard: (typeof able)[number], weight: number) => ({ key: shard.key, slots: shard.slots, weight })
  let moves: readonly RebalanceMove[]
  if (request.kind === 'drain') {
    const shard = core.shards[request.shard]
    if (!shard) return { refused: `There is no shard ${request.shard}.` }
    if (shard.slotCount === 0) return { refused: `Shard ${shard.label} owns no slots.` }
    moves = drain(
      asShard(shard, 0),
      able.filter((one) => one !== shard).map((one) => asShard(one, 1)),
      load
    )
    if (moves.length === 0) return { refused: `No other shard could take the slots of ${shard.label}.` }
  } else {
    const weights = request.weights ?? {}
    const unknown = Object.keys(weights).find((key) => !Object.hasOwn(core.shards, key))
    if (unknown !== undefined) return { refused: `There is no shard ${unknown}.` }
    const tolerance = request.tolerance ?? TOLERANCE
    moves = rebalance(
      able.map((shard) => asShard(shard, Object.hasOwn(weights, shard.key) ? (weights[shard.key] ?? 1) : 1)),
      load,
      tolerance
    )
    if (moves.length === 0)
      return { refused: `Nothing to move: every shard is within ${tolerance * 100} % of its share, or no single slot is small enough.` }
  }
  const byTarget = new Map<string, RebalanceMove[]>()
  for (const move of moves) byTarget.set(move.target, [...(byTarget.get(move.target) ?? []), move])
  return [...byTarget].map(([targetShard, list]) => ({ targetShard, slots: list.flatMap((move) => move.slots) }))
}

/** One plan of several that were made at the same time, one per target: confirmed as a whole, run as one queue. */
export function joinPlans(core: CoreState, plans: readonly [PlanState, ...PlanState[]]): PlanState {
  const [first] = plans
  const moves = plans.flatMap((plan) => plan.moves.map((move) => ({ ...move, targetShard: plan.targetShard })))
  const balance = new Map<string, PlanState['balance'][number]>()
  for (const row of plans.flatMap((plan) => plan.balance)) {
    const held = balance.get(row.shard)
    if (!held) balance.set(row.shard, row)
    else
      balance.set(row.shard, {
        ...held,
        slotsAfter: held.slotsAfter + row.slotsAfter - row.slotsBefore,
        keysAfter: Math.max(0, held.keysAfter + row.keysAfter - row.keysBefore)
      })
  }
  const checks = new Map<string, PlanCheck>()
  for (const [index, plan] of plans.entries())
    for (const check of plan.checks)
      if (!checks.has(check.text)) checks.set(check.text, index === 0 ? check : { ...check, id: `${check.id}@${plan.targetShard}` })
  const said = [...checks.values()].some((check) => check.id.startsWith('last-slots'))
  const ending = said ? [] : [...balance.values()].filter((row) => row.slotsAfter === 0 && row.slotsBefore > 0)
  for (const { shard } of ending) {
    const label = core.shards[shard]?.label ?? shard.slice(0, 8)
    const text = `Shard ${label} gives its last slots: its nodes become replicas of whoever takes the last ones, or stay empty where cluster-allow-replica-migration is no: then they may be kept as a target, follow another primary, or be forgotten.`
    checks.set(text, { id: `last-slots:${shard}`, level: 'warn', text })
  }
  return { ...first, moves, checks: [...checks.values()], balance: [...balance.values()], leftOut: plans.flatMap((plan) => plan.leftOut) }
}
