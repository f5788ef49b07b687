import { applyOps, FoldError } from './fold.ts'
import type { Ask, ByeReason, Capability, Frame, JsonTopic, SlotsTopic, Topic, TopicState } from './frames.ts'
import { STREAM_VERSION } from './frames.ts'
import { decodeSlotsFrame } from './slot-frames.ts'

/** One slot figure as a viewer holds it. A patch makes a new array, so that identity tells what changed. */
export type HeldFigure = { readonly values: Float64Array; readonly version: number; readonly atMs: number; readonly perSecond: boolean }

/** What a frame did. `gap`: nothing was changed, and `ask` is to be sent. `ignored`: an old frame, or one behind an open gap. */
export type Received =
  | { readonly kind: 'hello'; readonly restarted: boolean; readonly capabilities: readonly Capability[] }
  | { readonly kind: 'applied'; readonly topic: Topic; readonly version: number }
  | { readonly kind: 'gap'; readonly ask: Extract<Ask, { type: 'resume' }> }
  | { readonly kind: 'ignored'; readonly topic: Topic }
  /** `asks`: for what was sent and has not come. */
  | { readonly kind: 'beat'; readonly asks: readonly Extract<Ask, { type: 'resume' }>[] }
  | { readonly kind: 'bye'; readonly reason: ByeReason }
  | { readonly kind: 'other-version'; readonly streamVersion: number }

/** When frames go on not to fit for so long, the answer to what was asked did not come, or did not fit either. */
const ASK_AGAIN_MS = 2_000

/** The whole memory of one that watches: the fold of the frames that came. It never guesses. */
export class Viewer {
  readonly #states = new Map<JsonTopic, { state: TopicState; version: number; atMs: number }>()
  readonly #figures = new Map<SlotsTopic, HeldFigure>()
  /** Topics that wait for the answer to a resume, with the time of the frame that did not fit. */
  readonly #gaps = new Map<Topic, number>()
  #feedId: string | null = null

  /** The held state, or undefined before the first snapshot. */
  state<T extends JsonTopic>(topic: T): TopicState<T> | undefined {
    return this.#states.get(topic)?.state as TopicState<T> | undefined
  }

  figure(topic: SlotsTopic): HeldFigure | undefined {
    return this.#figures.get(topic)
  }

  /** The held version; 0: nothing is held. */
  version(topic: Topic): number {
    return this.#states.get(topic as JsonTopic)?.version ?? this.#figures.get(topic as SlotsTopic)?.version ?? 0
  }

  /** Folds one text frame. */
  receive(frame: Frame): Received {
    switch (frame.type) {
      case 'hello': {
        if (frame.streamVersion !== STREAM_VERSION) return { kind: 'other-version', streamVersion: frame.streamVersion }
        const restarted = this.#feedId !== null && this.#feedId !== frame.feedId
        if (this.#feedId !== frame.feedId) this.#forget()
        this.#feedId = frame.feedId
        return { kind: 'hello', restarted, capabilities: frame.capabilities }
      }
      case 'snapshot':
        if (frame.version < this.version(frame.topic)) return { kind: 'ignored', topic: frame.topic }
        this.#gaps.delete(frame.topic)
        this.#states.set(frame.topic, { state: frame.state, version: frame.version, atMs: frame.atMs })
        return { kind: 'applied', topic: frame.topic, version: frame.version }
      case 'patch': {
        const held = this.#states.get(frame.topic)
        if (held && frame.version <= held.version) return { kind: 'ignored', topic: frame.topic }
        if (!held || held.version !== frame.base) return this.#gap(frame.topic, frame.atMs)
        try {
          const state = applyOps(held.state, frame.ops)
          this.#states.set(frame.topic, { state, version: frame.version, atMs: frame.atMs })
        } catch (error) {
          if (!(error instanceof FoldError)) throw error
          this.#states.delete(frame.topic)
          return this.#gap(frame.topic, frame.atMs)
        }
        this.#gaps.delete(frame.topic)
        return { kind: 'applied', topic: frame.topic, version: frame.version }
      }
      case 'beat':
        return { kind: 'beat', asks: this.#missing(frame) }
      case 'bye':
        return { kind: 'bye', reason: frame.reason }
    }
  }

  /** Folds one binary frame of slot figures. Throws a RangeError when it cannot be read. */
  receiveBinary(bytes: Uint8Array): Received {
    const frame = decodeSlotsFrame(bytes)
    const { topic, version, atMs, perSecond } = frame.header
    const held = this.#figures.get(topic)
    if (held && version < held.version) return { kind: 'ignored', topic }
    let values = frame.values
    if ('slots' in frame) {
      if (held && version === held.version) return { kind: 'ignored', topic }
      if (!held || held.version !== frame.header.base) return this.#gap(topic, atMs)
      values = held.values.slice()
      for (let i = 0; i < frame.slots.length; i++) values[frame.slots[i] as number] = frame.values[i] as number
    }
    this.#gaps.delete(topic)
    this.#figures.set(topic, { values, version, atMs, perSecond })
    return { kind: 'applied', topic, version }
  }

  #missing({ versions = {}, atMs }: Extract<Frame, { type: 'beat' }>): readonly Extract<Ask, { type: 'resume' }>[] {
    return (Object.entries(versions) as [Topic, number][]).flatMap(([topic, version]) => {
      const gap = version > this.version(topic) ? this.#gap(topic, atMs) : undefined
      return gap?.kind === 'gap' ? [gap.ask] : []
    })
  }

  #gap(topic: Topic, atMs: number): Extract<Received, { kind: 'gap' | 'ignored' }> {
    const askedAtMs = this.#gaps.get(topic)
    if (askedAtMs !== undefined && Math.abs(atMs - askedAtMs) < ASK_AGAIN_MS) return { kind: 'ignored', topic }
    this.#gaps.set(topic, atMs)
    return { kind: 'gap', ask: { type: 'resume', topic, version: this.version(topic) } }
  }

  /** After a reconnect or a restart of the api nothing that was asked will be answered. */
  #forget(): void {
    this.#states.clear()
    this.#figures.clear()
    this.#gaps.clear()
  }

  /** The link was lost: every topic is asked again from what is held. */
  reconnected(): readonly Extract<Ask, { type: 'resume' }>[] {
    this.#gaps.clear()
    return [...this.#states.keys(), ...this.#figures.keys()].map((topic) => ({ type: 'resume', topic, version: this.version(topic) }))
  }
}
