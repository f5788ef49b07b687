import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from './caller.ts'
import type { AskNode } from './feed/asking.ts'
import { JsonChannel, SlotsChannel } from './feed/channel.ts'
import { buildCore, emptyCore, type NodeRecord } from './feed/core-build.ts'
import { CostMeter, statName } from './feed/cost-meter.ts'
import { databasesState } from './feed/databases.ts'
import { eventsBetween } from './feed/events.ts'
import { ExpirySampler, type SampledNode } from './feed/expiry-sampler.ts'
import { HashWatch, hashTopicOf } from './feed/hash-watch.ts'
import { problemsOf } from './feed/health.ts'
import { JobProgress, keysOf } from './feed/job-progress.ts'
import { isHandingOver, JobBook, type JobIntent, type JobSurroundings } from './feed/jobs.ts'
import { LabelBook, type ShardLabels } from './feed/labels.ts'
import { foldInfo, INFO_SECTIONS, pausedOf } from './feed/node-figures.ts'
import { NodeLink } from './feed/node-links.ts'
import {
  jobPeriodMs,
  type Periods,
  type PollKind,
  PROGRESS_PERIOD_MS,
  periodsFor,
  REPLY_TIMEOUT_MS,
  SHARDS_PERIOD_MS,
  TOPOLOGY_VIEWERS
} from './feed/poll-plan.ts'
import { figureOf, isRate, SLOT_FIGURES, SlotFigures } from './feed/slot-figures.ts'
import { Topology } from './feed/topology.ts'
import { Traffic } from './feed/traffic.ts'
import { parseClusterNodes } from './replies/cluster-nodes.ts'
import { parseClusterShards } from './replies/cluster-shards.ts'
import { parseConfig } from './replies/config.ts'
import { figuresOf, parseInfo } from './replies/info.ts'
import { textOf } from './replies/shape.ts'
import { parseSlotMigrations } from './replies/slot-migrations.ts'
import { parseSlotStats } from './replies/slot-stats.ts'
import type { ClusterEvent, CoreState, JobState, PlanState, SlotRange } from './stream/core-state.ts'
import type { DatabasesState, ProbeTrafficPoint } from './stream/figures.ts'
import {
  type Capability,
  type Frame,
  type JsonTopic,
  type SlotFigure,
  type SlotsTopic,
  STREAM_VERSION,
  type Topic,
  type TopicState
} from './stream/frames.ts'
import { eachSlot } from './stream/moves.ts'

export type FeedOptions = {
  readonly caller: Caller
  /** The entry only: every node that they know of is then asked itself. */
  readonly seeds: readonly NodeAddress[]
  readonly clusterId: string
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly labels: ShardLabels
  /** New with every start: versions of another feed mean nothing. */
  readonly feedId: string
  /** What the host can do besides: announced in `hello`. */
  readonly capabilities?: readonly Capability[]
  /** Wall clock in milliseconds. Without it the time of the last call of `advance` counts as now. */
  readonly now?: () => number
  /** A fault of our own, never a node's: for the host's log. It is shown as a problem as well. */
  readonly onFault?: (error: unknown) => void
}

/** Something new for the viewers of a topic. */
export type FeedUpdate = { readonly topic: JsonTopic; readonly frame: Frame } | { readonly topic: SlotsTopic; readonly binary: Uint8Array }

/** Events kept in the state. */
const EVENTS_KEPT = 200
/** A patch may wait so long for the other half of a hand-over, so that slots and job change in one. */
const HOLD_MS = 300
const HOLD_POLL_MS = 20
const HASH_PERIOD_MS = 1_000
/** The forecast is drawn anew at most so often. */
const EXPIRY_STEP_MS = 900

/**
 * Watches one cluster: asks its nodes what is due, folds the replies into states, and tells subscribers what changed. The host
 * gives the time: it calls `advance` again after the milliseconds that the call before resolved with. Questions are sent and
 * not waited for, since one slow node must not hold up the others; their replies are folded as they come.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #topology = new Topology()
  readonly #records = new Map<string, NodeRecord>()
  readonly #jobs = new JobBook()
  readonly #labels: LabelBook
  readonly #meter = new CostMeter()
  readonly #slotFigures = new SlotFigures()
  readonly #plans = new Map<string, PlanState>()
  readonly #core: JsonChannel<'core'>
  readonly #databases = new JsonChannel('databases')
  readonly #expiry = new JsonChannel('expiry')
  readonly #traffic = new JsonChannel('traffic')
  readonly #hashes = new Map<JsonTopic, { readonly channel: JsonChannel<JsonTopic>; readonly watch: HashWatch }>()
  readonly #progress = new Map<string, JobProgress>()
  readonly #sampler = new ExpirySampler()
  readonly #bands = new Traffic()
  /** Version that the next hash topic begins with: higher than any that a viewer may still hold of the same name. */
  #hashVersion = 1
  readonly #slots: Readonly<Record<SlotFigure, SlotsChannel>>
  readonly #listeners = new Set<(update: FeedUpdate) => void>()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #jobListLength = new Map<string, number>()
  #watched: ReadonlySet<Topic> = new Set()
  #nowMs = 0
  #topologyAtMs = Number.NEGATIVE_INFINITY
  #shardsAtMs = Number.NEGATIVE_INFINITY
  #shardsStructure = -1
  #viewerCursor = 0
  #seedRetryAtMs = 0
  #seedError: string | null = null
  #atomicMigration: boolean | null = null
  #disputed: { readonly key: string; readonly sinceMs: number } | null = null
  #eventSequence = 0
  #dirty = false
  #slotsDirty = false
  #fault: string | null = null
  /** Until the first picture is whole, nothing is told. */
  #opening = false
  /** Since when the slots of a running job have a new owner that viewers were not told yet. */
  #holdSinceMs: number | null = null
  #expiryAtMs = Number.NEGATIVE_INFINITY

  constructor(options: FeedOptions) {
    this.#options = options
    this.#labels = new LabelBook(options.labels)
    this.#core = new JsonChannel('core')
    this.#core.publish(emptyCore(options.name, options.kind), 0)
    const channel = (figure: SlotFigure) => new SlotsChannel(`slots:${figure}`, isRate(figure))
    this.#slots = { keys: channel('keys'), cpu: channel('cpu'), 'bytes-in': channel('bytes-in'), 'bytes-out': channel('bytes-out') }
  }

  /**
   * Asks what is due at `nowMs` (wall clock) and resolves with the milliseconds until it should be called again: 10 to 1,000.
   * It waits for replies only while nothing at all is known of the cluster. An unreachable node is a state, never an error.
   */
  async advance(nowMs: number): Promise<number> {
    this.#nowMs = nowMs
    const blind = this.#topology.nodes.size === 0
    this.#opening ||= blind
    this.#ask()
    if (blind) {
      await this.settled()
      this.#ask()
      await this.settled()
      this.#opening = false
    }
    this.#publish()
    return this.#waitMs()
  }

  /** Resolves when every question sent so far, and those that their replies led to, has its reply or its failure. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight)
  }

  core(): CoreState {
    return this.#core.state as CoreState
  }

  state<T extends JsonTopic>(topic: T): TopicState<T> | undefined {
    return this.#channel(topic)?.state as TopicState<T> | undefined
  }

  /** 16,384 values, NaN where not known; undefined before the first reading. */
  figure(figure: SlotFigure): Float64Array | undefined {
    return this.#slots[figure].values
  }

  /** The union of what all viewers look at: what is polled follows it. */
  watch(topics: ReadonlySet<Topic>, nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    const added = [...topics].some((topic) => !this.#watched.has(topic))
    if (this.#watched.has('expiry') && !topics.has('expiry')) this.#sampler.forget()
    if (this.#watched.has('traffic') && !topics.has('traffic')) this.#bands.forgetHistograms()
    this.#watched = new Set(topics)
    this.#watchHashes()
    if (added) this.#ask()
  }

  /** Calls `listener` with everything new from now on; returns how to end it. */
  subscribe(listener: (update: FeedUpdate) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The whole of a topic as it is now; undefined while nothing is known of it. */
  snapshot(topic: Topic): Frame | Uint8Array | undefined {
    const figure = figureOf(topic)
    return figure ? this.#slots[figure].snapshot(this.#now()) : this.#channel(topic as JsonTopic)?.snapshot(this.#now())
  }

  /** What brings a viewer that holds `version` to now; version 0 holds nothing. */
  resume(topic: Topic, version: number): readonly (Frame | Uint8Array)[] {
    const figure = figureOf(topic)
    if (figure) return this.#slots[figure].resume(version, this.#now())
    return this.#channel(topic as JsonTopic)?.resume(version, this.#now()) ?? []
  }

  hello(): Frame {
    const capabilities = new Set<Capability>(this.#options.capabilities ?? [])
    if (this.#atomicMigration) capabilities.add('atomic-migration')
    if (this.#bands.state.probeSource !== null) capabilities.add('probe')
    if (this.core().cluster.slotStatsEnabled !== null) capabilities.add('slot-stats')
    const { feedId, clusterId } = this.#options
    return { type: 'hello', streamVersion: STREAM_VERSION, feedId, clusterId, capabilities: [...capabilities], atMs: this.#now() }
  }

  planMade(plan: PlanState): void {
    this.#plans.set(plan.planId, plan)
    this.#changed()
  }

  planGone(planId: string): void {
    if (this.#plans.delete(planId)) this.#changed()
  }

  /** Who confirmed what, so that the job carries it when it shows up. Its two nodes are asked at once and often. */
  jobConfirmed(intent: JobIntent): void {
    this.#jobs.expect(intent)
    this.requestRefresh()
  }

  /** Somebody took note of an unclear outcome. */
  jobAcknowledged(name: string): void {
    this.#jobs.acknowledge(name)
    this.#changed()
  }

  /** One reading of a client of ours; `source` says in words where it runs. */
  pushProbe(point: ProbeTrafficPoint, source: string): void {
    this.#bands.pushProbe(point, source)
    this.#publishTraffic(this.#now())
  }

  /** Commands that people's work sends to the cluster, for the cost of watching by cause. `node`: id, or `host:port`. */
  noteWork(cause: string, node: string, commands: readonly Command[]): void {
    this.#meter.sent(node, cause, commands.map(statName), this.#now())
  }

  /** Something was just changed: look at the whole again at once. */
  requestRefresh(): void {
    this.#topologyAtMs = Number.NEGATIVE_INFINITY
    for (const record of this.#records.values()) {
      if (record.link.error !== null) continue
      record.link.hurry('jobs')
      record.link.hurry('info')
      record.link.hurry('slots')
    }
    this.#ask()
  }

  // ---- asking

  #now(): number {
    return this.#options.now?.() ?? this.#nowMs
  }

  #ask(): void {
    const nowMs = this.#now()
    this.#noticeSilence(nowMs)
    const links = [...this.#records.values()].map((record) => record.link)
    const reachable = links.filter((link) => link.error === null)
    if (reachable.length === 0 && nowMs >= this.#seedRetryAtMs) {
      this.#seedRetryAtMs = nowMs + (links.length === 0 ? 1_000 : 5_000)
      for (const seed of this.#options.seeds) this.#run(() => this.#askSeed(seed))
    }
    if (links.length === 0) return
    const periods = this.#periods()
    if (nowMs - this.#topologyAtMs >= periods.topology) {
      this.#topologyAtMs = nowMs
      this.#startTopology(reachable)
    }
    for (const record of this.#records.values()) this.#askNode(record, periods, nowMs)
    this.#askProgress(nowMs)
    for (const [topic, { watch }] of this.#hashes) {
      if (watch.running || nowMs - watch.startedAtMs < HASH_PERIOD_MS) continue
      watch.running = true
      watch.startedAtMs = nowMs
      this.#run(() => this.#pollHash(topic))
    }
  }

  #periods(): Periods {
    return periodsFor(this.#watched, this.#records.size)
  }

  #askNode(record: NodeRecord, periods: Periods, nowMs: number): void {
    const { link } = record
    if (link.error !== null) {
      // One small question tells whether the node is back; everything else waits for that.
      if (nowMs >= link.dueAtMs('topology', 0)) this.#start(link, 'topology', () => this.#pollTopology(link, false))
      return
    }
    const due = (kind: PollKind, periodMs: number) => periodMs !== Number.POSITIVE_INFINITY && nowMs >= link.dueAtMs(kind, periodMs)
    if (due('identity', periods.identity)) this.#start(link, 'identity', () => this.#pollIdentity(record))
    if (due('info', periods.info)) this.#start(link, 'info', () => this.#pollInfo(record))
    if (due('command-stats', periods['command-stats'])) this.#start(link, 'command-stats', () => this.#pollCommandStats(link))
    if (!this.#isPrimary(link.id)) return
    if (due('jobs', this.#jobPeriod(link.id, periods.jobs))) this.#start(link, 'jobs', () => this.#pollJobs(link))
    if (due('slots', periods.slots)) this.#start(link, 'slots', () => this.#pollSlots(link))
    if (due('latency', periods.latency)) this.#start(link, 'latency', () => this.#pollLatency(link))
    if (record.figures && due('expiry', periods.expiry)) this.#start(link, 'expiry', () => this.#pollExpiry(record))
  }

  /** Key progress of the jobs that run: asked of both nodes, a few times a second. */
  #askProgress(nowMs: number): void {
    const running = this.#jobs.running()
    for (const name of this.#progress.keys()) if (!running.some((job) => job.name === name)) this.#progress.delete(name)
    for (const job of running) {
      const progress = this.#progress.get(job.name) ?? new JobProgress(job.name)
      this.#progress.set(job.name, progress)
      if (progress.running || nowMs - progress.startedAtMs < PROGRESS_PERIOD_MS) continue
      progress.running = true
      progress.startedAtMs = nowMs
      this.#run(() => this.#pollProgress(job, progress))
    }
  }

  #isPrimary(id: string): boolean {
    return this.#topology.nodes.get(id)?.role === 'primary'
  }

  #jobPeriod(id: string, idleMs: number): number {
    if (this.#atomicMigration === false) return 60_000
    const busy = this.#jobs.running().some((job) => job.sourceNode === id || job.targetNode === id)
    if (!busy && !this.#jobs.expectedNodes(this.#now()).includes(id)) return idleMs
    if (this.#holdSinceMs !== null) return HOLD_POLL_MS
    return jobPeriodMs(this.#jobListLength.get(id) ?? 0)
  }

  /** The nodes that are asked for the topology this time: three in rotation. */
  #startTopology(reachable: readonly NodeLink[]): void {
    const count = Math.min(TOPOLOGY_VIEWERS, reachable.length)
    const structural = this.#topology.structure !== this.#shardsStructure
    const nowMs = this.#now()
    const shards = structural || nowMs - this.#shardsAtMs >= SHARDS_PERIOD_MS
    for (let i = 0; i < count; i++) {
      const link = reachable[this.#viewerCursor++ % reachable.length] as NodeLink
      if (link.isRunning('topology')) continue
      this.#start(link, 'topology', () => this.#pollTopology(link, shards && i === 0))
    }
  }

  /** Starts a poll of a node and remembers that it runs. */
  #start(link: NodeLink, kind: PollKind, poll: () => Promise<void>): void {
    link.start(kind, this.#now())
    this.#run(async () => {
      try {
        await poll()
      } finally {
        link.finish(kind)
      }
    })
  }

  #run(work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#fault = error instanceof Error ? error.message : String(error)
        this.#dirty = true
        this.#options.onFault?.(error)
      })
      .then(() => {
        this.#inFlight.delete(running)
        if (this.#inFlight.size === 0) this.#publish()
      })
    this.#inFlight.add(running)
  }

  /** Sends one pipeline. Undefined: the node did not answer, which its link now says. */
  async #call(link: NodeLink, cause: string, commands: readonly Command[]): Promise<readonly Reply[] | undefined> {
    this.#meter.sent(link.id, cause, commands.map(statName), this.#now())
    const { address } = link
    try {
      const replies = await this.#options.caller.pipeline(address, commands, { purpose: 'polling', cause, timeoutMs: REPLY_TIMEOUT_MS })
      if (replies.length !== commands.length) throw new UnreachableError(`${replies.length} replies to ${commands.length} commands`)
      if (link.error !== null) this.#changed()
      link.answered(this.#now())
      return replies
    } catch (error) {
      this.#lost(link, error)
      return undefined
    }
  }

  #lost(link: NodeLink, error: unknown): void {
    // A caller rejects with UnreachableError; anything else is a fault in our own house and must not be taken for the node's.
    if (!(error instanceof UnreachableError)) throw error
    link.failed(wordsOf(error), this.#now())
    this.#topology.dropView(link.id)
    this.#changed()
  }

  /** A node that keeps us waiting is as good as gone, whatever the caller's own time-out is. */
  #noticeSilence(nowMs: number): void {
    for (const { link } of this.#records.values()) {
      const sinceMs = link.waitingSinceMs
      if (link.error !== null || sinceMs === null || nowMs - sinceMs < REPLY_TIMEOUT_MS + 500) continue
      link.failed(`no reply for ${((nowMs - sinceMs) / 1000).toFixed(1)} s`, nowMs)
      this.#topology.dropView(link.id)
      this.#changed()
    }
  }

  // ---- polls

  async #askSeed(seed: NodeAddress): Promise<void> {
    const commands: Command[] = [
      ['CLUSTER', 'NODES'],
      ['CLUSTER', 'INFO'],
      ['CLUSTER', 'SHARDS']
    ]
    this.#meter.sent(`${seed.host}:${seed.port}`, 'topology', commands.map(statName), this.#now())
    let replies: readonly Reply[]
    try {
      replies = await this.#options.caller.pipeline(seed, commands, { purpose: 'polling', cause: 'topology', timeoutMs: REPLY_TIMEOUT_MS })
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      this.#seedError = `${seed.host}:${seed.port}: ${wordsOf(error)}`
      this.#changed()
      return
    }
    const lines = parseClusterNodes(replies[0])
    if ('error' in lines) {
      this.#seedError = `${seed.host}:${seed.port}: ${lines.error}`
      this.#changed()
      return
    }
    // The first seed to answer says which cluster this is; a seed of another cluster is not mixed in.
    const myself = lines.value.find((line) => line.myself)
    if (!myself || (this.#topology.nodes.size > 0 && !this.#topology.nodes.has(myself.id))) return
    this.#foldTopology(replies[0], replies[1], replies[2])
    const record = this.#records.get(myself.id)
    record?.link.prove(seed)
    if (record?.link.address === seed) record.link.answered(this.#now())
    this.#seedError = null
  }

  async #pollTopology(link: NodeLink, shards: boolean): Promise<void> {
    const commands: Command[] = [
      ['CLUSTER', 'NODES'],
      ['CLUSTER', 'INFO']
    ]
    if (shards) commands.push(['CLUSTER', 'SHARDS'])
    const replies = await this.#call(link, 'topology', commands)
    if (replies) this.#foldTopology(replies[0], replies[1], replies[2], link)
  }

  #foldTopology(nodes: Reply | undefined, info: Reply | undefined, shards: Reply | undefined, link?: NodeLink): void {
    const nowMs = this.#now()
    const lines = parseClusterNodes(nodes)
    if ('error' in lines) {
      if (link) this.#refused(link.id, lines.error)
      return
    }
    const before = this.#topology.owners()
    const viewer = this.#topology.foldNodes(lines.value, nowMs)
    if (viewer === undefined) return
    if (link && viewer !== link.id) {
      link.failed(`another node answers at ${link.address.host}:${link.address.port}: ${viewer.slice(0, 8)}`, nowMs)
      this.#topology.dropView(viewer)
    }
    const summary = parseInfo(info)
    if ('value' in summary) {
      const state = summary.value.text('cluster_state') === 'ok' ? 'ok' : 'fail'
      this.#topology.foldSummary(viewer, state, summary.value.number('cluster_current_epoch') ?? 0)
    }
    if (shards !== undefined) {
      const parsed = parseClusterShards(shards)
      if ('value' in parsed) {
        this.#topology.foldShards(parsed.value)
        this.#shardsAtMs = nowMs
        this.#shardsStructure = this.#topology.structure
      }
    }
    this.#syncRecords()
    this.#noticeFlips(before)
    this.#changed()
  }

  /** A record per known node: new ones are asked at once, forgotten ones are dropped. */
  #syncRecords(): void {
    for (const belief of this.#topology.nodes.values()) {
      const address = { host: belief.host || belief.hostname || '', port: belief.port }
      const record = this.#records.get(belief.id)
      if (record) {
        if (!belief.noAddress && address.host !== '') record.link.announce(address)
        continue
      }
      this.#records.set(belief.id, {
        link: new NodeLink(belief.id, address),
        figures: undefined,
        humanName: '',
        databaseLimit: null,
        slotStatsEnabled: null,
        refusal: null
      })
    }
    for (const id of this.#records.keys()) if (!this.#topology.nodes.has(id)) this.#records.delete(id)
  }

  /** Slots of a running job that changed owner: the job has just ended, so both its nodes are asked before anything is told. */
  #noticeFlips(before: readonly (string | undefined)[]): void {
    const after = this.#topology.owners()
    if (before === after) return
    for (const job of this.#jobs.running()) {
      const flipped = job.slots.some(([first, last]) => before[first] !== after[first] || before[last] !== after[last])
      if (flipped) for (const node of [job.sourceNode, job.targetNode]) this.#joinJob(node)
    }
  }

  /** Asks a node for its jobs at once. */
  #joinJob(node: string): void {
    const link = this.#records.get(node)?.link
    if (link && link.error === null && !link.isRunning('jobs')) this.#start(link, 'jobs', () => this.#pollJobs(link))
  }

  /** The slots of a running job have changed owner: only its nodes' last word is missing for a patch that tells both. */
  #isHalfHandedOver(): boolean {
    const owners = this.#topology.owners()
    return this.#jobs.running().some((job) => {
      const slot = job.slots[0]?.[0] as number
      const owner = owners[slot]
      if (owner === undefined || this.#topology.shardOf(owner) !== job.targetShard) return false
      const told = this.core().shards[job.targetShard]?.slots ?? []
      return !told.some(([first, last]) => first <= slot && slot <= last)
    })
  }

  async #pollIdentity(record: NodeRecord): Promise<void> {
    const replies = await this.#call(record.link, 'identity', [
      ['CLUSTER', 'MYID'],
      ['CLUSTER', 'MYSHARDID'],
      ['CONFIG', 'GET', 'cluster-databases', 'cluster-announce-human-nodename', 'cluster-slot-stats-enabled']
    ])
    if (!replies) return
    const id = textOf(replies[0])
    if (id !== undefined && id !== record.link.id) {
      record.link.failed(`another node answers at ${record.link.address.host}:${record.link.address.port}: ${id.slice(0, 8)}`, this.#now())
      this.#changed()
      return
    }
    const shard = textOf(replies[1])
    if (shard !== undefined && !(replies[1] instanceof ErrorReply)) this.#topology.foldShardId(record.link.id, shard)
    const config = parseConfig(replies[2])
    if ('error' in config) record.refusal = config.error
    else {
      record.refusal = null
      const limit = Number(config.value.get('cluster-databases'))
      record.databaseLimit = Number.isInteger(limit) && limit > 0 ? limit : null
      record.humanName = config.value.get('cluster-announce-human-nodename') ?? ''
      const enabled = config.value.get('cluster-slot-stats-enabled')
      record.slotStatsEnabled = enabled === undefined ? null : enabled === 'yes'
    }
    this.#changed()
  }

  async #pollInfo(record: NodeRecord): Promise<void> {
    const replies = await this.#call(record.link, 'info', [['INFO', ...INFO_SECTIONS]])
    if (!replies) return
    const info = parseInfo(replies[0])
    if ('error' in info) {
      this.#refused(record.link.id, info.error)
      return
    }
    record.figures = foldInfo(record.figures, info.value, this.#now())
    this.#changed()
  }

  async #pollCommandStats(link: NodeLink): Promise<void> {
    const replies = await this.#call(link, 'info', [['INFO', 'commandstats']])
    const info = replies ? parseInfo(replies[0]) : undefined
    if (!info || 'error' in info) return
    const costs = new Map<string, number>()
    for (const [name, value] of info.value.entries('cmdstat_')) costs.set(name, figuresOf(value).get('usec_per_call') ?? 0)
    this.#meter.priced(link.id, costs)
  }

  async #pollJobs(link: NodeLink): Promise<void> {
    const commands: Command[] = [['CLUSTER', 'GETSLOTMIGRATIONS']]
    // The write pause of a hand-over is shorter than the period of INFO.
    const isSource = this.#jobs.running().some((job) => job.sourceNode === link.id)
    if (isSource) commands.push(['INFO', 'clients'])
    const replies = await this.#call(link, 'jobs', commands)
    if (!replies) return
    if (isSource) this.#foldPause(link.id, replies[1])
    const list = parseSlotMigrations(replies[0])
    if ('error' in list) {
      // Before 9.0 there is no such subcommand; a refusal is shown, anything else is a reply we cannot read.
      if (replies[0] instanceof ErrorReply && !replies[0].message.startsWith('NOPERM')) this.#atomicMigration ??= false
      else this.#refused(link.id, list.error)
      return
    }
    this.#atomicMigration = true
    this.#jobListLength.set(link.id, list.value.length)
    const notable = this.#jobs.fold(link.id, list.value, this.#now())
    const handingOver = this.#jobs
      .running()
      .some(
        (job) =>
          (job.sourceNode === link.id || job.targetNode === link.id) &&
          [job.export, job.import].some((side) => side && isHandingOver(side.state))
      )
    if (notable) for (const node of this.#jobs.missingWords()) if (node !== link.id) this.#joinJob(node)
    if (notable || handingOver) await this.#pollTopology(link, false)
    this.#changed()
  }

  #foldPause(node: string, reply: Reply | undefined): void {
    const record = this.#records.get(node)
    const info = parseInfo(reply)
    if (!record?.figures || 'error' in info) return
    record.figures = { ...record.figures, paused: pausedOf(info.value) }
  }

  async #pollSlots(link: NodeLink): Promise<void> {
    const replies = await this.#call(link, 'slots', [['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', '16383']])
    if (!replies) return
    const stats = parseSlotStats(replies[0])
    if ('error' in stats) {
      this.#refused(link.id, stats.error)
      return
    }
    this.#slotFigures.fold(link.id, stats.value, this.#now())
    this.#slotsDirty = true
  }

  async #pollProgress(job: JobState, progress: JobProgress): Promise<void> {
    try {
      const databases = [...(this.#records.get(job.sourceNode)?.figures?.databases.keys() ?? [])]
      const together = this.#jobs.running().filter((other) => other.targetNode === job.targetNode).length
      const read = await progress.read(job, databases, together, this.#askNodeById)
      if (!read) return
      this.#jobs.progress(job.name, read.done, read.total, this.#now())
      this.#changed()
    } finally {
      progress.running = false
    }
  }

  /** The exact count after a move, on the node that owns the slots now. */
  async #countMoved(job: JobState): Promise<void> {
    const keys = await keysOf(job, job.targetNode, this.#askNodeById)
    if (!keys) return
    const total = [...keys.values()].reduce((sum, count) => sum + count, 0)
    this.#jobs.progress(job.name, total, total, this.#now())
    this.#changed()
  }

  async #pollLatency(link: NodeLink): Promise<void> {
    const replies = await this.#call(link, 'traffic', [['LATENCY', 'HISTOGRAM']])
    if (replies) this.#bands.foldHistograms(link.id, replies[0])
  }

  async #pollExpiry(record: NodeRecord): Promise<void> {
    const node = this.#sampledNode(record)
    if (!node) return
    await this.#sampler.round(node, this.#askNodeById, () => this.#now())
    this.#publishExpiry(this.#now())
  }

  async #pollHash(topic: JsonTopic): Promise<void> {
    const hash = this.#hashes.get(topic)
    if (!hash) return
    try {
      const node = this.#topology.owners()[hash.watch.slot]
      const owner = node === undefined ? undefined : { node, shard: this.#topology.shardOf(node) }
      const state = await hash.watch.read(owner, this.#askNodeById, () => this.#now())
      if (!state || !this.#hashes.has(topic)) return
      const frame = hash.channel.publish(state, this.#now())
      this.#hashVersion = Math.max(this.#hashVersion, hash.channel.version + 1)
      if (frame) this.#tell({ topic, frame })
    } finally {
      hash.watch.running = false
    }
  }

  #watchHashes(): void {
    for (const topic of this.#hashes.keys()) if (!this.#watched.has(topic)) this.#hashes.delete(topic)
    for (const topic of this.#watched) {
      const parts = hashTopicOf(topic)
      if (!parts || this.#hashes.has(topic as JsonTopic)) continue
      this.#hashes.set(topic as JsonTopic, { channel: new JsonChannel(topic as JsonTopic, this.#hashVersion), watch: new HashWatch(parts) })
    }
  }

  #sampledNode(record: NodeRecord): SampledNode | undefined {
    const { link, figures } = record
    return figures && this.#isPrimary(link.id) ? { node: link.id, shard: this.#topology.shardOf(link.id), figures } : undefined
  }

  readonly #askNodeById: AskNode = async (node, cause, commands) => {
    const link = this.#records.get(node)?.link
    return link && link.error === null ? this.#call(link, cause, commands) : undefined
  }

  #refused(node: string, error: string): void {
    const record = this.#records.get(node)
    if (!record || record.refusal === error) return
    record.refusal = error
    this.#changed()
  }

  // ---- publishing

  #changed(): void {
    this.#dirty = true
    if (this.#inFlight.size === 0) this.#publish()
  }

  #publish(): void {
    const nowMs = this.#now()
    if (this.#opening) return
    for (const plan of this.#plans.values()) {
      if (nowMs <= plan.expiresAtMs) continue
      this.#plans.delete(plan.planId)
      this.#dirty = true
    }
    for (const job of this.#jobs.settle(this.#surroundings(), nowMs))
      if (job.outcome === 'moved' && job.history.length > 0) this.#run(() => this.#countMoved(job))
    this.#holdSinceMs = this.#isHalfHandedOver() ? (this.#holdSinceMs ?? nowMs) : null
    if (this.#holdSinceMs !== null && nowMs - this.#holdSinceMs < HOLD_MS) return
    if (this.#dirty || this.#jobs.running().length > 0) {
      this.#dirty = false
      this.#publishCore(nowMs)
      this.#publishDatabases(nowMs)
      this.#publishTraffic(nowMs)
      if (this.#watched.has('expiry')) this.#publishExpiry(nowMs)
    }
    if (this.#slotsDirty) {
      this.#slotsDirty = false
      this.#publishSlots(nowMs)
    }
  }

  #publishCore(nowMs: number): void {
    const before = this.core()
    const known = this.#topology.nodes.size > 0
    const built = known
      ? buildCore(
          {
            name: this.#options.name,
            kind: this.#options.kind,
            topology: this.#topology,
            records: this.#records,
            labelsFor: (shards) => this.#labels.assign(shards),
            jobs: this.#jobs.states(),
            plans: Object.fromEntries(this.#plans),
            watching: this.#meter.cost(nowMs, this.#records.size)
          },
          before
        )
      : before
    const disputed = known ? this.#lastingDisputes(nowMs) : []
    const { disputed: _, ...rest } = built
    const state: CoreState = { ...rest, ...(disputed.length > 0 ? { disputed } : {}) }
    const health = problemsOf(
      {
        ...state,
        state: state.cluster.state,
        versions: state.cluster.versions,
        disputed,
        beliefs: this.#topology.nodes.values(),
        databaseLimits: this.#databaseLimits(),
        blindSpots: this.#blindSpots(),
        unreachable: this.#unreachable(),
        fault: this.#fault
      },
      before.health,
      nowMs
    )
    const news = eventsBetween(before, state).map((event): ClusterEvent => ({ sequence: ++this.#eventSequence, atMs: nowMs, ...event }))
    const events = news.length === 0 ? before.events : [...before.events, ...news].slice(-EVENTS_KEPT)
    const frame = this.#core.publish({ ...state, health, events }, nowMs)
    if (frame) this.#tell({ topic: 'core', frame })
  }

  #publishDatabases(nowMs: number): void {
    const core = this.core()
    const primaries = Object.values(core.shards).flatMap((shard) =>
      shard.primary === null ? [] : [{ shard: shard.key, figures: this.#records.get(shard.primary)?.figures }]
    )
    if (primaries.every(({ figures }) => figures === undefined)) return
    const before = this.#databases.state as DatabasesState | undefined
    const frame = this.#databases.publish(databasesState(core.cluster.databases, primaries, before), nowMs)
    if (frame) this.#tell({ topic: 'databases', frame })
  }

  #publishTraffic(nowMs: number): void {
    const nodes = [...this.#records.values()].map(({ link, figures }) => ({
      role: this.#topology.nodes.get(link.id)?.role ?? 'replica',
      figures
    }))
    this.#bands.sample(nodes, this.#periods().info, nowMs)
    const frame = this.#traffic.publish(this.#bands.state, nowMs)
    if (frame) this.#tell({ topic: 'traffic', frame })
  }

  #publishExpiry(nowMs: number): void {
    if (nowMs - this.#expiryAtMs < EXPIRY_STEP_MS) return
    const primaries = [...this.#records.values()].flatMap((record) => this.#sampledNode(record) ?? [])
    if (primaries.length === 0) return
    this.#expiryAtMs = nowMs
    const frame = this.#expiry.publish(this.#sampler.state(primaries, nowMs), nowMs)
    if (frame) this.#tell({ topic: 'expiry', frame })
  }

  #publishSlots(nowMs: number): void {
    this.#slotFigures.forget(this.#topology.owners())
    for (const figure of SLOT_FIGURES) {
      if (!this.#watched.has(`slots:${figure}`) && !this.#slots[figure].values) continue
      const binary = this.#slots[figure].publish(this.#slotFigures.values(figure), nowMs)
      if (binary) this.#tell({ topic: `slots:${figure}`, binary })
    }
  }

  #tell(update: FeedUpdate): void {
    for (const listener of this.#listeners) listener(update)
  }

  #surroundings(): JobSurroundings {
    return {
      shardOf: (node) => this.#topology.shardOf(node),
      ownersOf: (slots) => this.#ownersOf(slots),
      ownWordAtMs: (node) => this.#topology.ownWordAtMs(node)
    }
  }

  #ownersOf(slots: readonly SlotRange[]): ReadonlyMap<string, number> {
    const owners = this.#topology.owners()
    const counts = new Map<string, number>()
    for (const slot of eachSlot(slots)) {
      const owner = owners[slot]
      const shard = owner === undefined ? '' : this.#topology.shardOf(owner)
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    return counts
  }

  /** Two claims at once are normal for a moment after a move; only those that last are a dispute. */
  #lastingDisputes(nowMs: number): readonly SlotRange[] {
    const disputed = this.#topology.disputed(nowMs)
    const key = JSON.stringify(disputed)
    if (disputed.length === 0) this.#disputed = null
    else if (this.#disputed?.key !== key) this.#disputed = { key, sinceMs: nowMs }
    return this.#disputed && nowMs - this.#disputed.sinceMs >= 5_000 ? disputed : []
  }

  #databaseLimits(): ReadonlyMap<number, number> {
    const limits = new Map<number, number>()
    for (const { databaseLimit } of this.#records.values())
      if (databaseLimit !== null) limits.set(databaseLimit, (limits.get(databaseLimit) ?? 0) + 1)
    return limits
  }

  #blindSpots(): ReadonlyMap<string, string> {
    return new Map([...this.#records].flatMap(([id, record]) => (record.refusal === null ? [] : [[id, record.refusal]])))
  }

  #unreachable(): string | null {
    const links = [...this.#records.values()].map((record) => record.link)
    if (links.some((link) => link.error === null)) return null
    return links[0]?.error ?? this.#seedError
  }

  #channel(topic: JsonTopic): JsonChannel<JsonTopic> | undefined {
    if (topic === 'core') return this.#core as JsonChannel<JsonTopic>
    if (topic === 'databases') return this.#databases as JsonChannel<JsonTopic>
    if (topic === 'expiry') return this.#expiry as JsonChannel<JsonTopic>
    if (topic === 'traffic') return this.#traffic as JsonChannel<JsonTopic>
    return this.#hashes.get(topic)?.channel
  }

  #waitMs(): number {
    const nowMs = this.#now()
    const periods = this.#periods()
    let next = Math.min(nowMs + 1_000, this.#topologyAtMs + periods.topology)
    if (this.#inFlight.size > 0) next = Math.min(next, nowMs + (this.#holdSinceMs === null ? 100 : HOLD_POLL_MS))
    if (this.#records.size === 0) next = Math.min(next, Math.max(this.#seedRetryAtMs, nowMs))
    if (this.#jobs.running().length > 0) next = Math.min(next, nowMs + jobPeriodMs(0))
    for (const { watch } of this.#hashes.values()) if (!watch.running) next = Math.min(next, watch.startedAtMs + HASH_PERIOD_MS)
    for (const { link } of this.#records.values()) {
      if (link.error !== null) {
        next = Math.min(next, link.dueAtMs('topology', 0))
        continue
      }
      next = Math.min(next, link.dueAtMs('info', periods.info))
      if (!this.#isPrimary(link.id)) continue
      next = Math.min(next, link.dueAtMs('jobs', this.#jobPeriod(link.id, periods.jobs)), link.dueAtMs('slots', periods.slots))
      next = Math.min(next, link.dueAtMs('expiry', periods.expiry), link.dueAtMs('latency', periods.latency))
    }
    return Math.max(10, Math.min(1_000, next - nowMs))
  }
}

/** Our words and the system's. */
function wordsOf(error: UnreachableError): string {
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return cause !== '' && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message
}
