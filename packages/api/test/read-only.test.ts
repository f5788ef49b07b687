import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRead } from '../src/clusters/read-only-caller.ts'
import { type Browser, logIn, pageHeaders, send } from './support/browser.ts'
import { sampleOf } from './support/route-samples.ts'
import { allRoutes, type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf } from './support/stream-client.ts'

const rules = (await allRoutes()).filter((rule) => !rule.websocket && rule.url !== '/api/logout')

describe('[T9] an api that was started with --read-only', () => {
  let scripted: ScriptedApi
  let admin: Browser
  beforeAll(async () => {
    scripted = await startScriptedApi({ readOnly: true })
    admin = await logIn(scripted.api, 'admin')
  })
  afterAll(() => scripted?.close())

  test.each(rules.map((rule) => [`${rule.method} ${rule.url}`, rule] as const))(
    'sends no write for %s, asked by an admin',
    async (_name, rule) => {
      const { path, method, body } = sampleOf(rule)
      const { port } = scripted.api
      const headers = { ...pageHeaders, cookie: admin.cookie, origin: `http://127.0.0.1:${port}` }
      const answer = await send(port, path, { method, headers, body })
      if (['migrate', 'operate', 'edit', 'disconnect'].includes(rule.access)) {
        expect(answer.status).toBe(403)
        expect(answer.text).toContain('--read-only')
      }
      const sent = scripted.cluster.calls.flatMap((call) => call.commands)
      expect(sent.length).toBeGreaterThan(0)
      // To listen changes nothing, and has a connection of its own.
      expect(sent.filter((command) => !isRead(command) && command[0] !== 'SUBSCRIBE')).toEqual([])
    }
  )

  test('says so in the session, and streams as ever', async () => {
    expect((await admin.get('/api/session')).json).toMatchObject({ readOnly: true, role: 'admin' })
    const stream = await admin.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await frameOf(stream, 'snapshot')
    stream.close()
  })
})
