import type { HashFieldState, HashState } from '@slotscope/observer/stream'
import { readableName } from './typed-bytes.ts'

/** A field as a line of the timeline. */
export type FieldLine = {
  /** The stream's name of the field: base64. */
  readonly id: string
  readonly name: string
  readonly deadlineMs: number | null
  readonly awaitingReclaim: boolean
  readonly valueBytes: number
}

export type TimelineOrder = 'soonest' | 'name'

const byName = new Intl.Collator('en', { numeric: true })

/** The fields in order: awaiting reclaim first, then by deadline, those without one last; or by name. `filter` is a part of the name. */
export function fieldLines(state: HashState, order: TimelineOrder, filter: string): readonly FieldLine[] {
  const wanted = filter.toLowerCase()
  const lines = Object.values(state.fields)
    .map((field) => lineOf(field))
    .filter(({ name }) => wanted === '' || name.toLowerCase().includes(wanted))
  const compareNames = (a: FieldLine, b: FieldLine) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)
  if (order === 'name') return lines.sort(compareNames)
  return lines.sort(
    (a, b) =>
      Number(b.awaitingReclaim) - Number(a.awaitingReclaim) ||
      (a.deadlineMs ?? Number.POSITIVE_INFINITY) - (b.deadlineMs ?? Number.POSITIVE_INFINITY) ||
      compareNames(a, b)
  )
}

/** Lines by the field's state: the fold keeps what a patch did not touch, so that a field that stays is read once and drawn once. */
const held = new WeakMap<HashFieldState, FieldLine>()

function lineOf(field: HashFieldState): FieldLine {
  let line = held.get(field)
  if (!line) {
    const { name, deadlineMs, awaitingReclaim, valueBytes } = field
    line = { id: name, name: readableName(name), deadlineMs, awaitingReclaim, valueBytes }
    held.set(field, line)
  }
  return line
}

/** What the head of the timeline says of the fields. */
export type FieldCounts = {
  readonly listed: number
  readonly expiring: number
  readonly awaiting: number
  /** Expired fields that wait for reclaim and whose names were never seen; null while the hash is not listed whole. */
  readonly unnamed: number | null
}

export function countFields(state: HashState): FieldCounts {
  let expiring = 0
  let awaiting = 0
  for (const { deadlineMs, awaitingReclaim } of Object.values(state.fields)) {
    if (awaitingReclaim) awaiting += 1
    else if (deadlineMs !== null) expiring += 1
  }
  return {
    listed: Object.keys(state.fields).length - awaiting,
    expiring,
    awaiting,
    unnamed: state.unnamed === null ? null : Math.max(0, state.unnamed - awaiting)
  }
}

/** The deadline farthest from now among the fields, in milliseconds from now; 0 when none has one. */
export function farthestMs(lines: readonly FieldLine[], nowMs: number): number {
  return lines.reduce((most, { deadlineMs }) => Math.max(most, (deadlineMs ?? 0) - nowMs), 0)
}
