import { randomBytes } from 'node:crypto'
import { ApiFailure } from '../errors.ts'
import type { Session } from './sessions.ts'

/** Milliseconds in which a destructive step may be confirmed. */
export const NONCE_LASTS_MS = 2 * 60_000
const MOST_PER_SESSION = 100

type Pending = { readonly deed: string; readonly expiresAtMs: number }

/**
 * What destroys takes two steps: the first says what will be gone and gives a nonce, the second does it with that nonce. A nonce is good
 * for one deed of one session, once. `deed` has everything that was shown (verb, thing and count), so that the second step cannot do
 * more than the first one said: make it anew from what is true then.
 */
export class Nonces {
  readonly #bySession = new WeakMap<Session, Map<string, Pending>>()

  /** A fresh nonce of 128 bits for this deed. */
  issue(session: Session, deed: string, nowMs: number): string {
    const pending = this.#bySession.get(session) ?? new Map<string, Pending>()
    this.#bySession.set(session, pending)
    const oldest = pending.keys().next()
    if (pending.size >= MOST_PER_SESSION && !oldest.done) pending.delete(oldest.value)
    const nonce = randomBytes(16).toString('base64url')
    pending.set(nonce, { deed, expiresAtMs: nowMs + NONCE_LASTS_MS })
    return nonce
  }

  /** Spends the nonce. Throws `NOT_CONFIRMED` (409) when there is none, or it was used, has run out, or stands for another deed. */
  redeem(session: Session, nonce: string | undefined, deed: string, nowMs: number): void {
    const pending = this.#bySession.get(session)
    const found = nonce === undefined ? undefined : pending?.get(nonce)
    if (nonce !== undefined) pending?.delete(nonce)
    if (found === undefined) throw new ApiFailure('NOT_CONFIRMED', 'this has to be confirmed first, and each confirmation counts once')
    if (found.expiresAtMs <= nowMs) throw new ApiFailure('NOT_CONFIRMED', 'this was confirmed too long ago: look again, then confirm')
    if (found.deed !== deed) throw new ApiFailure('NOT_CONFIRMED', 'something else was confirmed, or it has changed since: look again')
  }
}
