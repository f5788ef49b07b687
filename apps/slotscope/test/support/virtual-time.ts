type Timer = { readonly atMs: number; readonly order: number; readonly everyMs: number | null; readonly run: () => void }

/** Real ones, kept from before anybody replaces them. */
const { setImmediate: soon } = globalThis
const names = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const

/**
 * The timers and the clock of this process, in a time of their own: what takes hours takes seconds, and always the same. Replies that are
 * there already are handled before the next timer runs.
 */
export class VirtualTime {
  nowMs: number
  readonly #timers = new Map<number, Timer>()
  readonly #real = new Map<string, unknown>()
  readonly #realNow = Date.now
  readonly #realRandom = Math.random
  #order = 0

  /** `random` stands in for `Math.random`: what is spread by chance is spread by the seed. */
  constructor(startMs: number, random: () => number) {
    this.nowMs = startMs
    const add = (run: () => void, ms: number, everyMs: number | null) => {
      const order = ++this.#order
      this.#timers.set(order, { atMs: this.nowMs + Math.max(0, ms || 0), order, everyMs, run })
      return { order, unref: () => undefined, ref: () => undefined }
    }
    const remove = (timer: { readonly order: number } | null | undefined) => void this.#timers.delete(timer?.order ?? 0)
    const ours = {
      setTimeout: (run: () => void, ms: number) => add(run, ms, null),
      clearTimeout: remove,
      setInterval: (run: () => void, ms: number) => add(run, ms, Math.max(1, ms)),
      clearInterval: remove
    }
    for (const name of names) {
      this.#real.set(name, globalThis[name])
      Object.assign(globalThis, { [name]: ours[name] })
    }
    Date.now = () => this.nowMs
    Math.random = random
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      await new Promise((resolve) => soon(resolve))
      let next: Timer | undefined
      for (const timer of this.#timers.values())
        if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer
      if (!next || next.atMs > endMs) break
      this.nowMs = Math.max(this.nowMs, next.atMs)
      if (next.everyMs === null) this.#timers.delete(next.order)
      else this.#timers.set(next.order, { ...next, atMs: next.atMs + next.everyMs })
      next.run()
    }
    this.nowMs = endMs
  }

  /** Gives the process its own time back. */
  end(): void {
    this.#timers.clear()
    for (const [name, value] of this.#real) Object.assign(globalThis, { [name]: value })
    Date.now = this.#realNow
    Math.random = this.#realRandom
  }
}
