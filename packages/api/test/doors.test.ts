import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OptionError, PortInUseError, startApi } from '../src/index.ts'
import { securityHeaders } from '../src/security/headers.ts'
import { type Browser, logIn, pageHeaders, type Sent, send, ticketFor } from './support/browser.ts'
import { sampleOf } from './support/route-samples.ts'
import { allRoutes, type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf, openStream } from './support/stream-client.ts'
import { until } from './support/until.ts'

const rules = await allRoutes()
const samples = rules.map((rule) => ({ name: `${rule.method} ${rule.url}`, rule, ...sampleOf(rule) }))
const stream = '/api/clusters/main/stream'

let scripted: ScriptedApi
let admin: Browser
let port = 0
let origin = ''
beforeAll(async () => {
  scripted = await startScriptedApi({ allowHosts: ['console.example'] })
  admin = await logIn(scripted.api, 'admin')
  port = scripted.api.port
  origin = `http://127.0.0.1:${port}`
})
afterAll(() => scripted?.close())

/** A request as our own page sends it, with some headers changed; `undefined` takes one away. */
function asPage(sample: Sent & { readonly path: string }, changed: Readonly<Record<string, string | undefined>> = {}) {
  const all = { ...pageHeaders, cookie: admin.cookie, origin, ...changed }
  const headers = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const { method = 'GET', body } = sample
  return send(port, sample.path, { method, headers, ...(body === undefined ? {} : { body }) })
}

describe('[T1] where it listens', () => {
  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.5',
    'console.example',
    '10.0.0.1',
    '169.254.1.1',
    '128.0.0.1',
    '1.127.0.0',
    '::ffff:10.0.0.1',
    ''
  ])('refuses to start on %j without a trusted proxy', async (host) => {
    await expect(startApi({ host, port: 0, clusters: [] })).rejects.toBeInstanceOf(OptionError)
  })
  test('starts on other loopback addresses, and beyond with a trusted proxy', async () => {
    for (const options of [{ host: '127.0.0.2' }, { host: '0.0.0.0', trustedProxy: true }] as const) {
      const api = await startApi({ ...options, port: 0, clusters: [], logLevel: 'silent' })
      const { hostname, host } = new URL(api.url)
      const answer = await fetch(`http://${hostname}:${api.port}/healthz`)
      expect(answer.status, host).toBe(200)
      await api.close()
    }
  })
  test('a port in use is one clear error', async () => {
    await expect(startApi({ port, clusters: [] })).rejects.toThrow(PortInUseError)
    await expect(startApi({ port, clusters: [] })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
  })
  test.each([
    [{ port: -1 }, 'the port must be'],
    [{ port: 70_000 }, 'the port must be'],
    [{ port: 1.5 }, 'the port must be'],
    [{ allowHosts: ['http://x'] }, 'is not a host name'],
    [{ clusters: [{ id: 'a b', name: '', kind: 'connected', seeds: [{ host: 'h', port: 1 }] }] }, 'must be 1 to 64'],
    [{ clusters: [{ id: 'a', name: '', kind: 'connected', seeds: [] }] }, 'has no node'],
    [{ clusters: [{ id: 'a', name: '', kind: 'connected', seeds: [{ host: 'h', port: 0 }] }] }, 'is not a host and port'],
    [{ labelsFile: fileURLToPath(import.meta.url) }, 'is not JSON']
  ] as const)('refuses bad options: %j', async (options, words) => {
    await expect(startApi({ port: 0, clusters: [], ...options })).rejects.toThrow(words)
  })
})

describe('[T2] foreign names', () => {
  const hosts = () => ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.:${port}`, `10.0.0.1:${port}`, '127.0.0.1:1']
  test.each([...samples, { name: 'an unknown address', method: 'GET', path: '/api/nope', rule: undefined, body: undefined }])(
    '421 at $name',
    async (sample) => {
      for (const host of hosts()) {
        const answer = sample.rule?.websocket
          ? await openStream({ port, path: sample.path, headers: { host, origin: `http://${host}`, cookie: admin.cookie } })
          : await asPage(sample, { host, origin: `http://${host}` })
        expect('status' in answer && answer.status, host).toBe(421)
      }
    }
  )
  test('a name that was allowed is answered', async () => {
    expect((await send(port, '/healthz', { headers: { host: 'console.example' } })).status).toBe(200)
  })
})

describe('[T3] streams from foreign pages', () => {
  test.each([
    undefined,
    'null',
    '',
    'http://evil.example',
    'https://evil.example',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'http://localhost:PORT',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT.evil.example',
    'http://127.0.0.1:PORT@evil.example',
    'http://evil.example/#http://127.0.0.1:PORT',
    'http://127.0.0.1:PORT/',
    'http://[::1]:PORT',
    'HTTP://127.0.0.1:PORT',
    'ws://127.0.0.1:PORT',
    'file://',
    'http://console.example',
    'data:text/html,x',
    'chrome-extension://aaaaaaaaaaaaaaaa'
  ])('origin %s is refused', async (foreign) => {
    const headers = foreign === undefined ? {} : { origin: foreign.replace('PORT', String(port)) }
    const answer = await openStream({ port, path: stream, headers: { ...headers, cookie: admin.cookie } })
    expect('status' in answer && answer.status).toBe(403)
  })
  test('our own page is let in, also under an allowed name behind TLS', async () => {
    for (const headers of [{ origin }, { origin: 'https://console.example', host: 'console.example' }]) {
      const answer = await openStream({
        port,
        path: stream,
        headers: { ...headers, cookie: admin.cookie, ...(await ticketFor(port, { ...headers, cookie: admin.cookie })) }
      })
      if ('status' in answer) throw new Error(`refused: ${answer.status}`)
      await frameOf(answer, 'hello')
      answer.close()
    }
  })

  const offer = (protocol: string | undefined, changed: Readonly<Record<string, string>> = {}) => {
    const protocols = protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }
    return openStream({ port, path: stream, headers: { origin, cookie: admin.cookie, ...protocols, ...changed } })
  }
  test('no stream without a fresh ticket', async () => {
    const { 'sec-websocket-protocol': good } = await ticketFor(port, { origin, cookie: admin.cookie })
    const ticket = good.split('ticket.')[1] ?? ''
    const others = [
      undefined,
      'slotscope',
      `ticket.${ticket}`,
      `slotscope, ticket.${'A'.repeat(43)}`,
      `slotscope, ticket.${ticket}x`,
      ticket
    ]
    for (const protocol of others) expect(await offer(protocol), protocol).toMatchObject({ status: 403 })
    const inTheAddress = await openStream({ port, path: `${stream}?ticket=${ticket}`, headers: { origin, cookie: admin.cookie } })
    expect(inTheAddress).toMatchObject({ status: 403 })
    const opened = await offer(good)
    if ('status' in opened) throw new Error('a good ticket was refused')
    opened.close()
    expect(await offer(good), 'a second time').toMatchObject({ status: 403 })
  })
  test('a ticket is nothing to another session or page', async () => {
    const other = await logIn(scripted.api, 'viewer', 'thief')
    const stolen = await ticketFor(port, { origin, cookie: admin.cookie })
    expect(await offer(stolen['sec-websocket-protocol'], { cookie: other.cookie })).toMatchObject({ status: 403 })
    const elsewhere = await ticketFor(port, { origin: `http://localhost:${port}`, host: `localhost:${port}`, cookie: admin.cookie })
    expect(await offer(elsewhere['sec-websocket-protocol'])).toMatchObject({ status: 403 })
    const noPage = await send(port, '/api/ticket', { method: 'POST', headers: { ...pageHeaders, cookie: admin.cookie }, body: {} })
    expect(noPage.status).toBe(403)
  })
})

describe('[T4] requests forged by other sites', () => {
  const changing = samples.filter((sample) => !['GET', 'HEAD'].includes(sample.method))
  test('there are routes that change something', () => expect(changing.length).toBeGreaterThan(5))

  test.each(changing)('$name', async (sample) => {
    const before = scripted.cluster.work.length
    const forged: [string, Readonly<Record<string, string | undefined>>, number][] = [
      ['a form', { 'content-type': 'application/x-www-form-urlencoded', 'x-slotscope': undefined }, 403],
      ['a form with files', { 'content-type': 'multipart/form-data; boundary=x', 'x-slotscope': undefined }, 403],
      ['text', { 'content-type': 'text/plain', 'x-slotscope': undefined }, 403],
      ['no type', { 'content-type': undefined, 'x-slotscope': undefined }, 403],
      ['JSON without our header', { 'x-slotscope': undefined }, 403],
      ['our header with another value', { 'x-slotscope': 'yes' }, 403],
      ['our header without JSON', { 'content-type': 'text/plain' }, 415],
      ['JSON in disguise', { 'content-type': 'text/plain; application/json' }, 415],
      ['a foreign origin', { origin: 'http://evil.example' }, 403],
      ['the origin null', { origin: 'null' }, 403],
      ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403]
    ]
    for (const [what, headers, status] of forged) expect((await asPage(sample, headers)).status, what).toBe(status)
    expect(scripted.cluster.work.length).toBe(before)
  })

  test('the cookie is out of reach of scripts and other sites, and names the port', async () => {
    const token = new URL(scripted.api.createLoginLink('viewer')).hash.replace('#login=', '')
    const answer = await asPage({ method: 'POST', path: '/api/login', body: { token } }, { cookie: undefined })
    expect(String(answer.headers['set-cookie'])).toMatch(
      new RegExp(`^slotscope-${port}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict$`)
    )
  })
})

describe('[T6] bytes from people stay one argument', () => {
  const evil = Buffer.from('a\r\n*1\r\n$8\r\nFLUSHALL\r\n"; FLUSHALL; \0\u2028')
  const evil64 = evil.toString('base64url')
  const root = '/api/clusters/main'
  test.each([
    ['keys/details', 'POST', `${root}/keys/details`, { database: 0, keys: [evil64] }],
    ['keys/value', 'GET', `${root}/keys/value?database=0&key=${evil64}`, undefined],
    ['keys/everywhere', 'GET', `${root}/keys/everywhere?key=${evil64}`, undefined],
    ['hash/expiry', 'POST', `${root}/hash/expiry`, { database: 0, key: evil64, field: evil64, expectedMs: null, deadlineMs: null }],
    ['keys/scan', 'POST', `${root}/keys/scan`, { database: 0, shard: null, pattern: evil.toString(), type: null, cursor: null, count: 10 }]
  ])('%s', async (_name, method, path, body) => {
    const before = scripted.cluster.work.length
    await asPage({ method, path, body })
    const sent = scripted.cluster.work.slice(before)
    const known = new Set(['SELECT', 'TYPE', 'PTTL', 'PEXPIRETIME', 'OBJECT', 'INFO', 'HPEXPIRETIME', 'HPERSIST', 'SCAN'])
    expect(sent.length).toBeGreaterThan(0)
    for (const command of sent) {
      expect(known).toContain(command[0])
      // Whole, as one argument, or not at all.
      for (const arg of command.slice(1)) if (arg.includes('FLUSHALL')) expect([evil.toString('latin1'), evil.toString()]).toContain(arg)
    }
    expect(sent.flat().some((arg) => arg.includes('FLUSHALL'))).toBe(true)
  })

  test('the api starts no process and evaluates no text', async () => {
    const source = fileURLToPath(new URL('../src', import.meta.url))
    const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    expect(files.length).toBeGreaterThan(30)
    for (const file of files)
      expect(await readFile(join(source, file), 'utf8'), file).not.toMatch(/child_process|node:vm|\beval\s*\(|new Function\b/)
  })
})

describe('[T14] too much', () => {
  test('a frame over 64 KiB closes the stream', async () => {
    const viewer = await admin.stream('main')
    viewer.sendText(JSON.stringify({ type: 'watch', topics: [], visible: true, more: 'x'.repeat(65 * 1024) }))
    await until('it is closed', () => viewer.closed !== undefined)
    expect(viewer.closed?.code).toBe(1009)
  })
  test('more than 100 messages in a second close it', async () => {
    const viewer = await admin.stream('main')
    // Over two clock seconds at most 200 are let through.
    for (let message = 0; message < 201; message++) viewer.ask({ type: 'ack', topic: 'core', version: 0 })
    await until('it is closed', () => viewer.closed !== undefined)
    expect(viewer.closed).toEqual({ code: 1008, reason: 'more than 100 messages in a second' })
  })
  test.each([
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"type":"shout"}',
    '{"type":"watch","topics":["secrets"],"visible":true}',
    '{"type":"watch","topics":"core","visible":true}',
    '{"type":"resume","topic":"core","version":-1}',
    '{"type":"resume","topic":"core","version":1e400}',
    `{"type":"watch","topics":[${'"core",'.repeat(40)}"core"],"visible":true}`
  ])('a message that is no ask closes it: %s', async (text) => {
    const viewer = await admin.stream('main')
    viewer.sendText(text)
    await until('it is closed', () => viewer.closed !== undefined)
    expect(viewer.closed).toEqual({ code: 1008, reason: 'not an ask of this stream' })
  })
  test('50 streams of one session, not more', async () => {
    const browser = await logIn(scripted.api, 'viewer', 'many')
    const streams = await Promise.all(Array.from({ length: 50 }, () => browser.stream('main')))
    const refused = await openStream({
      port,
      path: stream,
      headers: { origin, cookie: browser.cookie, ...(await ticketFor(port, { origin, cookie: browser.cookie })) }
    })
    expect('status' in refused && refused.status).toBe(429)
    for (const one of streams) one.close()
  })
  test('questions that reach the cluster are held to 50 a second; others of the session are not', async () => {
    const browser = await logIn(scripted.api, 'viewer', 'hasty')
    const before = scripted.cluster.calls.length
    const answers = await Promise.all(Array.from({ length: 300 }, () => browser.get('/api/clusters/main/slots/1')))
    const refused = answers.filter((answer) => answer.status === 429)
    expect(refused.length).toBeGreaterThan(100)
    expect(refused[0]?.headers['retry-after']).toBe('1')
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThanOrEqual(100)
    expect(scripted.cluster.calls.length - before).toBeLessThan(600)
    expect((await browser.get('/api/session')).status).toBe(200)
    const other = await logIn(scripted.api, 'viewer', 'patient')
    expect((await other.get('/api/clusters/main/slots/1')).status).toBe(200)
  })
  test('a body over 1 MiB, deep or broken JSON, and names that reach into prototypes are refused', async () => {
    const path = '/api/clusters/main/plans'
    expect((await asPage({ method: 'POST', path, body: { slots: 'x'.repeat(1024 * 1024), targetShard: 'a' } })).status).toBe(413)
    expect((await asPage({ method: 'POST', path, body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` })).status).toBe(400)
    expect((await asPage({ method: 'POST', path, body: '{"slots":' })).status).toBe(400)
    expect((await asPage({ method: 'POST', path, body: '{"__proto__":{"role":"admin"}}' })).status).toBe(400)
    expect((await asPage({ method: 'POST', path, body: { slots: [[5, 3]], targetShard: 'constructor' } })).status).toBe(409)
    expect(
      (await asPage({ method: 'POST', path: '/api/clusters/__proto__/plans', body: { slots: [[1, 3]], targetShard: 'a' } })).status
    ).toBe(404)
  })
})

describe('[T20] headers of every answer', () => {
  const others = [
    { name: 'an unknown address', method: 'GET', path: '/api/nope' },
    { name: 'an address that cannot be read', method: 'GET', path: '/%E0%A4%A' },
    { name: 'a method that is not known', method: 'PUT', path: '/api/session' },
    { name: 'a file that is not there', method: 'GET', path: '/assets/nope.js' },
    { name: 'a way out of the folder', method: 'GET', path: '/..%2fsecret.txt' }
  ]
  test.each([...samples, ...others.map((other) => ({ ...other, rule: undefined, body: undefined }))])('$name', async (sample) => {
    const websocket = sample.rule?.websocket === true
    const answers = websocket
      ? [await openStream({ port, path: sample.path, headers: { cookie: admin.cookie } }), await asPage(sample)]
      : [await asPage(sample), await asPage(sample, { cookie: undefined }), await asPage(sample, { host: 'evil.example' })]
    for (const answer of answers) {
      if (!('status' in answer)) throw new Error('the stream was opened')
      const { 'cache-control': cache, ...always } = securityHeaders
      expect(answer.headers).toMatchObject(always)
      if (sample.path.startsWith('/api')) expect(answer.headers['cache-control']).toBe(cache)
      expect(answer.headers['x-powered-by']).toBeUndefined()
      expect(answer.headers.server).toBeUndefined()
    }
  })
  test('the policy allows nothing inline and nothing from elsewhere', () => {
    const policy = securityHeaders['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })
})
