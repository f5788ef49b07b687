import type { JobReport } from '../replies/slot-migrations.ts'
import type { JobSide, JobState, JobWireState, SlotRange } from '../stream/core-state.ts'
import { countSlots, formatRanges, normalise } from '../stream/moves.ts'
import { explainFailure, explainWait, isPointer } from './job-explanations.ts'
import { isTerminal, stepsOf } from './job-steps.ts'

/** What somebody confirmed with us, until the job shows up. */
export type JobIntent = {
  readonly planId: string
  readonly actor: string
  readonly sourceNode: string
  readonly targetNode: string
  readonly slots: readonly SlotRange[]
  readonly atMs: number
  /** Its name, where that is known already: an ended job of this name is ours too. */
  readonly name?: string
  /** The shards as they were when the plan was made: who is told of it later has no other way to know. */
  readonly sourceShard?: string
  readonly targetShard?: string
}

/** What the book asks about the rest of the cluster when a job seems to have ended. */
export type JobSurroundings = {
  /** The shard that a node is the primary of; null: it is a replica now, or gone. */
  readonly shardOf: (node: string) => string | null
  /** Slots of the ranges by the shard that owns them; the empty key counts those without an owner. */
  readonly ownersOf: (slots: readonly SlotRange[]) => ReadonlyMap<string, number>
  /** When a node last said itself what it owns. */
  readonly ownWordAtMs: (node: string) => number
  /** The child process that works on a node; null: none, or not known. */
  readonly childOf: (node: string) => string | null
}

/**
 * Every migration job of the cluster, joined by name from the reports of its two nodes. Times are ours: the server's have a
 * resolution of a second, and a whole move may take less.
 */
export class JobBook {
  readonly #jobs = new Map<string, Job>()
  /** Nodes whose list was seen before: what has ended at the first look ended before our time. */
  readonly #lookedAt = new Set<string>()
  /** Finished jobs that were let go while their nodes still list them. */
  readonly #dropped = new Set<string>()
  #intents: JobIntent[] = []

  /** Jobs that have not ended. */
  running(): readonly JobState[] {
    return [...this.#jobs.values()].filter((job) => job.endedAtMs === null).map((job) => job.state)
  }

  /** By name, oldest first. */
  states(): Readonly<Record<string, JobState>> {
    return Object.fromEntries([...this.#jobs.values()].sort((a, b) => a.startedAtMs - b.startedAtMs).map((job) => [job.name, job.state]))
  }

  expect(intent: JobIntent): void {
    this.#intents = this.#intents.filter((other) => intent.atMs - other.atMs < INTENT_MS)
    const early = [...this.#jobs.values()].find(
      (job) => job.planId === null && (intent.name === job.name || (job.startedAtMs >= intent.atMs - 2_000 && matches(job, intent)))
    )
    if (early) early.claim(intent)
    else this.#intents.push(intent)
  }

  /** Nodes that will have a job in a moment, because somebody just confirmed one. */
  expectedNodes(nowMs: number): readonly string[] {
    return this.#intents.filter((intent) => nowMs - intent.atMs < 3_000).flatMap((intent) => [intent.sourceNode, intent.targetNode])
  }

  acknowledge(name: string): void {
    this.#jobs.get(name)?.acknowledge()
  }

  progress(name: string, keysDone: number | null, keysTotal: number | null, atMs: number): void {
    this.#jobs.get(name)?.progress(keysDone, keysTotal, atMs)
  }

  /** Bytes that a node has sent over export links since it started. The first word of them is where its running jobs count from. */
  exported(node: string, bytes: number, atMs: number): void {
    for (const job of this.#jobs.values()) if (job.sourceNode === node && job.endedAtMs === null) job.exported(bytes, atMs)
  }

  /** Folds the list of one node, newest first. Returns true when a side came to its end or a job began. */
  fold(node: string, reports: readonly JobReport[], atMs: number): boolean {
    let notable = false
    const firstLook = !this.#lookedAt.has(node)
    this.#lookedAt.add(node)
    for (const report of reports.toReversed()) {
      if (this.#dropped.has(report.name)) continue
      let job = this.#jobs.get(report.name)
      if (!job) {
        // A tracking replica names no nodes: without its primary's report the job cannot be drawn.
        if (report.sourceNode === null || report.targetNode === null) continue
        job = new Job(report, report.sourceNode, report.targetNode, atMs, firstLook)
        this.#jobs.set(report.name, job)
        const intent = this.#intents.find(
          (candidate) => candidate.name === report.name || (!(job as Job).past && matches(job as Job, candidate))
        )
        if (intent) {
          job.claim(intent)
          this.#intents.splice(this.#intents.indexOf(intent), 1)
        }
        notable = true
      }
      if (job.see(node, report, atMs)) notable = true
    }
    const listed = new Set(reports.map((report) => report.name))
    for (const job of this.#jobs.values()) if (job.endedAtMs === null && !listed.has(job.name)) job.missed(node)
    this.#trim()
    return notable
  }

  /** Decides the outcome of jobs whose sides have ended, once the ownership after the end is known. Returns those that ended now. */
  settle(surroundings: JobSurroundings, nowMs: number): readonly JobState[] {
    const ended: JobState[] = []
    for (const job of this.#jobs.values()) {
      if (job.endedAtMs !== null) continue
      job.settle(surroundings, nowMs)
      if (job.endedAtMs !== null) ended.push(job.state)
    }
    return ended
  }

  /** Nodes whose word is missing for a job that has ended on one side. */
  missingWords(): readonly string[] {
    return [...this.#jobs.values()].flatMap((job) => job.missingWords())
  }

  /** Nodes of jobs that ended a while ago, and of whose slots neither has said since who owns them: a reply may have been lost. */
  ownersWanted(around: JobSurroundings, nowMs: number): readonly string[] {
    return [...this.#jobs.values()].flatMap((job) => (job.wantsOwners(around, nowMs) ? [job.sourceNode, job.targetNode] : []))
  }

  #trim(): void {
    const ended = [...this.#jobs.values()].filter((job) => job.endedAtMs !== null && (job.outcome !== 'unclear' || job.acknowledged))
    if (ended.length <= FINISHED_KEPT) return
    ended.sort((a, b) => (a.endedAtMs as number) - (b.endedAtMs as number))
    for (const job of ended.slice(0, ended.length - FINISHED_KEPT)) {
      this.#jobs.delete(job.name)
      this.#dropped.add(job.name)
    }
    for (const name of this.#dropped) {
      if (this.#dropped.size <= DROPPED_KEPT) break
      this.#dropped.delete(name)
    }
  }
}

const FINISHED_KEPT = 200
/** Servers list at most 1,000 finished jobs each by default; the names are kept for some hundred nodes. */
const DROPPED_KEPT = 100_000
const INTENT_MS = 60_000
/** Shown bytes and keys of a move take a moment to read, and a fork waits for another child: longer than so is no moment. */
const STUCK_MS = 30_000
/** A link that does nothing else sends some 40 bytes a second to say that it lives: less than this in 30 s is no progress. */
const PROGRESS_BYTES = 4_096
/** So long after the first side's end the other side and the topology may take; then the outcome is what is known. */
const SETTLE_MS = 5_000
/** At its end both nodes are asked at once; without an answer they are asked again after so long. */
export const ASK_OWNERS_MS = 500

function matches(job: { sourceNode: string; targetNode: string; slots: readonly SlotRange[] }, intent: JobIntent): boolean {
  return (
    intent.name === undefined &&
    job.sourceNode === intent.sourceNode &&
    job.targetNode === intent.targetNode &&
    JSON.stringify(normalise(job.slots)) === JSON.stringify(normalise(intent.slots))
  )
}

class Job {
  readonly name: string
  readonly slots: readonly SlotRange[]
  readonly sourceNode: string
  readonly targetNode: string
  readonly startedAtMs: number
  /** It had ended before we first saw it: there is nothing to compare its end with. */
  readonly past: boolean
  outcome: JobState['outcome'] = 'running'
  endedAtMs: number | null = null
  planId: string | null = null
  #actor: string | null = null
  #export: JobSide | null = null
  #import: JobSide | null = null
  #history: JobState['history'] = []
  #keysDone: number | null = null
  #keysTotal: number | null = null
  #movedAtMs: number
  #exportedBefore: number | null = null
  #bytesSent: number | null = null
  #bytesAtMove = 0
  #bytesQueued: number | null = null
  #stuck = false
  /** What keeps the source from forking, while the job is stuck there. */
  #child: string | null = null
  #acknowledged = false
  #sourceShard = ''
  #targetShard = ''
  /** The node no longer lists the job: it restarted, or its log is short. */
  readonly #gone = new Set<string>()
  #firstEndAtMs: number | null = null
  #state: JobState | undefined

  constructor(report: JobReport, sourceNode: string, targetNode: string, atMs: number, firstLook: boolean) {
    this.name = report.name
    this.slots = normalise(report.slots)
    this.sourceNode = sourceNode
    this.targetNode = targetNode
    this.past = isTerminal(report.state) && firstLook
    this.startedAtMs = this.past ? report.createdAtMs : atMs
    this.#movedAtMs = atMs
  }

  get state(): JobState {
    this.#state ??= this.#describe()
    return this.#state
  }

  claim(intent: JobIntent): void {
    this.planId = intent.planId
    this.#actor = intent.actor
    // Both or neither: the ends of a move are told together.
    if (intent.sourceShard !== undefined && intent.targetShard !== undefined) {
      this.#sourceShard = intent.sourceShard
      this.#targetShard = intent.targetShard
    }
    this.#state = undefined
  }

  acknowledge(): void {
    if (this.outcome !== 'unclear') return
    this.#acknowledged = true
    this.#state = undefined
  }

  get acknowledged(): boolean {
    return this.#acknowledged
  }

  progress(keysDone: number | null, keysTotal: number | null, atMs: number): void {
    if (keysDone === this.#keysDone && keysTotal === this.#keysTotal) return
    if (keysDone !== this.#keysDone) this.#movedAtMs = atMs
    this.#keysDone = keysDone
    this.#keysTotal = keysTotal
    this.#state = undefined
  }

  /** Counters of the source begin anew with its process: then the bytes are not known any more. */
  exported(bytes: number, atMs: number): void {
    this.#exportedBefore ??= bytes
    const sent = bytes - this.#exportedBefore
    if (sent < 0) this.#exportedBefore = Number.POSITIVE_INFINITY
    const known = sent >= 0 ? sent : null
    if (known === this.#bytesSent) return
    if (known !== null && known - this.#bytesAtMove >= PROGRESS_BYTES) {
      this.#movedAtMs = atMs
      this.#bytesAtMove = known
    }
    this.#bytesSent = known
    this.#state = undefined
  }

  /** One node's report. Returns true when that side came to its end. */
  see(node: string, report: JobReport, atMs: number): boolean {
    const side = report.operation === 'EXPORT' ? 'export' : 'import'
    const held = side === 'export' ? this.#export : this.#import
    this.#gone.delete(node)
    if (side === 'export' && report.remainingBytes !== this.#bytesQueued) {
      this.#bytesQueued = report.remainingBytes
      this.#state = undefined
    }
    if (held && (isTerminal(held.state) || (held.state === report.state && held.message === report.message))) return false
    const changed = held?.state !== report.state
    const seenAtMs = this.past ? report.updatedAtMs : atMs
    const next: JobSide = { state: report.state, message: report.message, sinceMs: changed ? seenAtMs : held.sinceMs }
    if (side === 'export') this.#export = next
    else this.#import = next
    if (changed) {
      this.#movedAtMs = atMs
      if (!this.past) this.#history = [...this.#history, { side, state: report.state, atMs }]
    }
    this.#state = undefined
    const ended = isTerminal(report.state)
    if (ended) this.#firstEndAtMs ??= atMs
    if (ended && this.endedAtMs !== null && this.#contradicted) this.#doubt()
    return ended && changed
  }

  /** One side says success, the other that it did not come to that. */
  get #contradicted(): boolean {
    const states = [this.#export?.state, this.#import?.state]
    return states.includes('success') && (states.includes('failed') || states.includes('cancelled'))
  }

  /** The word of a side that could not be asked came after the end was told, and tells another story. */
  #doubt(): void {
    this.outcome = 'unclear'
    this.#acknowledged = false
    this.#state = undefined
  }

  /** A node that takes part does not list the job any more. */
  missed(node: string): void {
    const side = node === this.sourceNode ? this.#export : node === this.targetNode ? this.#import : null
    if (!side || isTerminal(side.state) || this.#gone.has(node)) return
    this.#gone.add(node)
  }

  missingWords(): readonly string[] {
    if (this.endedAtMs !== null || this.past || this.#firstEndAtMs === null) return []
    const missing: string[] = []
    if (!this.#export || !isTerminal(this.#export.state)) missing.push(this.sourceNode)
    if (!this.#import || !isTerminal(this.#import.state)) missing.push(this.targetNode)
    return missing
  }

  wantsOwners(around: JobSurroundings, nowMs: number): boolean {
    if (this.endedAtMs !== null || this.past || this.#firstEndAtMs === null || nowMs - this.#firstEndAtMs < ASK_OWNERS_MS) return false
    return Math.max(around.ownWordAtMs(this.sourceNode), around.ownWordAtMs(this.targetNode)) < this.#firstEndAtMs
  }

  settle(around: JobSurroundings, nowMs: number): void {
    this.#knowShards(around)
    if (this.past) {
      const success = [this.#export?.state, this.#import?.state].includes('success')
      this.#end(
        this.#contradicted ? 'unclear' : success ? 'moved' : 'not-moved',
        Math.max(this.#export?.sinceMs ?? 0, this.#import?.sinceMs ?? 0)
      )
      return
    }
    const waits = this.#export?.state === 'waiting-to-snapshot' ? this.#export : null
    const stuck = nowMs - (waits?.sinceMs ?? this.#movedAtMs) >= STUCK_MS
    const child = stuck && waits ? around.childOf(this.sourceNode) : null
    if (stuck !== this.#stuck || child !== this.#child) {
      this.#stuck = stuck
      this.#child = child
      this.#state = undefined
    }
    const bothGone = this.#gone.has(this.sourceNode) && this.#gone.has(this.targetNode)
    if (this.#firstEndAtMs === null && bothGone) this.#firstEndAtMs = nowMs
    if (this.#firstEndAtMs === null) return
    const sideEnded = (side: JobSide | null, node: string) => (side ? isTerminal(side.state) || this.#gone.has(node) : false)
    const complete = sideEnded(this.#export, this.sourceNode) && sideEnded(this.#import, this.targetNode)
    const late = nowMs - this.#firstEndAtMs >= SETTLE_MS
    if (!complete && !late) return
    const verdict = this.#verdict(around)
    if (verdict === undefined && !late) return
    this.#end(verdict ?? 'unclear', this.#firstEndAtMs)
  }

  /**
   * A job keeps the shards that were true while it ran: a source that has given its last slot may be a replica of the target before we
   * read that the job has ended, and its shard is then the target's. Of a job that was over by then nothing but the nodes is known.
   */
  #knowShards(around: JobSurroundings): void {
    const source = around.shardOf(this.sourceNode) ?? (this.#sourceShard || this.sourceNode)
    const target = around.shardOf(this.targetNode) ?? (this.#targetShard || this.targetNode)
    if (source === this.#sourceShard && target === this.#targetShard) return
    this.#sourceShard = source
    this.#targetShard = target
    this.#state = undefined
  }

  /** Both sides' states and who owns the slots now; undefined while the ownership after the end is not known. */
  #verdict(around: JobSurroundings): 'moved' | 'not-moved' | 'unclear' | undefined {
    const endedAtMs = this.#firstEndAtMs as number
    const asked = Math.max(around.ownWordAtMs(this.sourceNode), around.ownWordAtMs(this.targetNode))
    if (asked < endedAtMs) return undefined
    const owners = around.ownersOf(this.slots)
    const total = countSlots(this.slots)
    const onTarget = owners.get(this.#targetShard) ?? 0
    if (this.#contradicted) return 'unclear'
    const success = [this.#export, this.#import].some((side) => side?.state === 'success')
    if (success) return onTarget === total ? 'moved' : undefined
    if (onTarget === 0) return 'not-moved'
    return 'unclear'
  }

  #end(outcome: 'moved' | 'not-moved' | 'unclear', atMs: number): void {
    this.outcome = outcome
    this.endedAtMs = atMs
    this.#stuck = false
    if (outcome === 'moved' && this.#keysTotal !== null) this.#keysDone = this.#keysTotal
    this.#state = undefined
  }

  #describe(): JobState {
    const { step, stepsMs } = stepsOf(this.#history, this.endedAtMs)
    const reason = this.#reason()
    return {
      name: this.name,
      slots: this.slots,
      slotCount: countSlots(this.slots),
      sourceNode: this.sourceNode,
      targetNode: this.targetNode,
      sourceShard: this.#sourceShard,
      targetShard: this.#targetShard,
      export: this.#export,
      import: this.#import,
      step,
      stepsMs,
      history: this.#history,
      keysDone: this.#keysDone,
      keysTotal: this.#keysTotal,
      ...(this.#bytesSent === null ? {} : { bytesSent: this.#bytesSent }),
      ...(this.#bytesQueued === null ? {} : { bytesQueued: this.#bytesQueued }),
      startedAtMs: this.startedAtMs,
      endedAtMs: this.endedAtMs,
      outcome: this.outcome,
      reason,
      explanation: this.#explanation(reason),
      startedBy: this.#actor,
      planId: this.planId,
      stuck: this.#stuck,
      acknowledged: this.#acknowledged
    }
  }

  /** The server's words: the side that knows the cause before the side that only lost its link. */
  #reason(): string | null {
    if (this.#export?.state === 'cancelled') return this.#export.message || 'cancelled'
    const messages = [this.#export, this.#import].filter((side) => side?.state === 'failed').map((side) => side?.message ?? '')
    const cause = messages.find((message) => message !== '' && !isPointer(message)) ?? messages.find((message) => message !== '')
    return cause ?? null
  }

  #explanation(reason: string | null): string | null {
    if (this.#stuck && this.endedAtMs === null)
      return this.#export?.state === 'waiting-to-snapshot'
        ? explainWait(this.#child)
        : 'Neither side has changed its state, and no key and no byte has been copied for 30 s. Look at the log of both nodes.'
    if (this.endedAtMs === null) return null
    if (this.outcome === 'unclear') {
      const known = reason === null ? undefined : explainFailure(reason)
      return `${known ?? `The two sides and the owner of slots ${formatRanges(this.slots)} do not tell the same story.`} Compare the keys per database on both nodes before going on.`
    }
    if (this.outcome === 'moved') return null
    const gone = [...this.#gone]
    if (reason === null) return gone.length > 0 ? 'A node that took part no longer knows the job: it was restarted. Nothing moved.' : null
    if (this.#export?.state === 'cancelled')
      return 'Somebody cancelled the exports of the source. The slots stayed there; the target removes what it had copied.'
    return explainFailure(reason) ?? null
  }
}

/** Whether a wire state is one in which the slots may change owner at any moment. */
export function isHandingOver(state: JobWireState): boolean {
  return state === 'failover-paused' || state === 'failover-requested' || state === 'failover-granted'
}
