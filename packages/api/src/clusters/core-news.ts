import type { ClusterEvent, CoreState, JobState, Problem } from '@slotscope/observer/stream'

/** What is new in a cluster: each thing is told once, when it is first seen. */
export type CoreNews = {
  /** Problems that are new, or have become more or less severe. */
  readonly begun: readonly Problem[]
  readonly ended: readonly Problem[]
  readonly jobsEnded: readonly JobState[]
  readonly events: readonly ClusterEvent[]
}

/** The news between two states; undefined: there are none. Problems that stand in the first picture begin with it; jobs that ended before do not. */
export function newsBetween(before: CoreState, after: CoreState): CoreNews | undefined {
  const isFirst = Object.keys(before.nodes).length === 0
  const begun =
    after.health === before.health
      ? []
      : Object.values(after.health).filter((problem) => before.health[problem.id]?.severity !== problem.severity)
  const ended =
    after.health === before.health ? [] : Object.values(before.health).filter((problem) => after.health[problem.id] === undefined)
  const jobsEnded =
    isFirst || after.jobs === before.jobs
      ? []
      : Object.values(after.jobs).filter((job) => job.endedAtMs !== null && job.history.length > 0 && !hasEnded(before.jobs[job.name]))
  const lastSeen = before.events.at(-1)?.sequence ?? Number.NEGATIVE_INFINITY
  const events = after.events === before.events ? [] : after.events.filter((event) => event.sequence > lastSeen)
  if (begun.length + ended.length + jobsEnded.length + events.length === 0) return undefined
  return { begun, ended, jobsEnded, events }
}

function hasEnded(job: JobState | undefined): boolean {
  return job !== undefined && job.endedAtMs !== null
}
