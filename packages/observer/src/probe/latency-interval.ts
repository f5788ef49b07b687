import type { ProbeTrafficPoint } from '../stream/figures.ts'

/** What a client notices besides the time that a reply takes. */
export type Notice = 'moved' | 'ask' | 'try-again' | 'error'

/** What clients of ours noticed in one interval. */
export class LatencyInterval {
  #samplesMs: number[] = []
  #counts: Record<Notice, number> = { moved: 0, ask: 0, 'try-again': 0, error: 0 }

  add(ms: number): void {
    this.#samplesMs.push(ms)
  }

  notice(notice: Notice): void {
    this.#counts[notice]++
  }

  /** The interval's figures; the next begins empty. */
  take(atMs: number, intervalMs: number): ProbeTrafficPoint {
    const samples = this.#samplesMs.sort((a, b) => a - b)
    const at = (share: number) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? 0
    const point: ProbeTrafficPoint = {
      atMs,
      intervalMs,
      operationsPerSecond: (samples.length * 1000) / intervalMs,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: samples.at(-1) ?? 0,
      moved: this.#counts.moved,
      ask: this.#counts.ask,
      tryAgain: this.#counts['try-again'],
      otherErrors: this.#counts.error
    }
    this.#samplesMs = []
    this.#counts = { moved: 0, ask: 0, 'try-again': 0, error: 0 }
    return point
  }
}
