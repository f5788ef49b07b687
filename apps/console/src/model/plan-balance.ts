import { type CoreState, countSlots, eachSlot, type PlanState, type RebalanceLoad } from '@slotscope/observer/stream'
import { formatCount } from './format.ts'
import { targetOf, type Weights } from './plan-wish.ts'

/** One shard before and after a plan, in the unit that is asked for; null: not known. */
export type BalanceRow = {
  readonly shard: string
  readonly before: number | null
  readonly after: number | null
  /** Its share of the whole; null: not known. */
  readonly due: number | null
  /** The other figures, in words. */
  readonly title: string
}

export type Balance = {
  /** Shards that change, those that change most first. */
  readonly rows: readonly BalanceRow[]
  /** How many shards do not change. */
  readonly rest: number
  /** Greatest value of all rows, 1 at least: the full width of a bar. */
  readonly greatest: number
  /** The share of each shard if all have the same; null while a figure is not known, with a single shard, or where weights differ. */
  readonly even: number | null
}

/**
 * The balance of a plan by slots, by keys, by sampled bytes, or by CPU (microseconds a second, from the figures of each slot as they are now: the plan
 * itself was made from the counters that servers keep since they started).
 */
export function balanceBy(
  plan: PlanState,
  by: RebalanceLoad,
  shards: CoreState['shards'],
  cpu: Float64Array | null,
  weights: Weights = {}
): Balance {
  const byCpu = by === 'cpu' ? cpuOf(plan, shards, cpu) : null
  const rows = plan.balance
    .map((row): Omit<BalanceRow, 'due'> => {
      const title = `${formatCount(row.slotsBefore)} → ${formatCount(row.slotsAfter)} slots, ${formatCount(row.keysBefore)} → ${formatCount(row.keysAfter)} keys`
      if (by === 'slots') return { shard: row.shard, before: row.slotsBefore, after: row.slotsAfter, title }
      if (by === 'keys') return { shard: row.shard, before: row.keysBefore, after: row.keysAfter, title }
      if (by === 'bytes') return { shard: row.shard, before: row.bytesBefore ?? null, after: row.bytesAfter ?? null, title }
      return { shard: row.shard, before: byCpu?.before.get(row.shard) ?? null, after: byCpu?.after.get(row.shard) ?? null, title }
    })
    .filter((row) => row.before === null || row.before !== row.after)
    .sort((a, b) => change(b) - change(a))
  const all = Object.values(shards)
  // Whoever gives its last slot shares in nothing afterwards.
  const ending = plan.balance.filter((row) => row.slotsAfter === 0 && row.slotsBefore > 0).length
  const total = totalOf(plan, by, all, byCpu?.before)
  const even = total === null || all.length - ending < 2 ? null : total / (all.length - ending)
  const weightOf = (shard: string) => weights[shard] ?? 1
  const weighed = all.reduce((sum, shard) => sum + weightOf(shard.key), 0)
  const isWeighted = Object.keys(weights).length > 0
  const dueOf = (shard: string) => (!isWeighted ? even : total === null || weighed === 0 ? null : (total * weightOf(shard)) / weighed)
  return {
    rows: rows.map((row) => ({ ...row, due: dueOf(row.shard) })),
    rest: all.length - rows.length,
    greatest: rows.reduce((most, row) => Math.max(most, row.before ?? 0, row.after ?? 0), 1),
    even: isWeighted ? null : even
  }
}

/** Over all shards; null: not known. Of bytes only a plan that touches every shard tells all. */
function totalOf(
  plan: PlanState,
  by: RebalanceLoad,
  shards: readonly CoreState['shards'][string][],
  cpu: ReadonlyMap<string, number> | undefined
): number | null {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  if (by === 'slots') return sum(shards.map((shard) => countSlots(shard.slots)))
  if (by === 'keys') return sum(shards.map((shard) => shard.keys))
  if (by === 'cpu') return cpu ? sum([...cpu.values()]) : null
  return plan.balance.length < shards.length ? null : sum(plan.balance.map((row) => row.bytesBefore ?? Number.NaN))
}

function change({ before, after }: Pick<BalanceRow, 'before' | 'after'>): number {
  return before === null || after === null ? 0 : Math.abs(after - before)
}

/** Sums per shard before and after; slots whose figure is not known count as nothing. Null without figures. */
function cpuOf(plan: PlanState, shards: CoreState['shards'], cpu: Float64Array | null) {
  if (!cpu) return null
  const sum = (slots: Iterable<number>) => {
    let total = 0
    for (const slot of slots) total += Number.isNaN(cpu[slot]) ? 0 : (cpu[slot] ?? 0)
    return total
  }
  const before = new Map(Object.values(shards).map((shard) => [shard.key, sum(eachSlot(shard.slots))]))
  const after = new Map(before)
  for (const move of plan.moves) {
    const moved = sum(eachSlot(move.slots))
    after.set(move.sourceShard, (after.get(move.sourceShard) ?? 0) - moved)
    after.set(targetOf(plan, move), (after.get(targetOf(plan, move)) ?? 0) + moved)
  }
  return { before, after }
}
