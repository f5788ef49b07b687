import type { Command } from '../caller.ts'
import { integerOf } from '../replies/shape.ts'
import { parseSlotStats } from '../replies/slot-stats.ts'
import type { JobState } from '../stream/core-state.ts'
import { eachSlot } from '../stream/moves.ts'
import type { AskNode } from './ask-node.ts'

/** Slots whose keys are counted on the target while a job runs (interaction section 4). */
const SAMPLED_SLOTS = 128
/** Counts per poll and target: four polls a second stay within 2,000 counts. */
const COUNTS_PER_POLL = 500
const PIPELINE = 256

/**
 * How far a running job is, in keys. A server does not say: importing keys are hidden from everything but COUNTKEYSINSLOT. The
 * total is exact (SLOT-STATS of the source, all databases), the share done comes from an even sample of the slots.
 */
export class JobProgress {
  readonly job: string
  /** Undefined until the source was asked, null when it cannot say. */
  #total: number | null | undefined
  #keysOfSlot: ReadonlyMap<number, number> = new Map()
  running = false
  startedAtMs = Number.NEGATIVE_INFINITY

  constructor(job: string) {
    this.job = job
  }

  /** Reads the progress once. Undefined: not known. `jobsOnTarget` share the target's budget. */
  async read(
    job: JobState,
    databases: readonly number[],
    jobsOnTarget: number,
    ask: AskNode
  ): Promise<{ readonly done: number; readonly total: number } | undefined> {
    if (this.#total === undefined) await this.#readTotal(job, ask)
    if (this.#total == null) return undefined
    const total = this.#total
    const each = Math.min(SAMPLED_SLOTS, Math.max(1, Math.floor(COUNTS_PER_POLL / Math.max(1, databases.length * jobsOnTarget))))
    const filled = [...this.#keysOfSlot.keys()]
    const sample =
      filled.length <= each ? filled : Array.from({ length: each }, (_, i) => filled[Math.floor((i * filled.length) / each)] as number)
    if (sample.length === 0) return { done: total, total }
    // The last INFO of the source may be from before its first key: where its keys are is not known then, and none counted is not none copied.
    if (databases.length === 0) return undefined
    let counted = 0
    for (const database of databases) {
      for (let at = 0; at < sample.length; at += PIPELINE - 1) {
        const commands: Command[] = [['SELECT', String(database)]]
        for (const slot of sample.slice(at, at + PIPELINE - 1)) commands.push(['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])
        const replies = await ask(job.targetNode, 'job progress', commands)
        if (!replies) return undefined
        for (const reply of replies.slice(1)) {
          const keys = integerOf(reply)
          // A refusal counts as nothing known, not as nothing copied.
          if (keys === undefined) return undefined
          counted += keys
        }
      }
    }
    const expected = sample.reduce((sum, slot) => sum + (this.#keysOfSlot.get(slot) ?? 0), 0)
    return { done: Math.min(total, Math.round((counted * total) / expected)), total }
  }

  async #readTotal(job: JobState, ask: AskNode): Promise<void> {
    const keys = await keysOf(job, job.sourceNode, ask)
    // The source may have handed the slots over already: then there is nothing to compare with.
    this.#total = keys === undefined || keys.size === 0 ? null : [...keys.values()].reduce((sum, count) => sum + count, 0)
    if (keys) this.#keysOfSlot = new Map([...keys].filter(([, count]) => count > 0))
  }
}

/** Keys of a job's slots on the node that owns them, all databases; undefined when it owns none or cannot say. */
export async function keysOf(job: JobState, node: string, ask: AskNode): Promise<ReadonlyMap<number, number> | undefined> {
  const ranges = job.slots.length > 32 ? [[job.slots[0]?.[0] ?? 0, job.slots.at(-1)?.[1] ?? 0] as const] : job.slots
  const replies = await ask(
    node,
    'job progress',
    ranges.map(([first, last]) => ['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', String(first), String(last)])
  )
  if (!replies) return undefined
  const wanted = new Set(eachSlot(job.slots))
  const keys = new Map<number, number>()
  for (const reply of replies) {
    const stats = parseSlotStats(reply)
    if ('error' in stats) return undefined
    for (const stat of stats.value) if (wanted.has(stat.slot)) keys.set(stat.slot, stat.keys)
  }
  return keys.size === wanted.size ? keys : undefined
}
