import { checkPlan } from './plan/plan-checks.ts'
import type { PlanFacts } from './plan/plan-facts.ts'
import type { CoreState, NodeState, PlannedMove, PlanState, QueuedMove, SlotRange } from './stream/core-state.ts'
import { eachSlot, formatRanges, movingSlots, ownerOfSlot, splitMove, toRanges } from './stream/moves.ts'
import type { PlanRequest, StaleDetail } from './stream/questions.ts'

/** A plan that cannot even be drawn, in words for the one who asked. */
export type PlanRefusal = { readonly refused: string }

export type PlanMaker = {
  readonly planId: string
  readonly actor: string
  /** Wall clock, milliseconds. */
  readonly nowMs: number
}

/** A plan is good for so long. */
export const PLAN_LIFE_MS = 60_000

/**
 * What would happen if the slots were dropped on the target: one move per source, each with its exact command, checked against
 * what the nodes said (`askPlanFacts`). Nothing is sent. A plan with a `stop` among its checks must not be confirmed.
 */
export function makePlan(core: CoreState, request: PlanRequest, facts: PlanFacts, maker: PlanMaker): PlanState | PlanRefusal {
  const target = core.shards[request.targetShard]
  if (!target) return { refused: `There is no shard ${request.targetShard}.` }
  const targetNode = target.primary === null ? undefined : core.nodes[target.primary]
  if (!targetNode) return { refused: `Shard ${target.label} has no primary that could take slots.` }
  const split = splitMove(core, request.slots, request.targetShard)
  if (split.slotCount === 0) {
    const why = split.leftOut.map((left) => left.detail).join(', ')
    return { refused: why === '' ? 'No slots were chosen.' : `None of these slots can move to ${target.label}: ${why}.` }
  }
  const moves: PlannedMove[] = []
  for (const source of split.sources) {
    const shard = core.shards[source.shard]
    const node = shard?.primary == null ? undefined : core.nodes[shard.primary]
    if (!shard || !node) return { refused: `Shard ${shard?.label ?? source.shard} has no primary that could give slots.` }
    moves.push(plannedMove(source, node, targetNode, facts))
  }
  return {
    planId: maker.planId,
    actor: maker.actor,
    madeAtMs: maker.nowMs,
    expiresAtMs: maker.nowMs + PLAN_LIFE_MS,
    targetShard: request.targetShard,
    moves,
    leftOut: split.leftOut,
    checks: checkPlan(core, request.targetShard, moves, facts),
    balance: balanceOf(core, request.targetShard, moves)
  }
}

function plannedMove(
  source: { readonly shard: string; readonly slots: readonly SlotRange[]; readonly slotCount: number },
  node: NodeState,
  targetNode: NodeState,
  facts: PlanFacts
): PlannedMove {
  const keysByDatabase = facts.keysByMove[source.shard]?.byDatabase ?? []
  const command = ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE']
  for (const [first, last] of source.slots) command.push(String(first), String(last))
  command.push('NODE', targetNode.id)
  return {
    sourceShard: source.shard,
    sourceNode: node.id,
    targetNode: targetNode.id,
    slots: source.slots,
    slotCount: source.slotCount,
    ownerEpoch: node.configEpoch,
    keysByDatabase,
    keys: keysByDatabase.reduce((sum, entry) => sum + entry.keys, 0),
    bytes: facts.keysByMove[source.shard]?.bytes ?? null,
    command,
    ...(facts.nodes[node.id]?.ownEngine ? { sideBySide: true } : {}),
    shell: `valkey-cli -h ${node.host} -p ${node.port} ${command.join(' ')}`
  }
}

function balanceOf(core: CoreState, targetShard: string, moves: readonly PlannedMove[]): PlanState['balance'] {
  const arriving = { slots: 0, keys: 0 }
  const rows = moves.map((move) => {
    arriving.slots += move.slotCount
    arriving.keys += move.keys
    return balanceRow(core, move.sourceShard, -move.slotCount, -move.keys)
  })
  return [...rows, balanceRow(core, targetShard, arriving.slots, arriving.keys)]
}

function balanceRow(core: CoreState, shard: string, slots: number, keys: number): PlanState['balance'][number] {
  const before = core.shards[shard]
  const [slotsBefore, keysBefore] = [before?.slotCount ?? 0, before?.keys ?? 0]
  return { shard, slotsBefore, slotsAfter: slotsBefore + slots, keysBefore, keysAfter: Math.max(0, keysBefore + keys) }
}

/** What is no longer as it was when the plan was made. Empty: it may be confirmed. */
export function compareWithPlan(core: CoreState, plan: PlanState): StaleDetail[] {
  const owners = ownerOfSlot(core)
  const moving = movingSlots(core)
  const label = (shard: string | undefined) =>
    shard === undefined ? 'owned by no node' : `owned by ${core.shards[shard]?.label ?? shard.slice(0, 8)}`
  const name = (id: string | null | undefined) => (id == null ? 'no primary' : `primary ${core.nodes[id]?.name ?? id.slice(0, 8)}`)
  const details: StaleDetail[] = []
  for (const move of plan.moves) {
    const changed = new Map<string, number[]>()
    for (const slot of eachSlot(move.slots)) {
      const is = owners[slot] !== move.sourceShard ? label(owners[slot]) : moving.has(slot) ? 'already migrating' : undefined
      if (is === undefined) continue
      const list = changed.get(is)
      if (list) list.push(slot)
      else changed.set(is, [slot])
    }
    for (const [is, slots] of changed) details.push({ slots: toRanges(slots), was: label(move.sourceShard), is })
    const source = core.shards[move.sourceShard]
    const target = core.shards[move.targetShard ?? plan.targetShard]
    if (source?.primary !== move.sourceNode) details.push({ slots: move.slots, was: name(move.sourceNode), is: name(source?.primary) })
    else if (core.nodes[move.sourceNode]?.configEpoch !== move.ownerEpoch)
      details.push({
        slots: move.slots,
        was: `config epoch ${move.ownerEpoch}`,
        is: `config epoch ${core.nodes[move.sourceNode]?.configEpoch ?? 'unknown'}`
      })
    if (target?.primary !== move.targetNode)
      details.push({ slots: move.slots, was: `to ${name(move.targetNode)}`, is: `to ${name(target?.primary)}` })
  }
  return details
}

/**
 * Why a confirmed move must not be sent now; null: it may. Unlike `compareWithPlan` it does not mind epochs: earlier moves of the
 * same plan raise them.
 */
export function whyNotStart(
  core: CoreState,
  move: Pick<QueuedMove, 'sourceShard' | 'targetShard' | 'sourceNode' | 'targetNode' | 'slots'>
): string | null {
  const owners = ownerOfSlot(core)
  const gone = [...eachSlot(move.slots)].filter((slot) => owners[slot] !== move.sourceShard)
  const label = (shard: string) => core.shards[shard]?.label ?? shard.slice(0, 8)
  if (gone.length > 0) return `slots ${formatRanges(toRanges(gone))} are no longer owned by ${label(move.sourceShard)}`
  if (core.shards[move.sourceShard]?.primary !== move.sourceNode) return `${label(move.sourceShard)} has another primary now`
  if (core.shards[move.targetShard]?.primary !== move.targetNode) return `${label(move.targetShard)} has another primary now`
  const moving = movingSlots(core)
  const busy = [...eachSlot(move.slots)].filter((slot) => moving.has(slot))
  return busy.length > 0 ? `slots ${formatRanges(toRanges(busy))} are already migrating` : null
}
