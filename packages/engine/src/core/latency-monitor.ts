/** What LATENCY LATEST tells of one kind of event. */
export type LatencyEvent = {
  readonly name: string
  /** The last samples, oldest first; one per second at most, the worst of that second. */
  readonly samples: { atSeconds: number; ms: number }[]
  maxMs: number
  sumMs: number
  count: number
}

/** Samples kept per event. */
const SAMPLES = 160

/**
 * The latency monitor: events that took at least `latency-monitor-threshold` milliseconds. The caller compares; here they
 * are kept. Events are `command`, `fast-command` and `expire-cycle`.
 */
export class LatencyMonitor {
  readonly #events = new Map<string, LatencyEvent>()

  add(name: string, atMs: number, ms: number): void {
    let event = this.#events.get(name)
    if (!event) {
      event = { name, samples: [], maxMs: 0, sumMs: 0, count: 0 }
      this.#events.set(name, event)
    }
    event.maxMs = Math.max(event.maxMs, ms)
    event.sumMs += ms
    event.count++
    const atSeconds = Math.floor(atMs / 1000)
    const last = event.samples.at(-1)
    if (last?.atSeconds === atSeconds) {
      last.ms = Math.max(last.ms, ms)
      return
    }
    event.samples.push({ atSeconds, ms })
    if (event.samples.length > SAMPLES) event.samples.shift()
  }

  /** Events that happened, in the order in which they first did. */
  events(): readonly LatencyEvent[] {
    return [...this.#events.values()]
  }

  event(name: string): LatencyEvent | undefined {
    return this.#events.get(name)
  }

  /** Forgets these events, or all; returns how many there were. */
  reset(names?: readonly string[]): number {
    if (names) return names.filter((name) => this.#events.delete(name)).length
    const count = this.#events.size
    this.#events.clear()
    return count
  }
}
