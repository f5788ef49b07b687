import { type Command, ErrorReply, type Reply } from '../caller.ts'
import { parseInfo } from '../replies/info.ts'
import { parseSlotMigrations } from '../replies/slot-migrations.ts'
import type { CoreState, JobState, SlotRange } from '../stream/core-state.ts'
import { eachSlot } from '../stream/moves.ts'
import type { Asker } from './asker.ts'
import { JobProgress, keysOf } from './job-progress.ts'
import { ASK_OWNERS_MS, isHandingOver, JobBook } from './jobs.ts'
import { childOf, exportedBytesOf, pausedOf } from './node-figures.ts'
import type { NodeLink } from './node-links.ts'
import { jobPeriodMs, PROGRESS_PERIOD_MS } from './poll-plan.ts'
import { isUnknownCommand } from './refusals.ts'
import type { TopologyPolls } from './topology-polls.ts'

/** A patch may wait so long for the other half of a hand-over, so that slots and job change in one. */
const HOLD_MS = 300
const HOLD_POLL_MS = 20
/** A server without atomic moves is asked again after an upgrade at the latest. */
const UNSUPPORTED_PERIOD_MS = 60_000

/** Asks for migration jobs: idly of every primary, fast of the two nodes of a running job. */
export class JobPolls {
  readonly book = new JobBook()
  readonly #asker: Asker
  readonly #places: TopologyPolls
  readonly #listLength = new Map<string, number>()
  readonly #progress = new Map<string, JobProgress>()
  /** Null: not known yet. */
  #supported: boolean | null = null
  /** Since when the slots of a running job have a new owner that viewers were not told yet. */
  #holdSinceMs: number | null = null

  constructor(asker: Asker, places: TopologyPolls) {
    this.#asker = asker
    this.#places = places
  }

  get supported(): boolean | null {
    return this.#supported
  }

  /** How often each node is asked now, in milliseconds: `idleMs` unless it takes part in a job. */
  periods(idleMs: number): (node: string) => number {
    if (this.#supported === false) return () => UNSUPPORTED_PERIOD_MS
    const busy = new Set(this.book.expectedNodes(this.#asker.now()))
    for (const job of this.book.running()) busy.add(job.sourceNode).add(job.targetNode)
    return (node) => {
      if (!busy.has(node)) return idleMs
      return this.#holdSinceMs !== null ? HOLD_POLL_MS : jobPeriodMs(this.#listLength.get(node) ?? 0)
    }
  }

  /** The longest that the host may sleep while jobs run; infinite when none does. */
  get restMs(): number {
    if (this.#holdSinceMs !== null) return HOLD_POLL_MS
    return this.book.running().length > 0 ? jobPeriodMs(0) : Number.POSITIVE_INFINITY
  }

  async poll(link: NodeLink): Promise<void> {
    const commands: Command[] = [['CLUSTER', 'GETSLOTMIGRATIONS']]
    // The write pause of a hand-over, and a whole copy, may be shorter than the period of INFO.
    const isSource = this.book.running().some((job) => job.sourceNode === link.id)
    if (isSource) commands.push(['INFO', 'clients', 'stats', 'persistence'])
    const replies = await this.#asker.call(link, 'jobs', commands)
    if (!replies) return
    const list = parseSlotMigrations(replies[0])
    this.#asker.unreadable(link.id, 'CLUSTER GETSLOTMIGRATIONS', 'error' in list ? list.error : null, replies[0])
    if ('error' in list) {
      if (replies[0] instanceof ErrorReply && isUnknownCommand(replies[0].message)) this.#supported ??= false
      return
    }
    const isNews = this.#supported !== true
    this.#supported = true
    this.#listLength.set(link.id, list.value.length)
    if (isSource) this.#foldSource(link.id, replies[1])
    const notable = this.book.fold(link.id, list.value, this.#asker.now())
    this.#expectBytes(link.id)
    const own = this.book.running().filter((job) => job.sourceNode === link.id || job.targetNode === link.id)
    const handingOver = own.some((job) => [job.export, job.import].some((side) => side && isHandingOver(side.state)))
    if (notable) for (const node of this.book.missingWords()) if (node !== link.id) this.#askAtOnce(node)
    if (notable || handingOver) await this.#places.poll(link, false)
    // Most replies are what the last one was, and to build and compare a state costs more than to ask for one.
    if (isNews || notable || this.book.running().length > 0) this.#asker.changed()
  }

  /** Slots of a running job that changed owner: the job has just ended, so both its nodes are asked at once. */
  ownersChanged(before: readonly (string | undefined)[], after: readonly (string | undefined)[]): void {
    for (const job of this.book.running()) {
      const flipped = job.slots.some(([first, last]) => before[first] !== after[first] || before[last] !== after[last])
      if (flipped) for (const node of [job.sourceNode, job.targetNode]) this.#askAtOnce(node)
    }
  }

  /** Key progress of the jobs that run, a few times a second. */
  askProgress(): void {
    const running = this.book.running()
    for (const name of this.#progress.keys()) if (!running.some((job) => job.name === name)) this.#progress.delete(name)
    for (const job of running) {
      const progress = this.#progress.get(job.name) ?? new JobProgress(job.name)
      this.#progress.set(job.name, progress)
      if (progress.running || this.#asker.now() - progress.startedAtMs < PROGRESS_PERIOD_MS) continue
      progress.running = true
      progress.startedAtMs = this.#asker.now()
      this.#asker.run(() => this.#readProgress(job, progress))
    }
  }

  /** Decides what has ended, and whether viewers are to wait a moment for the other half of a hand-over (true). */
  settle(told: CoreState): boolean {
    const nowMs = this.#asker.now()
    const { topology } = this.#places
    const surroundings = {
      shardOf: (node: string) => (topology.nodes.get(node)?.role === 'primary' ? topology.shardOf(node) : null),
      ownersOf: (slots: readonly SlotRange[]) => this.#ownersOf(slots),
      ownWordAtMs: (node: string) => topology.ownWordAtMs(node),
      childOf: (node: string) => this.#asker.records.get(node)?.figures?.child ?? null
    }
    for (const job of this.book.settle(surroundings, nowMs))
      if (job.outcome === 'moved' && job.history.length > 0) this.#asker.run(() => this.#countMoved(job))
    for (const node of this.book.ownersWanted(surroundings, nowMs)) this.#askOwners(node, nowMs)
    this.#holdSinceMs = this.#isHalfHandedOver(told) ? (this.#holdSinceMs ?? nowMs) : null
    return this.#holdSinceMs !== null && nowMs - this.#holdSinceMs < HOLD_MS
  }

  #askOwners(node: string, nowMs: number): void {
    const link = this.#asker.records.get(node)?.link
    if (link && link.error === null && nowMs >= link.dueAtMs('topology', ASK_OWNERS_MS))
      this.#asker.start(link, 'topology', () => this.#places.poll(link, false))
  }

  #askAtOnce(node: string): void {
    const link = this.#asker.records.get(node)?.link
    if (link && link.error === null && !link.isRunning('jobs')) this.#asker.start(link, 'jobs', () => this.poll(link))
  }

  /** What a source says besides its list: whether writes are paused, what it forks for, how much it has sent. */
  #foldSource(node: string, reply: Reply | undefined): void {
    const record = this.#asker.records.get(node)
    const info = parseInfo(reply)
    if ('error' in info) return
    this.#expectBytes(node)
    const exportedBytes = exportedBytesOf(info.value)
    if (record?.figures) record.figures = { ...record.figures, paused: pausedOf(info.value), child: childOf(info.value), exportedBytes }
    if (exportedBytes !== null) this.book.exported(node, exportedBytes, this.#asker.now())
  }

  /** The bytes of a job that was just found count from the last reading of its source before. */
  #expectBytes(node: string): void {
    const exportedBytes = this.#asker.records.get(node)?.figures?.exportedBytes
    if (exportedBytes != null) this.book.exported(node, exportedBytes, this.#asker.now())
  }

  async #readProgress(job: JobState, progress: JobProgress): Promise<void> {
    try {
      const databases = [...(this.#asker.records.get(job.sourceNode)?.figures?.databases.keys() ?? [])]
      const together = this.book.running().filter((other) => other.targetNode === job.targetNode).length
      const read = await progress.read(job, databases, together, this.#asker.byId)
      if (!read) return
      this.book.progress(job.name, read.done, read.total, this.#asker.now())
      this.#asker.changed()
    } finally {
      progress.running = false
    }
  }

  /** The exact count after a move, on the node that owns the slots now. */
  async #countMoved(job: JobState): Promise<void> {
    const keys = await keysOf(job, job.targetNode, this.#asker.byId)
    if (!keys) return
    const total = [...keys.values()].reduce((sum, count) => sum + count, 0)
    this.book.progress(job.name, total, total, this.#asker.now())
    this.#asker.changed()
  }

  /** The slots of a running job have changed owner: only its nodes' last word is missing for a patch that tells both. */
  #isHalfHandedOver(told: CoreState): boolean {
    const { topology } = this.#places
    const owners = topology.owners()
    return this.book.running().some((job) => {
      const slot = job.slots[0]?.[0] as number
      const owner = owners[slot]
      if (owner === undefined || topology.shardOf(owner) !== job.targetShard) return false
      return !told.shards[job.targetShard]?.slots.some(([first, last]) => first <= slot && slot <= last)
    })
  }

  #ownersOf(slots: readonly SlotRange[]): ReadonlyMap<string, number> {
    const { topology } = this.#places
    const owners = topology.owners()
    const counts = new Map<string, number>()
    for (const slot of eachSlot(slots)) {
      const owner = owners[slot]
      const shard = owner === undefined ? '' : topology.shardOf(owner)
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    return counts
  }
}
