import { type JobState, SLOTS, type SlotRange } from '@slotscope/observer/stream'

/** One row of the table twin: slots in one piece with one owner and one state. `owner` is an index of `Owners.order`, -1: nobody. */
export type RangeRow = { readonly range: SlotRange; readonly owner: number; readonly job: JobState | null }

/** Cuts the slots where the owner changes and where a running job begins or ends. */
export function rangeRows(owners: Int16Array, running: readonly JobState[]): RangeRow[] {
  const jobOf = new Int16Array(SLOTS).fill(-1)
  running.forEach((job, index) => {
    for (const [first, last] of job.slots) jobOf.fill(index, first, last + 1)
  })
  const rows: RangeRow[] = []
  let first = 0
  for (let slot = 1; slot <= SLOTS; slot++) {
    if (slot < SLOTS && owners[slot] === owners[first] && jobOf[slot] === jobOf[first]) continue
    rows.push({ range: [first, slot - 1], owner: owners[first]!, job: running[jobOf[first]!] ?? null })
    first = slot
  }
  return rows
}
