import {
  type CoreState,
  countSlots,
  formatRanges,
  type LeftOut,
  type ShardState,
  type SlotRange,
  splitMove
} from '@slotscope/observer/stream'
import { formatCompactDelta, formatCount, formatDelta, listWords, plural } from './format.ts'
import { takeSlots } from './selection.ts'
import { type SlotSums, sumSlots } from './slot-sums.ts'

/** By which figure shards are evened out. */
export type BalanceFigure = 'slots' | 'keys'

/**
 * What is in the hand. `exact`: a selection, which moves as it is. `even`: a press on a lane that was not selected, which lifts what
 * evens its shard and the target, taken from the end of the pool that was pressed.
 */
export type Lift =
  | { readonly kind: 'exact'; readonly slots: readonly SlotRange[] }
  | { readonly kind: 'even'; readonly source: string; readonly pool: readonly SlotRange[]; readonly end: 'first' | 'last' }

/** What one lane shows while something is lifted. */
export type Ghost = LegalGhost | IllegalGhost

export type LegalGhost = {
  readonly legal: true
  readonly shard: string
  /** What would be planned: with `even` it differs from lane to lane. */
  readonly slots: readonly SlotRange[]
  /** What of it would move. */
  readonly moving: readonly SlotRange[]
  readonly slotCount: number
  readonly slotsBefore: number
  readonly slotsAfter: number
  /** Null while keys per slot are not known. */
  readonly keys: number | null
  readonly sources: readonly { readonly shard: string; readonly slotCount: number }[]
  readonly leftOut: readonly LeftOut[]
  /** Nobody owns them: they are given to the shard, not moved. */
  readonly gives: boolean
}

export type IllegalGhost = { readonly legal: false; readonly shard: string; readonly reason: string }

/** Ghosts of all shards, by shard key. The rule of what may move is the server's own, `splitMove`. */
export function ghostsOf(
  core: CoreState,
  lift: Lift,
  sums: SlotSums | null,
  figure: BalanceFigure,
  atomic: boolean
): ReadonlyMap<string, Ghost> {
  const ghosts = new Map<string, Ghost>()
  const split = lift.kind === 'exact' ? splitMove(core, lift.slots, '') : null
  const whole = split && { split, rest: restOf(split.sources, sums) }
  const free = whole && freeSlots(whole.split)
  const portionOf = lift.kind === 'even' ? portionsOf(core, lift, sums) : null
  for (const shard of Object.values(core.shards)) {
    const reason = cannotTake(core, shard, atomic || free !== null)
    if (reason !== null) ghosts.set(shard.key, { legal: false, shard: shard.key, reason })
    else if (whole && free) ghosts.set(shard.key, giftGhost(shard, free, whole.split.leftOut))
    else if (whole && lift.kind === 'exact') ghosts.set(shard.key, exactGhost(shard, lift.slots, whole, sums))
    else if (lift.kind === 'even' && portionOf) ghosts.set(shard.key, evenGhost(core, shard, lift, portionOf, sums, figure))
  }
  return ghosts
}

/** Why no slot at all can be given to a shard; null when it can take some. */
function cannotTake(core: CoreState, shard: ShardState, atomic: boolean): string | null {
  if (!atomic) return core.cluster.noAtomicMigration ?? 'this server has no atomic slot migration (Valkey 9)'
  if (shard.primary === null) return 'no primary is in charge'
  const node = core.nodes[shard.primary]
  if (!node) return 'its primary is not known'
  if (node.health === 'fail') return `${node.name} has failed`
  if (node.health === 'unreachable') return `${node.name} does not answer`
  if (node.health === 'loading') return `${node.name} is loading its data`
  return null
}

/** A selection is split once for all shards; only a shard that gives some of it itself differs from the others. */
type Whole = { readonly split: ReturnType<typeof splitMove>; readonly rest: Rest }

/** What would move, whoever takes it. */
type Rest = Pick<LegalGhost, 'moving' | 'slotCount' | 'keys' | 'sources'>

function restOf(sources: ReturnType<typeof splitMove>['sources'], sums: SlotSums | null): Rest {
  const moving = sources.flatMap((source) => source.slots)
  return {
    moving,
    slotCount: sources.reduce((sum, source) => sum + source.slotCount, 0),
    keys: sums ? sumSlots(sums, moving) : null,
    sources: sources.map((source) => ({ shard: source.shard, slotCount: source.slotCount }))
  }
}

function exactGhost(shard: ShardState, slots: readonly SlotRange[], { split, rest }: Whole, sums: SlotSums | null): Ghost {
  const own = split.sources.find((source) => source.shard === shard.key)
  if (!own) return ghost(shard, slots, rest, split.leftOut)
  const leftOut = [
    ...split.leftOut,
    {
      reason: 'already-there' as const,
      slots: own.slots,
      slotCount: own.slotCount,
      detail: `${formatCount(own.slotCount)} already on ${shard.label}`
    }
  ]
  const others = split.sources.filter((source) => source !== own)
  return ghost(shard, slots, restOf(others, sums), leftOut)
}

/** Slots that nobody owns, when there is nothing else to be moved with them; null: there is, or there are none. */
function freeSlots(split: ReturnType<typeof splitMove>): LeftOut | null {
  return split.slotCount > 0 ? null : (split.leftOut.find(({ reason }) => reason === 'unassigned') ?? null)
}

/** Their keys, if they had any, went with their last owner. */
function giftGhost(shard: ShardState, free: LeftOut, leftOut: readonly LeftOut[]): Ghost {
  return {
    legal: true,
    shard: shard.key,
    slots: free.slots,
    moving: free.slots,
    slotCount: free.slotCount,
    keys: null,
    sources: [],
    slotsBefore: shard.slotCount,
    slotsAfter: shard.slotCount + free.slotCount,
    leftOut: leftOut.filter((each) => each !== free),
    gives: true
  }
}

type Portion = readonly [slots: readonly SlotRange[], whole: Whole]

/** Portions of a pool by their size: shards of one size get the same, and it is split once. */
function portionsOf(core: CoreState, lift: Extract<Lift, { kind: 'even' }>, sums: SlotSums | null): (count: number) => Portion {
  const known = new Map<number, Portion>()
  return (count) => {
    let portion = known.get(count)
    if (!portion) {
      const slots = takeSlots(lift.pool, count, lift.end)
      const split = splitMove(core, slots, '')
      portion = [slots, { split, rest: restOf(split.sources, sums) }]
      known.set(count, portion)
    }
    return portion
  }
}

function evenGhost(
  core: CoreState,
  shard: ShardState,
  lift: Extract<Lift, { kind: 'even' }>,
  portionOf: (count: number) => Portion,
  sums: SlotSums | null,
  figure: BalanceFigure
): Ghost {
  const source = core.shards[lift.source]
  if (!source) return { legal: false, shard: shard.key, reason: 'the shard that it was lifted from is gone' }
  if (shard.key === lift.source) return { legal: false, shard: shard.key, reason: 'lifted from here' }
  return exactGhost(shard, ...portionOf(evenCount(source, shard, lift, sums, figure)), sums)
}

function ghost(shard: ShardState, slots: readonly SlotRange[], rest: Rest, leftOut: readonly LeftOut[]): Ghost {
  if (rest.slotCount === 0)
    return {
      legal: false,
      shard: shard.key,
      reason: leftOut.length > 0 ? listWords(leftOut.map((each) => each.detail)) : 'nothing to move'
    }
  const { slotCount } = shard
  return {
    legal: true,
    shard: shard.key,
    slots,
    ...rest,
    slotsBefore: slotCount,
    slotsAfter: slotCount + rest.slotCount,
    leftOut,
    gives: false
  }
}

/**
 * How many slots even two shards by a figure: half of what the source has more. Two shards that are even already (less than one
 * percent apart, or the target has more) give a tenth of the block, 512 slots at most, to begin with. Never the whole block.
 */
export function evenCount(
  source: ShardState,
  target: ShardState,
  lift: { readonly pool: readonly SlotRange[]; readonly end: 'first' | 'last' },
  sums: SlotSums | null,
  figure: BalanceFigure
): number {
  const available = countSlots(lift.pool)
  const most = Math.max(1, available - 1)
  const small = Math.max(1, Math.min(512, Math.floor(available / 10)))
  const byKeys = figure === 'keys' && sums !== null
  const [have, has] = byKeys ? [source.keys, target.keys] : [source.slotCount, target.slotCount]
  const half = (have - has) / 2
  if (half < Math.max(1, have / 100)) return Math.min(most, small)
  if (!byKeys) return Math.min(most, Math.floor(half))
  // Keys per slot differ: find the number of slots from that end that carries about half of the difference.
  let [low, high] = [1, most]
  while (low < high) {
    const middle = (low + high) >> 1
    const carried = sumSlots(sums, takeSlots(lift.pool, middle, lift.end))
    if (carried === null) return Math.min(most, Math.max(1, Math.floor((available * half) / Math.max(1, have))))
    if (carried < half) low = middle + 1
    else high = middle
  }
  return low
}

/** `5,461 → 5,200 slots, +18,400 keys`: what a lane and the tray both say. */
export function ghostWords(each: Ghost): string {
  if (!each.legal) return each.reason
  const keys = each.gives ? ', the new ones empty' : each.keys === null ? '' : `, ${formatDelta(each.keys)} keys`
  return `${formatCount(each.slotsBefore)} → ${formatCount(each.slotsAfter)} slots${keys}`
}

/** What of a selection stays, in words: `480 of 512 will move: 20 already on C, 12 already migrating`; null when all of it moves. */
export function leftOutWords(each: LegalGhost): string | null {
  if (each.leftOut.length === 0) return null
  const all = each.slotCount + each.leftOut.reduce((sum, out) => sum + out.slotCount, 0)
  return `${formatCount(each.slotCount)} of ${formatCount(all)} will ${each.gives ? 'be given' : 'move'}: ${listWords(each.leftOut.map((out) => out.detail))}`
}

/** The short form beside a lane: `+39.2 k keys`. */
export function ghostKeys(each: LegalGhost): string {
  if (each.gives) return 'new ones empty'
  return each.keys === null ? 'keys not known yet' : `${formatCompactDelta(each.keys)} keys`
}

/** What is in the hand, for the tag at the pointer and for announcements. */
export function liftWords(lift: Lift, labelOf: (shard: string) => string): string {
  if (lift.kind === 'even') return `slots of ${labelOf(lift.source)}, as many as even it with the target`
  return `${plural(countSlots(lift.slots), 'slot')} (${formatRanges(lift.slots, 3)})`
}
