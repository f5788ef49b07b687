import type { CoreState, JobState, JobStep, JobWireState, ShardName } from '@slotscope/observer/stream'
import { formatDuration, plural } from './format.ts'

/** The four steps that a person follows, in order, with the words for them. */
export const steps: readonly { readonly step: JobStep; readonly words: string }[] = [
  { step: 'connect', words: 'connect' },
  { step: 'copy', words: 'copy' },
  { step: 'catch-up', words: 'catch up' },
  { step: 'hand-over', words: 'hand over' }
]

/** How one step stands. `unseen`: it ended between two polls. `stopped`: the job ended in it without success. */
export type StepView = {
  readonly step: JobStep
  readonly words: string
  readonly state: 'done' | 'now' | 'todo' | 'unseen' | 'stopped'
  /** The server's own word while the step runs or where it stopped. */
  readonly wire: JobWireState | null
  /** The time it took, or `not seen (< 100 ms)`, or nothing yet. */
  readonly time: string
}

/** The four steps of a job at `nowMs` (the api's clock). */
export function viewSteps(job: JobState, nowMs: number): StepView[] {
  const current = steps.findIndex((each) => each.step === job.step)
  const side = job.export ?? job.import
  return steps.map(({ step, words }, index) => {
    const took = job.stepsMs[step]
    if (took !== undefined) return { step, words, state: 'done', wire: null, time: formatDuration(took) }
    const passed = index < current || job.outcome === 'moved'
    if (passed) return { step, words, state: 'unseen', wire: null, time: 'not seen (< 100 ms)' }
    if (index > current) return { step, words, state: 'todo', wire: null, time: '' }
    if (job.endedAtMs !== null) return { step, words, state: 'stopped', wire: side?.state ?? null, time: '' }
    return { step, words, state: 'now', wire: side?.state ?? null, time: side ? formatDuration(Math.max(0, nowMs - side.sinceMs)) : '' }
  })
}

/** Keys copied, 0..1; null while they are not known. A move without keys is done when it is done. */
export function copiedShare(job: JobState): number | null {
  if (job.outcome === 'moved') return 1
  if (job.keysTotal === null || job.keysDone === null) return null
  if (job.keysTotal === 0) return job.step === 'connect' || job.step === 'copy' ? 0 : 1
  return Math.min(1, job.keysDone / job.keysTotal)
}

/**
 * What is left of the copy as a range, `3–4 s left`; null when it cannot be said, and for jobs that take less than two seconds
 * altogether, where a number would only flicker.
 */
export function timeLeft(job: JobState, nowMs: number): string | null {
  const share = copiedShare(job)
  if (job.endedAtMs !== null || job.step !== 'copy' || share === null || share < 0.08) return null
  const spentMs = nowMs - job.startedAtMs - (job.stepsMs.connect ?? 0)
  const leftMs = (spentMs * (1 - share)) / share
  if (spentMs + leftMs < 2_000) return null
  const [least, most] = [Math.floor((leftMs * 0.85) / 1_000), Math.ceil((leftMs * 1.25) / 1_000)]
  if (most <= 1) return 'about 1 s left'
  return most < 90 ? `${least}–${most} s left` : `${Math.max(1, Math.floor(least / 60))}–${Math.ceil(most / 60)} min left`
}

/** What a finished job says first. */
export function outcomeWords(job: JobState): string {
  // Of a job that was over when it was first seen nobody knows how long it took.
  const seen = job.history.some(({ state }) => state !== 'success' && state !== 'failed' && state !== 'cancelled')
  const took = job.endedAtMs === null || !seen ? '' : ` in ${formatDuration(job.endedAtMs - job.startedAtMs)}`
  switch (job.outcome) {
    case 'running':
      return 'Running'
    case 'moved':
      return `Moved ${plural(job.slotCount, 'slot')}${took}`
    case 'not-moved':
      return job.export?.state === 'cancelled' || job.import?.state === 'cancelled' ? 'Cancelled, nothing moved' : 'Failed, nothing moved'
    case 'unclear':
      return 'Unclear whether it moved'
  }
}

/** Nobody has taken note of an outcome that no tool can judge. */
export function waitsForPerson(job: JobState): boolean {
  return job.outcome === 'unclear' && job.acknowledged !== true
}

/** Those that wait for a person first, then newest first; those that began together in slot order. */
export function sortJobs(jobs: CoreState['jobs']): JobState[] {
  const waits = (job: JobState) => (waitsForPerson(job) ? 0 : 1)
  return Object.values(jobs).sort(
    (a, b) =>
      waits(a) - waits(b) ||
      b.startedAtMs - a.startedAtMs ||
      (a.slots[0]?.[0] ?? 0) - (b.slots[0]?.[0] ?? 0) ||
      a.name.localeCompare(b.name)
  )
}

export function isRunning(job: JobState): boolean {
  return job.endedAtMs === null
}

/** Running exports of a node: the wire can only cancel all of them at once. */
export function exportsOf(jobs: CoreState['jobs'], node: string): JobState[] {
  return sortJobs(jobs).filter((job) => isRunning(job) && job.sourceNode === node)
}

/** The job that this one waits for: a real source copies one export at a time, since it forks once at a time. */
export function waitsFor(job: JobState, jobs: CoreState['jobs']): JobState | null {
  if (!isRunning(job) || job.export?.state !== 'waiting-to-snapshot') return null
  return (
    exportsOf(jobs, job.sourceNode).find(
      (other) => other.name !== job.name && (other.export?.state === 'snapshotting' || other.startedAtMs < job.startedAtMs)
    ) ?? null
  )
}

/** Names of shards by key: of those that are there, and of those that have ended and are still spoken of. */
export type ShardNames = Readonly<Record<string, ShardName>>

export function namesOf(core: Pick<CoreState, 'shards' | 'formerShards'>): ShardNames {
  return core.formerShards ? { ...core.formerShards, ...core.shards } : core.shards
}

/** `A → B`. */
export function jobTitle(job: Pick<JobState, 'sourceShard' | 'targetShard'>, names: ShardNames): string {
  return `${labelOf(job.sourceShard, names)} → ${labelOf(job.targetShard, names)}`
}

/** The letter of a shard; the begin of its key when nobody knows it any more. */
export function labelOf(shard: string, names: ShardNames): string {
  return names[shard]?.label ?? shard.slice(0, 8)
}
