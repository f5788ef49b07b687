import type { SessionAnswer, TicketAnswer } from '@slotscope/observer/stream'
import { createContext, useContext } from 'react'
import { takeSessionRequest } from '../early/early.ts'
import { useUnchangeableReason } from '../stream/unchangeable.ts'
import { answerOf, ask, post } from './client.ts'
import { useClusterEntry } from './clusters.ts'

/** GET /api/session, which the page has asked before it was drawn; throws `ApiFailure` NOT_LOGGED_IN. */
export function readSession(): Promise<SessionAnswer> {
  const asked = takeSessionRequest()
  return asked ? answerOf<SessionAnswer>(asked) : ask<SessionAnswer>('/api/session')
}

/** POST /api/login; throws `ApiFailure` LINK_USED when the token was used or has run out. */
export const logIn = (token: string): Promise<SessionAnswer> => post<SessionAnswer>('/api/login', { token })

/** POST /api/login/password; throws `ApiFailure` NOT_LOGGED_IN when they do not belong together, TOO_MANY_REQUESTS after many tries. */
export const logInByName = (user: string, password: string): Promise<SessionAnswer> =>
  post<SessionAnswer>('/api/login/password', { user, password })

/** POST /api/ticket: opens one stream, from this page, within half a minute. */
export const askTicket = (): Promise<TicketAnswer> => post<TicketAnswer>('/api/ticket', {})

export const logOut = (): Promise<void> => post<void>('/api/logout', {})

/** Takes `#login=<token>` out of the address bar, so that it stays in no history entry, and returns the token. */
export function takeLoginToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('login')
  if (token === null) return null
  history.replaceState(null, '', location.pathname + location.search)
  return token
}

export const SessionContext = createContext<SessionAnswer | null>(null)

export function useSession(): SessionAnswer {
  const session = useContext(SessionContext)
  if (!session) throw new Error('the shell is drawn only for somebody who is logged in')
  return session
}

/** Why this person may not change the cluster on screen, or null when they may. */
export function useReadOnlyReason(): string | null {
  const past = useUnchangeableReason()
  const { role, readOnly } = useSession()
  const cluster = useClusterEntry()
  if (past !== null) return past
  if (readOnly) return 'Slotscope was started with --read-only: nobody changes the cluster from here.'
  if (cluster?.readOnly) return 'This cluster is read-only here, as its profile says: nobody changes it from here.'
  return role === 'viewer' ? 'Your role is viewer: you may look and plan, an operator must confirm.' : null
}
