/** Wrong logins that are forgiven before waiting begins. */
const FREE_TRIES = 5
const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 5 * 60_000
/** A source that kept quiet for so long starts anew. */
const FORGET_MS = 15 * 60_000
const MOST_SOURCES = 10_000

type Record = { failures: number; lastAtMs: number; blockedUntilMs: number }

/** Slows down guessing: after five wrong logins from one address each further one doubles the wait, up to five minutes. */
export class LoginLimit {
  readonly #sources = new Map<string, Record>()

  /** Milliseconds that this address must wait before it may try; 0: now. */
  waitMs(source: string, nowMs: number): number {
    const record = this.#sources.get(source)
    return record === undefined ? 0 : Math.max(0, record.blockedUntilMs - nowMs)
  }

  failed(source: string, nowMs: number): void {
    const known = this.#sources.get(source)
    const record = known && nowMs - known.lastAtMs < FORGET_MS ? known : { failures: 0, lastAtMs: nowMs, blockedUntilMs: 0 }
    record.failures++
    record.lastAtMs = nowMs
    if (record.failures >= FREE_TRIES)
      record.blockedUntilMs = nowMs + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (record.failures - FREE_TRIES))
    // Re-inserting keeps the map in order of last failure, so the oldest goes first when an attacker uses many addresses.
    this.#sources.delete(source)
    this.#sources.set(source, record)
    if (this.#sources.size > MOST_SOURCES) {
      const oldest = this.#sources.keys().next()
      if (!oldest.done) this.#sources.delete(oldest.value)
    }
  }

  succeeded(source: string): void {
    this.#sources.delete(source)
  }
}
