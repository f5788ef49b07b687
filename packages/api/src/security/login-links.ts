import { createHash, randomBytes } from 'node:crypto'
import type { Role } from '@slotscope/observer/stream'
import type { Actor } from './authorise.ts'

/** Milliseconds for which a login link can be used. */
export const LINK_LASTS_MS = 10 * 60_000

type Link = { readonly actor: Actor; readonly expiresAtMs: number; used: boolean }

/**
 * One-use login tokens of 256 bits. Only their hashes are held, and a used one is remembered until it would have expired, so that
 * its second use can be told from a guess.
 */
export class LoginLinks {
  readonly #links = new Map<string, Link>()

  /** A fresh token that logs in as `user` with `role`, once, within `LINK_LASTS_MS` of `nowMs`. */
  create(role: Role, user: string, nowMs: number): string {
    for (const [hash, link] of this.#links) if (link.expiresAtMs <= nowMs) this.#links.delete(hash)
    const token = randomBytes(32).toString('base64url')
    this.#links.set(hashOf(token), { actor: { user, role }, expiresAtMs: nowMs + LINK_LASTS_MS, used: false })
    return token
  }

  /** The actor of the token, which is spent by this. */
  redeem(token: string, nowMs: number): Actor | 'used' | 'expired' | 'unknown' {
    const link = this.#links.get(hashOf(token))
    if (link === undefined) return 'unknown'
    if (link.used) return 'used'
    if (link.expiresAtMs <= nowMs) return 'expired'
    link.used = true
    return link.actor
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
