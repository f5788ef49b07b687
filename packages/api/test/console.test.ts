import { createHash } from 'node:crypto'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIn, pageHeaders, send } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { ScriptedCluster } from './support/scripted-cluster.ts'
import { frameOf } from './support/stream-client.ts'

const script = `console.log(${JSON.stringify('x'.repeat(5_000))})`

/** With what a hash is easily got wrong by: several lines, letters beyond ASCII, a dollar sign. */
const inline = "\n  document.title = 'Größe $& $1'\n"

describe('the files of the console', () => {
  let scripted: ScriptedApi
  const get = (path: string, headers: Record<string, string> = {}) => send(scripted.api.port, path, { headers })
  beforeAll(async () => {
    scripted = await startScriptedApi()
    const root = scripted.folder
    await mkdir(join(root, 'assets'))
    for (const [name, content] of Object.entries({
      'assets/app-B4x9_kZq.js': script,
      'assets/app-B4x9_kZq.js.br': brotliCompressSync(script),
      'assets/app-B4x9_kZq.js.gz': gzipSync(script),
      'assets/style-Ck2LmN0p.css': 'body{}',
      'assets/plain.js': 'x',
      'inline.html': `<script>${inline}</script><script src="/assets/plain.js"></script>`,
      'inline.html.br': brotliCompressSync(`<script>${inline}</script><script src="/assets/plain.js"></script>`),
      'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '.env': 'SECRET=canary'
    }))
      await writeFile(join(root, name), content)
  })
  afterAll(() => scripted?.close())

  test('have their types, and are cached for ever when their name has a hash', async () => {
    const forever = 'public, max-age=31536000, immutable'
    for (const [path, type, cache] of [
      ['/', 'text/html', 'no-cache'],
      ['/index.html', 'text/html', 'no-cache'],
      ['/assets/app-B4x9_kZq.js', 'application/javascript', forever],
      ['/assets/style-Ck2LmN0p.css', 'text/css', forever],
      ['/assets/plain.js', 'application/javascript', 'no-cache'],
      ['/favicon.svg', 'image/svg+xml', 'no-cache']
    ] as const) {
      const answer = await get(path)
      expect(answer.status, path).toBe(200)
      expect(answer.headers['content-type'], path).toContain(type)
      expect(answer.headers['cache-control'], path).toBe(cache)
    }
  })

  test('are sent compressed as the build left them, with the cache headers of the file', async () => {
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip']
    ] as const) {
      const answer = await get('/assets/app-B4x9_kZq.js', { 'accept-encoding': accepted })
      expect(answer.headers).toMatchObject({ 'content-encoding': encoding, 'cache-control': 'public, max-age=31536000, immutable' })
      expect(answer.headers['content-type']).toContain('application/javascript')
      expect(Number(answer.headers['content-length'])).toBeLessThan(script.length / 2)
      expect(String(answer.headers.vary).toLowerCase()).toContain('accept-encoding')
    }
    expect((await get('/assets/app-B4x9_kZq.js')).text).toBe(script)
  })

  test('are sent anew when they have changed', async () => {
    const file = join(scripted.folder, 'assets/plain.js')
    expect((await get('/assets/plain.js')).text).toBe('x')
    const { etag } = (await get('/assets/plain.js')).headers
    expect((await get('/assets/plain.js', { 'if-none-match': String(etag) })).status).toBe(304)
    await writeFile(file, 'y')
    await utimes(file, new Date(), new Date(Date.now() + 5_000))
    const answer = await get('/assets/plain.js', { 'if-none-match': String(etag) })
    expect([answer.status, answer.text]).toEqual([200, 'y'])
  })

  test('[T7] the policy of a page names the scripts that stand in it, and those only', async () => {
    const hash = createHash('sha256').update(inline).digest('base64')
    for (const headers of [{}, { 'accept-encoding': 'br' }])
      expect((await get('/inline.html', headers)).headers['content-security-policy']).toContain(
        `script-src 'self' 'sha256-${hash}'; style-src 'self'`
      )
    for (const path of ['/', '/assets/plain.js', '/favicon.svg', '/api/nope'])
      expect((await get(path)).headers['content-security-policy'], path).toContain("script-src 'self'; style-src 'self'")
  })

  test('a view of the console is its page; what belongs to the api, or is a missing file, is not found', async () => {
    for (const path of ['/slots', '/c/main/databases', '/slots?range=0-499&present']) {
      const answer = await get(path)
      expect(answer.status, path).toBe(200)
      expect(answer.text).toContain('<title>console</title>')
      expect(answer.headers['cache-control']).toBe('no-cache')
    }
    for (const path of ['/assets/gone-B4x9_kZq.js', '/api/nope', '/api', '/healthz/x.js', '/gone.map']) {
      const answer = await get(path)
      expect(answer.status, path).toBe(404)
      expect(answer.json, path).toMatchObject({ error: 'NOT_FOUND' })
    }
  })

  test('nothing outside the folder and nothing hidden is sent', async () => {
    for (const path of [
      '/.env',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..%5c..%5c.env',
      '/assets/%00.js',
      '//etc/passwd'
    ]) {
      const answer = await get(path)
      expect(answer.text, path).not.toMatch(/canary|root:/)
    }
  })
})

describe('[T13] secrets', () => {
  test('stand in no answer, no frame and no log', async () => {
    const written: string[] = []
    const answers: string[] = []
    let token = ''
    let cookie = ''
    const clusters = [
      {
        id: 'main',
        name: 'Main',
        kind: 'connected',
        seeds: [{ host: '127.0.0.1', port: 7_001 }],
        caller: new ScriptedCluster(),
        username: 'canary-user',
        password: 'canary-password'
      }
    ] as const
    const scripted = await startScriptedApi({ clusters, logLevel: 'debug', logTo: { write: (line) => void written.push(line) } })
    const { port } = scripted.api
    token = new URL(scripted.api.createLoginLink('admin')).hash.replace('#login=', '')
    const login = await send(port, '/api/login', {
      method: 'POST',
      headers: { ...pageHeaders, origin: scripted.api.url },
      body: { token }
    })
    cookie = String(login.headers['set-cookie']).split(';', 1)[0]?.split('=')[1] ?? ''
    answers.push(login.text)
    const browser = await logIn(scripted.api, 'admin')
    for (const path of ['/api/session', '/api/clusters/main/keys/value?database=0&key=aa', '/api/nope', '/%E0%A4%A', '/healthz'])
      answers.push((await browser.get(path)).text)
    answers.push((await send(port, '/api/login', { method: 'POST', headers: { ...pageHeaders }, body: { token } })).text)
    answers.push((await send(port, '/api/login', { method: 'POST', headers: { ...pageHeaders }, body: '{"token":canary}' })).text)
    const stream = await browser.stream('main')
    stream.ask({ type: 'watch', topics: ['core', 'databases', 'traffic', 'expiry'], visible: true })
    await frameOf(stream, 'snapshot')
    answers.push(JSON.stringify(stream.frames))
    await scripted.close()
    expect(token).toHaveLength(43)
    expect(cookie).toHaveLength(43)
    expect(written.join('')).toContain('Server listening')
    for (const text of [...answers, ...written]) {
      expect(text).not.toContain('canary')
      expect(text).not.toContain(token)
      expect(text).not.toContain(cookie)
    }
  })
})
