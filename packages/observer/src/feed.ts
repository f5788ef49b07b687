import type { Caller, Command, NodeAddress } from './caller.ts'
import { Asker } from './feed/asker.ts'
import { JsonChannel, SlotsChannel } from './feed/channel.ts'
import { emptyCore } from './feed/core-build.ts'
import { CoreTeller } from './feed/core-teller.ts'
import { MOST_SHARE, MOST_SHARE_EMBEDDED, statName } from './feed/cost-meter.ts'
import { databasesState } from './feed/databases.ts'
import { ExpirySampler, type SampledNode } from './feed/expiry-sampler.ts'
import { FeedProbe } from './feed/feed-probe.ts'
import { HashTopics } from './feed/hash-topics.ts'
import type { HostProblem } from './feed/health.ts'
import { JobPolls } from './feed/job-polls.ts'
import type { JobIntent } from './feed/jobs.ts'
import { LabelBook, type ShardLabels } from './feed/labels.ts'
import type { NodeLink } from './feed/node-links.ts'
import { pollCommandStats, pollIdentity, pollInfo } from './feed/node-polls.ts'
import type { NodeRecord } from './feed/node-record.ts'
import { type Background, FULL_TOPICS, type Periods, type PollKind } from './feed/poll-plan.ts'
import { headStartMs, LONGEST_SLEEP_MS, Schedule } from './feed/schedule.ts'
import { figureOf, isRate, SLOT_FIGURES } from './feed/slot-figures.ts'
import { SlotPolls } from './feed/slot-polls.ts'
import { TopologyPolls } from './feed/topology-polls.ts'
import { Traffic } from './feed/traffic.ts'
import type { CoreState, PlanState, QueueState } from './stream/core-state.ts'
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
import type { NodeDeed } from './stream/node-plans.ts'
import type { NodeReading } from './stream/node-questions.ts'

export type FeedOptions = {
  readonly caller: Caller
  /** The entry only: every node that they know of is then asked itself. */
  readonly seeds: readonly NodeAddress[]
  readonly clusterId: string
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly labels: ShardLabels
  /** What people call databases, by number. */
  readonly databaseNames?: Readonly<Record<string, string>>
  /** New with every start: versions of another feed mean nothing. */
  readonly feedId: string
  /** What the host can do besides: announced in `hello`. */
  readonly capabilities?: readonly Capability[]
  /** Default `light`. */
  readonly background?: Background
  /** Wall clock in milliseconds. Without it the time of the last call of `advance` counts as now. */
  readonly now?: () => number
  /** A fault of our own, never a node's: for the host's log. It is shown as a problem as well. */
  readonly onFault?: (error: unknown) => void
}

/** Something new for the viewers of a topic. */
export type FeedUpdate = { readonly topic: JsonTopic; readonly frame: Frame } | { readonly topic: SlotsTopic; readonly binary: Uint8Array }

/** The first picture waits for slow nodes no longer than so. */
export const FIRST_PICTURE_MS = 1_000
/** So many questions may be under way before nodes wait for their turn: 2,000 connections are not opened in one go. */
const MOST_UNDER_WAY = 256
/** Gauges of many nodes are told each so many paces of `core`. */
const GAUGE_PACES = 3
/** The forecast is drawn anew at most so often. */
const EXPIRY_STEP_MS = 900

/**
 * Watches one cluster: asks its nodes what is due, folds the replies into states, and tells subscribers what changed. The host
 * gives the time: it calls `advance` again after the milliseconds that the call before resolved with. Questions are sent and
 * not waited for, since one slow node must not hold up the others; their replies are folded as they come.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #asker: Asker
  readonly #places: TopologyPolls
  readonly #jobs: JobPolls
  readonly #teller: CoreTeller
  readonly #hashes: HashTopics
  readonly #slotPolls: SlotPolls
  readonly #schedule: Schedule
  /** Where a probe of the host measures, and what it tells. */
  readonly probe: FeedProbe
  readonly #sampler = new ExpirySampler()
  readonly #bands = new Traffic()
  /** Viewers are told nothing before the first picture: one from before a restart of ours is better than an empty one. */
  readonly #core = new JsonChannel('core')
  readonly #unknown: CoreState
  readonly #databases = new JsonChannel('databases')
  readonly #expiry = new JsonChannel('expiry')
  readonly #traffic = new JsonChannel('traffic')
  readonly #slots: Readonly<Record<SlotFigure, SlotsChannel>>
  readonly #listeners = new Set<(update: FeedUpdate) => void>()
  #nowMs = 0
  #dirty = false
  #slotsDirty = false
  /** `core` was told, and with it the other topics that INFO feeds may have changed. */
  #gaugesDirty = false
  #gaugedAtMs = Number.NEGATIVE_INFINITY
  /** Until the first picture is whole, or `FIRST_PICTURE_MS` have passed, nothing is told. */
  #opening = true
  #asking = false
  /** When the first question was sent; null: none was. */
  #openedAtMs: number | null = null
  #toldAtMs = Number.NEGATIVE_INFINITY
  /** Where the next round through the nodes begins, so that the limit of questions under way starves nobody. */
  #cursor = 0
  #expiryAtMs = Number.NEGATIVE_INFINITY

  constructor(options: FeedOptions) {
    this.#options = options
    const events = {
      changed: () => this.#heard(),
      lost: (node: string) => this.#places.topology.dropView(node),
      quiet: () => this.#publish(),
      fault: (error: unknown) => this.#fault(error)
    }
    const mostShare = options.kind === 'embedded' ? MOST_SHARE_EMBEDDED : MOST_SHARE
    this.#asker = new Asker(options.caller, () => this.#now(), events, mostShare)
    this.#places = new TopologyPolls(this.#asker, options.seeds, (before, after) => {
      this.#jobs.ownersChanged(before, after)
      this.#slotPolls.figures.ownersChanged(before, after)
      for (const record of this.#asker.records.values()) record.countedContents = null
    })
    this.#jobs = new JobPolls(this.#asker, this.#places)
    this.#teller = new CoreTeller(options, this.#asker, this.#places, this.#jobs, new LabelBook(options.labels))
    this.#teller.databaseNames = options.databaseNames ?? {}
    this.#hashes = new HashTopics(this.#asker, this.#places.topology, (topic, frame) => this.#tell({ topic, frame }))
    this.#slotPolls = new SlotPolls(this.#asker, this.#places.topology)
    this.probe = new FeedProbe(this.#asker, this.#places.topology, this.#jobs.book, {
      core: () => this.core(),
      point: (point, source) => this.pushProbe(point, source),
      ended: () => {
        this.#bands.probeEnded()
        this.#publishTraffic(this.#now())
      }
    })
    this.#schedule = new Schedule(this.#asker, this.#places, this.#jobs, this.#hashes, this.#always)
    this.#unknown = emptyCore(options.name, options.kind)
    const channel = (figure: SlotFigure) => new SlotsChannel(`slots:${figure}`, isRate(figure))
    this.#slots = { keys: channel('keys'), cpu: channel('cpu'), 'bytes-in': channel('bytes-in'), 'bytes-out': channel('bytes-out') }
  }

  /**
   * Asks what is due at `nowMs` (wall clock) and resolves with the milliseconds until it should be called again: 10 to 1,000.
   * Only the first call waits for replies, so that the first picture is whole. A host whose first call takes longer than
   * `FIRST_PICTURE_MS` calls again: what is known by then is told. An unreachable node is a state, never an error.
   */
  async advance(nowMs: number): Promise<number> {
    this.#nowMs = nowMs
    if (this.asleep) return LONGEST_SLEEP_MS
    this.#ask()
    if (this.#openedAtMs === null) {
      this.#openedAtMs = nowMs
      await this.settled()
      this.#ask()
      await this.settled()
      this.#opening = false
    } else if (nowMs - this.#openedAtMs >= FIRST_PICTURE_MS) this.#opening = false
    this.#publish()
    return this.#schedule.waitMs(this.#now(), this.#dirty && !this.#opening ? this.#toldAtMs + this.#schedule.paceMs() : null)
  }

  /** Resolves when every question sent so far, and those that their replies led to, has its reply or its failure. */
  settled(): Promise<void> {
    return this.#asker.settled()
  }

  core(): CoreState {
    return this.#core.state ?? this.#unknown
  }

  /** What INFO of each node said last, beside what `core` has of it. */
  readings(): readonly NodeReading[] {
    return [...this.#asker.records.values()].flatMap(({ link, figures, databaseLimit }) => {
      if (!figures) return []
      const { atMs, uptimeSeconds, clients, maxClients, offset } = figures
      return { node: link.id, atMs, uptimeSeconds, clients, maxClients, offsetBytes: offset, databases: databaseLimit }
    })
  }

  state<T extends JsonTopic>(topic: T): TopicState<T> | undefined {
    return this.#channel(topic)?.state as TopicState<T> | undefined
  }

  /** 16,384 values, NaN where not known; undefined before the first reading. */
  figure(figure: SlotFigure): Float64Array | undefined {
    return this.#slots[figure].values
  }

  /** Nothing is asked: nobody looks, `background` is off, and no move is under way. */
  get asleep(): boolean {
    if (this.#options.background !== 'off' || this.#schedule.watched.size > 0) return false
    const { book } = this.#jobs
    const waiting = [...this.#teller.queues.values()].some(({ status }) => status === 'running' || status === 'stopping')
    return !waiting && book.running().length === 0 && book.expectedNodes(this.#now()).length === 0
  }

  get #always(): readonly Topic[] {
    return this.#options.background === 'full' ? FULL_TOPICS : []
  }

  /** What is polled: what viewers look at, and what the background watch does. */
  get watched(): ReadonlySet<Topic> {
    return this.#schedule.watched
  }

  /** The union of what all viewers look at: what is polled follows it. */
  watch(viewed: ReadonlySet<Topic>, nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    const topics = new Set([...viewed, ...this.#always])
    const added = [...topics].some((topic) => !this.#schedule.watched.has(topic))
    if (this.#schedule.watched.has('expiry') && !topics.has('expiry')) this.#sampler.forget()
    if (this.#schedule.watched.has('traffic') && !topics.has('traffic')) this.#bands.forgetHistograms()
    this.#schedule.watched = topics
    this.#hashes.watch(topics)
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
    if (this.#jobs.supported) capabilities.add('atomic-migration')
    if (this.core().cluster.slotStatsEnabled !== null) capabilities.add('slot-stats')
    if (this.#bands.state.probeSource !== null) capabilities.add('probe')
    const { feedId, clusterId } = this.#options
    return { type: 'hello', streamVersion: STREAM_VERSION, feedId, clusterId, capabilities: [...capabilities], atMs: this.#now() }
  }

  planMade(plan: PlanState): void {
    this.#teller.plans.set(plan.planId, plan)
    this.#changed()
  }

  planGone(planId: string): void {
    if (this.#teller.plans.delete(planId)) this.#changed()
  }

  /** A confirmed plan, as far as it has come. */
  queueChanged(queue: QueueState): void {
    this.#teller.queues.set(queue.planId, queue)
    this.#changed()
  }

  queueGone(planId: string): void {
    if (this.#teller.queues.delete(planId)) this.#changed()
  }

  /** Databases are called so from now on, by number. */
  nameDatabases(names: Readonly<Record<string, string>>): void {
    this.#teller.databaseNames = names
    this.#changed()
  }

  /** A plan for nodes, as far as it has come. */
  deedChanged(deed: NodeDeed): void {
    this.#teller.deeds.set(deed.planId, deed)
    this.#changed()
  }

  deedGone(planId: string): void {
    if (this.#teller.deeds.delete(planId)) this.#changed()
  }

  /** Who confirmed what, so that the job carries it when it shows up. Its two nodes are asked at once and often. */
  jobConfirmed(intent: JobIntent): void {
    this.#jobs.book.expect(intent)
    this.requestRefresh()
  }

  /** Somebody took note of an unclear outcome. */
  jobAcknowledged(name: string): void {
    this.#jobs.book.acknowledge(name)
    this.#changed()
  }

  /** Something that the host itself cannot do, shown among the problems of the cluster; null: it can again. */
  hostProblem(id: string, problem: HostProblem | null): void {
    if (problem === null ? !this.#teller.hostProblems.delete(id) : this.#teller.hostProblems.get(id)?.evidence === problem.evidence) return
    if (problem !== null) this.#teller.hostProblems.set(id, problem)
    this.#changed()
  }

  /** One reading of a client of ours; `source` says in words where it runs. */
  pushProbe(point: ProbeTrafficPoint, source: string): void {
    this.#bands.pushProbe(point, source)
    this.#publishTraffic(this.#now())
  }

  /** Commands that people's work sends to the cluster, for the cost of watching by cause. `node`: id, or `host:port`. */
  noteWork(cause: string, node: string, commands: readonly Command[]): void {
    this.#asker.meter.worked(node, cause, commands.map(statName), this.#now())
  }

  /** Something was just changed: look at the whole again at once. */
  requestRefresh(): void {
    this.#places.hurry()
    for (const { link } of this.#asker.records.values())
      if (link.error === null) for (const kind of ['identity', 'jobs', 'info', 'slots'] as const) link.hurry(kind)
    this.#ask()
  }

  #now(): number {
    return this.#options.now?.() ?? this.#nowMs
  }

  #ask(): void {
    this.#asking = true
    try {
      this.#askWhatIsDue()
    } finally {
      this.#asking = false
    }
  }

  #askWhatIsDue(): void {
    const periods = this.#schedule.periods()
    this.#asker.noticeSilence()
    const topologyMs = this.#schedule.topologyMs(periods, this.#now())
    this.#places.ask(topologyMs, this.#schedule.earlyMs(topologyMs))
    const records = [...this.#asker.records.values()]
    const jobsMs = this.#jobs.periods(periods.jobs)
    const nowMs = this.#now()
    let asked = 0
    for (; asked < records.length && this.#asker.underWay < MOST_UNDER_WAY; asked++)
      this.#askNode(records[(this.#cursor + asked) % records.length] as NodeRecord, periods, jobsMs, nowMs)
    this.#cursor = asked < records.length ? (this.#cursor + asked) % records.length : 0
    this.#jobs.askProgress()
    this.#hashes.ask()
  }

  #askNode(record: NodeRecord, periods: Periods, jobsMs: (node: string) => number, nowMs: number): void {
    const { link } = record
    this.#schedule.forEachPoll(record, periods, jobsMs, (kind, periodMs) => {
      if (periodMs === Number.POSITIVE_INFINITY || nowMs + this.#schedule.earlyMs(periodMs) < link.dueAtMs(kind, periodMs)) return
      const headMs = link.wasAsked(kind) ? 0 : headStartMs(link.id, periodMs, this.#asker.records.size)
      this.#asker.start(link, kind, () => this.#poll(kind, record), headMs)
    })
  }

  async #poll(kind: PollKind, record: NodeRecord): Promise<void> {
    const { link } = record
    switch (kind) {
      case 'topology':
        return this.#places.poll(link, false)
      case 'identity':
        return pollIdentity(this.#asker, this.#places, record)
      case 'info':
        return pollInfo(this.#asker, record, () => this.probe.shareOf(link.id))
      case 'command-stats':
        return pollCommandStats(this.#asker, link)
      case 'jobs':
        return this.#jobs.poll(link)
      case 'slots':
        if (await this.#slotPolls.poll(record)) this.#slotsDirty = true
        return
      case 'latency':
        return this.#pollLatency(link)
      case 'expiry':
        return this.#pollExpiry(record)
    }
  }

  async #pollLatency(link: NodeLink): Promise<void> {
    const replies = await this.#asker.call(link, 'traffic', [['LATENCY', 'HISTOGRAM']])
    if (replies) this.#bands.foldHistograms(link.id, replies[0])
  }

  async #pollExpiry(record: NodeRecord): Promise<void> {
    const node = this.#sampledNode(record)
    if (!node) return
    await this.#sampler.round(node, this.#asker.byId, () => this.#now())
    this.#publishExpiry(this.#now())
  }

  #sampledNode(record: NodeRecord): SampledNode | undefined {
    const { link, figures } = record
    return figures && this.#schedule.isPrimary(link.id)
      ? { node: link.id, shard: this.#places.topology.shardOf(link.id), figures }
      : undefined
  }

  #fault(error: unknown): void {
    this.#teller.fault = error instanceof Error ? error.message : String(error)
    this.#dirty = true
    this.#options.onFault?.(error)
  }

  /** While the watch begins, those whom a reply names are asked at once: a seed that does not answer must hold up nobody. */
  #heard(): void {
    this.#changed()
    if (this.#opening && this.#openedAtMs !== null && !this.#asking) this.#ask()
  }

  #changed(): void {
    this.#dirty = true
    if (!this.#asker.busy) this.#publish()
  }

  #publish(): void {
    if (this.#opening) return
    const nowMs = this.#now()
    if (this.#teller.expirePlans(nowMs)) this.#dirty = true
    if (this.#jobs.settle(this.core())) return
    if ((this.#dirty || this.#jobs.book.running().length > 0) && this.#isTimeToTell(nowMs)) {
      this.#dirty = false
      this.#toldAtMs = nowMs
      const frame = this.#core.publish(this.#teller.next(this.core(), nowMs, this.#schedule.periods().info), nowMs)
      if (frame) this.#tell({ topic: 'core', frame })
      this.#gaugesDirty = true
    }
    this.#publishGauges(this.#now())
  }

  /** Figures can wait: of many nodes they are told less often than who owns what. */
  #publishGauges(nowMs: number): void {
    if (!this.#gaugesDirty && !this.#slotsDirty) return
    if (nowMs >= this.#gaugedAtMs && nowMs - this.#gaugedAtMs < this.#schedule.paceMs() * GAUGE_PACES) return
    this.#gaugedAtMs = nowMs
    if (this.#gaugesDirty) {
      this.#gaugesDirty = false
      this.#publishDatabases(nowMs)
      this.#publishTraffic(nowMs)
      if (this.#schedule.watched.has('expiry')) this.#publishExpiry(nowMs)
    }
    if (this.#slotsDirty) {
      this.#slotsDirty = false
      this.#publishSlots(this.#now())
    }
  }

  #publishDatabases(nowMs: number): void {
    const { cluster, shards } = this.core()
    const primaries = Object.values(shards).flatMap((shard) =>
      shard.primary === null ? [] : [{ shard: shard.key, node: shard.primary, figures: this.#asker.records.get(shard.primary)?.figures }]
    )
    if (primaries.every(({ figures }) => figures === undefined)) return
    const before = this.#databases.state as DatabasesState | undefined
    const frame = this.#databases.publish(databasesState(cluster.databases, primaries, before), nowMs)
    if (frame) this.#tell({ topic: 'databases', frame })
  }

  #publishTraffic(nowMs: number): void {
    const nodes = () =>
      [...this.#asker.records.values()].map(({ link, figures }) => ({ primary: this.#schedule.isPrimary(link.id), figures }))
    this.#bands.sample(nodes, this.#schedule.periods().info, nowMs)
    const frame = this.#traffic.publish(this.#bands.state, nowMs)
    if (frame) this.#tell({ topic: 'traffic', frame })
  }

  #publishExpiry(nowMs: number): void {
    if (nowMs - this.#expiryAtMs < EXPIRY_STEP_MS) return
    const primaries = [...this.#asker.records.values()].flatMap((record) => this.#sampledNode(record) ?? [])
    if (primaries.length === 0) return
    this.#expiryAtMs = nowMs
    const frame = this.#expiry.publish(this.#sampler.state(primaries, nowMs), nowMs)
    if (frame) this.#tell({ topic: 'expiry', frame })
  }

  #publishSlots(nowMs: number): void {
    this.#slotPolls.figures.forget(this.#places.topology.owners())
    for (const figure of SLOT_FIGURES) {
      if (!this.#schedule.watched.has(`slots:${figure}`) && !this.#slots[figure].values) continue
      const values = this.#slotPolls.figures.values(figure)
      const binary = this.#slots[figure].publish(figure === 'keys' ? this.probe.keysOfOthers(values) : values, nowMs)
      if (binary) this.#tell({ topic: `slots:${figure}`, binary })
    }
  }

  #tell(update: FeedUpdate): void {
    for (const listener of this.#listeners) listener(update)
  }

  #channel(topic: JsonTopic): JsonChannel<JsonTopic> | undefined {
    const fixed = { core: this.#core, databases: this.#databases, expiry: this.#expiry, traffic: this.#traffic }
    if (Object.hasOwn(fixed, topic)) return fixed[topic as keyof typeof fixed] as JsonChannel<JsonTopic>
    return this.#hashes.channel(topic)
  }

  /** A clock that was set back must not silence us until it has caught up. */
  #isTimeToTell(nowMs: number): boolean {
    return nowMs < this.#toldAtMs || nowMs - this.#toldAtMs >= this.#schedule.paceMs()
  }
}
