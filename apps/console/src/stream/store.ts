import {
  type Ask,
  BEAT_MS,
  type ByeReason,
  type Capability,
  type Frame,
  type HeldFigure,
  type JsonTopic,
  type Received,
  type SlotsTopic,
  type Topic,
  type TopicState,
  Viewer
} from '@slotscope/observer/stream'
import type { Clock } from './clock.ts'

/** One topic as it is held: its state, its version, and the api's wall clock of the last frame. */
export type Held<T extends JsonTopic = JsonTopic> = { readonly state: TopicState<T>; readonly version: number; readonly atMs: number }

/** A topic and version to acknowledge. */
export type Seen = { readonly topic: Topic; readonly version: number }

/**
 * How the socket is. `connecting` before the first frame, `live`, `late` when it is open and what came last is older than `LATE_MS`,
 * `reconnecting` after a loss (in both, figures are kept and greyed), `ended` when the server said goodbye and asking again is of no use.
 */
export type ConnectionState = {
  readonly phase: 'connecting' | 'live' | 'late' | 'reconnecting' | 'ended'
  /** Browser clock at the last change of phase. */
  readonly sinceMs: number
  /** Browser clock of the next attempt while `reconnecting`. */
  readonly retryAtMs: number | null
  readonly bye: ByeReason | 'other-version' | null
  readonly capabilities: readonly Capability[]
}

/** What rooms read from: the live store, or one that shows the past. */
export type StoreView = Pick<ClusterStore, 'subscribe' | 'topic' | 'slots' | 'connection' | 'retain'> & {
  readonly clock: Pick<Clock, 'now' | 'toLocal'>
}

/** What the store asks of the connection. */
export type Wishes = {
  /** The set of topics that somebody looks at has changed. */
  readonly topicsChanged: () => void
  /** A frame did not fit what is held. */
  readonly send: (ask: Ask) => void
}

/** Two beats of the stream and a second: what is older than so is not drawn as what is. */
export const LATE_MS = 2 * BEAT_MS + 1_000

const idle: ConnectionState = { phase: 'connecting', sinceMs: 0, retryAtMs: null, bye: null, capabilities: [] }

/**
 * Everything the console knows about one cluster: the fold of the frames that came. It holds no second opinion: components
 * read topics with the hooks of `hooks.ts`, and a topic is watched as long as a component reads it.
 *
 * The fold itself is the viewer's. What is drawn is kept beside it, because a restart of the api voids all versions at once, and
 * the last picture, greyed, is better than an empty screen until the new one comes.
 */
export class ClusterStore {
  readonly clock: Clock
  readonly #viewer = new Viewer()
  readonly #drawn = new Map<JsonTopic, Held>()
  readonly #figures = new Map<SlotsTopic, HeldFigure>()
  readonly #watchers = new Map<Topic, number>([['core', 1]])
  readonly #listeners = new Set<() => void>()
  #connection: ConnectionState = idle
  #wishes: Wishes | null = null
  #wishScheduled = false
  /** The api's wall clock when what is held of `core` was the newest that there is. */
  #trueAtMs = Number.NEGATIVE_INFINITY
  /** Browser clock when the last one came. */
  #heardAtMs = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Joined by the connection, which alone may send. */
  join(wishes: Wishes): void {
    this.#wishes = wishes
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  topic<T extends JsonTopic>(topic: T): Held<T> | null {
    return (this.#drawn.get(topic) as Held<T> | undefined) ?? null
  }

  slots(topic: SlotsTopic): HeldFigure | null {
    return this.#figures.get(topic) ?? null
  }

  get connection(): ConnectionState {
    return this.#connection
  }

  /** Topics that somebody looks at, `core` always. */
  get watched(): readonly Topic[] {
    return [...this.#watchers.keys()]
  }

  /** Watches a topic until the returned function is called. */
  retain(topic: Topic): () => void {
    this.#watchers.set(topic, (this.#watchers.get(topic) ?? 0) + 1)
    this.#scheduleWish()
    return () => {
      const count = (this.#watchers.get(topic) ?? 1) - 1
      if (count > 0) this.#watchers.set(topic, count)
      else this.#watchers.delete(topic)
      this.#scheduleWish()
    }
  }

  /** What to ask first on a new socket: everything that is watched, from the versions that are held. */
  resumeAsks(): readonly Ask[] {
    return this.#viewer.reconnected().filter((ask) => this.#watchers.has(ask.topic))
  }

  setConnection(change: Partial<ConnectionState>): void {
    this.#connection = { ...this.#connection, ...change }
    this.#notify()
  }

  /** To be called every second or so: silence is no event. */
  noticeAge(): void {
    const { phase } = this.#connection
    if (phase !== 'live' && phase !== 'late') return
    // A recording tells of the past on purpose, and may stand still.
    const behindMs = this.isRecorded ? 0 : this.clock.now() - this.#trueAtMs
    const ageMs = Math.max(behindMs, Date.now() - this.#heardAtMs)
    const next = ageMs > LATE_MS ? 'late' : 'live'
    if (next !== phase) this.setConnection({ phase: next, sinceMs: next === 'late' ? this.clock.toLocal(this.#trueAtMs) : Date.now() })
  }

  /** Folds one text frame. */
  receive(frame: Frame): Seen | null {
    this.#heardAtMs = Date.now()
    const atMs = 'atMs' in frame ? frame.atMs : this.clock.now()
    if (frame.type === 'hello') {
      if (frame.capabilities.includes('recorded')) this.#beginPlayback(atMs)
      else this.clock.begin(atMs)
      // What is held from before is not live until it is brought up to now, and not newer than now by a clock that was set back; of nothing
      // nothing can be late.
      this.#trueAtMs = this.#drawn.has('core') ? Math.min(this.#trueAtMs, atMs) : atMs
    } else if ('atMs' in frame) this.clock.observe(atMs)
    return this.#took(this.#viewer.receive(frame), atMs)
  }

  /** A recording that is played, not a cluster that lives. */
  get isRecorded(): boolean {
    return this.#connection.capabilities.includes('recorded')
  }

  #beginPlayback(atMs: number): void {
    // Until it is known how it is played, its time stands.
    this.clock.follow(atMs, 0)
    if (!this.#watchers.has('playback')) this.retain('playback')
  }

  /** Folds one binary frame of slot figures. Throws a RangeError when it cannot be read. */
  receiveBinary(bytes: Uint8Array): Seen | null {
    this.#heardAtMs = Date.now()
    return this.#took(this.#viewer.receiveBinary(bytes), this.clock.now())
  }

  #took(received: Received, atMs: number): Seen | null {
    switch (received.kind) {
      case 'hello':
        this.setConnection({ phase: 'live', sinceMs: Date.now(), retryAtMs: null, bye: null, capabilities: received.capabilities })
        this.noticeAge()
        return null
      case 'other-version':
        this.setConnection({ phase: 'ended', sinceMs: Date.now(), retryAtMs: null, bye: 'other-version' })
        return null
      case 'bye':
        this.setConnection({ phase: 'ended', sinceMs: Date.now(), retryAtMs: null, bye: received.reason })
        return null
      case 'gap':
        this.#wishes?.send(received.ask)
        return null
      case 'ignored':
        return null
      case 'beat':
        this.#wasTrue(atMs)
        for (const ask of received.asks) if (this.#watchers.has(ask.topic)) this.#wishes?.send(ask)
        return null
      case 'applied':
        if (received.topic === 'core') this.#wasTrue(atMs)
        this.#draw(received.topic, atMs)
        this.#notify()
        return { topic: received.topic, version: received.version }
    }
  }

  #wasTrue(atMs: number): void {
    this.#trueAtMs = Math.max(this.#trueAtMs, atMs)
    this.noticeAge()
  }

  #draw(topic: Topic, atMs: number): void {
    if (isSlots(topic)) {
      const figure = this.#viewer.figure(topic)
      if (!figure) return
      this.clock.observe(figure.atMs)
      this.#figures.set(topic, figure)
      return
    }
    const state = this.#viewer.state(topic)
    if (topic === 'playback') {
      const playback = this.#viewer.state('playback')
      if (playback) this.clock.follow(playback.positionMs, playback.paused ? 0 : playback.speed)
    }
    if (state !== undefined) this.#drawn.set(topic, { state, version: this.#viewer.version(topic), atMs })
  }

  /** Rooms mount and unmount together: one `watch` for all of them, in the next microtask. */
  #scheduleWish(): void {
    if (this.#wishScheduled) return
    this.#wishScheduled = true
    queueMicrotask(() => {
      this.#wishScheduled = false
      for (const topic of this.#drawn.keys()) if (topic.startsWith('hash:') && !this.#watchers.has(topic)) this.#drawn.delete(topic)
      this.#wishes?.topicsChanged()
    })
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

function isSlots(topic: Topic): topic is SlotsTopic {
  return topic.startsWith('slots:')
}
