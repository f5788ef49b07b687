import {
  askTrace,
  type Caller,
  type Command,
  ErrorReply,
  type JobIntent,
  parseSlotMigrations,
  type Reply,
  verdictOf,
  whyNotStart
} from '@slotscope/observer'
import {
  type ConfirmAnswer,
  type CoreState,
  eachSlot,
  type MoveComparison,
  movingSlots,
  normalise,
  type PlanRequest,
  type PlanState,
  type QueueState,
  type QueueWish,
  type SlotRange,
  type StaleDetail,
  toRanges
} from '@slotscope/observer/stream'
import { type AskedCluster, askNode } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import type { Actor } from '../security/authorise.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { foldEntries, isOpen, type MoveRecord, type QueueRecord, recordOf, withMove } from './queue-record.ts'

/** What a queue needs of the cluster that it works on. */
export type QueueCluster = AskedCluster & {
  /** The caller, with per-slot questions held back. */
  readonly countingCaller: Caller
  readonly feed: {
    queueChanged(queue: QueueState): void
    queueGone(planId: string): void
    jobConfirmed(intent: JobIntent): void
  }
}

export type MoveQueuesOptions = {
  readonly journal: Journal
  /** The clusters come and go; a queue whose cluster is not there waits. */
  readonly clusterOf: (id: string) => QueueCluster | undefined
  readonly now: () => number
  /** Looks at the target's replicas after a move. Absent: nobody does. */
  readonly compare?: (cluster: QueueCluster, move: MoveRecord) => Promise<MoveComparison>
  /** A fault of our own, for the log. */
  readonly onError: (error: unknown) => void
}

/** Between two looks at a move that the feed has not seen end. */
const LOOK_MS = 1_000
/** A command that was on its way when its connection broke has arrived after this, or never will. */
const ON_ITS_WAY_MS = 10_000
/** After a longer absence of the api a person decides whether what was confirmed should still happen. */
const AWAY_MS = 10 * 60_000
const ENDED_KEPT = 20

type Held = {
  readonly clusterId: string
  cluster: QueueCluster | undefined
  queue: QueueRecord
  answer: Promise<ConfirmAnswer> | undefined
  /** Moves that something is being done about, by index. */
  readonly busy: Set<number>
  settling: boolean
  readonly lookedAtMs: Map<number, number>
  told: string
}

/**
 * The confirmed plans: sends their moves, one after another where a source can do only one at a time, and follows each to its end.
 *
 * Every step is on disk before it is true. A move is `sent` on disk before its command leaves, and what is `sent` is never sent again
 * by us: after a crash, or a reply that never came, both nodes are asked what became of it (`askTrace`). So a crash at any point loses
 * nothing, doubles nothing, and ends in a report that the cluster itself confirms.
 */
export class MoveQueues {
  readonly #queues = new Map<string, Held>()
  readonly #options: MoveQueuesOptions
  #closed = false

  constructor(options: MoveQueuesOptions) {
    this.#options = options
    for (const [planId, { cluster, queue }] of foldEntries(options.journal.entries))
      this.#queues.set(planId, this.#held(cluster, afterAbsence(queue, options.now())))
  }

  has(cluster: QueueCluster, planId: string): boolean {
    return this.#queues.get(planId)?.clusterId === cluster.id
  }

  /** Confirmed moves of a cluster that have not ended: it may be removed while they go on in its nodes. */
  openMoves(clusterId: string): number {
    return this.#of(clusterId).reduce((sum, { queue }) => sum + queue.moves.filter(({ progress }) => isOpen(progress)).length, 0)
  }

  movesOf(cluster: QueueCluster, planId: string): readonly MoveRecord[] | undefined {
    return this.has(cluster, planId) ? this.#queues.get(planId)?.queue.moves : undefined
  }

  /** What has to be dropped where to undo the moves of a plan that are done. Throws `PLAN_REFUSED` when none is. */
  wayBack(cluster: QueueCluster, planId: string): readonly PlanRequest[] {
    const bySource = new Map<string, SlotRange[]>()
    for (const { progress, sourceShard, slots } of this.movesOf(cluster, planId) ?? [])
      if (progress === 'done') bySource.set(sourceShard, [...(bySource.get(sourceShard) ?? []), ...slots])
    if (bySource.size === 0) throw new ApiFailure('PLAN_REFUSED', 'no move of that plan is done: there is nothing to take back')
    return [...bySource].map(([targetShard, slots]) => ({ targetShard, slots: normalise(slots) }))
  }

  /** The jobs of a plan that was confirmed before, also before a restart. */
  answer(planId: string): Promise<ConfirmAnswer> {
    const held = this.#queues.get(planId)
    if (!held) throw new ApiFailure('PLAN_EXPIRED', 'there is no such plan')
    return held.answer ?? Promise.resolve(this.#answerOf(held))
  }

  /** Slots of this plan that a confirmed one sets moving and that the cluster's state does not show as moving yet. */
  overlaps(cluster: QueueCluster, plan: PlanState): StaleDetail[] {
    const seen = movingSlots(cluster.core())
    const wanted = new Set(plan.moves.flatMap((move) => [...eachSlot(move.slots)]).filter((slot) => !seen.has(slot)))
    return this.#of(cluster.id).flatMap(({ queue }) =>
      queue.moves.flatMap((move): StaleDetail[] => {
        const waits = move.progress === 'planned'
        // Of a job that the feed knows the cluster's own state tells, and sooner than we do.
        const isKnown = move.job !== null && Object.hasOwn(cluster.core().jobs, move.job)
        if (!isOpen(move.progress) || isKnown || (waits && queue.status !== 'running')) return []
        const shared = [...eachSlot(normalise(move.slots))].filter((slot) => wanted.has(slot))
        if (shared.length === 0) return []
        const is = waits ? `in the queue of ${queue.actor}` : `already migrating: ${queue.actor} confirmed it just now`
        return [{ slots: toRanges(shared), was: 'not moving', is }]
      })
    )
  }

  /**
   * Takes a confirmed plan over: from this call on `overlaps` knows it. Resolves when it is on disk and every move that need not wait
   * was sent. Rejects when it cannot be written; then nothing was sent.
   */
  begin(cluster: QueueCluster, plan: PlanState, actor: Actor): Promise<ConfirmAnswer> {
    const held = this.#held(cluster.id, recordOf(plan, actor.user, this.#options.now()))
    held.cluster = cluster
    this.#queues.set(plan.planId, held)
    held.answer = this.#begin(held)
    return held.answer
  }

  /** Does what a person wishes of a queue. Throws `NOT_FOUND`, or `PLAN_REFUSED` where there is nothing to stop, retry or skip. */
  async wish(cluster: QueueCluster, planId: string, wish: QueueWish, actor: Actor): Promise<void> {
    const held = this.#queues.get(planId)
    if (held?.clusterId !== cluster.id) throw new ApiFailure('NOT_FOUND', `no queue ${planId} in this cluster`)
    const { queue } = held
    const failed = (move: MoveRecord) => move.progress === 'failed'
    if (wish === 'stop') {
      const waiting = queue.moves.some((move) => move.progress === 'planned')
      if (queue.status !== 'running' || !waiting)
        throw new ApiFailure('PLAN_REFUSED', 'no move of this plan waits: what runs is cancelled, not stopped')
      return this.#setStatus(held, 'stopping', `stopped by ${actor.user}`)
    }
    if (queue.status === 'running' || queue.status === 'stopping') throw new ApiFailure('PLAN_REFUSED', 'the moves of this plan still run')
    if (wish === 'retry') {
      const unclear = queue.moves.find((move) => move.progress === 'unknown')
      if (unclear)
        throw new ApiFailure('PLAN_REFUSED', `it is not clear what became of a move: ${unclear.detail}. Compare its keys, then skip it`)
      if (!queue.moves.some((move) => failed(move) || move.progress === 'planned'))
        throw new ApiFailure('PLAN_REFUSED', 'no move of this plan failed')
    } else if (queue.status === 'ended') throw new ApiFailure('PLAN_REFUSED', 'no move of this plan waits')
    for (const [index, move] of queue.moves.entries()) {
      if (wish === 'retry' && failed(move)) await this.#setMove(held, index, { progress: 'planned', job: null, detail: null })
      if (wish === 'skip' && (failed(move) || move.progress === 'unknown')) await this.#setMove(held, index, { progress: 'skipped' })
    }
    await this.#setStatus(held, 'running', null)
  }

  /** Does what is due. The host calls it several times a second; nothing here waits for a node. */
  advance(): void {
    if (this.#closed) return
    for (const held of this.#queues.values()) {
      this.#adopt(held)
      if (!held.cluster || held.cluster.core().cluster.state === 'unknown') continue
      for (const index of held.queue.moves.keys()) void this.#drive(held, index)
      // A crash may have come between the end of the last move and the end of the whole.
      void this.#settle(held)
      this.#tell(held)
    }
  }

  /** Begins nothing more. What is under way is found again by the next run. */
  close(): void {
    this.#closed = true
  }

  #fault(error: unknown): void {
    // The journal is closed before the last reply has come.
    if (!this.#closed) this.#options.onError(error)
  }

  /** Gives a queue of an earlier run back to its cluster. */
  #adopt(held: Held): void {
    const cluster = this.#options.clusterOf(held.clusterId)
    if (cluster === held.cluster) return
    held.cluster = cluster
    held.told = ''
    for (const move of held.queue.moves) if (move.job !== null || move.progress === 'sent') this.#expect(held, move)
    this.#tell(held)
  }

  async #begin(held: Held): Promise<ConfirmAnswer> {
    try {
      await this.#options.journal.append({ type: 'confirmed', cluster: held.clusterId, queue: held.queue })
    } catch (error) {
      this.#queues.delete(held.queue.planId)
      this.#options.onError(error)
      throw new ApiFailure('INTERNAL', 'what was confirmed cannot be written to disk, so nothing was started: the log says why')
    }
    await Promise.all([...held.queue.moves.keys()].map((index) => this.#drive(held, index)))
    this.#tell(held)
    held.cluster?.requestRefresh()
    return this.#answerOf(held)
  }

  /** Does what is due about one move; nobody else does anything about it meanwhile. */
  async #drive(held: Held, index: number): Promise<void> {
    const { cluster, queue, busy } = held
    const move = queue.moves[index]
    if (!cluster || !move || busy.has(index)) return
    const starts = move.progress === 'planned' && goesOn(queue) && this.#waitsFor(held, index) === null
    const looks = (move.progress === 'sent' || move.progress === 'running') && this.#isDue(held, index, move)
    if (!starts && !looks) return
    busy.add(index)
    try {
      if (starts) await this.#start(cluster, held, index)
      else await this.#look(cluster, held, index)
    } catch (error) {
      this.#fault(error)
    } finally {
      busy.delete(index)
    }
    await this.#settle(held)
    this.#tell(held)
  }

  /** The feed polls running jobs anyway: only one that it does not know, or that has ended, is asked about by us. */
  #isDue(held: Held, index: number, move: MoveRecord): boolean {
    const job = move.job === null ? undefined : held.cluster?.core().jobs[move.job]
    const lookedAtMs = held.lookedAtMs.get(index) ?? Number.NEGATIVE_INFINITY
    if (job) return job.endedAtMs !== null && (lookedAtMs < job.endedAtMs || this.#options.now() - lookedAtMs >= LOOK_MS)
    return this.#options.now() - lookedAtMs >= LOOK_MS
  }

  async #start(cluster: QueueCluster, held: Held, index: number): Promise<void> {
    const move = held.queue.moves[index] as MoveRecord
    const why = whyNotStart(cluster.core(), move)
    if (why !== null) return this.#setMove(held, index, { progress: 'failed', detail: `not sent: ${why}` })
    const list: Command = ['CLUSTER', 'GETSLOTMIGRATIONS']
    // Either node may have forgotten, by a restart, a job of the same slots that the other still lists.
    const lists = await Promise.all([move.sourceNode, move.targetNode].map((node) => jobsOf(cluster, node, move)))
    const refused = lists.find((one): one is { error: string } => 'error' in one)
    if (refused) return this.#setMove(held, index, { progress: 'failed', detail: `not sent: ${refused.error}` })
    if (!goesOn(held.queue)) return
    const older = [...new Set(lists.flatMap((one) => ('names' in one ? one.names : [])))]
    await this.#setMove(held, index, { progress: 'sent', older, job: null, detail: null })
    this.#expect(held, move)
    const sent = await ask(cluster, move.sourceNode, [move.command, list])
    cluster.requestRefresh()
    if ('error' in sent) {
      this.#note(held, index, `${sent.error}. The job may have started all the same: both nodes are asked`)
      return
    }
    const [started] = sent.replies
    if (started instanceof ErrorReply) return this.#setMove(held, index, { progress: 'failed', detail: started.message })
    await this.#look(cluster, held, index)
  }

  async #look(cluster: QueueCluster, held: Held, index: number): Promise<void> {
    const nowMs = this.#options.now()
    held.lookedAtMs.set(index, nowMs)
    const move = held.queue.moves[index] as MoveRecord
    const trace = await askTrace(noted(cluster, move), cluster.core(), move)
    const verdict = verdictOf(trace)
    const job = move.job ?? trace.job
    if (verdict.is === 'absent') {
      if (move.progress === 'sent' && nowMs - move.atMs < ON_ITS_WAY_MS) return
      const detail = move.progress === 'sent' ? 'it never began: no node knows such a job' : 'its nodes forgot the job: they were restarted'
      return this.#setMove(held, index, { progress: 'failed', job, detail: `${detail}. The slots have not moved` })
    }
    const { detail } = verdict
    if (verdict.is !== 'running') await this.#setMove(held, index, { progress: verdict.is, job, detail })
    else if (job !== null && move.progress === 'sent') await this.#setMove(held, index, { progress: 'running', job, detail })
    else this.#note(held, index, detail)
    // Now that it has a name, the job is told as ours, even if it ended before anybody looked.
    if (job !== move.job) this.#expect(held, held.queue.moves[index] as MoveRecord)
    if (verdict.is === 'done') void this.#compare(cluster, held, index)
  }

  /** The queue does not wait for it: what it finds stands beside the move. */
  async #compare(cluster: QueueCluster, held: Held, index: number): Promise<void> {
    try {
      const comparison = await this.#options.compare?.(cluster, held.queue.moves[index] as MoveRecord)
      if (comparison) await this.#setMove(held, index, { comparison })
    } catch (error) {
      this.#fault(error)
    }
  }

  /** What the whole has come to, after one of its moves has changed. */
  async #settle(held: Held): Promise<void> {
    if (held.settling || held.busy.size > 0) return
    held.settling = true
    try {
      const { moves, status, because: stopped } = held.queue
      const failed = moves.find(isBad)
      const because = failed ? `${this.#title(held, failed)}: ${failed.detail ?? failed.progress}` : stopped
      const next = statusOf(held.queue)
      if (next !== status) await this.#setStatus(held, next, because)
    } catch (error) {
      this.#fault(error)
    } finally {
      held.settling = false
    }
  }

  /** Why a planned move is not sent yet, in words; null: it may be. */
  #waitsFor(held: Held, index: number): string | null {
    const move = held.queue.moves[index] as MoveRecord
    if (move.sideBySide) return null
    const core = held.cluster?.core()
    for (const other of this.#of(held.clusterId))
      for (const [at, one] of other.queue.moves.entries()) {
        if (one === move || one.sourceNode !== move.sourceNode) continue
        const isAhead = other === held && at < index && one.progress === 'planned' && held.queue.status === 'running'
        if (isAhead || one.progress === 'sent' || one.progress === 'running' || other.busy.has(at)) return this.#title(other, one)
      }
    const running = Object.values(core?.jobs ?? {}).find((job) => job.endedAtMs === null && job.sourceNode === move.sourceNode)
    return running ? `${labelOf(core, running.sourceShard)} → ${labelOf(core, running.targetShard)}` : null
  }

  #title(held: Held, move: MoveRecord): string {
    const core = held.cluster?.core()
    return `${labelOf(core, move.sourceShard)} → ${labelOf(core, move.targetShard)}`
  }

  async #setMove(held: Held, index: number, change: Partial<MoveRecord>): Promise<void> {
    const move = { ...(held.queue.moves[index] as MoveRecord), ...change, atMs: this.#options.now() }
    await this.#write({ type: 'move', planId: held.queue.planId, index, move })
    held.queue = withMove(held.queue, index, move)
    this.#tell(held)
  }

  /** Something to be shown that nothing depends on: it is not worth a line on disk. */
  #note(held: Held, index: number, detail: string | null): void {
    const move = held.queue.moves[index] as MoveRecord
    held.queue = withMove(held.queue, index, { ...move, detail })
  }

  async #setStatus(held: Held, status: QueueState['status'], because: string | null): Promise<void> {
    const atMs = this.#options.now()
    await this.#write({ type: 'status', planId: held.queue.planId, status, because, atMs })
    held.queue = { ...held.queue, status, because, touchedAtMs: atMs }
    this.#tell(held)
    if (status === 'ended') this.#trim(held.clusterId)
  }

  #write(entry: JournalEntry): Promise<void> {
    return this.#options.journal.append(entry)
  }

  #expect(held: Held, move: MoveRecord): void {
    const { sourceShard, targetShard, sourceNode, targetNode, slots, atMs, job } = move
    const { planId, actor } = held.queue
    const name = job === null ? {} : { name: job }
    held.cluster?.feed.jobConfirmed({ planId, actor, sourceShard, targetShard, sourceNode, targetNode, slots, atMs, ...name })
  }

  #tell(held: Held): void {
    const { cluster, queue } = held
    if (!cluster) return
    const { touchedAtMs: _, moves, ...rest } = queue
    const state: QueueState = {
      ...rest,
      moves: moves.map(({ older: _older, sideBySide: _sideBySide, ...move }, index) => ({
        ...move,
        waitsFor: move.progress === 'planned' && goesOn(queue) && !held.busy.has(index) ? this.#waitsFor(held, index) : null
      }))
    }
    const text = JSON.stringify(state)
    if (text === held.told) return
    held.told = text
    cluster.feed.queueChanged(state)
  }

  #trim(clusterId: string): void {
    const ended = this.#of(clusterId).filter(({ queue }) => queue.status === 'ended')
    for (const { cluster, queue } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
      this.#queues.delete(queue.planId)
      cluster?.feed.queueGone(queue.planId)
    }
  }

  #answerOf(held: Held): ConfirmAnswer {
    return {
      jobs: held.queue.moves.map(({ sourceNode, job, progress, detail, command }, index) => {
        const waitsFor = progress === 'planned' ? this.#waitsFor(held, index) : null
        const error = progress === 'failed' || progress === 'unknown' || (progress === 'sent' && job === null) ? detail : null
        return { sourceNode, name: job, error, command, ...(waitsFor === null ? {} : { waitsFor }) }
      })
    }
  }

  #held(clusterId: string, queue: QueueRecord): Held {
    return { clusterId, cluster: undefined, queue, answer: undefined, busy: new Set(), settling: false, lookedAtMs: new Map(), told: '' }
  }

  #of(clusterId: string): readonly Held[] {
    return [...this.#queues.values()].filter((held) => held.clusterId === clusterId)
  }
}

function isBad(move: MoveRecord): boolean {
  return move.progress === 'failed' || move.progress === 'unknown'
}

/** Stops at the first failure, and when somebody says so. */
function goesOn(queue: QueueRecord): boolean {
  return queue.status === 'running' && !queue.moves.some(isBad)
}

function statusOf({ moves, status }: QueueRecord): QueueState['status'] {
  const runs = moves.some((move) => move.progress === 'sent' || move.progress === 'running')
  const waits = moves.some((move) => move.progress === 'planned')
  if (!waits && !runs) return 'ended'
  if (status === 'running' && !moves.some(isBad)) return 'running'
  return runs ? 'stopping' : 'stopped'
}

/** A queue of an earlier run: what was to be sent long ago waits for a person. */
function afterAbsence(queue: QueueRecord, nowMs: number): QueueRecord {
  const awayMs = nowMs - queue.touchedAtMs
  const waits = queue.moves.some((move) => move.progress === 'planned')
  if (queue.status !== 'running' || !waits || awayMs < AWAY_MS) return queue
  const because = `the api was away for ${Math.round(awayMs / 60_000)} minutes`
  return {
    ...queue,
    status: queue.moves.some((move) => move.progress !== 'planned' && isOpen(move.progress)) ? 'stopping' : 'stopped',
    because
  }
}

/** Jobs of the same slots that a node lists. */
async function jobsOf(cluster: QueueCluster, node: string, move: MoveRecord): Promise<{ names: readonly string[] } | { error: string }> {
  const answer = await ask(cluster, node, [['CLUSTER', 'GETSLOTMIGRATIONS']])
  if ('error' in answer) return answer
  const jobs = parseSlotMigrations(answer.replies[0])
  if ('error' in jobs) return jobs
  const wanted = JSON.stringify(normalise(move.slots))
  return { names: jobs.value.filter((job) => JSON.stringify(normalise(job.slots)) === wanted).map((job) => job.name) }
}

type Answer = { readonly replies: readonly Reply[] } | { readonly error: string }

async function ask(cluster: QueueCluster, node: string, commands: readonly Command[]): Promise<Answer> {
  try {
    return { replies: await askNode(cluster, node, commands, 'migrate') }
  } catch (error) {
    if (error instanceof ApiFailure) return { error: error.message }
    throw error
  }
}

/** The cluster's caller; what it asks of the two nodes of a move counts as people's work. */
function noted(cluster: QueueCluster, move: MoveRecord): Caller {
  const { nodes } = cluster.core()
  return {
    pipeline: (address, commands, options) => {
      const id = [move.sourceNode, move.targetNode].find((one) => nodes[one]?.host === address.host && nodes[one]?.port === address.port)
      cluster.noteWork(options.cause, id ?? `${address.host}:${address.port}`, commands)
      return cluster.caller.pipeline(address, commands, options)
    }
  }
}

function labelOf(core: CoreState | undefined, shard: string): string {
  return core?.shards[shard]?.label ?? shard.slice(0, 8)
}
