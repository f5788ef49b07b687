import type { SessionAnswer } from '@slotscope/observer/stream'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answers } from '../src/docs/answers.ts'
import { leastRole } from '../src/security/authorise.ts'
import { type Browser, logIn, pageHeaders, send } from './support/browser.ts'
import { sampleOf } from './support/route-samples.ts'
import { allRoutes, type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'

type Operation = {
  operationId: string
  summary: string
  'x-least-role': string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { required: boolean; content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, object> } }

const rules = (await allRoutes()).filter((rule) => rule.url !== '/*')
const named = rules.map((rule) => ({ name: `${rule.method} ${rule.url}`, rule }))

let scripted: ScriptedApi
let admin: Browser
let document: Document
beforeAll(async () => {
  scripted = await startScriptedApi()
  admin = await logIn(scripted.api, 'admin')
  document = (await admin.get('/api/docs/openapi.json')).json as Document
})
afterAll(() => scripted?.close())

describe('the document of the api', () => {
  test('has every route of the route table, and nothing else', () => {
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    )
    expect(told.sort()).toEqual(named.map(({ name }) => name.replaceAll(/:(\w+)/g, '{$1}')).sort())
    expect(Object.keys(answers).sort()).toEqual(named.map(({ name }) => name).sort())
    expect(document.openapi).toBe('3.1.0')
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test.each(named)('$name: what it is for, its role, its parameters, its body, its failures', ({ rule, name }) => {
    const operation = document.paths[rule.url.replaceAll(/:(\w+)/g, '{$1}')]?.[rule.method.toLowerCase()]
    if (operation === undefined) throw new Error(`${name} is not there`)
    expect(operation.summary.length).toBeGreaterThan(10)
    expect(operation['x-least-role']).toBe(rule.access === 'everyone' ? 'everyone' : leastRole[rule.access])
    const inPath = [...rule.url.matchAll(/:(\w+)/g)].map(([, word]) => word)
    expect(operation.parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(inPath)
    expect(operation.parameters.some((one) => one.name === 'x-slotscope')).toBe(rule.method !== 'GET')
    expect(operation.requestBody !== undefined).toBe(rule.schema?.body !== undefined)
    const codes = Object.keys(operation.responses).map(Number)
    expect(codes.some((code) => code < 300)).toBe(true)
    expect(codes).toContain(421)
    expect(codes.includes(401)).toBe(rule.access !== 'everyone' || rule.url.startsWith('/api/login'))
    for (const [code, { content }] of Object.entries(operation.responses))
      if (Number(code) >= 400) expect(JSON.stringify(content)).toContain('#/components/schemas/Failure')
    expect(JSON.stringify(operation)).not.toContain('"~')
  })

  const asked = named.filter(({ name, rule }) => !rule.websocket && name !== 'POST /api/logout')
  test.each(asked)('$name answers as it says, also when it fails', async ({ name, rule }) => {
    const { method, path, body } = sampleOf(rule)
    const browser = await logIn(scripted.api, 'admin', name)
    const headers = { ...pageHeaders, cookie: browser.cookie, origin: scripted.api.url }
    const answer = await send(scripted.api.port, path, { method, headers, body })
    const operation = document.paths[rule.url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    const expected = answers[name]
    if (expected === undefined || operation === undefined) throw new Error('not in the document')
    expect(Object.keys(operation.responses), answer.text.slice(0, 200)).toContain(String(answer.status))
    if (answer.status >= 400 && name !== 'GET /healthz/ready') {
      expect(Value.Errors(document.components.schemas.Failure as never, answer.json), answer.text.slice(0, 300)).toEqual([])
    } else if (expected.body !== undefined) {
      expect(Value.Errors(expected.body, answer.json), answer.text.slice(0, 300)).toEqual([])
    } else if (answer.status === 204) expect(answer.text).toBe('')
    else if (expected.type !== undefined) expect(answer.headers['content-type']).toContain(expected.type.split(';', 1)[0])
  })

  test('a schema takes nothing that it does not know', () => {
    const session: SessionAnswer = { user: 'x', role: 'viewer', readOnly: false, clusters: [] }
    const schema = answers['GET /api/session']?.body
    if (schema === undefined) throw new Error('no schema')
    expect(Value.Check(schema, session)).toBe(true)
    expect(Value.Check(schema, { ...session, password: 'x' })).toBe(false)
    expect(Value.Check(schema, { ...session, role: 'root' })).toBe(false)
  })

  test('is for who is logged in; its page has no script and names every route', async () => {
    for (const path of ['/api/docs', '/api/docs/openapi.json', '/api/docs/style.css'])
      expect((await send(scripted.api.port, path)).status).toBe(401)
    const page = await admin.get('/api/docs')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.text).not.toMatch(/<script|style=|\son\w+=|javascript:|https?:\/\//)
    for (const { rule } of named) expect(page.text).toContain(rule.url.replaceAll(/:(\w+)/g, '{$1}'))
    expect((await admin.get('/api/docs/style.css')).headers['content-type']).toBe('text/css; charset=utf-8')
  })
})
