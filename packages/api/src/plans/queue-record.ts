import type { MoveProgress, PlanState, QueuedMove, QueueState } from '@slotscope/observer/stream'
import type { JournalEntry } from './journal.ts'

/** A confirmed plan as the journal keeps it. */
export type QueueRecord = Omit<QueueState, 'moves'> & {
  readonly moves: readonly MoveRecord[]
  /** When the last entry was written: after a long absence of the api nothing is started by itself. */
  readonly touchedAtMs: number
}

export type MoveRecord = Omit<QueuedMove, 'waitsFor'> & {
  readonly sideBySide: boolean
  /** Jobs of the same slots and target that the source listed before this was sent. */
  readonly older: readonly string[]
}

/** Ended queues that are kept, for the jobs' owners' names and for a second confirm. */
const ENDED_KEPT = 50

export function isOpen(progress: MoveProgress): boolean {
  return progress === 'planned' || progress === 'sent' || progress === 'running'
}

/** The record of a plan that is confirmed now: nothing has been sent. */
export function recordOf(plan: PlanState, actor: string, nowMs: number): QueueRecord {
  const moves = plan.moves.map((move): MoveRecord => {
    const { sourceShard, sourceNode, targetNode, slots, slotCount, command } = move
    const targetShard = move.targetShard ?? plan.targetShard
    const fresh = { progress: 'planned', job: null, detail: null, atMs: nowMs, older: [] } as const
    return { sourceShard, targetShard, sourceNode, targetNode, slots, slotCount, command, sideBySide: move.sideBySide ?? false, ...fresh }
  })
  return { planId: plan.planId, actor, confirmedAtMs: nowMs, status: 'running', because: null, moves, touchedAtMs: nowMs }
}

/** The queues that the entries tell of, by plan id, oldest first, each with its cluster. */
export function foldEntries(entries: readonly JournalEntry[]): Map<string, { readonly cluster: string; readonly queue: QueueRecord }> {
  const queues = new Map<string, { cluster: string; queue: QueueRecord }>()
  for (const entry of entries) {
    if (entry.type === 'confirmed') {
      queues.set(entry.queue.planId, { cluster: entry.cluster, queue: entry.queue })
      continue
    }
    const held = queues.get(entry.planId)
    if (!held) continue
    if (entry.type === 'move') held.queue = withMove(held.queue, entry.index, entry.move)
    else held.queue = { ...held.queue, status: entry.status, because: entry.because, touchedAtMs: entry.atMs }
  }
  return queues
}

/** One `confirmed` entry per queue that is still of use: all that have not ended, and the last that have. */
export function stillNeeded(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const queues = [...foldEntries(entries).values()]
  const ended = queues.filter(({ queue }) => queue.status === 'ended')
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_KEPT)))
  return queues.filter((held) => !dropped.has(held)).map((held) => ({ type: 'confirmed', ...held }))
}

export function withMove(queue: QueueRecord, index: number, move: MoveRecord): QueueRecord {
  return { ...queue, moves: queue.moves.map((held, at) => (at === index ? move : held)), touchedAtMs: move.atMs }
}
