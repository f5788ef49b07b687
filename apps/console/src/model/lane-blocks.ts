import { normalise, SLOTS, type SlotRange } from '@slotscope/observer/stream'

/** A block on a lane, as shares of its width. */
export type LaneBlock = { readonly left: number; readonly width: number }

/** `position`: where in 0..16383 the slots lie. `size`: how much a shard has, left-aligned, the greatest fills the lane. */
export type LaneScale = 'position' | 'size'

/** Up to twelve shards the position says most; beyond that only sizes can be compared. */
export function defaultLaneScale(shards: number): LaneScale {
  return shards <= 12 ? 'position' : 'size'
}

/** Blocks at the place of their slots. More than `most` are drawn as the `most` widest gaps allow, so that a lane stays cheap. */
export function positionBlocks(ranges: readonly SlotRange[], most = 120): LaneBlock[] {
  return joinNearest(normalise(ranges), most).map(([first, last]) => ({ left: first / SLOTS, width: (last - first + 1) / SLOTS }))
}

/** One SVG path of all ranges, in a box 16,384 wide and 1 high: a lane of 400 ranges is still one element. */
export function positionPath(ranges: readonly SlotRange[]): string {
  return normalise(ranges)
    .map(([first, last]) => `M${first} 0h${last - first + 1}v1H${first}z`)
    .join('')
}

/** Joins neighbours over the smallest gaps until at most `most` ranges are left. */
function joinNearest(ranges: readonly SlotRange[], most: number): SlotRange[] {
  if (ranges.length <= most) return [...ranges]
  const gaps = ranges.slice(1).map((range, index) => range[0] - ranges[index]![1])
  const limit = [...gaps].sort((a, b) => b - a)[most - 1] ?? 0
  const joined: [number, number][] = []
  for (const [first, last] of ranges) {
    const open = joined.at(-1)
    if (open && first - open[1] <= limit) open[1] = last
    else joined.push([first, last])
  }
  return joined
}

/** The slot at a share of the lane's width, in position scale. */
export function slotAtShare(share: number): number {
  return Math.min(SLOTS - 1, Math.max(0, Math.floor(share * SLOTS)))
}

/**
 * What a press at `slot` on a lane lifts from: the block that was hit, or the nearest one when a gap was hit, and the end of it
 * that is nearer. Null when the shard has no slots.
 */
export function pressedBlock(
  ranges: readonly SlotRange[],
  slot: number
): { readonly block: SlotRange; readonly end: 'first' | 'last' } | null {
  let best: SlotRange | null = null
  let distance = Number.POSITIVE_INFINITY
  for (const range of ranges) {
    const away = slot < range[0] ? range[0] - slot : slot > range[1] ? slot - range[1] : 0
    if (away < distance) {
      best = range
      distance = away
    }
  }
  if (!best) return null
  return { block: best, end: slot - best[0] < best[1] - slot ? 'first' : 'last' }
}

/** Share of the lane that a number of slots fills in size scale. */
export function sizeShare(slots: number, greatest: number): number {
  return greatest > 0 ? slots / greatest : 0
}
