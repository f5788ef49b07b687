// Who gets in, asked without a browser, so that every header is ours.
import { request as httpRequest } from 'node:http'
import { expect, test } from './fixtures/journey.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

/** One request with exactly these headers. */
function ask(origin: string, path: string, headers: Readonly<Record<string, string>>, method = 'GET', body?: string): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path, method, headers, setHost: headers.host === undefined, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      }
    )
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, body: '' })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA=='
}

/** The header with which a page opens a stream. */
async function ticket(origin: string, cookie: string): Promise<{ 'sec-websocket-protocol': string }> {
  const headers = { 'content-type': 'application/json', 'x-slotscope': '1', origin, cookie }
  const answer = await ask(origin, '/api/ticket', headers, 'POST', '{}')
  expect(answer.status).toBe(200)
  return { 'sec-websocket-protocol': `slotscope, ticket.${(JSON.parse(answer.body) as { ticket: string }).ticket}` }
}

/** Logs in as the page does. */
async function logIn(origin: string, loginLink: string): Promise<{ readonly cookie: string; readonly cluster: string }> {
  const token = loginLink.split('#login=')[1]
  const answer = await fetch(`${origin}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'x-slotscope': '1' },
    body: JSON.stringify({ token })
  })
  expect(answer.status).toBe(200)
  const { clusters } = (await answer.json()) as { clusters: readonly { id: string }[] }
  return { cookie: answer.headers.getSetCookie()[0]!.split(';')[0]!, cluster: clusters[0]!.id }
}

test('nothing but the page and the login answers without a session', async ({ slotscope }) => {
  const { origin, loginLink } = slotscope
  const { cluster } = await logIn(origin, loginLink)
  const questions = [
    '/api/session',
    `/api/clusters/${cluster}/slots/1`,
    `/api/clusters/${cluster}/keys/value?database=0&key=a`,
    '/api/clusters/no-such/slots/1'
  ]
  for (const path of questions) {
    expect([path, (await ask(origin, path, {})).status]).toEqual([path, 401])
  }
  expect((await ask(origin, `/api/clusters/${cluster}/stream`, { ...upgrade, origin })).status).toBe(401)
  expect((await ask(origin, '/', {})).status).toBe(200)
})

test('a WebSocket opens for our own page only', async ({ slotscope }) => {
  const { origin, loginLink } = slotscope
  const { cookie, cluster } = await logIn(origin, loginLink)
  const path = `/api/clusters/${cluster}/stream`
  const { host, port } = new URL(origin)
  const good = await ticket(origin, cookie)
  expect((await ask(origin, path, { ...upgrade, ...good, cookie, origin, host })).status).toBe(101)
  expect((await ask(origin, path, { ...upgrade, ...good, cookie, origin, host })).status).toBe(403)
  for (const foreign of [
    'http://evil.example',
    'null',
    `http://evil.example:${port}`,
    `${origin}.evil.example`,
    'http://127.0.0.1:1',
    `https://127.0.0.1:${port}`
  ]) {
    expect([
      foreign,
      (await ask(origin, path, { ...upgrade, ...(await ticket(origin, cookie)), cookie, origin: foreign, host })).status
    ]).toEqual([foreign, 403])
  }
  expect((await ask(origin, path, { ...upgrade, cookie, host })).status).toBe(403)
})

test('a foreign Host is refused everywhere', async ({ slotscope }) => {
  const { origin, loginLink } = slotscope
  const { cookie, cluster } = await logIn(origin, loginLink)
  const { port } = new URL(origin)
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.:${port}`, `127.0.0.1:1`]) {
    for (const path of ['/', '/api/session']) {
      const { status } = await ask(origin, path, { host, cookie })
      expect([host, path, status >= 400 && status < 500]).toEqual([host, path, true])
    }
    const { status } = await ask(origin, `/api/clusters/${cluster}/stream`, { ...upgrade, host, cookie, origin: `http://${host}` })
    expect([host, 'socket', status >= 400 && status < 500]).toEqual([host, 'socket', true])
  }
})
