import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccountsAnswer, RemovalAnswer } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Accounts } from '../src/security/accounts.ts'
import { NONCE_LASTS_MS } from '../src/security/nonce.ts'
import { type Browser, type HttpAnswer, logIn, pageHeaders, send } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf } from './support/stream-client.ts'
import { until } from './support/until.ts'

const password = 'canary correct horse'
/** So cheap that a test does not wait; the parameters stand with each hash. */
const cheap = { N: 2, r: 1, p: 1 }

describe('[T12] accounts', () => {
  let probe: ScriptedApi
  let scripted: ScriptedApi
  let admin: Browser
  let skippedMs: number
  let logged: string
  let accountsFile: string
  let auditFile: string
  beforeEach(async () => {
    skippedMs = 0
    logged = ''
    probe = await startScriptedApi()
    accountsFile = join(probe.folder, 'accounts.json')
    auditFile = join(probe.folder, 'audit.jsonl')
    await new Accounts(accountsFile, cheap).add('ann', 'operator', password, 0)
    scripted = await startScriptedApi({
      accountsFile,
      auditFile,
      now: () => Date.now() + skippedMs,
      logLevel: 'debug',
      logTo: {
        write: (line) => {
          logged += line
        }
      }
    })
    admin = await logIn(scripted.api, 'admin')
  })
  afterEach(async () => {
    await scripted?.close()
    await probe?.close()
  })

  const headers = () => ({ ...pageHeaders, origin: scripted.api.url })
  const tryLogIn = (user: string, word: string) =>
    send(scripted.api.port, '/api/login/password', { method: 'POST', headers: headers(), body: { user, password: word } })
  const cookieOf = (answer: HttpAnswer) => String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
  const sessionOf = (cookie: string) => send(scripted.api.port, '/api/session', { headers: { cookie } })
  const removeAnn = (body: unknown) =>
    send(scripted.api.port, '/api/accounts/ann', { method: 'DELETE', headers: { ...headers(), cookie: admin.cookie }, body })

  test('log in by name and password; a wrong name and a wrong password are told alike', async () => {
    const answer = await tryLogIn('ann', password)
    expect(answer.json).toMatchObject({ user: 'ann', role: 'operator' })
    expect((await sessionOf(cookieOf(answer))).json).toMatchObject({ user: 'ann' })
    const [wrong, nobody] = [await tryLogIn('ann', 'wrong'), await tryLogIn('bob', password)]
    expect([wrong.status, nobody.status]).toEqual([401, 401])
    expect(nobody.json).toEqual(wrong.json)
    expect(wrong.headers['set-cookie']).toBeUndefined()
  })

  test('five wrong tries, then a growing wait, for the right password too, also when all come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => tryLogIn('ann', 'wrong')))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7)
    expect((await tryLogIn('ann', password)).status).toBe(429)
    skippedMs += 1_100
    expect((await tryLogIn('ann', 'wrong')).status).toBe(401)
    skippedMs += 1_100
    expect((await tryLogIn('ann', password)).status).toBe(429)
    skippedMs += 1_000
    expect((await tryLogIn('ann', password)).status).toBe(200)
  })

  test('a change of role ends the sessions', async () => {
    const cookie = cookieOf(await tryLogIn('ann', password))
    expect((await admin.post('/api/accounts/ann/role', { role: 'viewer' })).status).toBe(204)
    expect((await sessionOf(cookie)).status).toBe(401)
    expect((await tryLogIn('ann', password)).json).toMatchObject({ role: 'viewer' })
  })

  test('[T11] a removal takes a nonce of its own, once, and the typed name', async () => {
    const cookie = cookieOf(await tryLogIn('ann', password))
    const nonce = async () => ((await admin.post('/api/accounts/ann/removal')).json as RemovalAnswer).nonce
    expect((await admin.post('/api/accounts/ann/removal')).json).toMatchObject({ name: 'ann', role: 'operator', sessions: 1 })
    const first = await nonce()
    const bad = [
      { typedName: 'ann' },
      { nonce: 'x'.repeat(22), typedName: 'ann' },
      { nonce: first, typedName: 'bob' },
      { nonce: first, typedName: 'ann' }
    ]
    for (const body of bad) expect((await removeAnn(body)).status, JSON.stringify(body)).toBe(409)
    const late = await nonce()
    skippedMs += NONCE_LASTS_MS
    expect((await removeAnn({ nonce: late, typedName: 'ann' })).status).toBe(409)
    const changed = await nonce()
    await admin.post('/api/accounts/ann/role', { role: 'admin' })
    expect((await removeAnn({ nonce: changed, typedName: 'ann' })).status).toBe(409)
    expect((await removeAnn({ nonce: await nonce(), typedName: 'ann' })).status).toBe(204)
    expect((await sessionOf(cookie)).status).toBe(401)
    expect((await tryLogIn('ann', password)).status).toBe(401)
  })

  test('what the command line changes takes effect, and ends sessions', async () => {
    const login = await tryLogIn('ann', password)
    const cookie = cookieOf(login)
    new Accounts(accountsFile, cheap).remove('ann')
    await until('the session is over', async () => (await sessionOf(cookie)).status === 401)
    await until('the audit says so', async () => (await readFile(auditFile, 'utf8')).includes('changed in the file'))
  })

  test('are made by admins; what is no account is refused in words', async () => {
    const refused: [object, string][] = [
      [{ name: 'bob', role: 'viewer', password: 'short' }, 'at least 12'],
      [{ name: 'bob', role: 'viewer', password: 'aaaaaaaaaaaaaa' }, 'different characters'],
      [{ name: 'longname', role: 'viewer', password: 'my longname is it' }, 'may not hold the name'],
      [{ name: 'ANN', role: 'viewer', password }, 'already'],
      [{ name: 'admin', role: 'admin', password }, ''],
      [{ name: '../x', role: 'viewer', password }, ''],
      [{ name: 'bob', role: 'root', password }, '']
    ]
    for (const [body, words] of refused) {
      const answer = await admin.post('/api/accounts', body)
      expect(answer.status, JSON.stringify(body)).toBe(400)
      expect(answer.text).toContain(words)
    }
    expect((await admin.get('/api/accounts')).json).toEqual({
      kept: true,
      accounts: [{ name: 'ann', role: 'operator', createdAtMs: 0 }]
    } satisfies AccountsAnswer)
  })

  test('logging out ends the streams of the session', async () => {
    const stream = await admin.stream('main')
    await frameOf(stream, 'hello')
    await admin.post('/api/logout')
    await until('the stream is closed', () => stream.closed !== undefined)
    expect(stream.closed).toEqual({ code: 4001, reason: 'logged-out' })
  })

  test('[T13] no password, hash, cookie, ticket or token stands in a log, an answer, a frame or the audit', async () => {
    const answers: string[] = []
    const login = await tryLogIn('ann', password)
    const linkToken = new URL(scripted.api.createLoginLink('viewer')).hash.replace('#login=', '')
    await send(scripted.api.port, '/api/login', { method: 'POST', headers: headers(), body: { token: `${linkToken}x` } })
    const stream = await admin.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await frameOf(stream, 'snapshot')
    for (const body of [
      { name: 'bob', role: 'viewer', password: `${password} of bob` },
      { name: 'eve', role: 'viewer', password: 'canary-1' },
      `{"password":"${password}"`
    ])
      answers.push((await admin.post('/api/accounts', body)).text)
    answers.push(
      (await tryLogIn('ann', `${password}!`)).text,
      (await admin.get('/api/accounts')).text,
      (await admin.get('/api/audit/verify')).text
    )
    const hashes = JSON.parse(await readFile(accountsFile, 'utf8')).accounts.map(({ scrypt }: { scrypt: { hash: string } }) => scrypt.hash)
    const secrets = ['canary', linkToken, cookieOf(login).split('=')[1], admin.cookie.split('=')[1], ...hashes]
    const places = [logged, ...answers, login.text, JSON.stringify(stream.frames), await readFile(auditFile, 'utf8')]
    expect(logged.length).toBeGreaterThan(0)
    for (const secret of secrets)
      for (const place of places) expect(place.includes(secret), `${secret} in ${place.slice(0, 80)}`).toBe(false)
    expect((await admin.get('/api/audit/verify')).json).toMatchObject({ kept: true, problem: null })
    stream.close()
  })
})
