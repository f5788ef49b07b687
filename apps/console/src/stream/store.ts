import {
  applyOps,
  type ByeReason,
  type Capability,
  FoldError,
  type Frame,
  type JsonTopic,
  type SlotsTopic,
  STREAM_VERSION,
  type Topic,
  type TopicState
} from '@slotscope/observer/stream'
import type { Clock } from './clock.ts'
import { decodeSlotsFrame, type SlotValues } from './slots-frame.ts'

/** One topic as it is held: its state, its version, and the api's wall clock of the last frame. */
export type Held<T extends JsonTopic = JsonTopic> = { readonly state: TopicState<T>; readonly version: number; readonly atMs: number }

/**
 * How the socket is. `connecting` before the first frame, `live`, `reconnecting` after a loss (figures are kept and greyed),
 * `ended` when the server said goodbye and asking again is of no use.
 */
export type ConnectionState = {
  readonly phase: 'connecting' | 'live' | 'reconnecting' | 'ended'
  /** Browser clock at the last change of phase. */
  readonly sinceMs: number
  /** Browser clock of the next attempt while `reconnecting`. */
  readonly retryAtMs: number | null
  readonly bye: ByeReason | 'other-version' | null
  readonly capabilities: readonly Capability[]
}

/** What the store asks of the connection. */
export type Wishes = {
  /** The set of topics that somebody looks at has changed. */
  readonly topicsChanged: () => void
  /** A frame did not fit what is held: ask for the topic again from that version (0: from nothing). */
  readonly resume: (topic: Topic, version: number) => void
}

const idle: ConnectionState = { phase: 'connecting', sinceMs: 0, retryAtMs: null, bye: null, capabilities: [] }

/**
 * Everything the console knows about one cluster: the fold of the frames that came. It holds no second opinion: components
 * read topics with the hooks of `hooks.ts`, and a topic is watched as long as a component reads it.
 */
export class ClusterStore {
  readonly clock: Clock
  #connection: ConnectionState = idle
  readonly #topics = new Map<JsonTopic, Held>()
  readonly #slots = new Map<SlotsTopic, SlotValues>()
  readonly #watchers = new Map<Topic, number>([['core', 1]])
  readonly #listeners = new Set<() => void>()
  #feedId: string | null = null
  #wishes: Wishes | null = null
  #wishScheduled = false

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
    return (this.#topics.get(topic) as Held<T> | undefined) ?? null
  }

  slots(topic: SlotsTopic): SlotValues | null {
    return this.#slots.get(topic) ?? null
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

  /** Held topics and their versions, for a resume. */
  versions(): readonly { readonly topic: Topic; readonly version: number }[] {
    const held: { topic: Topic; version: number }[] = []
    for (const topic of this.#watchers.keys()) {
      const version = isSlots(topic) ? this.#slots.get(topic)?.version : this.#topics.get(topic)?.version
      if (version !== undefined) held.push({ topic, version })
    }
    return held
  }

  setConnection(change: Partial<ConnectionState>): void {
    this.#connection = { ...this.#connection, ...change }
    this.#notify()
  }

  /** Folds one text frame. Returns the topic and version to acknowledge, if any. */
  receive(frame: Frame): { readonly topic: Topic; readonly version: number } | null {
    switch (frame.type) {
      case 'hello': {
        this.clock.observe(frame.atMs)
        if (frame.feedId !== this.#feedId) {
          // Versions of another feed mean nothing: the api has restarted. What was held stays on screen until the snapshot.
          this.#feedId = frame.feedId
          for (const [topic, held] of this.#topics) this.#topics.set(topic, { ...held, version: -1 })
          for (const [topic, held] of this.#slots) this.#slots.set(topic, { ...held, version: -1 })
        }
        const bye = frame.streamVersion === STREAM_VERSION ? null : ('other-version' as const)
        this.setConnection({
          phase: bye === null ? 'live' : 'ended',
          sinceMs: Date.now(),
          retryAtMs: null,
          bye,
          capabilities: frame.capabilities
        })
        return null
      }
      case 'snapshot':
        this.clock.observe(frame.atMs)
        this.#topics.set(frame.topic, { state: frame.state, version: frame.version, atMs: frame.atMs })
        this.#notify()
        return { topic: frame.topic, version: frame.version }
      case 'patch': {
        this.clock.observe(frame.atMs)
        const held = this.#topics.get(frame.topic)
        if (!held || held.version !== frame.base) {
          this.#gap(frame.topic, held?.version)
          return null
        }
        try {
          this.#topics.set(frame.topic, { state: applyOps(held.state, frame.ops), version: frame.version, atMs: frame.atMs })
        } catch (error) {
          if (!(error instanceof FoldError)) throw error
          this.#gap(frame.topic, undefined)
          return null
        }
        this.#notify()
        return { topic: frame.topic, version: frame.version }
      }
      case 'bye':
        this.setConnection({ phase: 'ended', sinceMs: Date.now(), retryAtMs: null, bye: frame.reason })
        return null
    }
  }

  /** Folds one binary frame of slot figures. */
  receiveBinary(buffer: ArrayBuffer): { readonly topic: Topic; readonly version: number } | null {
    const frame = decodeSlotsFrame(buffer)
    const { header } = frame
    this.clock.observe(header.atMs)
    if ('slots' in frame) {
      const held = this.#slots.get(header.topic)
      if (!held || held.version !== frame.header.base) {
        this.#gap(header.topic, held?.version)
        return null
      }
      const values = held.values.slice()
      for (let index = 0; index < frame.slots.length; index++) values[frame.slots[index]!] = frame.values[index]!
      this.#slots.set(header.topic, { version: header.version, atMs: header.atMs, perSecond: header.perSecond, values })
    } else {
      this.#slots.set(header.topic, { version: header.version, atMs: header.atMs, perSecond: header.perSecond, values: frame.values })
    }
    this.#notify()
    return { topic: header.topic, version: header.version }
  }

  #gap(topic: Topic, version: number | undefined): void {
    this.#wishes?.resume(topic, version === undefined || version < 0 ? 0 : version)
  }

  /** Rooms mount and unmount together: one `watch` for all of them, in the next microtask. */
  #scheduleWish(): void {
    if (this.#wishScheduled) return
    this.#wishScheduled = true
    queueMicrotask(() => {
      this.#wishScheduled = false
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
