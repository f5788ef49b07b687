import type { ClusterEvent, RecordedEvent, RecordingGap } from '@slotscope/observer/stream'

/** What the time bar shows: from its left edge to its right one, in milliseconds of the api's clock. */
export type TimeAxis = { readonly fromMs: number; readonly toMs: number }

/** What there is of the past. */
export type RecordedStretch = { readonly fromMs: number; readonly toMs: number; readonly gaps: readonly RecordingGap[] }

/** 0 (the left edge) to 1; beyond the edges it is below or above. */
export function placeOf({ fromMs, toMs }: TimeAxis, atMs: number): number {
  return (atMs - fromMs) / Math.max(1, toMs - fromMs)
}

/** The instant under a place from 0 to 1; places beyond the edges are at the edges. */
export function instantAt({ fromMs, toMs }: TimeAxis, place: number): number {
  return Math.round(fromMs + Math.min(1, Math.max(0, place)) * (toMs - fromMs))
}

/** Stretches of the axis that were recorded, as places from 0 to 1. */
export function recordedPlaces(axis: TimeAxis, recorded: RecordedStretch): { readonly from: number; readonly to: number }[] {
  const edges = [recorded.fromMs, ...recorded.gaps.flatMap((gap) => [gap.fromMs, gap.toMs]), recorded.toMs]
  const places: { from: number; to: number }[] = []
  for (let i = 0; i < edges.length; i += 2) {
    const from = Math.max(0, placeOf(axis, edges[i]!))
    const to = Math.min(1, placeOf(axis, edges[i + 1]!))
    if (to > from) places.push({ from, to })
  }
  return places
}

/** The nearest instant of which something is known: an end of a gap for one within it, an end of the recording for one beyond. */
export function nearestRecorded(recorded: RecordedStretch, atMs: number): number {
  const within = Math.min(recorded.toMs, Math.max(recorded.fromMs, atMs))
  const gap = recorded.gaps.find((one) => within > one.fromMs && within < one.toMs)
  if (gap === undefined) return within
  return within - gap.fromMs < gap.toMs - within ? gap.fromMs : gap.toMs
}

const steps = [1, 2, 5, 15, 30, 60, 120, 240, 720].map((minutes) => minutes * 60_000)

/** Whole times of day to be written on the axis, at most one each `perLabel` of its width, and none under the edges. */
export function axisLabels(axis: TimeAxis, perLabel: number, offsetMs: number): number[] {
  const span = axis.toMs - axis.fromMs
  const step = steps.find((one) => one >= span * perLabel) ?? 86_400_000
  const labels: number[] = []
  for (let atMs = Math.ceil((axis.fromMs + offsetMs) / step) * step - offsetMs; atMs < axis.toMs; atMs += step) {
    const place = placeOf(axis, atMs)
    if (place > perLabel / 3 && place < 1 - perLabel / 3) labels.push(atMs)
  }
  return labels
}

/** Events of the record and of the live cluster, each once, oldest first. */
export function joinEvents(recorded: readonly RecordedEvent[], live: readonly ClusterEvent[]): RecordedEvent[] {
  const known = new Set(recorded.map(({ atMs, text }) => `${atMs} ${text}`))
  return [...recorded, ...live.filter(({ atMs, text }) => !known.has(`${atMs} ${text}`))].sort((a, b) => a.atMs - b.atMs)
}
