import type { JobState, JobStep, JobWireState } from '../stream/core-state.ts'

/** The step that a wire state belongs to. Terminal states belong to none: the job keeps the step it was in. */
export const stepOfState: Readonly<Record<JobWireState, JobStep | null>> = {
  connecting: 'connect',
  'sending-auth-command': 'connect',
  'reading-auth-response': 'connect',
  'sending-establish-command': 'connect',
  'reading-establish-response': 'connect',
  'waiting-for-ack': 'connect',
  // Waits for the fork: no other child may run on the source.
  'waiting-to-snapshot': 'copy',
  snapshotting: 'copy',
  'receiving-snapshot': 'copy',
  replicating: 'catch-up',
  'waiting-to-pause': 'catch-up',
  'waiting-for-paused': 'catch-up',
  'failover-paused': 'hand-over',
  'failover-requested': 'hand-over',
  'failover-granted': 'hand-over',
  'occurring-on-primary': null,
  'cleaning-up': null,
  success: null,
  failed: null,
  cancelled: null
}

export const STEPS: readonly JobStep[] = ['connect', 'copy', 'catch-up', 'hand-over']

/** A side that will not change any more. `cleaning-up` ends in `failed` at the next turn of the server. */
export function isTerminal(state: JobWireState): boolean {
  return state === 'success' || state === 'failed' || state === 'cancelled'
}

/**
 * The furthest step seen, and how long each step took that was seen and left, by our own clock. `endedAtMs` closes the last one.
 * Both sides count: the source is first to connect, the target first to know that the copy is complete.
 */
export function stepsOf(
  history: JobState['history'],
  endedAtMs: number | null
): { step: JobStep; stepsMs: Partial<Record<JobStep, number>> } {
  const firstSeen = new Map<JobStep, number>()
  let furthest = 0
  for (const entry of history) {
    const step = stepOfState[entry.state]
    if (step === null) continue
    const order = STEPS.indexOf(step)
    if (order < furthest) continue
    if (!firstSeen.has(step)) firstSeen.set(step, entry.atMs)
    furthest = order
  }
  const seen = STEPS.filter((step) => firstSeen.has(step))
  const stepsMs: Partial<Record<JobStep, number>> = {}
  for (const [index, step] of seen.entries()) {
    const next = seen[index + 1]
    const until = next === undefined ? endedAtMs : (firstSeen.get(next) as number)
    if (until !== null) stepsMs[step] = Math.max(0, until - (firstSeen.get(step) as number))
  }
  return { step: seen.at(-1) ?? 'connect', stepsMs }
}
