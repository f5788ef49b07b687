const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * The axis of deadlines: 0 is now, 1 is `maxMs` from now. It is linear within the first seconds and logarithmic beyond, since a field
 * that expires in ten seconds and one that expires in ten days matter side by side.
 */
export type ExpiryAxis = { readonly maxMs: number }

const KNEE_MS = 10 * SECOND

/** Lengths of time that an axis may end at, and that it is marked with. */
const roundDurations: readonly (readonly [ms: number, label: string])[] = [
  [SECOND, '1 s'],
  [5 * SECOND, '5 s'],
  [10 * SECOND, '10 s'],
  [30 * SECOND, '30 s'],
  [MINUTE, '1 min'],
  [2 * MINUTE, '2 min'],
  [5 * MINUTE, '5 min'],
  [10 * MINUTE, '10 min'],
  [30 * MINUTE, '30 min'],
  [HOUR, '1 h'],
  [2 * HOUR, '2 h'],
  [6 * HOUR, '6 h'],
  [12 * HOUR, '12 h'],
  [DAY, '1 d'],
  [3 * DAY, '3 d'],
  [7 * DAY, '7 d'],
  [30 * DAY, '30 d'],
  [90 * DAY, '90 d'],
  [365 * DAY, '1 y'],
  [5 * 365 * DAY, '5 y'],
  [20 * 365 * DAY, '20 y'],
  [100 * 365 * DAY, '100 y'],
  [1_000 * 365 * DAY, '1,000 y'],
  [3_000 * 365 * DAY, '3,000 y']
]

/** An axis that holds a deadline `longestMs` from now with room to drag it further; at least ten minutes. */
export function axisFor(longestMs: number): ExpiryAxis {
  const wanted = Math.max(10 * MINUTE, longestMs * 1.6)
  return { maxMs: roundDurations.find(([ms]) => ms >= wanted)?.[0] ?? roundDurations.at(-1)![0] }
}

/** Where a length of time from now lies: 0 (now or before) to 1 (the axis' end or beyond). */
export function positionOf(axis: ExpiryAxis, ms: number): number {
  if (ms <= 0) return 0
  return Math.min(1, Math.log1p(ms / KNEE_MS) / Math.log1p(axis.maxMs / KNEE_MS))
}

/** The length of time at a position: the reverse of `positionOf`. */
export function durationAt(axis: ExpiryAxis, position: number): number {
  const inside = Math.max(0, Math.min(1, position))
  return Math.expm1(inside * Math.log1p(axis.maxMs / KNEE_MS)) * KNEE_MS
}

export type AxisTick = { readonly ms: number; readonly at: number; readonly label: string }

/** Round times that stand at least `gapPx` apart on an axis `widthPx` wide; the far end always among them. */
export function axisTicks(axis: ExpiryAxis, widthPx: number, gapPx = 58): readonly AxisTick[] {
  const ticks: AxisTick[] = []
  let room = widthPx + gapPx
  for (const [ms, label] of [...roundDurations].reverse()) {
    if (ms > axis.maxMs) continue
    const at = positionOf(axis, ms)
    // The mark for now stands at 0 and needs its room as well.
    if (room - at * widthPx < gapPx || at * widthPx < gapPx * 0.8) continue
    ticks.push({ ms, at, label })
    room = at * widthPx
  }
  return ticks.reverse()
}

/** Steps that a deadline may be set in, by hand. */
const steps: readonly number[] = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY
]

/** The smallest round step that is at least `px` pixels long at a position of an axis `widthPx` wide: what a hand can tell apart. */
export function stepAt(axis: ExpiryAxis, position: number, widthPx: number, px = 5): number {
  const perPx = durationAt(axis, Math.min(1, position + 1 / widthPx)) - durationAt(axis, Math.min(1, position + 1 / widthPx) - 1 / widthPx)
  return steps.find((step) => step >= perPx * px) ?? DAY
}

/** No deadline can be set nearer than this: it would pass before the command arrives, and delete the field. */
export const NEAREST_MS = SECOND

/**
 * A deadline on a round time of day. `zoneOffsetMs` is what local time is ahead of UTC, so that whole hours and days are those of the
 * person. Never nearer than a second from now; then it is not round.
 */
export function snapDeadline(deadlineMs: number, stepMs: number, nowMs: number, zoneOffsetMs: number): number {
  const snapped = Math.round((deadlineMs + zoneOffsetMs) / stepMs) * stepMs - zoneOffsetMs
  return Math.max(snapped, Math.ceil(nowMs + NEAREST_MS))
}

/** The next round time after (or, with -1, before) a deadline; used by arrow keys. */
export function neighbourDeadline(deadlineMs: number, direction: 1 | -1, stepMs: number, nowMs: number, zoneOffsetMs: number): number {
  const local = deadlineMs + zoneOffsetMs
  const next = direction === 1 ? (Math.floor(local / stepMs) + 1) * stepMs : (Math.ceil(local / stepMs) - 1) * stepMs
  return Math.max(next - zoneOffsetMs, Math.ceil(nowMs + NEAREST_MS))
}

/** How far away a deadline is, in words, with the place in the one-hue ramp (0 is soonest). Red is not used: nothing is broken. */
export type Nearness = { readonly ramp: 0 | 1 | 2 | 3 | 4; readonly words: string }

export function nearnessOf(ms: number): Nearness {
  if (ms < MINUTE) return { ramp: 0, words: '< 1 min' }
  if (ms < 5 * MINUTE) return { ramp: 1, words: '< 5 min' }
  if (ms < HOUR) return { ramp: 2, words: '< 1 h' }
  if (ms < DAY) return { ramp: 3, words: '< 1 d' }
  return { ramp: 4, words: '1 d and more' }
}
