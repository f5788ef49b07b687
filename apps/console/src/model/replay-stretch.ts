import type { CoreState, JobState } from '@slotscope/observer/stream'
import type { RecordedStretch } from './time-axis.ts'

/** Before the move begins one sees for so long, by the watch of the viewer, how things were. */
const LEAD_MS = 1_500
/** A move ends where its first side does; both sides and the owners are told a little later. */
const TAIL_MS = 6_000
/** What was written last is not on disk yet. */
const SETTLED_MS = 2_500

/** The instants between which a finished move is played, at a speed beside 1. */
export function stretchOf(
  job: Pick<JobState, 'startedAtMs' | 'endedAtMs'>,
  speed: number
): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: job.startedAtMs - LEAD_MS * speed, toMs: (job.endedAtMs ?? job.startedAtMs) + TAIL_MS }
}

/** The end of the move is on screen. */
export function hasEnded(core: Pick<CoreState, 'jobs'>, name: string): boolean {
  const job = core.jobs[name]
  return job !== undefined && job.endedAtMs !== null
}

/** Why a finished move cannot be played; null: it can. `nowMs`: of the living cluster. */
export function whyNoReplay(
  job: Pick<JobState, 'startedAtMs' | 'endedAtMs' | 'history'>,
  recorded: RecordedStretch | null,
  nowMs: number
): string | null {
  if (recorded === null) return 'Nothing of this cluster is recorded'
  if (job.endedAtMs === null) return 'It has not ended yet'
  if (job.history.length === 0) return 'It was over before anybody looked'
  if (job.startedAtMs < recorded.fromMs) return 'It began before what is recorded'
  const { startedAtMs, endedAtMs } = job
  if (recorded.gaps.some((gap) => gap.fromMs < endedAtMs && gap.toMs > startedAtMs)) return 'It was not recorded from end to end'
  return nowMs - endedAtMs < SETTLED_MS ? 'Its recording is being written' : null
}
