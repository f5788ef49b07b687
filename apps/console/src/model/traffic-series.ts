import type { JobState, JobStep, JobWireState, ProbeTrafficPoint, ServerTrafficPoint } from '@slotscope/observer/stream'
import { jobTitle, type ShardNames, steps } from './migration-progress.ts'

/** What is drawn of one chart at one time. */
export type Sample = { readonly atMs: number; readonly intervalMs: number; readonly values: readonly number[] }

/** The kinds of errors that a client can meet, in the order of the stack. Only the last means that something is broken. */
export const errorKinds = ['MOVED', 'ASK', 'TRYAGAIN', 'other'] as const
export type ErrorKind = (typeof errorKinds)[number]

/** Operations per second. */
export function operationsOf(points: readonly (ServerTrafficPoint | ProbeTrafficPoint)[]): Sample[] {
  return points.map(({ atMs, intervalMs, operationsPerSecond }) => ({ atMs, intervalMs, values: [operationsPerSecond] }))
}

/** p99 of the busiest command, in milliseconds; readings without one are left out, and are gaps. */
export function serverLatency(points: readonly ServerTrafficPoint[]): Sample[] {
  return points.flatMap(({ atMs, intervalMs, p99Us }) => (p99Us === null ? [] : [{ atMs, intervalMs, values: [p99Us / 1_000] }]))
}

/** p50, p99 and longest, in milliseconds; an interval without any operation has none. */
export function probeLatency(points: readonly ProbeTrafficPoint[]): Sample[] {
  return points.flatMap(({ atMs, intervalMs, operationsPerSecond, p50Ms, p99Ms, maxMs }) =>
    operationsPerSecond === 0 ? [] : [{ atMs, intervalMs, values: [p50Ms, p99Ms, maxMs] }]
  )
}

/** Errors per second in the order of `errorKinds`. */
export function serverErrors(points: readonly ServerTrafficPoint[]): Sample[] {
  return points.map(({ atMs, intervalMs, errorsPerSecond }) => {
    const { MOVED = 0, ASK = 0, TRYAGAIN = 0, ...rest } = errorsPerSecond
    return { atMs, intervalMs, values: [MOVED, ASK, TRYAGAIN, Object.values(rest).reduce((sum, rate) => sum + rate, 0)] }
  })
}

/** Counts of the probe's intervals as errors per second, in the order of `errorKinds`. */
export function probeErrors(points: readonly ProbeTrafficPoint[]): Sample[] {
  return points.map(({ atMs, intervalMs, moved, ask, tryAgain, otherErrors }) => ({
    atMs,
    intervalMs,
    values: [moved, ask, tryAgain, otherErrors].map((count) => (intervalMs > 0 ? (count * 1_000) / intervalMs : 0))
  }))
}

/**
 * Samples as they are drawn, none beginning before the one before it ended: a node that is asked less often tells of a longer time than
 * has passed since the last sample.
 */
export function withoutOverlap(samples: readonly Sample[]): readonly Sample[] {
  return samples.map((sample, index) => {
    const sinceLast = sample.atMs - (samples[index - 1]?.atMs ?? Number.NEGATIVE_INFINITY)
    return sample.intervalMs > sinceLast ? { ...sample, intervalMs: sinceLast } : sample
  })
}

/** Runs of samples without a hole: a reading that came much later than its interval says is the begin of a new run. */
export function runsOf(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const runs: Sample[][] = []
  for (const sample of samples) {
    const open = runs.at(-1)
    const last = open?.at(-1)
    const hole = last && sample.atMs - last.atMs > Math.max(sample.intervalMs, last.intervalMs, 1_000) * 2.5
    if (open && !hole) open.push(sample)
    else runs.push([sample])
  }
  return runs
}

/** The sample whose interval holds an instant, or the nearest one within two of its intervals; null in a gap. */
export function sampleAt(samples: readonly Sample[], atMs: number): Sample | null {
  let best: Sample | null = null
  let distance = Number.POSITIVE_INFINITY
  for (const sample of samples) {
    const away = Math.abs(sample.atMs - sample.intervalMs / 2 - atMs)
    if (away < distance) {
      best = sample
      distance = away
    }
  }
  return best && distance <= Math.max(best.intervalMs, 1_000) * 2 ? best : null
}

/** A piece of a migration as it is shaded: which step was under way from when to when. */
export type Phase = {
  readonly job: string
  readonly title: string
  /** Null: the whole move went by between two polls, and no step of it was seen. */
  readonly step: JobStep | null
  readonly fromMs: number
  readonly toMs: number
  /** It goes on. */
  readonly open: boolean
}

const stepOf: Readonly<Record<JobWireState, JobStep | null>> = {
  connecting: 'connect',
  'sending-auth-command': 'connect',
  'reading-auth-response': 'connect',
  'sending-establish-command': 'connect',
  'reading-establish-response': 'connect',
  'waiting-for-ack': 'connect',
  'waiting-to-snapshot': 'copy',
  snapshotting: 'copy',
  'receiving-snapshot': 'copy',
  replicating: 'catch-up',
  'waiting-to-pause': 'catch-up',
  'waiting-for-paused': 'catch-up',
  'failover-paused': 'hand-over',
  'failover-requested': 'hand-over',
  'failover-granted': 'hand-over',
  'cleaning-up': null,
  'occurring-on-primary': null,
  success: null,
  failed: null,
  cancelled: null
}

/**
 * The phases of migrations that touch the window, from the states that were seen on either side, as the job card tells them. A phase
 * that no poll met is absent, and the one before it lasts until the next that was seen: nothing is invented between two polls.
 */
export function phasesOf(jobs: readonly JobState[], names: ShardNames, fromMs: number, nowMs: number): readonly Phase[] {
  return jobs
    .filter((job) => (job.endedAtMs ?? nowMs) >= fromMs)
    .sort((a, b) => a.startedAtMs - b.startedAtMs)
    .flatMap((job) => {
      const title = jobTitle(job, names)
      const starts = startsOf(job)
      return starts.map(({ step, atMs }, index): Phase => {
        const next = starts[index + 1]?.atMs
        const open = next === undefined && job.endedAtMs === null
        return { job: job.name, title, step, fromMs: atMs, toMs: next ?? job.endedAtMs ?? nowMs, open }
      })
    })
}

/** When each step was first seen, only ever forward: the two sides report at different times. */
function startsOf(job: JobState): readonly { readonly step: JobStep | null; readonly atMs: number }[] {
  const starts: { step: JobStep; atMs: number }[] = []
  for (const { state, atMs } of job.history) {
    const step = stepOf[state]
    const last = starts.at(-1)
    if (step !== null && (!last || orderOf(step) > orderOf(last.step))) starts.push({ step, atMs })
  }
  return starts.length > 0 ? starts : [{ step: job.endedAtMs === null ? job.step : null, atMs: job.startedAtMs }]
}

function orderOf(step: JobStep): number {
  return steps.findIndex((each) => each.step === step)
}

/** Step names as the job card has them. */
export const stepWords = Object.fromEntries(steps.map(({ step, words }) => [step, words])) as Readonly<Record<JobStep, string>>
