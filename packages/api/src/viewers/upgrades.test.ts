import { connect } from 'node:net'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App, SchemaTypes } from '../context.ts'
import { answerErrors } from '../routes/failures.ts'
import { acceptUpgrades } from './upgrades.ts'

describe('[T3] upgrades go the way of requests', () => {
  let app: App
  let port = 0
  const seen: boolean[] = []
  beforeEach(async () => {
    seen.length = 0
    app = Fastify({ forceCloseConnections: true }).withTypeProvider<SchemaTypes>()
    answerErrors(app)
    acceptUpgrades(app, { maxPayload: 100 })
    app.addHook('onRequest', async (request) => {
      seen.push(request.ws)
    })
    app.get('/stream', async (request, reply) => {
      const socket = await app.upgrade(request, reply)
      socket.on('message', (text) => socket.send(text.toString()))
    })
    app.get('/plain', () => ({ plain: true }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    port = (app.server.address() as { port: number }).port
  })
  afterEach(() => app.close())

  const handshake = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=='
  ]
  /** What comes back until the other side closes. */
  const rawly = (path: string, headers: readonly string[], then?: (write: (bytes: Buffer | string) => void) => void) =>
    new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n\r\n`)
      })
      socket.setEncoding('latin1')
      socket.on('data', (chunk) => {
        text += chunk
        if (text.endsWith('\r\n\r\n')) then?.((bytes) => socket.write(bytes))
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })

  test('hooks know them; what no handler accepts is answered and its connection ends', async () => {
    const answer = await rawly('/plain', handshake)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(answer).toContain('{"plain":true}')
    expect(await rawly('/nowhere', handshake)).toMatch(/^HTTP\/1\.1 404 /)
    expect(seen).toEqual([true, true])
  })

  test('a handler that accepts has a socket', async () => {
    const closing = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])
    const hello = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
    const answer = await rawly('/stream', handshake, (write) => write(Buffer.concat([hello, closing])))
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('\x81\x02hi\x88\x02\x03\xe8')
  })

  test('a request that is no upgrade is told so, a handshake that is none is refused, and the server lives on', async () => {
    expect(await rawly('/stream', ['Connection: close'])).toMatch(/^HTTP\/1\.1 426 /)
    expect(await rawly('/stream', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 99'])).toMatch(/^HTTP\/1\.1 400 /)
    const tooLong = Buffer.from([0x81, 0xfe, 0, 101, 0, 0, 0, 0, ...new Array(101).fill(0x61)])
    expect(await rawly('/stream', handshake, (write) => write(tooLong))).toContain('\x88')
    expect(await rawly('/plain', ['Connection: close'])).toMatch(/^HTTP\/1\.1 200 /)
  })
})
