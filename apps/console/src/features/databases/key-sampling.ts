import type { KeySampleAnswer, KeySampleRequest, SampledKey } from '@slotscope/observer/stream'
import { patiently } from './patience.ts'

/** `idle`: nothing was asked. `running`, `paused`: by the person. `full`: as many as one round asks for. `failed`: refused; what came stays. */
export type SamplingPhase = 'idle' | 'running' | 'paused' | 'full' | 'failed'

export type SamplingView = {
  readonly phase: SamplingPhase
  readonly keys: readonly SampledKey[]
  /** How many draws were asked for; some keys are gone before they are weighed. */
  readonly asked: number
  /** Keys that there are, as the last answer said; 0 before the first. */
  readonly total: number
  readonly commands: number
  readonly failure: unknown
}

export type SamplingPort = {
  readonly sample: (request: KeySampleRequest, signal: AbortSignal) => Promise<KeySampleAnswer>
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Draws of one round. */
export const ROUND_KEYS = 2_000
const AT_ONCE = 100
/** Between two questions: at most some 2,000 commands a second over all nodes. */
const BETWEEN_MS = 200

const nothing: SamplingView = { phase: 'idle', keys: [], asked: 0, total: 0, commands: 0, failure: null }

/** Draws keys of a database at random, some at a time, until a round is full or the person pauses. Nothing is sent before `more` is called. */
export class KeySampling {
  readonly #scope: { readonly database: number; readonly shard: string | null }
  readonly #port: SamplingPort
  readonly #listeners = new Set<() => void>()
  #view: SamplingView = nothing
  #goal = 0
  #running: AbortController | null = null

  constructor(scope: { readonly database: number; readonly shard: string | null }, port: SamplingPort) {
    this.#scope = scope
    this.#port = port
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  view = (): SamplingView => this.#view

  /** Begins a round, or goes on with the one that was paused or refused. */
  async more(): Promise<void> {
    if (this.#running) return
    const running = new AbortController()
    this.#running = running
    if (this.#view.asked >= this.#goal) this.#goal += ROUND_KEYS
    this.#set({ phase: 'running', failure: null })
    try {
      await this.#fill(running.signal)
      this.#set({ phase: 'full' })
    } catch (error) {
      if (!running.signal.aborted) this.#set({ phase: 'failed', failure: error })
    } finally {
      if (this.#running === running) this.#running = null
    }
  }

  /** What came stays. */
  pause(): void {
    if (!this.#running) return
    this.#running.abort()
    this.#running = null
    this.#set({ phase: 'paused' })
  }

  async #fill(signal: AbortSignal): Promise<void> {
    while (this.#view.asked < this.#goal) {
      const count = Math.min(AT_ONCE, this.#goal - this.#view.asked)
      const answer = await patiently((each) => this.#port.sample({ ...this.#scope, count }, each), signal, this.#port.wait)
      signal.throwIfAborted()
      const { keys, asked, commands } = this.#view
      this.#set({ keys: [...keys, ...answer.keys], asked: asked + count, total: answer.total, commands: commands + answer.commands })
      // Nothing to draw from.
      if (answer.total === 0) return
      if (this.#view.asked < this.#goal) await this.#port.wait(BETWEEN_MS, signal)
    }
  }

  #set(change: Partial<SamplingView>): void {
    this.#view = { ...this.#view, ...change }
    for (const listener of this.#listeners) listener()
  }
}
