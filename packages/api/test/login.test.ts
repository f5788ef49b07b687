import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionAnswer } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LINK_LASTS_MS } from '../src/security/login-links.ts'
import { IDLE_LASTS_MS, SESSION_LASTS_MS } from '../src/security/sessions.ts'
import { logIn, pageHeaders, send } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf } from './support/stream-client.ts'
import { until } from './support/until.ts'

describe('[T12] logging in and out', () => {
  let scripted: ScriptedApi
  let skippedMs = 0
  const now = () => Date.now() + skippedMs
  const tokenOf = (link: string) => new URL(link).hash.replace('#login=', '')
  const login = (token: unknown, cookie = '') =>
    send(scripted.api.port, '/api/login', {
      method: 'POST',
      headers: { ...pageHeaders, cookie, origin: scripted.api.url },
      body: { token }
    })
  beforeEach(async () => {
    skippedMs = 0
    scripted = await startScriptedApi({ now })
  })
  afterEach(() => scripted?.close())

  test('a link has its token in the fragment and logs in with its role, once', async () => {
    const link = scripted.api.createLoginLink('operator')
    expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${scripted.api.port}/#login=[A-Za-z0-9_-]{43}$`))
    const first = await login(tokenOf(link))
    expect(first.status).toBe(200)
    expect(first.json).toEqual({
      user: 'operator',
      role: 'operator',
      readOnly: false,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', readOnly: false }]
    } satisfies SessionAnswer)
    const second = await login(tokenOf(link))
    expect(second.status).toBe(401)
    expect(second.json).toMatchObject({ error: 'LINK_USED' })
    expect(second.headers['set-cookie']).toBeUndefined()
  })

  test('a link lasts ten minutes', async () => {
    const token = tokenOf(scripted.api.createLoginLink('viewer'))
    skippedMs = LINK_LASTS_MS
    expect((await login(token)).json).toMatchObject({ error: 'LINK_USED' })
  })

  test('five wrong tokens are free, then one has to wait, even with a right one', async () => {
    for (let tries = 0; tries < 5; tries++) expect((await login('x'.repeat(43))).status).toBe(401)
    const right = tokenOf(scripted.api.createLoginLink('viewer'))
    const blocked = await login(right)
    expect(blocked.status).toBe(429)
    expect(blocked.json).toMatchObject({ error: 'TOO_MANY_REQUESTS' })
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
    skippedMs = 1_000
    expect((await login(right)).status).toBe(200)
  })

  test('every login gets a new session, and ends the one that the browser had', async () => {
    const before = await logIn(scripted.api, 'viewer')
    const planted = `slotscope-${scripted.api.port}=${'A'.repeat(43)}`
    const answer = await login(tokenOf(scripted.api.createLoginLink('admin')), before.cookie)
    expect(String(answer.headers['set-cookie'])).not.toContain(before.cookie)
    expect((await before.get('/api/session')).status).toBe(401)
    const fixed = await login(tokenOf(scripted.api.createLoginLink('admin')), planted)
    expect(String(fixed.headers['set-cookie'])).not.toContain('A'.repeat(43))
  })

  test('a session ends after 30 idle minutes, with its streams, and after 12 hours in any case', async () => {
    const browser = await logIn(scripted.api, 'viewer')
    const stream = await browser.stream('main')
    await frameOf(stream, 'hello')
    skippedMs = IDLE_LASTS_MS - 60_000
    expect((await browser.get('/api/session')).status).toBe(200)
    skippedMs += IDLE_LASTS_MS - 60_000
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await frameOf(stream, 'snapshot')
    skippedMs += 120_000
    // The message on the stream counts as being there.
    expect((await browser.get('/api/session')).status).toBe(200)
    skippedMs += IDLE_LASTS_MS
    await until('the stream is closed', () => stream.closed !== undefined)
    expect(stream.closed).toEqual({ code: 4001, reason: 'logged-out' })
    expect((await browser.get('/api/session')).status).toBe(401)

    const busy = await logIn(scripted.api, 'viewer')
    for (let passedMs = 0; passedMs < SESSION_LASTS_MS - 1; passedMs += IDLE_LASTS_MS / 2) {
      expect((await busy.get('/api/session')).status).toBe(200)
      skippedMs += IDLE_LASTS_MS / 2
    }
    expect((await busy.get('/api/session')).status).toBe(401)
  })

  test('stopping says goodbye to every stream', async () => {
    const other = await startScriptedApi()
    const stream = await (await logIn(other.api, 'viewer')).stream('main')
    await frameOf(stream, 'hello')
    await other.close()
    await until('the stream is closed', () => stream.closed !== undefined)
    expect(stream.frames.at(-1)).toEqual({ type: 'bye', reason: 'server-stopping' })
    expect(stream.closed?.code).toBe(1001)
  })
})

describe('the audit', () => {
  test('has a line for every login and every change: intended before, done or failed after', async () => {
    const probe = await startScriptedApi()
    const auditFile = join(probe.folder, 'audit.jsonl')
    const scripted = await startScriptedApi({ auditFile })
    try {
      const operator = await logIn(scripted.api, 'operator', 'ann')
      const node = '1'.repeat(40)
      await operator.post(`/api/clusters/main/nodes/${node}/cancel-exports`)
      await send(scripted.api.port, '/api/login', {
        method: 'POST',
        headers: { ...pageHeaders, origin: scripted.api.url },
        body: { token: 'canary-token' }
      })
      const text = await readFile(auditFile, 'utf8')
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(lines.map(({ verb, outcome, actor }) => [verb, outcome, (actor as { user: string } | null)?.user])).toEqual([
        ['log-in', 'done', 'first'],
        ['log-in', 'done', 'ann'],
        ['migrate', 'intended', 'ann'],
        ['migrate', 'failed', 'ann'],
        ['log-in', 'refused', undefined]
      ])
      expect(lines[2]).toMatchObject({ peer: '127.0.0.1', resource: `cluster main, exports of node ${node}`, actor: { role: 'operator' } })
      expect(lines[3]).toMatchObject({ detail: { error: 'SERVER_ERROR_REPLY' } })
      expect(text).not.toContain('canary-token')
      expect(text).not.toContain(operator.cookie.split('=')[1])
      expect((await stat(auditFile)).mode & 0o077).toBe(0)
    } finally {
      await scripted.close()
      await probe.close()
    }
  })

  test('what cannot be written down is not done', async () => {
    const scripted = await startScriptedApi({ auditFile: '/dev/full' }).catch((error: Error) => error)
    // Not even a login is possible where the audit cannot be kept.
    expect(scripted).toBeInstanceOf(Error)
    expect(String(scripted)).toContain('the login was refused: 500')
  })
})
