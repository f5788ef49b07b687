import { performance } from 'node:perf_hooks'
import { type Caller, PROBE_BEAT_MS, Probe, type ProbeGround } from '@slotscope/observer'

/** A probe that somebody forgot ends by itself. */
const LONGEST_MS = 60 * 60_000

type Ground = ProbeGround & { probeEnded(): void }

/** The probe of one cluster, on request: it runs until it is stopped, for an hour at most. */
export class Probing {
  readonly #caller: Caller
  readonly #ground: Ground
  readonly #onError: (error: unknown) => void
  #running: { readonly probe: Probe; readonly timer: NodeJS.Timeout } | undefined

  constructor(caller: Caller, ground: Ground, onError: (error: unknown) => void) {
    this.#caller = caller
    this.#ground = ground
    this.#onError = onError
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  /** Begins to measure; does nothing where a probe runs already. `actor` is named beside its figures. */
  start(actor: string): void {
    if (this.#running) return
    const clock = { wallMs: Date.now, monotonicMs: () => performance.now() }
    const probe = new Probe(this.#caller, this.#ground, clock, `a probe that ${actor} started`)
    const endsAtMs = performance.now() + LONGEST_MS
    const timer = setInterval(() => {
      if (performance.now() > endsAtMs) void this.stop()
      else this.#beat(probe)
    }, PROBE_BEAT_MS)
    this.#running = { probe, timer }
  }

  /** Ends it and removes its keys. */
  async stop(): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#running = undefined
    clearInterval(running.timer)
    this.#ground.probeEnded()
    await running.probe.stop().catch(this.#onError)
  }

  #beat(probe: Probe): void {
    try {
      probe.beat()
    } catch (error) {
      this.#onError(error)
    }
  }
}
