import { randomBytes } from 'node:crypto'
import { ApiFailure } from '../../errors.ts'
import type { Session } from '../../security/sessions.ts'

/** Between two parts of one run. */
const LASTS_MS = 60_000
const MOST_PER_SESSION = 10

type Run = { readonly what: string; left: number; expiresAtMs: number }

/**
 * Deletions that were confirmed and go on part by part. A run belongs to one session, is about one thing, and takes no more keys than were
 * confirmed, so that whoever typed the name knows the most that it can do.
 */
export class BulkRuns {
  readonly #bySession = new WeakMap<Session, Map<string, Run>>()

  /** @param what names the cluster and the database */
  begin(session: Session, what: string, count: number, nowMs: number): string {
    const runs = this.#bySession.get(session) ?? new Map<string, Run>()
    this.#bySession.set(session, runs)
    for (const [id, { expiresAtMs }] of runs) if (expiresAtMs <= nowMs) runs.delete(id)
    const oldest = runs.keys().next()
    if (runs.size >= MOST_PER_SESSION && !oldest.done) runs.delete(oldest.value)
    const id = randomBytes(16).toString('base64url')
    runs.set(id, { what, left: count, expiresAtMs: nowMs + LASTS_MS })
    return id
  }

  /** Counts keys that are about to be deleted. Throws `NOT_CONFIRMED`. */
  take(session: Session, id: string, what: string, keys: number, nowMs: number): void {
    const run = this.#bySession.get(session)?.get(id)
    if (run === undefined || run.what !== what || run.expiresAtMs <= nowMs)
      throw new ApiFailure('NOT_CONFIRMED', 'this deletion was not confirmed, or too long ago: begin again with what is left')
    if (keys > run.left) throw new ApiFailure('NOT_CONFIRMED', `more keys than were confirmed: ${run.left} are left of this deletion`)
    run.left -= keys
    run.expiresAtMs = nowMs + LASTS_MS
  }
}
