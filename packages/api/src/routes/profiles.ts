import type { ProfileRemovalAnswer, ProfilesAnswer, ProfileTestAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { testConnection } from '../clusters/connection-test.ts'
import { IoredisCaller } from '../clusters/ioredis-caller.ts'
import { clusterId, profileOf, profileRequest, requestedOptions } from '../clusters/profile.ts'
import type { ClusterOptions } from '../config.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { sessionOf } from '../security/gate.ts'
import { NONCE_LASTS_MS } from '../security/nonce.ts'
import { recorded } from './recorded.ts'
import { closed, noBody } from './schemas.ts'

const params = closed({ id: clusterId })
/** Each is watched, so each costs memory and connections. */
const MOST_CLUSTERS = 100

/** How clusters are reached, for admins: test, add, change and remove those made on screen; the others stand where they were written. */
export function profileRoutes(app: App, context: ApiContext): void {
  const { clusters, profiles, queues, nonces, audit, now } = context
  const access = 'connect' as const

  app.get(
    '/api/profiles',
    { config: { access } },
    (): ProfilesAnswer => ({
      kept: profiles.kept,
      allowLocal: context.allowLocalTargets,
      profiles: clusters.all.map(({ id }) => profileOf(clusters.optionsOf(id)))
    })
  )

  app.post('/api/profiles', { config: { access }, schema: { body: profileRequest } }, async (request, reply) => {
    const options = requestedOptions(request.body, undefined)
    const after = profileOf(options)
    const what = { actor: sessionOf(request), request, verb: access, resource: `cluster ${options.id}`, before: null, after }
    const answer = await recorded(audit, what, { add: options.id }, async () => {
      if (clusters.has(options.id)) throw new ApiFailure('BAD_REQUEST', `there is a cluster "${options.id}" already`)
      if (clusters.all.length >= MOST_CLUSTERS) throw new ApiFailure('BAD_REQUEST', `there are ${MOST_CLUSTERS} clusters already`)
      profiles.set(options)
      clusters.add(options)
      return after
    })
    return reply.code(201).send(answer)
  })

  app.post(
    '/api/profiles/test',
    { config: { access }, schema: { body: profileRequest } },
    (request): Promise<ProfileTestAnswer> => test(requestedOptions(request.body, madeOnScreen(request.body.id)))
  )

  app.post(
    '/api/profiles/:id/test',
    { config: { access }, schema: { params, body: noBody } },
    (request): Promise<ProfileTestAnswer> => test(clusters.optionsOf(request.params.id))
  )

  app.put('/api/profiles/:id', { config: { access }, schema: { params, body: profileRequest } }, async (request) => {
    const old = changeable(request.params.id)
    if (request.body.id !== old.id)
      throw new ApiFailure('BAD_REQUEST', 'the id of a cluster stays: make a new one, then remove the old one')
    const options = requestedOptions(request.body, old)
    const [before, after] = [profileOf(old), profileOf(options)]
    const what = { actor: sessionOf(request), request, verb: access, resource: `cluster ${old.id}`, before, after }
    const detail = { change: old.id, secrets: secretsOf(options) === secretsOf(old) ? 'as they were' : 'others' }
    return recorded(audit, what, detail, async () => {
      profiles.set(options)
      clusters.replace(options)
      return after
    })
  })

  app.post('/api/profiles/:id/removal', { config: { access }, schema: { params, body: noBody } }, (request): ProfileRemovalAnswer => {
    const options = changeable(request.params.id)
    const { id, name } = options
    const nonce = nonces.issue(sessionOf(request), removalOf(options), now())
    return { id, name, viewers: clusters.get(id).viewers, openMoves: queues.openMoves(id), nonce, expiresInMs: NONCE_LASTS_MS }
  })

  app.delete(
    '/api/profiles/:id',
    {
      config: { access },
      schema: { params, body: Type.Optional(closed({ nonce: Type.Optional(Type.String({ maxLength: 64 })), typedName: Type.String() })) }
    },
    async (request, reply) => {
      const actor = sessionOf(request)
      const options = changeable(request.params.id)
      nonces.redeem(actor, request.body?.nonce, removalOf(options), now())
      if (request.body?.typedName !== options.name) throw new ApiFailure('NOT_CONFIRMED', 'the name that was typed is another one')
      const what = { actor, request, verb: access, resource: `cluster ${options.id}`, before: profileOf(options), after: null }
      await recorded(audit, what, { remove: options.id }, async () => {
        profiles.remove(options.id)
        clusters.remove(options.id)
      })
      return reply.code(204).send()
    }
  )

  /** With connections of its own, which end with the test. */
  async function test(options: ClusterOptions): Promise<ProfileTestAnswer> {
    if (options.caller !== undefined) return testConnection(options, options.caller, now)
    const caller = new IoredisCaller({ ...options, policy: clusters.policyFor(options) })
    try {
      return await testConnection(options, caller, now)
    } finally {
      caller.close()
    }
  }

  function madeOnScreen(id: string): ClusterOptions | undefined {
    const options = clusters.has(id) ? clusters.optionsOf(id) : undefined
    return options?.origin === 'screen' ? options : undefined
  }

  function changeable(id: string): ClusterOptions {
    const options = clusters.optionsOf(id)
    if (options.origin === 'screen') return options
    const origin = options.origin ?? 'command-line'
    throw new ApiFailure('BAD_REQUEST', `"${options.name}" comes from the ${origin.replace('-', ' ')}: change it there`)
  }
}

/** A cluster that was changed meanwhile is another one than the one that was looked at. */
function removalOf(options: ClusterOptions): string {
  return `remove cluster ${JSON.stringify(profileOf(options))}`
}

/** For comparing only: it must not be told. */
function secretsOf({ password, tls }: ClusterOptions): string {
  return JSON.stringify([password, typeof tls === 'object' ? tls.key : undefined])
}
