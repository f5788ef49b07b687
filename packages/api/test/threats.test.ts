import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { securityHeaders } from '../src/security/headers.ts'
import { type Browser, logIn, pageHeaders, send, ticketFor } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { shardOf } from './support/scripted-cluster.ts'
import { openStream } from './support/stream-client.ts'
import { until } from './support/until.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
let scripted: ScriptedApi
let port = 0
let origin = ''
beforeAll(async () => {
  scripted = await startScriptedApi({ trustedProxy: true, allowHosts: ['console.example'] })
  port = scripted.api.port
  origin = `http://127.0.0.1:${port}`
})
afterAll(() => scripted?.close())

const tags = ['script', 'img', 'svg', 'iframe', 'a', 'body', 'math', 'details', 'object', 'style', 'base', 'template']
const payloads = tags.flatMap((tag) => [
  `<${tag} src=x onerror=alert(1) onload=alert(1)>`,
  `"><${tag}>alert(1)</${tag}>`,
  `</script><${tag} href="javascript:alert(1)">\u2028`,
  `';alert(1)//<${tag}\0>\u202e`,
  `{{${tag}.constructor('alert(1)')()}}\r\nset-cookie: x=1`
])

describe('[T7] markup in what people and servers say', () => {
  const cluster = '/api/clusters/main'
  const fields: [string, string, (text: string) => readonly [string, string, unknown?]][] = [
    ['a key', 'GET', (text) => ['GET', `${cluster}/keys/everywhere?key=${Buffer.from(text).toString('base64url')}`]],
    [
      'a pattern',
      'POST',
      (text) => ['POST', `${cluster}/keys/scan`, { database: 0, shard: null, pattern: text, type: null, cursor: null, count: 1 }]
    ],
    ['a shard', 'POST', (text) => ['POST', `${cluster}/plans`, { slots: [[0, 1]], targetShard: text }]],
    ['an account', 'POST', (text) => ['POST', '/api/accounts', { name: text, role: 'viewer', password: text }]],
    ['an address', 'GET', (text) => ['GET', `/api/${encodeURIComponent(text)}`]],
    ['a cluster', 'GET', (text) => ['GET', `/api/clusters/${encodeURIComponent(text)}/slots/1`]]
  ]
  test('there are 60 of them', () => expect(new Set(payloads).size).toBe(60))
  test.each(fields)('in %s come back as JSON only', async (name, _method, request) => {
    const browser = await logIn(scripted.api, 'admin', name.replace(' ', '-'))
    for (const payload of payloads) {
      const [method, path, body] = request(payload)
      const answer = await send(port, path, { method, headers: { ...pageHeaders, origin, cookie: browser.cookie }, body })
      expect(answer.headers['content-type'], payload).toMatch(/^application\/json/)
      expect(answer.headers, payload).toMatchObject(securityHeaders)
      expect(answer.json, payload).toBeDefined()
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.status, payload).not.toBe(429)
    }
  })
  test('the console writes no markup of its own', () => {
    const folder = join(root, 'apps/console/src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
    expect(files.length).toBeGreaterThan(80)
    const markup = /dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\s*\(|new Function\b|srcdoc/i
    expect(files.filter((file) => markup.test(readFileSync(join(folder, file), 'utf8')))).toEqual([])
  })
})

describe('[T10] ids of somebody else', () => {
  let ann: Browser
  let bob: Browser
  beforeAll(async () => {
    ann = await logIn(scripted.api, 'viewer', 'ann')
    bob = await logIn(scripted.api, 'viewer', 'bob')
  })
  test('a plan is withdrawn by who made it', async () => {
    const made = await ann.post('/api/clusters/main/plans', { slots: [[0, 9]], targetShard: shardOf(7_002) })
    expect(made.status).toBe(200)
    const { planId } = made.json as PlanAnswer
    expect(planId.length).toBeGreaterThanOrEqual(22)
    expect((await bob.delete(`/api/clusters/main/plans/${planId}`)).status).toBe(403)
    expect((await ann.delete(`/api/clusters/main/plans/${planId}`)).status).toBe(204)
  })
  test('a ticket opens nothing in another session', async () => {
    const ticket = await ticketFor(port, { origin, cookie: ann.cookie })
    const path = '/api/clusters/main/stream'
    expect(await openStream({ port, path, headers: { origin, cookie: bob.cookie, ...ticket } })).toMatchObject({ status: 403 })
  })
})

describe('[T14] a hostile crowd', () => {
  test('40 sockets that send nonsense are closed, and another viewer is served', async () => {
    const [hostile, calm] = [await logIn(scripted.api, 'viewer', 'hostile'), await logIn(scripted.api, 'viewer', 'calm')]
    const viewer = await calm.stream('main')
    const crowd = await Promise.all(Array.from({ length: 40 }, () => hostile.stream('main')))
    for (const [index, one] of crowd.entries()) one.sendText(index % 2 === 0 ? '{"type":"nonsense"}' : 'x'.repeat(70_000))
    await until('all of them are closed', () => crowd.every((one) => one.closed !== undefined))
    viewer.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('the other one has its snapshot', () => viewer.frames.some((frame) => frame.type === 'snapshot'))
    expect(viewer.closed).toBeUndefined()
    viewer.close()
  })
})

describe('[T20] TLS is remembered by browsers', () => {
  test('only where a trusted proxy ended it', async () => {
    const secure = { host: 'console.example', 'x-forwarded-proto': 'https' }
    expect((await send(port, '/healthz', { headers: secure })).headers['strict-transport-security']).toBe('max-age=31536000')
    expect((await send(port, '/healthz')).headers['strict-transport-security']).toBeUndefined()
    const direct = await startScriptedApi()
    const claimed = await send(direct.api.port, '/healthz', { headers: { 'x-forwarded-proto': 'https' } })
    expect(claimed.headers['strict-transport-security']).toBeUndefined()
    await direct.close()
  })
})
