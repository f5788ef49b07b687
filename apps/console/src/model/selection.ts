import { countSlots, normalise, type SlotRange } from '@slotscope/observer/stream'

/** Ranges of `one` without those of `other`. Both may be in any order. */
export function subtract(one: readonly SlotRange[], other: readonly SlotRange[]): SlotRange[] {
  const cuts = normalise(other)
  const left: SlotRange[] = []
  for (const [first, last] of normalise(one)) {
    let from = first
    for (const [cutFirst, cutLast] of cuts) {
      if (cutLast < from) continue
      if (cutFirst > last) break
      if (cutFirst > from) left.push([from, cutFirst - 1])
      from = cutLast + 1
    }
    if (from <= last) left.push([from, last])
  }
  return left
}

/** Slots in both. */
export function intersect(one: readonly SlotRange[], other: readonly SlotRange[]): SlotRange[] {
  return subtract(one, subtract(one, other))
}

export function union(one: readonly SlotRange[], other: readonly SlotRange[]): SlotRange[] {
  return normalise([...one, ...other])
}

/** The same ranges in the same order. */
export function sameRanges(one: readonly SlotRange[], other: readonly SlotRange[]): boolean {
  return one.length === other.length && one.every(([first, last], index) => first === other[index]![0] && last === other[index]![1])
}

/** Ranges must be in order, as `normalise` gives them. */
export function includes(ranges: readonly SlotRange[], slot: number): boolean {
  return ranges.some(([first, last]) => first <= slot && slot <= last)
}

/** From one slot to another, whichever comes first: text is selected in both directions. */
export function between(anchor: number, slot: number): SlotRange {
  return anchor <= slot ? [anchor, slot] : [slot, anchor]
}

/** The first or last `count` slots of the ranges, in slot order. More than there are gives all. */
export function takeSlots(ranges: readonly SlotRange[], count: number, end: 'first' | 'last'): SlotRange[] {
  const ordered = normalise(ranges)
  let wanted = Math.max(0, Math.floor(count))
  const taken: SlotRange[] = []
  for (const [first, last] of end === 'first' ? ordered : ordered.reverse()) {
    if (wanted === 0) break
    const size = Math.min(wanted, last - first + 1)
    taken.push(end === 'first' ? [first, first + size - 1] : [last - size + 1, last])
    wanted -= size
  }
  return end === 'first' ? taken : taken.reverse()
}

/** How a brush joins what is selected already: alone, with Shift (from the anchor), or with Ctrl/Cmd (added, or removed). */
export type BrushMode = 'replace' | 'add' | 'remove'

/** The selection while a brush goes from `anchor` to `slot`, on top of what was selected when it began. */
export function brushed(before: readonly SlotRange[], anchor: number, slot: number, mode: BrushMode): SlotRange[] {
  const stroke = [between(anchor, slot)]
  if (mode === 'add') return union(before, stroke)
  if (mode === 'remove') return subtract(before, stroke)
  return stroke
}

/**
 * Slots that changed owner since the last look leave the selection. Returns null when none did, so that the old array keeps its
 * identity.
 */
export function withoutChanged(
  selection: readonly SlotRange[],
  before: Int16Array,
  after: Int16Array
): { readonly selection: SlotRange[]; readonly left: number } | null {
  const changed: number[] = []
  for (const [first, last] of selection) for (let slot = first; slot <= last; slot++) if (before[slot] !== after[slot]) changed.push(slot)
  if (changed.length === 0) return null
  const kept = subtract(
    selection,
    changed.map((slot): SlotRange => [slot, slot])
  )
  return { selection: kept, left: countSlots(selection) - countSlots(kept) }
}
