import { type Background, type Caller, type Command, Feed, FIRST_PICTURE_MS, type NodeAddress, type ShardLabels } from '@slotscope/observer'
import type { Capability, CoreState, Topic } from '@slotscope/observer/stream'
import { JobTally } from '../metrics/job-tally.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Session } from '../security/sessions.ts'
import { Audience } from '../viewers/audience.ts'
import { encodeUpdate } from '../viewers/encoded-update.ts'
import type { ViewerSocket } from '../viewers/viewer.ts'
import { type CoreNews, newsBetween } from './core-news.ts'
import type { NodeHost } from './node-host.ts'
import type { AskedCluster } from './node-questions.ts'
import { Pace } from './pace.ts'
import { Probing } from './probing.ts'

export type WatchedClusterOptions = {
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly seeds: readonly NodeAddress[]
  readonly caller: Caller
  /** Why nothing that changes the cluster is sent; null: it is. */
  readonly whyReadOnly: string | null
  readonly labels: ShardLabels
  readonly databaseNames: Readonly<Record<string, string>>
  /** What we can do beyond what the servers announce, e.g. `probe`. */
  readonly capabilities: readonly Capability[]
  /** Who runs its nodes; undefined: not us. */
  readonly nodeHost: NodeHost | undefined
  readonly background: Background
  readonly feedId: string
  readonly now: () => number
  /** Something in the watching itself went wrong; the watch goes on. */
  readonly onError: (error: unknown) => void
  /** Something is new in the cluster. It is called in the midst of telling viewers: it must not throw, and not take long. */
  readonly onNews: (news: CoreNews) => void
}

/** What viewers look at is summed up so long after one of them said something else, however many have much to say. */
const INTEREST_MS = 10
/** Between two looks at who heard nothing lately. */
const BEATS_MS = 1_000
/** The feed is driven at least once a second. One that stands still must not look alive. */
const STANDS_STILL_MS = 3_000
const REFRESH_MS = 1_000
/** After an error that the feed did not expect, before it is driven again. */
const AFTER_ERROR_MS = 1_000

/** One cluster: its feed, the loop that drives it, and those who look at it. What is polled follows what they watch. */
export class WatchedCluster implements AskedCluster {
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  readonly caller: Caller
  readonly whyReadOnly: string | null
  readonly nodeHost: NodeHost | undefined
  readonly feed: Feed
  readonly jobTally = new JobTally()
  readonly probing: Probing
  /** The caller, with per-slot questions held back: one budget for all who count. */
  readonly countingCaller: Caller
  readonly #options: WatchedClusterOptions
  readonly #audience = new Audience(() => this.#interestChanged())
  /** Topics that somebody who has no stream looks at, for the time being. */
  readonly #kept = new Set<Topic>()
  #keeping: NodeJS.Timeout | undefined
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined
  #interest: NodeJS.Timeout | undefined
  #beats: NodeJS.Timeout | undefined
  #advancedAtMs = Number.NEGATIVE_INFINITY
  #recorder: Recorder | undefined
  #advancing = false
  #again = false
  #closed = false
  #refreshedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: WatchedClusterOptions) {
    this.#options = options
    this.id = options.id
    this.name = options.name
    this.kind = options.kind
    this.caller = options.caller
    this.whyReadOnly = options.whyReadOnly
    this.nodeHost = options.nodeHost
    const { id, onError, onNews, whyReadOnly, nodeHost, ...watched } = options
    this.feed = new Feed({ ...watched, clusterId: id, onFault: onError })
    this.countingCaller = new Pace(options.now).over(options.caller)
    this.probing = new Probing(options.caller, this.feed.probe, onError)
    let before = this.feed.core()
    this.#unsubscribe = this.feed.subscribe((update) => {
      if (update.topic === 'core') {
        const news = newsBetween(before, this.feed.core())
        before = this.feed.core()
        if (news) onNews(news)
      }
      if (this.#audience.size === 0 && this.#recorder === undefined) return
      const encoded = encodeUpdate(update)
      if (encoded === undefined) return
      this.#audience.tell(encoded)
      this.#recorder?.update(encoded)
    })
  }

  /** Begins to watch. */
  start(): void {
    this.#schedule(0)
    this.#audience.start()
    this.#beats = setInterval(() => {
      const nowMs = this.#options.now()
      if (nowMs - this.#advancedAtMs < STANDS_STILL_MS) this.#audience.beat(nowMs)
    }, BEATS_MS)
    this.#beats.unref()
  }

  /** Says goodbye to every viewer and stops. The caller belongs to whoever made it. */
  close(reason: 'cluster-removed' | 'server-stopping'): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#interest)
    clearTimeout(this.#keeping)
    clearInterval(this.#beats)
    // Keys that this no longer reaches end by themselves.
    void this.probing.stop()
    this.#audience.close(reason)
    this.#unsubscribe()
  }

  core(): CoreState {
    return this.feed.core()
  }

  /** A node of it answers. */
  get isSeen(): boolean {
    const { nodes, health } = this.feed.core()
    return Object.keys(nodes).length > 0 && health['no-entry'] === undefined
  }

  /** At most once a second, whoever asks: a redirect must not become a storm of refreshes. */
  requestRefresh(): void {
    const nowMs = this.#options.now()
    if (nowMs - this.#refreshedAtMs < REFRESH_MS) return
    this.#refresh(nowMs)
  }

  #refresh(nowMs: number): void {
    this.#refreshedAtMs = nowMs
    this.feed.requestRefresh()
    this.#schedule(0)
  }

  /** Reads the topology and the jobs again, and waits for the replies, at most `mostMs`. */
  async lookAgain(mostMs: number): Promise<void> {
    this.#refresh(this.#options.now())
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, mostMs)
    })
    await Promise.race([this.feed.settled(), enough])
    clearTimeout(timer)
  }

  noteWork(cause: string, node: string, commands: readonly Command[]): void {
    this.feed.noteWork(cause, node, commands)
  }

  /** A new socket at the stream of this cluster. */
  join(socket: ViewerSocket, session: Session): void {
    this.#audience.join(socket, session, { cluster: this.id, feed: this.feed, hello: this.feed.hello(), now: this.#options.now })
  }

  /** Looks at these topics as a viewer does, for so long from now on. */
  keepWatching(topics: readonly Topic[], lastsMs: number): void {
    const isNew = topics.some((topic) => !this.#kept.has(topic))
    for (const topic of topics) this.#kept.add(topic)
    if (isNew) this.#interestChanged()
    clearTimeout(this.#keeping)
    this.#keeping = setTimeout(() => {
      this.#kept.clear()
      this.#interestChanged()
    }, lastsMs)
    this.#keeping.unref()
  }

  /** Open streams. */
  get viewers(): number {
    return this.#audience.size
  }

  /** Streams that were cut since the start, because their viewer did not read. */
  get viewersCut(): number {
    return this.#audience.cut
  }

  viewersOf(session: Session): number {
    return this.#audience.countOf(session)
  }

  /** The session is over: its sockets close. */
  leave(session: Session): void {
    this.#audience.leave(session)
  }

  /** From now on everything told is written down as well. */
  record(recorder: Recorder): void {
    this.#recorder = recorder
  }

  /** What is kept of the past; undefined: nothing. */
  get recording(): Recorder | undefined {
    return this.#recorder
  }

  #interestChanged(): void {
    if (this.#closed) return
    this.#interest ??= setTimeout(() => {
      this.#interest = undefined
      if (this.#closed) return
      this.feed.watch(new Set([...this.#audience.interest, ...this.#kept]), this.#options.now())
      this.#schedule(0)
    }, INTEREST_MS)
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return
    if (this.#advancing) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#advance(), delayMs)
  }

  /** The feed's first call waits for every node; one that does not answer must not keep the others from the screen. */
  async #advanceInTime(): Promise<number> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<number>((resolve) => {
      timer = setTimeout(() => resolve(0), FIRST_PICTURE_MS)
    })
    try {
      return await Promise.race([this.feed.advance(this.#options.now()), late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #advance(): Promise<void> {
    this.#advancing = true
    this.#again = false
    let nextMs = AFTER_ERROR_MS
    try {
      nextMs = await this.#advanceInTime()
      this.#advancedAtMs = this.#options.now()
    } catch (error) {
      this.#options.onError(error)
    }
    this.#advancing = false
    this.#schedule(this.#again ? 0 : nextMs)
  }
}
