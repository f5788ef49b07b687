import type { Topic } from '../stream/frames.ts'
import type { Asker } from './asker.ts'
import type { HashTopics } from './hash-topics.ts'
import type { JobPolls } from './job-polls.ts'
import type { NodeRecord } from './node-record.ts'
import { FAILOVER_LASTS_MS, FAILOVER_PERIOD_MS, type Periods, type PollKind, periodsFor, QUIET_SLOTS_MS } from './poll-plan.ts'
import { isRate, SLOT_FIGURES } from './slot-figures.ts'
import type { TopologyPolls } from './topology-polls.ts'

/** With more nodes something is due at any moment: it is not worth looking for when. */
const ALWAYS_DUE_NODES = 500
/** Milliseconds between two rounds through so many. */
const ROUND_MS = 50
export const LONGEST_SLEEP_MS = 1_000
/** What is due so soon is asked along with what is due now, at most a tenth of its period early: each wake and each frame has its price. */
const TOGETHER_MS = 100

/** When nodes are asked, as far as it follows from what is looked at, from their number and from their state. It asks nothing itself. */
export class Schedule {
  /** What viewers look at, and what the background watch does: what is polled. */
  watched: ReadonlySet<Topic>
  readonly #asker: Asker
  readonly #places: TopologyPolls
  readonly #jobs: JobPolls
  readonly #hashes: HashTopics

  constructor(asker: Asker, places: TopologyPolls, jobs: JobPolls, hashes: HashTopics, watched: Iterable<Topic>) {
    this.#asker = asker
    this.#places = places
    this.#jobs = jobs
    this.#hashes = hashes
    this.watched = new Set(watched)
  }

  periods(): Periods {
    return periodsFor(this.watched, this.#asker.records.size)
  }

  isPrimary(id: string): boolean {
    return this.#places.topology.nodes.get(id)?.role === 'primary'
  }

  /** More often while somebody looks and a failover is to be expected. */
  topologyMs({ topology }: Periods, nowMs: number): number {
    const { records } = this.#asker
    if (this.watched.size === 0 || records.size > 100) return topology
    for (const { link } of records.values()) {
      if (link.error === null || !this.isPrimary(link.id) || nowMs - link.readAtMs > FAILOVER_LASTS_MS) continue
      if ((this.#places.topology.nodes.get(link.id)?.slots.length ?? 0) > 0) return Math.min(FAILOVER_PERIOD_MS, topology)
    }
    return topology
  }

  /**
   * Calls `visit` with each kind that this node is asked for, and its period. One small question tells whether a lost node is back;
   * everything else waits for that.
   */
  forEachPoll(
    record: NodeRecord,
    periods: Periods,
    jobsMs: (node: string) => number,
    visit: (kind: PollKind, periodMs: number) => void
  ): void {
    const { link } = record
    if (link.error !== null) {
      visit('topology', 0)
      return
    }
    visit('identity', periods.identity)
    visit('info', periods.info)
    visit('command-stats', periods['command-stats'])
    if (!this.isPrimary(link.id)) return
    if (!this.#places.standalone) {
      visit('jobs', jobsMs(link.id))
      visit('slots', this.slotsMs(record, periods))
    }
    visit('latency', periods.latency)
    if (record.figures) visit('expiry', periods.expiry)
  }

  /** How much before its time something may be asked. In a large cluster nothing is: what is due is spread evenly there. Milliseconds. */
  earlyMs(periodMs: number): number {
    return this.paceMs() > 0 ? 0 : Math.min(TOGETHER_MS, periodMs / 10)
  }

  /** The other figures are rates, which a quiet node has too. */
  slotsMs({ figures, countedContents }: NodeRecord, { slots }: Periods): number {
    const isQuiet = countedContents !== null && figures?.contents === countedContents
    return isQuiet && !SLOT_FIGURES.some((figure) => isRate(figure) && this.watched.has(`slots:${figure}`))
      ? Math.max(slots, QUIET_SLOTS_MS)
      : slots
  }

  /** A state of many nodes costs much to build and compare, so it is told less often: 200 ms apart for 2,000 nodes. */
  paceMs(): number {
    const nodes = this.#asker.records.size
    return nodes <= 100 ? 0 : Math.min(500, nodes / 10)
  }

  /** How long nothing needs to be done, 10 to 1,000 ms. `untoldAtMs`: when something that waits to be told may be; null: nothing waits. */
  waitMs(nowMs: number, untoldAtMs: number | null): number {
    const paceMs = this.paceMs()
    if (this.#asker.records.size > ALWAYS_DUE_NODES) return Math.max(ROUND_MS, paceMs / 4)
    const periods = this.periods()
    const jobsMs = this.#jobs.periods(periods.jobs)
    const untoldMs = untoldAtMs === null ? Number.POSITIVE_INFINITY : Math.max(0, untoldAtMs - nowMs)
    const restMs = Math.min(LONGEST_SLEEP_MS, this.#jobs.restMs, untoldMs, this.#asker.busy ? 100 : Number.POSITIVE_INFINITY)
    let next = Math.min(nowMs + restMs, this.#places.dueAtMs(this.topologyMs(periods, nowMs)), this.#hashes.dueAtMs())
    for (const record of this.#asker.records.values())
      this.forEachPoll(record, periods, jobsMs, (kind, periodMs) => {
        next = Math.min(next, record.link.dueAtMs(kind, periodMs))
      })
    // Going through many nodes has its price too.
    return Math.max(10, paceMs / 4, Math.min(1_000, next - nowMs))
  }
}

/**
 * How much earlier the second asking of a kind comes in a large cluster: a share of the period that each node has by its id, so that
 * its nodes are asked evenly over the period and not all at once. Milliseconds.
 */
export function headStartMs(node: string, periodMs: number, nodeCount: number): number {
  if (nodeCount <= 100) return 0
  // FNV-1a, so that ids that are alike (of a test, say) are spread as well as random ones.
  let hash = 0x811c9dc5
  for (let i = 0; i < node.length; i++) hash = Math.imul(hash ^ node.charCodeAt(i), 0x01000193)
  return ((hash >>> 0) / 2 ** 32) * periodMs
}
