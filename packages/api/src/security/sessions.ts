import { createHash, randomBytes } from 'node:crypto'
import type { Actor } from './authorise.ts'

/** A session ends after so long without a request or a message on its streams. */
export const IDLE_LASTS_MS = 30 * 60_000
/** And after so long in any case. */
export const SESSION_LASTS_MS = 12 * 60 * 60_000
const MOST_SESSIONS = 1_000

/** A logged-in browser. */
export type Session = Actor & { readonly startedAtMs: number; seenAtMs: number }

/**
 * Sessions in memory: the cookie holds 256 random bits, the map only their hash. Ending one, for whatever reason, tells the
 * listeners, so that its streams close with it.
 */
export class Sessions {
  readonly #byHash = new Map<string, Session>()
  readonly #listeners = new Set<(session: Session) => void>()

  /** Starts a session; the answer is the cookie's value. It is always a new one: a cookie from before the login is worth nothing. */
  start(actor: Actor, nowMs: number): string {
    this.sweep(nowMs)
    if (this.#byHash.size >= MOST_SESSIONS) {
      const oldest = this.#byHash.keys().next()
      if (!oldest.done) this.#end(oldest.value)
    }
    const id = randomBytes(32).toString('base64url')
    this.#byHash.set(hashOf(id), { ...actor, startedAtMs: nowMs, seenAtMs: nowMs })
    return id
  }

  /** The session of a cookie's value, marked as seen; undefined when there is none (any more). */
  find(id: string, nowMs: number): Session | undefined {
    const hash = hashOf(id)
    const session = this.#byHash.get(hash)
    if (session === undefined) return undefined
    if (hasEnded(session, nowMs)) {
      this.#end(hash)
      return undefined
    }
    session.seenAtMs = nowMs
    return session
  }

  end(id: string): void {
    this.#end(hashOf(id))
  }

  /** Ends every session of this user: the role has changed, or the account is no more. */
  endOf(user: string): void {
    for (const [hash, session] of this.#byHash) if (session.user === user) this.#end(hash)
  }

  countOf(user: string): number {
    let count = 0
    for (const session of this.#byHash.values()) if (session.user === user) count++
    return count
  }

  /** Ends what is over. The host calls it about once a second, because an idle stream makes no request that could notice. */
  sweep(nowMs: number): void {
    for (const [hash, session] of this.#byHash) if (hasEnded(session, nowMs)) this.#end(hash)
  }

  /** Calls the listener with every session that ends. Returns the way to stop that. */
  onEnd(listener: (session: Session) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #end(hash: string): void {
    const session = this.#byHash.get(hash)
    if (session === undefined) return
    this.#byHash.delete(hash)
    for (const listener of this.#listeners) listener(session)
  }
}

function hasEnded(session: Session, nowMs: number): boolean {
  return nowMs - session.seenAtMs >= IDLE_LASTS_MS || nowMs - session.startedAtMs >= SESSION_LASTS_MS
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
