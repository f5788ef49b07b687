import type { Session } from './sessions.ts'

/** Questions that reach the cluster, per session: a hand on a mouse stays far below, a script does not load the cluster. */
const PER_SECOND = 50
const BURST = 100

/** A bucket per session; what ends with the session is forgotten with it. */
export class RequestLimit {
  readonly #buckets = new WeakMap<Session, { tokens: number; atMs: number }>()

  /** True when the session may ask now; counts the question. */
  take(session: Session, nowMs: number): boolean {
    const bucket = this.#buckets.get(session) ?? { tokens: BURST, atMs: nowMs }
    bucket.tokens = Math.min(BURST, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * PER_SECOND) / 1_000)
    bucket.atMs = nowMs
    this.#buckets.set(session, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
