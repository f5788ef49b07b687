import type { AccountsAnswer, RemovalAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { accountName, roles } from '../security/accounts.ts'
import { sessionOf } from '../security/gate.ts'
import { NONCE_LASTS_MS } from '../security/nonce.ts'
import { recorded } from './recorded.ts'
import { closed, noBody } from './schemas.ts'

const name = Type.String({ pattern: accountName })
const params = closed({ name })
const role = Type.Union(roles.map((one) => Type.Literal(one)))
const password = Type.String({ maxLength: 1_024 })

/** Accounts, for admins. A change of role and a removal end the sessions of that account; a removal is confirmed with a nonce. */
export function accountRoutes(app: App, context: ApiContext): void {
  const { accounts, sessions, nonces, audit, now } = context
  const access = 'manage' as const

  app.get('/api/accounts', { config: { access } }, (): AccountsAnswer => ({ kept: accounts.kept, accounts: accounts.all }))

  app.post('/api/accounts', { config: { access }, schema: { body: closed({ name, role, password }) } }, async (request, reply) => {
    const { body } = request
    const what = { actor: sessionOf(request), request, verb: access, resource: `account ${body.name}`, before: null, after: body.role }
    const answer = await recorded(audit, what, { add: body.name }, () => accounts.add(body.name, body.role, body.password, now()))
    return reply.code(201).send(answer)
  })

  app.post('/api/accounts/:name/role', { config: { access }, schema: { params, body: closed({ role }) } }, async (request, reply) => {
    const before = accounts.get(request.params.name)
    const after = request.body.role
    const what = { actor: sessionOf(request), request, verb: access, resource: `account ${before.name}`, before: before.role, after }
    await recorded(audit, what, { role: after }, async () => {
      accounts.setRole(before.name, after)
      if (before.role !== after) sessions.endOf(before.name)
    })
    return reply.code(204).send()
  })

  app.post('/api/accounts/:name/removal', { config: { access }, schema: { params, body: noBody } }, (request): RemovalAnswer => {
    const account = accounts.get(request.params.name)
    const nonce = nonces.issue(sessionOf(request), removalOf(account), now())
    return { ...account, sessions: sessions.countOf(account.name), nonce, expiresInMs: NONCE_LASTS_MS }
  })

  app.delete(
    '/api/accounts/:name',
    {
      config: { access },
      schema: { params, body: Type.Optional(closed({ nonce: Type.Optional(Type.String({ maxLength: 64 })), typedName: Type.String() })) }
    },
    async (request, reply) => {
      const actor = sessionOf(request)
      const account = accounts.get(request.params.name)
      nonces.redeem(actor, request.body?.nonce, removalOf(account), now())
      if (request.body?.typedName !== account.name) throw new ApiFailure('NOT_CONFIRMED', 'the name that was typed is another one')
      const what = { actor, request, verb: access, resource: `account ${account.name}`, before: account.role, after: null }
      await recorded(audit, what, { remove: account.name }, async () => {
        accounts.remove(account.name)
        sessions.endOf(account.name)
      })
      return reply.code(204).send()
    }
  )
}

/** An account that was removed and made again meanwhile is another one. */
function removalOf(account: { readonly name: string; readonly role: string; readonly createdAtMs: number }): string {
  return `remove account ${account.name} ${account.role} ${account.createdAtMs}`
}
