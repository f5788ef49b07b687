import type { Role, Topic } from '@slotscope/observer/stream'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leastRole, type Verb } from '../src/security/authorise.ts'
import { guardDoors } from '../src/security/gate.ts'
import { Doors } from '../src/security/origin.ts'
import { parseAsk } from '../src/viewers/ask.ts'
import { topicRules, verbFor } from '../src/viewers/topic-rules.ts'
import { type Browser, logIn, pageHeaders, send } from './support/browser.ts'
import { sampleOf } from './support/route-samples.ts'
import { allRoutes, type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { openStream, type Refusal } from './support/stream-client.ts'
import { until } from './support/until.ts'

const rules = await allRoutes()
const guarded = rules.filter((rule) => rule.access !== 'everyone')
const roles: readonly Role[] = ['viewer', 'operator', 'admin']

describe('[T9] who may use which route', () => {
  let scripted: ScriptedApi
  const browsers = new Map<Role, Browser>()
  beforeAll(async () => {
    scripted = await startScriptedApi()
    for (const role of roles) browsers.set(role, await logIn(scripted.api, role))
  })
  afterAll(() => scripted?.close())

  test('only login, health and the files of the console are for everyone', () => {
    const open = rules.filter((rule) => rule.access === 'everyone').map((rule) => `${rule.method} ${rule.url}`)
    expect(open.sort()).toEqual(['GET /*', 'GET /healthz', 'GET /healthz/ready', 'HEAD /*', 'POST /api/login', 'POST /api/login/password'])
  })

  test('a route without a rule does not start', async () => {
    const app = Fastify()
    guardDoors(app, new Doors(() => 1, []))
    expect(() => app.get('/api/new', () => 'x')).toThrow('GET /api/new has no access rule')
    await app.close()
  })

  test.each(guarded.map((rule) => [`${rule.method} ${rule.url}`, rule] as const))('without login: %s', async (_name, rule) => {
    const { port } = scripted.api
    const { method, path, body } = sampleOf(rule)
    for (const cookie of ['', `slotscope-${port}=`, `slotscope-${port}=${'x'.repeat(43)}`, 'slotscope=x']) {
      const headers = { ...pageHeaders, cookie, origin: `http://127.0.0.1:${port}` }
      const answer = rule.websocket ? await refusedStream(port, path, headers) : await send(port, path, { method, headers, body })
      expect(answer.status).toBe(401)
      expect('text' in answer ? answer.text : answer.body).toContain('NOT_LOGGED_IN')
    }
  })

  const matrix = guarded
    .filter((rule) => !rule.websocket && rule.url !== '/api/logout')
    .flatMap((rule) => roles.map((role) => [role, rule] as const))
  test.each(matrix.map(([role, rule]) => [role, `${rule.method} ${rule.url}`, rule] as const))('%s: %s', async (role, _name, rule) => {
    if (rule.access === 'everyone') throw new Error('not guarded')
    const { path, method, body } = sampleOf(rule)
    const headers = { ...pageHeaders, cookie: browsers.get(role)?.cookie ?? '', origin: `http://127.0.0.1:${scripted.api.port}` }
    const before = scripted.cluster.work.length
    const answer = await send(scripted.api.port, path, { method, headers, body })
    const mayUse = roles.indexOf(role) >= roles.indexOf(leastRole[rule.access])
    if (mayUse) expect([401, 403]).not.toContain(answer.status)
    else {
      expect(answer.status).toBe(403)
      expect(answer.json).toMatchObject({ error: 'FORBIDDEN' })
      expect(scripted.cluster.work.length).toBe(before)
    }
  })

  const kinds = Object.entries(topicRules) as [keyof typeof topicRules, Verb][]
  test.each(roles.flatMap((role) => kinds.map(([kind, verb]) => [role, kind, verb] as const)))(
    '%s: the topic %s',
    async (role, kind, verb) => {
      const stream = await browsers.get(role)?.stream('main')
      if (stream === undefined) throw new Error('no browser')
      const topic: Topic = kind === 'hash' ? 'hash:0:a2V5' : kind
      stream.ask({ type: 'watch', topics: ['core', topic], visible: true })
      if (roles.indexOf(role) >= roles.indexOf(leastRole[verb])) {
        await until('the snapshot of core', () => stream.frames.some((frame) => frame.type === 'snapshot'))
        expect(stream.closed).toBeUndefined()
      } else {
        await until('it is closed', () => stream.closed !== undefined)
        expect(stream.closed?.code).toBe(4003)
      }
      stream.close()
    }
  )

  test('a topic without a rule is for nobody, and no part of the protocol', () => {
    for (const topic of ['secrets', 'lab', 'hash', '__proto__', 'constructor', 'slots:', 'core '] as unknown as Topic[]) {
      expect(verbFor(topic), topic).toBe(topic === ('hash' as Topic) ? 'browse' : undefined)
      expect(parseAsk(JSON.stringify({ type: 'watch', topics: [topic], visible: true })), topic).toBeUndefined()
    }
    for (const [kind] of kinds) expect(verbFor(kind === 'hash' ? 'hash:0:' : kind)).toBe(topicRules[kind])
  })

  test('the session of one instance is nothing to another', async () => {
    const other = await startScriptedApi()
    try {
      const cookie = (browsers.get('admin')?.cookie ?? '').replace(String(scripted.api.port), String(other.api.port))
      expect((await send(other.api.port, '/api/session', { headers: { cookie } })).status).toBe(401)
      expect((await send(scripted.api.port, '/api/session', { headers: { cookie: browsers.get('admin')?.cookie ?? '' } })).status).toBe(200)
    } finally {
      await other.close()
    }
  })
})

async function refusedStream(port: number, path: string, headers: Record<string, string>): Promise<Refusal> {
  const answer = await openStream({ port, path, headers })
  if (!('status' in answer)) throw new Error('the stream was opened')
  return answer
}
