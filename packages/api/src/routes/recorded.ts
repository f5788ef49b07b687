import type { FastifyRequest } from 'fastify'
import { ApiFailure } from '../errors.ts'
import type { Audit } from '../security/audit.ts'
import type { Actor, Verb } from '../security/authorise.ts'

/** What is said of an action, whatever came of it. */
type Action = { readonly actor: Actor; readonly request: FastifyRequest; readonly verb: Verb; readonly resource: string }

/** A line for what somebody may not do, where only the handler can tell. `reason` has nothing of the request but what is no secret. */
export async function noteRefusal(audit: Audit, { actor, request, verb, resource }: Action, reason: string): Promise<void> {
  const { user, role } = actor
  await audit.record({ actor: { user, role }, peer: request.ip, requestId: request.id, verb, resource, outcome: 'refused', detail: reason })
}

/** Does the effect between two lines of the audit: what is intended before it, what came of it after. */
export async function recorded<T>(
  audit: Audit,
  what: Action & {
    readonly before?: unknown
    readonly after?: unknown
    /** What of the answer is written, where it holds values: then nothing of a failure's details is written either. */
    readonly tell?: (answer: T) => unknown
  },
  detail: unknown,
  effect: () => Promise<T>
): Promise<T> {
  const { request, verb, resource, before, after, tell } = what
  const { user, role } = what.actor
  const entry = { actor: { user, role }, peer: request.ip, requestId: request.id, verb, resource, before, after }
  const intent = await audit.record({ ...entry, outcome: 'intended', detail })
  try {
    const answer = await effect()
    await audit.record({ ...entry, outcome: 'done', intent, detail: tell === undefined ? answer : tell(answer) })
    request.log.info({ user, verb, ...whereOf(request) }, 'done')
    return answer
  } catch (error) {
    const details = (failure: ApiFailure) => (tell === undefined ? { details: failure.details } : {})
    const reason = error instanceof ApiFailure ? { error: error.code, message: error.message, ...details(error) } : 'internal error'
    await audit.record({ ...entry, outcome: 'failed', intent, detail: reason })
    request.log.warn({ user, verb, ...whereOf(request), reason: typeof reason === 'string' ? reason : reason.error }, 'failed')
    throw error
  }
}

/** For the log: the cluster and the plan, node or job; keys and values of people stand in the audit only. */
function whereOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return request.params as Record<string, string>
}
