import type { HeldFigure, JsonTopic, RecordedFold, SlotsTopic } from '@slotscope/observer/stream'
import type { ConnectionState, Held, StoreView } from './store.ts'

/**
 * What the rooms draw from while somebody looks back: the state at one instant, and a clock that stands at it. To them it is a store like
 * the live one.
 */
export class PastStore implements StoreView {
  readonly clock: StoreView['clock']
  readonly #listeners = new Set<() => void>()
  readonly #held = new Map<JsonTopic, Held>()
  readonly #figures = new Map<SlotsTopic, HeldFigure>()
  #atMs: number
  #connection: ConnectionState

  /** `toLocal`: of the live clock, so that times of day are the reader's. */
  constructor(fold: RecordedFold, atMs: number, toLocal: (atMs: number) => number) {
    this.#atMs = atMs
    this.#connection = connectionAt(fold)
    this.clock = { now: () => this.#atMs, toLocal }
    this.#hold(fold)
  }

  /** Shows another instant. The fold may go on meanwhile: what is shown is taken from it here. */
  show(fold: RecordedFold, atMs: number): void {
    this.#atMs = atMs
    if (this.#connection.capabilities !== fold.segment?.capabilities) this.#connection = connectionAt(fold)
    this.#hold(fold)
    for (const listener of this.#listeners) listener()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  topic<T extends JsonTopic>(topic: T): Held<T> | null {
    return (this.#held.get(topic) as Held<T> | undefined) ?? null
  }

  slots(topic: SlotsTopic): HeldFigure | null {
    return this.#figures.get(topic) ?? null
  }

  get connection(): ConnectionState {
    return this.#connection
  }

  /** What was recorded is there without being watched. */
  retain(): () => void {
    return () => undefined
  }

  /** A topic that did not change stays the same object: what is drawn from it need not be drawn again. */
  #hold(fold: RecordedFold): void {
    for (const topic of ['core', 'databases', 'traffic', 'expiry'] as const) {
      const state = fold.state(topic)
      if (state === undefined) this.#held.delete(topic)
      else if (this.#held.get(topic)?.state !== state)
        this.#held.set(topic, { state, version: 0, atMs: fold.readAtMs(topic) ?? this.#atMs })
    }
    for (const topic of ['slots:keys', 'slots:cpu', 'slots:bytes-in', 'slots:bytes-out'] as const) {
      const figure = fold.figure(topic)
      if (figure === undefined) this.#figures.delete(topic)
      else this.#figures.set(topic, figure)
    }
  }
}

function connectionAt(fold: RecordedFold): ConnectionState {
  return { phase: 'live', sinceMs: 0, retryAtMs: null, bye: null, capabilities: fold.segment?.capabilities ?? [] }
}
