import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiFailure } from '../errors.ts'
import { sessionOf } from '../security/gate.ts'
import type { Session } from '../security/sessions.ts'

const MOST_AT_ONCE = 4
/** Somebody who takes nothing for so long is gone: what he was sent waits in memory for him. */
const STALLED_MS = 60_000

/** Long answers, made as they are taken by the other side. Of each kind a session has a few at once. */
export class Downloads {
  readonly #openOf = new WeakMap<Session, number>()

  /** Throws `TOO_MANY_REQUESTS`. */
  send(request: FastifyRequest, reply: FastifyReply, lines: AsyncGenerator<string>, compressed = false): FastifyReply {
    const session = sessionOf(request)
    const open = this.#openOf.get(session) ?? 0
    if (open >= MOST_AT_ONCE)
      throw new ApiFailure('TOO_MANY_REQUESTS', `more than ${MOST_AT_ONCE} of these at once`, { retryAfterSeconds: 1 })
    this.#openOf.set(session, open + 1)
    reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy())
    const done = (error?: NodeJS.ErrnoException | null) => {
      this.#openOf.set(session, (this.#openOf.get(session) ?? 1) - 1)
      if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') request.log.error({ err: error }, 'a file could not be read')
    }
    const text = Readable.from(lines, { objectMode: false, highWaterMark: 64 * 1024 })
    if (!compressed) {
      text.once('close', () => done(text.errored as NodeJS.ErrnoException | null))
      return reply.send(text)
    }
    return reply.send(pipeline(text, createGzip(), done))
  }
}
