import { UnreachableError } from '@slotscope/observer'
import type { FastifyError } from 'fastify'
import type { App } from '../context.ts'
import { ApiFailure } from '../errors.ts'

/** Turns whatever a handler throws into the one shape of an error, and keeps what is nobody's business in the log. */
export function answerErrors(app: App): void {
  app.setErrorHandler((error: FastifyError | ApiFailure, request, reply) => {
    const failure = failureOf(error, request.id)
    if (failure.code === 'INTERNAL') request.log.error({ err: error }, 'a request failed')
    if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', String(failure.retryAfterSeconds))
    return reply.code(failure.status).send(failure.toBody())
  })
  app.setNotFoundHandler((_request, reply) => {
    const failure = new ApiFailure('NOT_FOUND', 'there is nothing at this address')
    return reply.code(failure.status).send(failure.toBody())
  })
}

function failureOf(error: FastifyError | ApiFailure, requestId: string): ApiFailure {
  if (error instanceof ApiFailure) return error
  if (error instanceof UnreachableError) return new ApiFailure('CLUSTER_UNREACHABLE', error.message)
  // The parser's own words would repeat a part of the body.
  if (error instanceof SyntaxError) return new ApiFailure('BAD_REQUEST', 'the body is not valid JSON')
  const status = error.statusCode ?? 500
  // What Fastify itself refuses: a body that is too large, broken JSON, a field that does not fit its schema.
  if (status >= 400 && status < 500) return new ApiFailure('BAD_REQUEST', error.message, { status })
  return new ApiFailure('INTERNAL', `something went wrong here; the log has it under request ${requestId}`)
}
