import { diff } from '../stream/fold.ts'
import type { Frame, JsonTopic, SlotsTopic, TopicState } from '../stream/frames.ts'
import { SLOTS } from '../stream/moves.ts'
import { encodeSlotsPatch, encodeSlotsSnapshot } from '../stream/slot-frames.ts'
import { Ring } from './ring.ts'

/** How long and how much of the past a viewer may resume from (design section 7): structure, jobs and events, which are `core`. */
const CORE_LIMITS = { ageMs: 5 * 60_000, bytes: 16 * 1024 * 1024 }
/** Gauges are resent whole rather than in many patches: a short past spares a viewer that was away for a moment. */
const GAUGE_LIMITS = { ageMs: 60_000, bytes: 2 * 1024 * 1024 }

/** One topic: its state, its version, and the patches that led there. */
export class JsonChannel<T extends JsonTopic> {
  readonly topic: T
  #state: TopicState<T> | undefined
  #version: number
  readonly #ring: Ring<Frame>

  /** `firstVersion`: the version that the first published state gets; at least 1. */
  constructor(topic: T, firstVersion = 1) {
    this.topic = topic
    this.#version = firstVersion - 1
    this.#ring = new Ring(topic === 'core' ? CORE_LIMITS : GAUGE_LIMITS)
  }

  get state(): TopicState<T> | undefined {
    return this.#state
  }

  get version(): number {
    return this.#version
  }

  /** Makes `state` the current one. Returns what viewers must be told: a patch, the first snapshot, or nothing. */
  publish(state: TopicState<T>, atMs: number): Frame | undefined {
    const before = this.#state
    if (before === undefined) {
      this.#state = state
      this.#version++
      return this.snapshot(atMs)
    }
    const ops = diff(before, state)
    if (ops.length === 0) return undefined
    this.#state = state
    const frame: Frame = { type: 'patch', topic: this.topic, base: this.#version, version: ++this.#version, atMs, ops }
    this.#ring.add({ base: frame.base, version: frame.version, atMs, bytes: JSON.stringify(ops).length, item: frame })
    return frame
  }

  snapshot(atMs: number): Frame | undefined {
    if (this.#state === undefined) return undefined
    return { type: 'snapshot', topic: this.topic, version: this.#version, atMs, state: this.#state }
  }

  /** What brings a viewer from `version` to now: nothing, the missing patches, or one snapshot. */
  resume(version: number, atMs: number): readonly Frame[] {
    if (this.#state === undefined || version === this.#version) return []
    const missing = this.#ring.since(version)
    if (missing) return missing
    const snapshot = this.snapshot(atMs)
    return snapshot ? [snapshot] : []
  }
}

/** One slot figure: 16,384 values, sent as binary frames. */
export class SlotsChannel {
  readonly topic: SlotsTopic
  readonly #perSecond: boolean
  #sent: Float64Array | undefined
  #version = 0
  readonly #ring = new Ring<Uint8Array>(GAUGE_LIMITS)

  /** `perSecond`: the values are rates, not counts. */
  constructor(topic: SlotsTopic, perSecond: boolean) {
    this.topic = topic
    this.#perSecond = perSecond
  }

  get values(): Float64Array | undefined {
    return this.#sent
  }

  /** Sends what differs from what was sent last; a whole snapshot when that is shorter. */
  publish(values: Float64Array, atMs: number): Uint8Array | undefined {
    const before = this.#sent
    if (!before) {
      this.#sent = values.slice()
      this.#version++
      return this.snapshot(atMs)
    }
    const slots: number[] = []
    for (let slot = 0; slot < SLOTS; slot++) if (!Object.is(before[slot], values[slot])) slots.push(slot)
    if (slots.length === 0) return undefined
    const changed = slots.map((slot) => values[slot] as number)
    this.#sent = values.slice()
    const base = this.#version++
    if (slots.length * 10 >= SLOTS * 8) {
      this.#ring.clear()
      return this.snapshot(atMs)
    }
    const frame = encodeSlotsPatch({ topic: this.topic, base, version: this.#version, atMs, perSecond: this.#perSecond }, slots, changed)
    this.#ring.add({ base, version: this.#version, atMs, bytes: frame.length, item: frame })
    return frame
  }

  snapshot(atMs: number): Uint8Array | undefined {
    if (!this.#sent) return undefined
    return encodeSlotsSnapshot({ topic: this.topic, version: this.#version, atMs, perSecond: this.#perSecond }, this.#sent)
  }

  resume(version: number, atMs: number): readonly Uint8Array[] {
    if (!this.#sent || version === this.#version) return []
    const missing = this.#ring.since(version)
    if (missing) return missing
    const snapshot = this.snapshot(atMs)
    return snapshot ? [snapshot] : []
  }
}
