/** What a person typed as a deadline: an instant, `null` for no expiry, or why it is neither. */
export type TypedDeadline = { readonly deadlineMs: number | null } | { readonly problem: string }

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000
}

/** Latest deadline that a Valkey server takes: 2^46 - 1 milliseconds. */
const LATEST_MS = 2 ** 46 - 1

/**
 * Reads `90 s`, `2h 30m`, `+5 min` (from now), `14:05` and `14:05:30` (the next time the clock shows it), `2026-11-25 10:00` (local),
 * anything of ISO 8601, Unix seconds or milliseconds, and `never`. An instant that has passed is refused: it would delete the field.
 */
export function readDeadline(text: string, nowMs: number): TypedDeadline {
  const words = text.trim().toLowerCase()
  if (words === '') return { problem: 'Type a time: 10 min, 14:05 or 2026-11-25 10:00.' }
  if (/^(never|none|no expiry|persist)$/.test(words)) return { deadlineMs: null }
  const deadlineMs = instantOf(words, text.trim(), nowMs)
  if (deadlineMs === null) return { problem: `“${text.trim()}” is not a time. Try 10 min, 14:05 or 2026-11-25 10:00.` }
  if (deadlineMs > LATEST_MS) return { problem: 'That is later than a server can keep (the year 4199).' }
  if (deadlineMs <= nowMs) return { problem: 'That has passed. It would delete the field, which is an action of its own.' }
  return { deadlineMs: Math.max(deadlineMs, Math.ceil(nowMs + 1_000)) }
}

function instantOf(words: string, text: string, nowMs: number): number | null {
  const from = durationOf(words)
  if (from !== null) return Math.round(nowMs + from)
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(words)
  if (clock) return nextTimeOfDay(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), nowMs)
  if (/^\d{13,}$/.test(words)) return Number(words)
  if (/^\d{10}$/.test(words)) return Number(words) * 1_000
  // A date with a time of day and no zone is the person's own; the language reads a bare date as UTC, which nobody means here.
  const local = /^(\d{4}-\d{2}-\d{2})(?:[ t](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/.exec(words)
  const parsed = local ? Date.parse(`${local[1]}T${(local[2] ?? '00:00').padStart(5, '0')}`) : /\d{4}-/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(parsed) ? null : parsed
}

function durationOf(words: string): number | null {
  const body = words.replace(/^\+/, '').trim()
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(body)) return null
  let sum = 0
  for (const [, amount, unit] of body.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const size = unitMs[unit!]
    if (size === undefined) return null
    sum += Number(amount) * size
  }
  return sum
}

function nextTimeOfDay(hours: number, minutes: number, seconds: number, nowMs: number): number | null {
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  const date = new Date(nowMs)
  date.setHours(hours, minutes, seconds, 0)
  if (date.getTime() <= nowMs) date.setDate(date.getDate() + 1)
  return date.getTime()
}

/** An instant as a person reads it: `14:05:00` today, else with the date; with milliseconds only where there are any. */
export function formatInstant(atMs: number, nowMs: number): string {
  const date = new Date(atMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const rest = Math.round(atMs % 1_000)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`}`
  const sameDay = date.toDateString() === new Date(nowMs).toDateString()
  return sameDay ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`
}
