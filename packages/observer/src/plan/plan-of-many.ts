import { type Caller, UnreachableError } from '../caller.ts'
import { parseSlotStats } from '../replies/slot-stats.ts'
import type { CoreState, PlanCheck, PlanState } from '../stream/core-state.ts'
import { SLOTS } from '../stream/moves.ts'
import type { DrainRequest, PlanRequest, RebalanceLoad, RebalanceRequest } from '../stream/questions.ts'
import { drain, type RebalanceMove, rebalance } from './rebalance.ts'

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
  const errors = await Promise.all(
    primaries.map(async (node) => {
      try {
        const command = ['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', String(SLOTS - 1)]
        const [reply] = await caller.pipeline({ host: node.host, port: node.port }, [command], { purpose: 'work', cause: 'plan' })
        const stats = parseSlotStats(reply)
        if ('error' in stats) return `${node.name}: ${stats.error}`
        for (const stat of stats.value) {
          const value = by === 'keys' ? stat.keys : stat.cpuUs
          if (value === null) return `${node.name} does not count the processor time of slots: set cluster-slot-stats-enabled yes`
          load[stat.slot] = value
        }
        return undefined
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error
        return `${node.name}: ${error.message}`
      }
    })
  )
  const error = errors.find((text) => text !== undefined)
  return error === undefined ? load : { error }
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
    const text = `Shard ${label} gives its last slots: its nodes become replicas of whoever takes the last ones, or stay empty where cluster-allow-replica-migration is no.`
    checks.set(text, { id: `last-slots:${shard}`, level: 'warn', text })
  }
  return { ...first, moves, checks: [...checks.values()], balance: [...balance.values()], leftOut: plans.flatMap((plan) => plan.leftOut) }
}
