import { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import type { App } from '../context.ts'
import { ApiFailure } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** It wants to become a WebSocket. */
    ws: boolean
  }
  interface FastifyInstance {
    /**
     * Answers the upgrade that a request asks for; from then on there are only closing codes. Throws for a request that does not
     * ask for one. A handshake that is none is refused, and the promise stays open.
     */
    upgrade(request: FastifyRequest, reply: FastifyReply): Promise<WebSocket>
  }
}

type Waiting = { readonly socket: Duplex; readonly head: Buffer }

/**
 * Upgrades travel through the same hooks as requests, so that the guard is written once: an upgrade that no handler accepts is answered
 * like any request, and its connection ends. Register before the first hook that asks for `request.ws`.
 */
export function acceptUpgrades(app: App, { maxPayload }: { readonly maxPayload: number }): void {
  const waiting = new WeakMap<object, Waiting>()
  const server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, handleProtocols: () => 'slotscope' })

  app.decorateRequest('ws', false)
  app.addHook('onRequest', async (request) => {
    request.ws = waiting.has(request.raw)
  })
  app.server.on('upgrade', (request, socket, head) => {
    // Node has taken its own listener away; without one a broken connection would end the process.
    socket.on('error', () => socket.destroy())
    waiting.set(request, { socket, head })
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.once('finish', () => socket.end())
    response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0])
    app.routing(request, response)
  })

  app.decorate('upgrade', (request: FastifyRequest, reply: FastifyReply) => {
    const asked = waiting.get(request.raw)
    if (asked === undefined) throw new ApiFailure('BAD_REQUEST', 'this address is for WebSockets', { status: 426 })
    reply.hijack()
    reply.raw.detachSocket(asked.socket as Parameters<ServerResponse['detachSocket']>[0])
    return new Promise<WebSocket>((resolve) => {
      server.handleUpgrade(request.raw, asked.socket, asked.head, (socket) => {
        // ws closes it with the fitting code; the viewer only has to be heard of no more.
        socket.on('error', (error) => request.log.info({ reason: error.message }, 'a stream broke'))
        resolve(socket)
      })
    })
  })
}
