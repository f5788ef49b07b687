import type { JobState } from '@slotscope/observer/stream'
import type { Family, Sample } from './exposition.ts'

/** Upper bounds of the buckets, in seconds: moves of real servers last from 0.2 s to hours. */
const BOUNDS_S = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200] as const

type Outcome = Exclude<JobState['outcome'], 'running'>
const outcomes: readonly Outcome[] = ['moved', 'not-moved', 'unclear']

/** Counts the moves of one cluster that were seen to end since the api runs, and how long they took. */
export class JobTally {
  readonly #ended: Record<Outcome, number> = { moved: 0, 'not-moved': 0, unclear: 0 }
  readonly #buckets: number[] = BOUNDS_S.map(() => 0)
  #count = 0
  #seconds = 0

  jobEnded(job: JobState): void {
    if (job.outcome !== 'running') this.#ended[job.outcome]++
    if (job.endedAtMs === null || job.outcome !== 'moved') return
    const seconds = Math.max(0, job.endedAtMs - job.startedAtMs) / 1000
    this.#count++
    this.#seconds += seconds
    for (let i = 0; i < BOUNDS_S.length; i++) if (seconds <= (BOUNDS_S[i] as number)) this.#buckets[i] = (this.#buckets[i] as number) + 1
  }

  families(cluster: string): readonly Family[] {
    const durations: Sample[] = [
      ...BOUNDS_S.map((le, i) => ({ suffix: '_bucket' as const, labels: { cluster, le }, value: this.#buckets[i] as number })),
      { suffix: '_bucket', labels: { cluster, le: '+Inf' }, value: this.#count },
      { suffix: '_sum', labels: { cluster }, value: this.#seconds },
      { suffix: '_count', labels: { cluster }, value: this.#count }
    ]
    return [
      {
        name: 'slotscope_migration_jobs_ended_total',
        type: 'counter',
        help: 'Moves that were seen to end since Slotscope runs, by outcome.',
        samples: outcomes.map((outcome) => ({ labels: { cluster, outcome }, value: this.#ended[outcome] }))
      },
      {
        name: 'slotscope_migration_job_duration_seconds',
        type: 'histogram',
        help: 'From the first sight of a move to its end, of those that moved their slots.',
        samples: durations
      }
    ]
  }
}
