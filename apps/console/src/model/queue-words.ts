import type { CoreState, JobState, MoveComparison, QueuedMove, QueueState } from '@slotscope/observer/stream'
import { listWords, plural } from './format.ts'
import { labelOf, outcomeWords, type ShardNames } from './migration-progress.ts'

type Queues = CoreState['queues']

/** Newest first; those that wait for a person before all others. */
export function sortQueues(queues: Queues): QueueState[] {
  const waits = (queue: QueueState) => (needsPerson(queue) ? 0 : 1)
  return Object.values(queues ?? {}).sort((a, b) => waits(a) - waits(b) || b.confirmedAtMs - a.confirmedAtMs)
}

/** Nothing goes on by itself any more, and something is left to decide. */
export function needsPerson(queue: QueueState): boolean {
  return queue.status === 'stopped' || queue.moves.some(({ progress }) => progress === 'unknown')
}

/**
 * One move whose job the stream tells is the job's own affair; everything else has a card of the queue: several moves, and a single one
 * that waits, that was never sent, of which nobody knows what became, or whose job is forgotten.
 */
export function hasOwnCard(queue: QueueState, jobs: CoreState['jobs']): boolean {
  const [first, ...rest] = queue.moves
  if (!first || rest.length > 0) return true
  if (first.job !== null && Object.hasOwn(jobs, first.job)) return false
  switch (first.progress) {
    case 'planned':
      return first.waitsFor !== null || queue.status === 'stopped'
    case 'sent':
      return first.detail !== null
    case 'running':
      return false
    case 'failed':
    case 'unknown':
    case 'done':
    case 'skipped':
      return true
  }
}

/** Moves that were confirmed and whose turn has not come: drawn like a plan, since nothing moves yet. */
export function waitingMoves(queues: Queues): QueuedMove[] {
  return Object.values(queues ?? {}).flatMap((queue) =>
    queue.status === 'running' ? queue.moves.filter(({ progress }) => progress === 'planned') : []
  )
}

/** `A → B`, `A → B and C`, `B and C → A`, `5 moves between 4 shards`. */
export function queueTitle(moves: readonly Pick<QueuedMove, 'sourceShard' | 'targetShard'>[], names: ShardNames): string {
  const labels = (keys: readonly string[]) => [...new Set(keys)].map((key) => labelOf(key, names)).sort()
  const sources = labels(moves.map((move) => move.sourceShard))
  const targets = labels(moves.map((move) => move.targetShard))
  const between = new Set([...sources, ...targets]).size
  if ((sources.length === 1 || targets.length === 1) && between <= 6) return `${listWords(sources)} → ${listWords(targets)}`
  return `${plural(moves.length, 'move')} between ${between} shards`
}

/** How far it has come: `2 of 5 moves done, 1 running`, `all 5 moves done`, `3 of 5 moves done, 1 failed`. */
export function queueWords(queue: QueueState): string {
  const count = (...which: QueuedMove['progress'][]) => queue.moves.filter(({ progress }) => which.includes(progress)).length
  const done = count('done')
  const total = queue.moves.length
  const head = done === total ? `all ${plural(total, 'move')} done` : `${done} of ${plural(total, 'move')} done`
  const parts = [
    head,
    ...some(count('running', 'sent'), 'running'),
    ...some(count('failed'), 'failed'),
    ...some(count('unknown'), 'unclear'),
    ...some(count('skipped'), 'skipped')
  ]
  return parts.join(', ')
}

function some(count: number, word: string): string[] {
  return count > 0 ? [`${count} ${word}`] : []
}

/** What a person may wish of a queue now: the api refuses the rest. */
export type QueueWishes = { readonly stop: boolean; readonly retry: boolean; readonly skip: boolean; readonly moveBack: boolean }

export function wishesFor(queue: QueueState): QueueWishes {
  const has = (...which: QueuedMove['progress'][]) => queue.moves.some(({ progress }) => which.includes(progress))
  const goesOn = queue.status === 'running' || queue.status === 'stopping'
  return {
    stop: queue.status === 'running' && has('planned'),
    retry: !goesOn && !has('unknown') && has('failed', 'planned'),
    skip: queue.status === 'stopped' && has('failed', 'unknown'),
    moveBack: !goesOn && has('done')
  }
}

/** One line about a move. A job that has ended says more than a queue that is still making sure. */
export function moveWords(move: QueuedMove, job?: JobState): string {
  if (move.progress === 'running' && job && job.endedAtMs !== null) return `${outcomeWords(job)}; both nodes are asked`
  switch (move.progress) {
    case 'planned':
      return move.waitsFor === null ? 'waits for its turn' : `waits for ${move.waitsFor}`
    case 'sent':
      return move.detail ?? 'sent; its job is not seen yet'
    case 'running':
      return 'running'
    case 'done':
      return 'moved'
    case 'failed':
      return move.detail ?? 'failed'
    case 'unknown':
      return move.detail ?? 'it is not clear what became of it'
    case 'skipped':
      return 'skipped'
  }
}

/** What the look at the target's replicas found after this job; null: nobody looked, or not yet. */
export function comparisonOf(queues: Queues, job: Pick<JobState, 'name' | 'planId'>): MoveComparison | null {
  if (job.planId === null) return null
  return queues?.[job.planId]?.moves.find((move) => move.job === job.name)?.comparison ?? null
}
