import type { Topic } from '../stream/frames.ts'

/** What is asked again and again, each with a period of its own. */
export const POLL_KINDS = ['topology', 'identity', 'info', 'command-stats', 'jobs', 'slots', 'expiry', 'latency'] as const
export type PollKind = (typeof POLL_KINDS)[number]

/** Milliseconds between two askings; `Infinity`: not asked. `topology` is per cluster, the others are per node. */
export type Periods = Readonly<Record<PollKind, number>>

/**
 * What is watched while nobody looks (interaction section 8). `light`: topology and job lists every 5 s, INFO every 30 s. `full`: as if
 * somebody looked at everything. `off`: nothing is asked, unless a confirmed move is under way.
 */
export type Background = 'off' | 'light' | 'full'

/** What `full` looks at by itself: all but single hashes. */
export const FULL_TOPICS: readonly Topic[] = [
  'core',
  'databases',
  'expiry',
  'traffic',
  'slots:keys',
  'slots:cpu',
  'slots:bytes-in',
  'slots:bytes-out'
]

/**
 * What is polled follows what is watched (design section 7, `observing-a-cluster.md` sections 1 and 10). With nobody there a
 * light watch goes on (interaction section 8): well under one command per second and node.
 */
export function periodsFor(watched: ReadonlySet<Topic>, nodeCount: number): Periods {
  const slots = [...watched].some((topic) => topic.startsWith('slots:'))
  const large = nodeCount > 100
  const huge = nodeCount > 500
  const seen = watched.size > 0
  return {
    topology: !seen ? 5_000 : large ? 2_000 : 1_000,
    identity: !seen ? 300_000 : 60_000,
    info: !seen ? 30_000 : huge ? 5_000 : large ? 2_000 : 1_000,
    'command-stats': !seen ? Number.POSITIVE_INFINITY : huge ? 60_000 : 10_000,
    // Twice as often as all else: a move that somebody else made is over before the next look, and its reply is the smallest of all.
    jobs: !seen ? 5_000 : huge ? 5_000 : large ? 2_000 : 500,
    slots: !slots ? Number.POSITIVE_INFINITY : huge ? 15_000 : large ? 5_000 : 2_000,
    expiry: watched.has('expiry') ? 1_000 : Number.POSITIVE_INFINITY,
    latency: watched.has('traffic') ? 2_000 : Number.POSITIVE_INFINITY
  }
}

/**
 * Slots of a node whose keys are what they were when they were counted are counted again only so often, where nothing but keys is looked
 * at: the reply is the largest that is polled, and reading it costs us more than all others together.
 */
export const QUIET_SLOTS_MS = 60_000

/** While a primary of slots does not answer, its successor is looked for so often, in a cluster that is not large. */
export const FAILOVER_PERIOD_MS = 250
/** Then nobody has taken over, and looking so often is given up. */
export const FAILOVER_LASTS_MS = 30_000

/** How many nodes are asked for the topology in one round, in rotation. */
export const TOPOLOGY_VIEWERS = 3
/** In the very first round all are asked, where there are no more than that. */
export const FIRST_VIEWERS = 100
/** While a primary is missed, two of its replicas are among the three, and so often. */
export const HEIR_PERIOD_MS = 250
/** By then a replica has taken over (node timeout is 15 s by default), or it takes a person. */
export const ELECTION_MS = 30_000
/** CLUSTER SHARDS is asked along with CLUSTER NODES when the structure changed, and so often anyhow. */
export const SHARDS_PERIOD_MS = 10_000
/** A node that takes part in a running job: real moves last 0.2-0.7 s. A long list of finished jobs is asked more slowly. */
export function jobPeriodMs(listLength: number): number {
  return Math.min(1_000, Math.max(100, listLength))
}
/** Key progress of a running job; see `JobProgress`. */
export const PROGRESS_PERIOD_MS = 250
/** A node whose replies take longer is asked less often, until they come faster than half of it again. */
export const SLOW_REPLY_MS = 500
/** A reply later than that makes the node unreachable for us. */
export const REPLY_TIMEOUT_MS = 2_000
