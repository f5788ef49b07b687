import { request } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Role } from '@slotscope/observer/stream'
import type { Api } from '../../src/index.ts'
import { mustFit } from './fits.ts'
import { openedStream, type StreamClient } from './stream-client.ts'

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON, or undefined when it is none. */
  readonly json: unknown
}

export type Sent = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown
}

/** One request to loopback with exactly these headers; `fetch` would not let us choose Host and Origin. */
export function send(port: number, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined || typeof body === 'string' ? (body as string | undefined) : JSON.stringify(body)
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { ...length, ...headers } }, (response) => {
      let received = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        received += chunk
      })
      response.on('end', () => {
        const answer = { status: response.statusCode ?? 0, headers: response.headers, text: received, json: parsed(received) }
        try {
          mustFit(method, path, answer)
          resolve(answer)
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

export type Browser = {
  readonly cookie: string
  get(path: string): Promise<HttpAnswer>
  post(path: string, body?: unknown): Promise<HttpAnswer>
  put(path: string, body?: unknown): Promise<HttpAnswer>
  delete(path: string, body?: unknown): Promise<HttpAnswer>
  stream(cluster: string): Promise<StreamClient>
}

/** Headers that our own page sends with everything but GET. */
export const pageHeaders = { 'content-type': 'application/json', 'x-slotscope': '1' } as const

/** Logs in by a fresh link, as the page does, and keeps the cookie. */
export async function logIn(api: Api, role: Role, user?: string): Promise<Browser> {
  const token = new URL(api.createLoginLink(role, user)).hash.replace('#login=', '')
  const { port } = api
  const origin = `http://127.0.0.1:${port}`
  const answer = await send(port, '/api/login', { method: 'POST', headers: { ...pageHeaders, origin }, body: { token } })
  if (answer.status !== 200) throw new Error(`the login was refused: ${answer.status} ${answer.text}`)
  const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
  const headers = { ...pageHeaders, origin, cookie }
  return {
    cookie,
    get: (path) => send(port, path, { headers: { cookie } }),
    post: (path, body = {}) => send(port, path, { method: 'POST', headers, body }),
    put: (path, body = {}) => send(port, path, { method: 'PUT', headers, body }),
    delete: (path, body) => send(port, path, { method: 'DELETE', headers, body }),
    stream: async (cluster) => {
      const ticket = await ticketFor(port, { origin, cookie })
      return openedStream({ port, path: `/api/clusters/${cluster}/stream`, headers: { origin, cookie, ...ticket } })
    }
  }
}

/** The same session, but it waits where the api holds it to a pace, as the page does. */
export function patient(browser: Browser): Browser {
  const patiently = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    for (;;) {
      const answer = await ask()
      const waitSeconds = Number(answer.headers['retry-after'] ?? 0)
      if (answer.status !== 429 || waitSeconds === 0) return answer
      await setTimeout(waitSeconds * 1_000)
    }
  }
  return {
    ...browser,
    get: (path) => patiently(() => browser.get(path)),
    post: (path, body) => patiently(() => browser.post(path, body))
  }
}

/** Asks for a ticket as a page does, and answers the header that offers it. */
export async function ticketFor(port: number, headers: Readonly<Record<string, string>>): Promise<{ 'sec-websocket-protocol': string }> {
  const answer = await send(port, '/api/ticket', { method: 'POST', headers: { ...pageHeaders, ...headers }, body: {} })
  if (answer.status !== 200) throw new Error(`there was no ticket: ${answer.status} ${answer.text}`)
  return { 'sec-websocket-protocol': `slotscope, ticket.${(answer.json as { ticket: string }).ticket}` }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
