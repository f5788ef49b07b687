import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { connect as connectTls, type PeerCertificate } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Api, OptionError, startApi } from '../src/index.ts'
import { Doors } from '../src/security/origin.ts'
import { pageHeaders } from './support/browser.ts'
import { type Authority, type Certified, makeAuthority } from './support/certificates.ts'
import { ScriptedCluster } from './support/scripted-cluster.ts'
import { until } from './support/until.ts'

let folder: string
let authority: Authority
let api: Api | undefined
const files = () => ({ certFile: join(folder, 'own.pem'), keyFile: join(folder, 'own.key') })
const put = async ({ cert, key }: Certified) => {
  await writeFile(files().keyFile, key)
  await writeFile(files().certFile, cert)
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotscope-own-tls-'))
  authority = await makeAuthority('the CA of the test')
  await put(await authority.issue(['console.example', '127.0.0.1']))
})
afterEach(async () => {
  await api?.close()
  api = undefined
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Asked = { readonly host?: string; readonly method?: string; readonly headers?: Record<string, string>; readonly body?: unknown }
type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly text: string }

function ask(port: number, path: string, { host = '127.0.0.1', method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method, headers, ca: authority.ca, servername: 'console.example', agent: false }
    const sent = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** True when something listens there, for whoever comes from another address of this machine. */
function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...(host.includes(':') ? {} : { localAddress: '127.0.0.3' }) })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe('[T1] who can reach it, in 12 mixes of options', () => {
  const proxy = { trustedProxy: true }
  const tls = () => ({ tls: files() })
  const none = {}
  // 192.0.2.1 is kept for documents: no machine has it.
  test.each([
    ['127.0.0.1', 'nothing', () => none, 'here'],
    ['127.0.0.1', 'a proxy', () => proxy, 'here'],
    ['127.0.0.1', 'TLS', tls, 'here'],
    ['::1', 'nothing', () => none, 'here'],
    ['0.0.0.0', 'nothing', () => none, 'refused'],
    ['0.0.0.0', 'a proxy', () => proxy, 'everywhere'],
    ['0.0.0.0', 'TLS', tls, 'everywhere'],
    ['::', 'nothing', () => none, 'refused'],
    ['::', 'TLS', tls, 'everywhere'],
    ['192.0.2.1', 'nothing', () => none, 'refused'],
    ['192.0.2.1', 'TLS', tls, 'refused'],
    ['', 'TLS', tls, 'refused']
  ] as const)('listening on %j with %s', async (host, _, more, expected) => {
    const starting = startApi({ host, ...more(), port: 0, clusters: [], logLevel: 'silent' })
    if (expected === 'refused') {
      await expect(starting).rejects.toBeInstanceOf(OptionError)
      return
    }
    api = await starting
    expect(await isOpen(host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, api.port)).toBe(true)
    expect(await isOpen('127.0.0.2', api.port)).toBe(expected === 'everywhere')
    if (!('tls' in more())) return
    // Who is not logged in learns nothing, and who does not speak TLS gets no answer at all.
    expect((await ask(api.port, '/api/session', { headers: { host: `127.0.0.1:${api.port}` } })).status).toBe(401)
    expect((await ask(api.port, '/api/session', { headers: { host: `10.0.0.1:${api.port}` } })).status).toBe(421)
    await expect(fetch(`http://127.0.0.1:${api.port}/healthz`)).rejects.toThrow()
  })
})

describe('TLS of our own', () => {
  const start = async () => {
    const cluster = {
      id: 'main',
      name: 'Main',
      kind: 'connected',
      seeds: [{ host: '127.0.0.1', port: 7_001 }],
      caller: new ScriptedCluster()
    } as const
    api = await startApi({ port: 0, clusters: [cluster], tls: files(), allowHosts: ['console.example'], logLevel: 'silent' })
    return api
  }
  const logIn = async ({ port, createLoginLink }: Api) => {
    const link = new URL(createLoginLink('admin'))
    const headers = { ...pageHeaders, host: `console.example:${port}`, origin: `https://console.example:${port}` }
    const token = link.hash.replace('#login=', '')
    return { link, headers, answer: await ask(port, '/api/login', { method: 'POST', headers, body: { token } }) }
  }

  test('[T20] the cookie is for this host and for TLS only, and browsers remember to use TLS', async () => {
    const running = await start()
    const { link, answer } = await logIn(running)
    expect(link.origin).toBe(`https://console.example:${running.port}`)
    expect(answer.status).toBe(200)
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(new RegExp(`^__Host-slotscope-${running.port}=`))
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part)
    expect(cookie).not.toContain('Domain')
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
  })

  test('[T3] a page over plain HTTP of the same name is foreign; a stream opens over TLS', async () => {
    const running = await start()
    const { answer, headers } = await logIn(running)
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
    const ticket = (origin: string) =>
      ask(running.port, '/api/ticket', { method: 'POST', headers: { ...headers, origin, cookie }, body: {} })
    expect((await ticket(headers.origin.replace('https', 'http'))).status).toBe(403)
    const given = await ticket(headers.origin)
    const { ticket: token } = JSON.parse(given.text) as { ticket: string }
    const socket = new WebSocket(`wss://127.0.0.1:${running.port}/api/clusters/main/stream`, ['slotscope', `ticket.${token}`], {
      ca: authority.ca,
      headers: { cookie, host: headers.host },
      origin: headers.origin
    })
    const first = await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
    expect(JSON.parse(String(first))).toMatchObject({ type: 'hello', clusterId: 'main' })
    socket.close()
  })

  test('nothing older than TLS 1.2 is spoken', async () => {
    const { port } = await start()
    const old = new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', rejectUnauthorized: false } as const
      connectTls(options, () => resolve('connected')).once('error', reject)
    })
    await expect(old).rejects.toThrow()
  })

  test('a renewed certificate is shown without a restart; one that does not fit changes nothing', async () => {
    const { port } = await start()
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ host: '127.0.0.1', port, ca: authority.ca, servername: 'console.example' }, () => {
          resolve((socket.getPeerCertificate() as PeerCertificate).serialNumber)
          socket.destroy()
        })
        socket.once('error', reject)
      })
    const before = await serial()
    const renewed = await authority.issue(['console.example', '127.0.0.1'])
    // The key comes first: for a moment the two do not belong together.
    await writeFile(files().keyFile, renewed.key)
    expect(await serial()).toBe(before)
    // As it is while it is being written.
    await writeFile(files().certFile, '')
    await later(1_200)
    expect(await serial()).toBe(before)
    await writeFile(files().certFile, renewed.cert)
    await until('the new certificate is shown', async () => (await serial()) !== before)
  })

  test('files that are no certificate and key are one clear error', async () => {
    const [empty, strange] = [join(folder, 'empty.pem'), join(folder, 'strange.pem')]
    await writeFile(empty, '')
    await writeFile(strange, (await authority.issue(['console.example'])).key)
    const bad = [
      { certFile: empty, keyFile: files().keyFile },
      { certFile: files().certFile, keyFile: empty },
      { certFile: files().certFile, keyFile: strange },
      { certFile: join(folder, 'nowhere'), keyFile: files().keyFile },
      { certFile: files().keyFile, keyFile: files().keyFile }
    ]
    for (const tls of bad) await expect(startApi({ port: 0, clusters: [], tls })).rejects.toThrow('are no certificate with its key')
  })
})

describe('[T3] origins of our own TLS', () => {
  const doors = new Doors(() => 443, ['console.example'], { tls: true })
  test.each([
    ['https://127.0.0.1', '127.0.0.1', true],
    ['https://localhost', 'localhost', true],
    ['https://console.example', 'console.example', true],
    ['http://console.example', 'console.example', false],
    ['http://127.0.0.1', '127.0.0.1', false],
    ['https://127.0.0.1:444', '127.0.0.1', false],
    ['null', '127.0.0.1', false]
  ])('%s at %s: %s', (origin, host, allowed) => {
    expect(doors.allowsHost(host)).toBe(true)
    expect(doors.allowsOrigin(origin, host)).toBe(allowed)
  })
})
