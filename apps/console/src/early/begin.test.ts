import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sessionAtHand, streamAtHand, takeSessionRequest, takeStream } from './early.ts'

const session = { user: 'ann', role: 'viewer', readOnly: false, clusters: [{ id: 'first' }, { id: 'b/c' }] }

class FakeSocket {
  static readonly all: FakeSocket[] = []
  readonly sent: unknown[] = []
  readonly closes: (number | undefined)[] = []
  onopen = () => undefined as unknown
  onmessage = (_event: { data: unknown }) => undefined as unknown
  onclose = () => undefined as unknown
  readonly url: string
  readonly protocols: readonly string[]
  constructor(url: string, protocols: readonly string[]) {
    this.url = url
    this.protocols = protocols
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close(code?: number) {
    this.closes.push(code)
  }
}

let asked: { path: string; method: string; headers: Record<string, string> }[]
let answers: Record<string, () => Response>

/** Runs the script as the page at an address does, until nothing is on its way. */
async function open(address: string): Promise<void> {
  vi.stubGlobal('location', new URL(address, 'https://scope.example'))
  vi.resetModules()
  // A script, not a module: the compiler knows of nothing that it exports.
  await import('./begin.ts' as string)
  await vi.waitFor(() => expect(pending).toBe(0))
  await new Promise((resolve) => setImmediate(resolve))
}
let pending = 0

beforeEach(() => {
  asked = []
  FakeSocket.all.length = 0
  answers = { '/api/session': () => Response.json(session), '/api/ticket': () => Response.json({ ticket: 't1', expiresInMs: 30_000 }) }
  vi.stubGlobal('window', {})
  vi.stubGlobal('document', { documentElement: { dataset: {} } })
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    pending++
    asked.push({ path, method: init.method ?? 'GET', headers: init.headers as Record<string, string> })
    await new Promise((resolve) => setImmediate(resolve))
    pending--
    const answer = answers[path]
    if (!answer) throw new TypeError('Failed to fetch')
    return answer()
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const path = '/api/clusters/first/stream'

describe('before the page is read', () => {
  test('the session and one stream of the cluster in the address are asked for, the stream with a ticket of its own', async () => {
    await open('/clusters/first/slots?figure=keys')
    expect(asked.map((one) => `${one.method} ${one.path}`)).toEqual(['POST /api/ticket', 'GET /api/session'])
    expect(asked[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'x-slotscope': '1' })
    const [socket, ...others] = FakeSocket.all
    expect(others).toEqual([])
    expect(socket).toMatchObject({ url: `wss://scope.example${path}`, protocols: ['slotscope', 'ticket.t1'], binaryType: 'arraybuffer' })
    socket!.onopen()
    expect(socket!.sent).toEqual([{ type: 'watch', topics: ['core'], visible: true }])
    expect(sessionAtHand()).toEqual(session)
  })

  test('frames are kept in order until one takes the stream, and only one can', async () => {
    await open('/clusters/first/slots')
    const [socket] = FakeSocket.all
    socket!.onmessage({ data: 'hello' })
    socket!.onmessage({ data: 'core' })
    expect(streamAtHand('/api/clusters/other/stream')).toBeNull()
    const stream = streamAtHand(path)!
    expect(stream.frames).toEqual(['hello', 'core'])
    expect(takeStream(stream)).toBe(true)
    expect(takeStream(stream)).toBe(false)
    expect(streamAtHand(path)).toBeNull()
  })

  test('a stream that nobody takes is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await open('/clusters/first/slots')
    const stream = streamAtHand(path)!
    await vi.advanceTimersByTimeAsync(20_000)
    expect(FakeSocket.all[0]!.closes).toEqual([1000])
    expect(streamAtHand(path)).toBeNull()
    expect(takeStream(stream)).toBe(false)
  })

  test('one that was taken is left alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await open('/clusters/first/slots')
    takeStream(streamAtHand(path)!)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.all[0]!.closes).toEqual([])
  })
})

describe('which stream', () => {
  test.each([
    ['/', '/api/clusters/first/stream'],
    ['/clusters/first', '/api/clusters/first/stream'],
    ['/clusters/b%2Fc/topology', '/api/clusters/b%2Fc/stream']
  ])('of %s', async (address, stream) => {
    await open(address)
    expect(FakeSocket.all.map(({ url }) => url)).toEqual([`wss://scope.example${stream}`])
  })

  test.each(['/clusters', '/accounts'])('none for %s, and no ticket', async (address) => {
    await open(address)
    expect(asked.map((one) => one.path)).toEqual(['/api/session'])
  })

  test.each(['/clusters/unknown/slots', '/clusters/%E0%A4%A/slots'])('none for %s, which is no cluster of the session', async (address) => {
    await open(address)
    expect([FakeSocket.all, streamAtHand(path)]).toEqual([[], null])
  })
})

describe('whoever may not', () => {
  test('with a login link nothing is asked: nobody is there yet', async () => {
    await open('/#login=abc')
    expect(asked).toEqual([])
    expect([sessionAtHand(), takeSessionRequest(), streamAtHand(path)]).toEqual([null, undefined, null])
  })

  test('without a session no stream is opened, and the refusal is there for one reader', async () => {
    answers['/api/session'] = () => Response.json({ error: 'NOT_LOGGED_IN', message: 'log in' }, { status: 401 })
    answers['/api/ticket'] = answers['/api/session']
    await open('/clusters/first/slots')
    expect(FakeSocket.all).toEqual([])
    expect(sessionAtHand()).toBeNull()
    const response = await takeSessionRequest()
    expect([response?.status, await response?.json()]).toEqual([401, { error: 'NOT_LOGGED_IN', message: 'log in' }])
    expect(takeSessionRequest()).toBeUndefined()
  })

  test.each(['refused', 'lost'])('a ticket that is %s leaves a stream without a socket', async (how) => {
    if (how === 'refused') answers['/api/ticket'] = () => new Response('', { status: 403 })
    else delete answers['/api/ticket']
    await open('/clusters/first/slots')
    const stream = streamAtHand(path)!
    await stream.opened
    expect(stream.socket).toBeNull()
  })

  test('an api that does not answer, or not in its own words, is for the reader to hear of', async () => {
    delete answers['/api/session']
    await open('/clusters/first/slots')
    await expect(takeSessionRequest()).rejects.toThrow('Failed to fetch')
    answers['/api/session'] = () => new Response('<p>proxy</p>')
    await open('/clusters/first/slots')
    expect(await (await takeSessionRequest())?.text()).toBe('<p>proxy</p>')
    expect(FakeSocket.all).toEqual([])
  })
})

describe('the theme', () => {
  test.each([
    ['light', false, 'light'],
    ['dark', true, 'dark'],
    [null, true, 'light'],
    [null, false, 'dark']
  ])('chosen %s, the system light: %s', async (choice, systemIsLight, drawn) => {
    vi.stubGlobal('localStorage', { getItem: () => choice })
    vi.stubGlobal('matchMedia', () => ({ matches: systemIsLight }))
    await open('/')
    expect(document.documentElement.dataset.theme).toBe(drawn)
  })

  test('is that of the system where nothing may be kept', async () => {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new DOMException('denied', 'SecurityError')
      }
    })
    await open('/')
    expect(document.documentElement.dataset.theme).toBe('light')
  })
})
