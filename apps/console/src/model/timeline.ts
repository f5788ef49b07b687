import type { RecordedEvent } from '@slotscope/observer/stream'

/** One mark on the time bar; several events nearer than a mark's width share it. */
export type Tick = {
  /** 0 (the oldest edge) to 1 (now). */
  readonly at: number
  readonly events: readonly RecordedEvent[]
  readonly kind: RecordedEvent['kind']
  /** The label, when there is room for it before the next one. */
  readonly label: string | null
}

/** The kind that a shared mark shows: what matters most first. */
const weight: Record<RecordedEvent['kind'], number> = {
  node: 7,
  failover: 6,
  'job-ended': 5,
  'job-started': 4,
  deed: 3,
  ownership: 2,
  epoch: 1,
  watch: 0
}

/**
 * Lays out the events of the last `spanMs` on a bar `width` pixels wide. Marks keep `markPx` apart; a label is written when it
 * ends before the next labelled mark, newest first, since the newest is what one looks for.
 */
export function layOutTicks(
  events: readonly RecordedEvent[],
  options: {
    readonly nowMs: number
    readonly spanMs: number
    readonly width: number
    readonly markPx?: number
    readonly characterPx?: number
  }
): Tick[] {
  const { nowMs, spanMs, width, markPx = 8, characterPx = 6.2 } = options
  if (width <= 0) return []
  const shown = events.filter((event) => event.atMs > nowMs - spanMs && event.atMs <= nowMs + 1_000)
  const groups: RecordedEvent[][] = []
  for (const event of shown) {
    const open = groups.at(-1)
    const near = open && ((event.atMs - open[0]!.atMs) / spanMs) * width < markPx
    if (near) open.push(event)
    else groups.push([event])
  }
  const ticks: Tick[] = []
  let room = width
  for (const group of groups.reverse()) {
    const at = Math.min(1, Math.max(0, 1 - (nowMs - group[0]!.atMs) / spanMs))
    const lead = group.reduce((best, event) => (weight[event.kind] >= weight[best.kind] ? event : best))
    const words = group.length === 1 ? lead.text : `${lead.text} +${group.length - 1}`
    const needed = words.length * characterPx + 14
    const start = at * width
    const fits = start + needed <= room && lead.kind !== 'epoch' && lead.kind !== 'watch'
    if (fits) room = start - 6
    else room = Math.min(room, start - 6)
    ticks.push({ at, events: group, kind: lead.kind, label: fits ? words : null })
  }
  return ticks.reverse()
}
