import type { SessionAnswer, TicketAnswer } from '@slotscope/observer/stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ApiContext, type App, cookieName } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import type { Actor } from '../security/authorise.ts'
import { sessionOf } from '../security/gate.ts'
import { cookieOf, giveCookie, takeCookie } from '../security/session-cookie.ts'
import { TICKET_LASTS_MS } from '../security/tickets.ts'
import { closed, noBody } from './schemas.ts'

/** Logging in by a one-use link or by name and password, tickets for streams, who is logged in, logging out. */
export function sessionRoutes(app: App, context: ApiContext): void {
  const { sessions, accounts, links, tickets, limit, audit, now } = context

  const answer = (actor: Actor): SessionAnswer => ({
    user: actor.user,
    role: actor.role,
    readOnly: context.readOnly,
    clusters: context.clusters.entries
  })

  app.get('/api/session', { config: { access: 'see' } }, (request) => answer(sessionOf(request)))

  app.post(
    '/api/login',
    { config: { access: 'everyone' }, schema: { body: closed({ token: Type.String({ minLength: 1, maxLength: 512 }) }) } },
    async (request, reply) => {
      mustWait(request.ip)
      const actor = links.redeem(request.body.token, now())
      const entry = { peer: request.ip, requestId: request.id, verb: 'log-in', resource: 'api' } as const
      if (typeof actor === 'string') {
        limit.failed(request.ip, now())
        await audit.record({ ...entry, actor: null, outcome: 'refused', detail: `login link ${actor}` })
        request.log.warn({ peer: request.ip }, `a login was refused: link ${actor}`)
        throw refusal(actor)
      }
      limit.succeeded(request.ip)
      await audit.record({ ...entry, actor, outcome: 'done' })
      return enter(request, reply, actor)
    }
  )

  app.post(
    '/api/login/password',
    {
      config: { access: 'everyone' },
      schema: {
        body: closed({ user: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 1_024 }) })
      }
    },
    async (request, reply) => {
      const { user, password } = request.body
      // Per account too: many addresses must not have five tries each. A name in any case is the same account to a guesser.
      const sources = [request.ip, `account ${user.toLowerCase()}`]
      for (const source of sources) mustWait(source)
      // Counted before the password is looked at, so that tries at the same moment count as well; a right one takes it back.
      for (const source of sources) limit.failed(source, now())
      const actor = await accounts.logIn(user, password)
      const entry = { peer: request.ip, requestId: request.id, verb: 'log-in', resource: 'api' } as const
      if (actor === undefined) {
        await audit.record({ ...entry, actor: null, outcome: 'refused', detail: 'name or password' })
        request.log.warn({ peer: request.ip }, 'a login was refused: name or password')
        throw new ApiFailure('NOT_LOGGED_IN', 'this name and password do not belong together')
      }
      for (const source of sources) limit.succeeded(source)
      await audit.record({ ...entry, actor, outcome: 'done' })
      return enter(request, reply, actor)
    }
  )

  // A stream is opened with it, so that no page but the one that asked can open one.
  app.post('/api/ticket', { config: { access: 'see' }, schema: { body: noBody } }, (request): TicketAnswer => {
    const { origin } = request.headers
    if (origin === undefined) throw new ApiFailure('FORBIDDEN', 'a ticket is for a page: the header Origin is missing')
    return { ticket: tickets.issue(sessionOf(request), origin, now()), expiresInMs: TICKET_LASTS_MS }
  })

  app.post('/api/logout', { config: { access: 'leave' }, schema: { body: noBody } }, async (request, reply) => {
    endOldSession(request)
    takeCookie(request, reply, cookieName(context, request))
    return reply.code(204).send()
  })

  function mustWait(source: string): void {
    const waitMs = limit.waitMs(source, now())
    if (waitMs === 0) return
    const seconds = Math.ceil(waitMs / 1_000)
    throw new ApiFailure('TOO_MANY_REQUESTS', `too many wrong logins: try again in ${seconds} s`, { retryAfterSeconds: seconds })
  }

  function enter(request: FastifyRequest, reply: FastifyReply, actor: Actor): SessionAnswer {
    endOldSession(request)
    request.log.info({ user: actor.user, role: actor.role, peer: request.ip }, 'logged in')
    giveCookie(request, reply, cookieName(context, request), sessions.start(actor, now()))
    return answer(actor)
  }

  function endOldSession(request: FastifyRequest): void {
    const old = cookieOf(request, cookieName(context, request))
    if (old !== undefined) sessions.end(old)
  }
}

function refusal(why: 'used' | 'expired' | 'unknown'): ApiFailure {
  const again = 'print a new one in the terminal where slotscope runs'
  if (why === 'used') return new ApiFailure('LINK_USED', `this login link was used already; ${again}`)
  if (why === 'expired') return new ApiFailure('LINK_USED', `this login link is older than 10 minutes; ${again}`)
  return new ApiFailure('NOT_LOGGED_IN', `this login link is not known; ${again}`)
}
