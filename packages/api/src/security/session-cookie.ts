import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The value of a cookie of this request; undefined without one. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const { cookie } = request.headers
  return cookie === undefined ? undefined : parseCookie(cookie)[name]
}

/** Gives the browser its session. It is a session cookie in the browser's sense too: gone when the browser is closed. */
export function giveCookie(request: FastifyRequest, reply: FastifyReply, name: string, value: string): void {
  reply.header('set-cookie', stringifySetCookie({ name, value, ...attributesFor(request) }))
}

/** Takes it away. */
export function takeCookie(request: FastifyRequest, reply: FastifyReply, name: string): void {
  reply.header('set-cookie', stringifySetCookie({ name, value: '', maxAge: 0, ...attributesFor(request) }))
}

function attributesFor(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const
}
