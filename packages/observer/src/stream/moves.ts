import type { CoreState, LeftOut, LeftOutReason, SlotRange } from './core-state.ts'

export const SLOTS = 16_384

/** What would move if `slots` were dropped on a shard: the rule behind both the ghost on a lane and the server's plan. */
export type SplitMove = {
  /** One per source shard, in slot order. */
  readonly sources: readonly { readonly shard: string; readonly slots: readonly SlotRange[]; readonly slotCount: number }[]
  readonly leftOut: readonly LeftOut[]
  readonly slotCount: number
}

/** Splits a selection dropped on `targetShard` by source and leaves out what cannot move (interaction rules, section 2). */
export function splitMove(core: CoreState, slots: readonly SlotRange[], targetShard: string): SplitMove {
  const owners = ownerOfSlot(core)
  const moving = movingSlots(core)
  const disputed = new Set((core.disputed ?? []).flatMap((dispute) => [...eachSlot(dispute.slots)]))
  const bySource = new Map<string, number[]>()
  const out = new Map<LeftOutReason, number[]>()
  const leave = (reason: LeftOutReason, slot: number) => {
    const list = out.get(reason)
    if (list) list.push(slot)
    else out.set(reason, [slot])
  }
  for (const slot of eachSlot(normalise(slots))) {
    const owner = owners[slot]
    if (owner === undefined) leave('unassigned', slot)
    else if (disputed.has(slot)) leave('disputed', slot)
    else if (moving.has(slot)) leave('migrating', slot)
    else if (owner === targetShard) leave('already-there', slot)
    else {
      const list = bySource.get(owner)
      if (list) list.push(slot)
      else bySource.set(owner, [slot])
    }
  }
  const sources = [...bySource].map(([shard, list]) => ({ shard, slots: toRanges(list), slotCount: list.length }))
  const label = core.shards[targetShard]?.label ?? targetShard.slice(0, 8)
  const words: Record<LeftOutReason, string> = {
    'already-there': `already on ${label}`,
    migrating: 'already migrating',
    unassigned: 'owned by no node',
    disputed: 'claimed by more than one node'
  }
  const leftOut = [...out].map(([reason, list]) => ({
    reason,
    slots: toRanges(list),
    slotCount: list.length,
    detail: `${list.length.toLocaleString('en-US')} ${words[reason]}`
  }))
  return { sources, leftOut, slotCount: sources.reduce((sum, source) => sum + source.slotCount, 0) }
}

/** Shard key of each slot's owner; undefined where nobody owns it. */
export function ownerOfSlot(core: CoreState): (string | undefined)[] {
  const owners = new Array<string | undefined>(SLOTS).fill(undefined)
  for (const shard of Object.values(core.shards)) for (const [first, last] of shard.slots) owners.fill(shard.key, first, last + 1)
  return owners
}

/** Slots of jobs that have not ended. */
export function movingSlots(core: CoreState): Set<number> {
  const moving = new Set<number>()
  for (const job of Object.values(core.jobs)) if (job.endedAtMs === null) for (const slot of eachSlot(job.slots)) moving.add(slot)
  return moving
}

export function* eachSlot(ranges: readonly SlotRange[]): Generator<number> {
  for (const [first, last] of ranges) for (let slot = first; slot <= last; slot++) yield slot
}

export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
}

/** Whether two lists have the same ranges in the same order. */
export function sameRanges(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every(([first, last], index) => b[index]?.[0] === first && b[index][1] === last)
}

/** Ranges of an ascending list of slots. */
export function toRanges(slots: readonly number[]): SlotRange[] {
  const ranges: [number, number][] = []
  for (const slot of slots) {
    const open = ranges.at(-1)
    if (open && slot === open[1] + 1) open[1] = slot
    else ranges.push([slot, slot])
  }
  return ranges
}

/** Sorts, clips to 0..16383 and joins ranges that touch or overlap. */
export function normalise(ranges: readonly SlotRange[]): SlotRange[] {
  const sorted = ranges
    .map(([a, b]): [number, number] => [Math.max(0, Math.min(a, b)), Math.min(SLOTS - 1, Math.max(a, b))])
    .filter(([first, last]) => first <= last)
    .sort((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const range of sorted) {
    const open = joined.at(-1)
    if (open && range[0] <= open[1] + 1) open[1] = Math.max(open[1], range[1])
    else joined.push(range)
  }
  return joined
}

/** `5-9, 12` : the way people write ranges. */
export function formatRanges(ranges: readonly SlotRange[], limit = 6): string {
  const shown = ranges.slice(0, limit).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
  return ranges.length > limit ? `${shown.join(', ')} and ${ranges.length - limit} more` : shown.join(', ')
}

/** Reads `100-220, 300`; returns an error in words for anything else. */
export function parseRanges(text: string): { readonly ranges: SlotRange[] } | { readonly error: string } {
  const ranges: SlotRange[] = []
  for (const part of text.split(/[\s,;]+/).filter((word) => word !== '')) {
    const match = /^(\d{1,5})(?:(?:-|\.\.)(\d{1,5}))?$/.exec(part)
    if (!match) return { error: `"${part}" is not a slot or a range such as 100-220` }
    const first = Number(match[1])
    const last = match[2] === undefined ? first : Number(match[2])
    if (first >= SLOTS || last >= SLOTS) return { error: `"${part}": slots go from 0 to 16383` }
    if (first > last) return { error: `"${part}": the first slot is greater than the last` }
    ranges.push([first, last])
  }
  return { ranges: normalise(ranges) }
}
