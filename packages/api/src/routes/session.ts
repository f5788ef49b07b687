import type { SessionAnswer } from '@slotscope/observer/stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ApiContext, type App, cookieName } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import type { Actor } from '../security/authorise.ts'
import { sessionOf } from '../security/gate.ts'
import { closed, noBody } from './schemas.ts'

/** Logging in by a one-use link, who is logged in, logging out. */
export function sessionRoutes(app: App, context: ApiContext): void {
  const { sessions, links, limit, audit, now } = context

  const answer = (actor: Actor): SessionAnswer => ({
    user: actor.user,
    role: actor.role,
    clusters: context.clusters.all.map(({ id, name, kind }) => ({ id, name, kind }))
  })

  app.get('/api/session', { config: { access: 'see' } }, (request) => answer(sessionOf(request)))

  app.post(
    '/api/login',
    { config: { access: 'everyone' }, schema: { body: closed({ token: Type.String({ minLength: 1, maxLength: 512 }) }) } },
    async (request, reply) => {
      const waitMs = limit.waitMs(request.ip, now())
      if (waitMs > 0) {
        const seconds = Math.ceil(waitMs / 1_000)
        throw new ApiFailure('TOO_MANY_REQUESTS', `too many wrong logins: try again in ${seconds} s`, { retryAfterSeconds: seconds })
      }
      const actor = links.redeem(request.body.token, now())
      const entry = { peer: request.ip, requestId: request.id, verb: 'log-in', resource: 'api' } as const
      if (typeof actor === 'string') {
        limit.failed(request.ip, now())
        await audit.record({ ...entry, actor: null, outcome: 'refused', detail: `login link ${actor}` })
        throw refusal(actor)
      }
      limit.succeeded(request.ip)
      await audit.record({ ...entry, actor, outcome: 'done' })
      endOldSession(request)
      setCookie(request, reply, sessions.start(actor, now()))
      return answer(actor)
    }
  )

  app.post('/api/logout', { config: { access: 'leave' }, schema: { body: noBody } }, async (request, reply) => {
    endOldSession(request)
    reply.clearCookie(cookieName(context, request), cookieOptions(request))
    return reply.code(204).send()
  })

  function endOldSession(request: FastifyRequest): void {
    const old = request.cookies[cookieName(context, request)]
    if (old !== undefined) sessions.end(old)
  }

  function setCookie(request: FastifyRequest, reply: FastifyReply, id: string): void {
    reply.setCookie(cookieName(context, request), id, cookieOptions(request))
  }
}

/** A session cookie in the browser's sense too: it is gone when the browser is closed. */
function cookieOptions(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const
}

function refusal(why: 'used' | 'expired' | 'unknown'): ApiFailure {
  const again = 'print a new one in the terminal where slotscope runs'
  if (why === 'used') return new ApiFailure('LINK_USED', `this login link was used already; ${again}`)
  if (why === 'expired') return new ApiFailure('LINK_USED', `this login link is older than 10 minutes; ${again}`)
  return new ApiFailure('NOT_LOGGED_IN', `this login link is not known; ${again}`)
}
