import { createHash, randomBytes } from 'node:crypto'
import type { Session } from './sessions.ts'

/** Milliseconds for which a ticket opens a stream. */
export const TICKET_LASTS_MS = 30_000
/** Tickets that one session may hold unused; a further one ends the oldest. */
const MOST_PER_SESSION = 100

type Ticket = { readonly origin: string; readonly expiresAtMs: number }

/**
 * A stream opens with a ticket that was asked for just before, by the same session from the same page: a page of another site could make a
 * browser send the cookie with a socket, but never read a ticket. It opens one stream, travels as a subprotocol and stands in no address.
 */
export class Tickets {
  readonly #bySession = new WeakMap<Session, Map<string, Ticket>>()

  /** A fresh ticket of 256 bits. */
  issue(session: Session, origin: string, nowMs: number): string {
    const tickets = this.#bySession.get(session) ?? new Map<string, Ticket>()
    this.#bySession.set(session, tickets)
    for (const [hash, ticket] of tickets) if (ticket.expiresAtMs <= nowMs) tickets.delete(hash)
    const oldest = tickets.keys().next()
    if (tickets.size >= MOST_PER_SESSION && !oldest.done) tickets.delete(oldest.value)
    const token = randomBytes(32).toString('base64url')
    tickets.set(hashOf(token), { origin, expiresAtMs: nowMs + TICKET_LASTS_MS })
    return token
  }

  /** True once for a ticket of this session, from the page that asked for it, in time. It is spent in any case. */
  redeem(token: string, session: Session, origin: string | undefined, nowMs: number): boolean {
    const tickets = this.#bySession.get(session)
    const hash = hashOf(token)
    const ticket = tickets?.get(hash)
    tickets?.delete(hash)
    return ticket !== undefined && ticket.origin === origin && ticket.expiresAtMs > nowMs
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
