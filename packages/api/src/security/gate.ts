import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiFailure } from '../errors.ts'
import { type Actor, authorise, type Resource, type Verb } from './authorise.ts'
import { securityHeaders } from './headers.ts'
import type { MachineToken } from './machine-token.ts'
import type { Doors } from './origin.ts'
import { RequestLimit } from './request-limit.ts'
import { cookieOf } from './session-cookie.ts'
import type { Session, Sessions } from './sessions.ts'

/** Who may use a route: everyone, or a session whose role may do this. Every route must say it. */
export type Access = 'everyone' | Verb

/** A route as the role matrix sees it. */
export type RouteRule = {
  readonly method: string
  readonly url: string
  readonly access: Access
  readonly websocket: boolean
  /** What is checked of a request. */
  readonly schema: { readonly params?: unknown; readonly querystring?: unknown; readonly body?: unknown } | undefined
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** It answers an upgrade, with a WebSocket. */
    websocket?: true
  }
  interface FastifyRequest {
    /** Set for every route that is not for everyone. */
    session: Session | null
  }
  interface FastifyInstance {
    /** Every route with its rule, filled while routes are registered. */
    routeRules: RouteRule[]
  }
}

/**
 * The first checks before every handler, HTTP and WebSocket upgrade alike: security headers, Host, Origin and form of the request.
 * `guardSessions` has the others. A route without a rule does not start.
 */
export function guardDoors(app: FastifyInstance, doors: Doors): void {
  app.decorate('routeRules', [])
  app.decorateRequest('session', null)

  app.addHook('onRoute', (route) => {
    const access = route.config?.access
    if (access === undefined) throw new Error(`route ${String(route.method)} ${route.url} has no access rule`)
    const { url, schema } = route
    const websocket = route.config?.websocket === true
    for (const method of [route.method].flat()) app.routeRules.push({ method, url, access, websocket, schema })
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    // Without a trusted proxy the protocol is never https, whatever a header claims.
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000')
    const { host, origin } = request.headers
    if (!doors.allowsHost(host))
      throw new ApiFailure('FORBIDDEN', 'this server does not answer under that name (allow it with --allow-host)', { status: 421 })
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    const mustBeOurs = changes || request.ws
    if (mustBeOurs && origin !== undefined && !doors.allowsOrigin(origin, host ?? '')) throw foreign()
    // Browsers always send it with a socket; whoever does not is no page of ours, and the cookie must not work for it.
    if (request.ws && origin === undefined) throw foreign()
    if (changes) checkForm(request)
  })
}

/** The second half, to be added when cookies can be read: who asks, and whether they may. */
export function guardSessions(
  app: FastifyInstance,
  parts: {
    sessions: Sessions
    cookieName: (request: FastifyRequest) => string
    now: () => number
    whyReadOnly: (cluster: string) => string | null
    metricsToken: MachineToken | undefined
  }
): void {
  const limit = new RequestLimit()
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access
    if (request.is404 || access === 'everyone') return
    // Without a rule nobody may; the route table makes sure that this does not happen.
    if (access === undefined) throw new ApiFailure('FORBIDDEN', 'nobody may do this')
    if (access === 'scrape' && request.headers.authorization !== undefined) {
      if (parts.metricsToken?.isIn(request.headers.authorization)) return authorise(machine, access, resourceOf(request))
      request.log.warn({ peer: request.ip }, 'a wrong token for the metrics')
      throw new ApiFailure('NOT_LOGGED_IN', 'this is not the token of the metrics')
    }
    const id = cookieOf(request, parts.cookieName(request))
    const session = id === undefined ? undefined : parts.sessions.find(id, parts.now())
    if (session === undefined) throw new ApiFailure('NOT_LOGGED_IN', 'log in with a link from the terminal where slotscope runs')
    request.session = session
    const resource = resourceOf(request)
    authorise(session, access, resource)
    const whyReadOnly = resource.kind === 'cluster' && changesCluster.has(access) ? parts.whyReadOnly(resource.cluster) : null
    if (whyReadOnly !== null) throw new ApiFailure('FORBIDDEN', `${whyReadOnly}: nothing is changed in this cluster`)
    if (asksCluster.has(access) && !limit.take(session, parts.now()))
      throw new ApiFailure('TOO_MANY_REQUESTS', 'too many questions in a short time', { retryAfterSeconds: 1 })
  })
}

/** Whoever has the token of the metrics: it may read them and nothing else, since no other route looks at a token. */
const machine: Actor = { user: 'metrics', role: 'viewer' }

/** Verbs whose routes send commands to the cluster for every request. */
const asksCluster: ReadonlySet<Access> = new Set([
  'browse',
  'plan',
  'edit',
  'migrate',
  'operate',
  'connect',
  'command',
  'diagnose',
  'entitle',
  'disconnect'
])

/** What cannot succeed where nothing may be changed, refused in plain words; what makes sure of it is the rule at the caller. */
const changesCluster: ReadonlySet<Access> = new Set(['migrate', 'operate', 'edit', 'disconnect'])

/** The session of a request that passed the guard. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw new Error('this route is for everyone: it has no session')
  return request.session
}

function resourceOf(request: FastifyRequest): Extract<Resource, { readonly kind: 'api' | 'cluster' }> {
  const { cluster } = (request.params ?? {}) as { cluster?: string }
  return cluster === undefined ? { kind: 'api' } : { kind: 'cluster', cluster }
}

/** A page on another site can send forms, but neither our header nor JSON, without asking the browser first. */
function checkForm(request: FastifyRequest): void {
  if (request.headers['x-slotscope'] !== '1') throw new ApiFailure('FORBIDDEN', 'the header "x-slotscope: 1" is missing')
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new ApiFailure('BAD_REQUEST', 'the content type must be application/json', { status: 415 })
}

function foreign(): ApiFailure {
  return new ApiFailure('FORBIDDEN', 'this comes from another site')
}
