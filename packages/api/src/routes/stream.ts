import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { sessionOf } from '../security/gate.ts'
import { clusterParams } from './schemas.ts'

/** Frames from a browser are short; a larger one closes the socket with 1009. */
export const MAX_ASK_BYTES = 64 * 1024
const MOST_STREAMS_PER_SESSION = 50

/** GET /api/clusters/:cluster/stream : the stream of one cluster. The guard has checked Host, Origin, session and role before the upgrade. */
export function streamRoutes(app: App, context: ApiContext): void {
  app.get(
    '/api/clusters/:cluster/stream',
    { config: { access: 'see', websocket: true }, schema: { params: clusterParams }, preHandler: mayOpen },
    async (request, reply) => {
      const cluster = context.clusters.show(request.params.cluster)
      cluster.join(await app.upgrade(request, reply), sessionOf(request))
    }
  )

  // Refusing is still possible here, with a status; once upgraded there are only closing codes.
  async function mayOpen(request: FastifyRequest, _reply: FastifyReply): Promise<void> {
    context.clusters.show(clusterOf(request))
    const session = sessionOf(request)
    if (!context.tickets.redeem(ticketOf(request), session, request.headers.origin, context.now()))
      throw new ApiFailure('FORBIDDEN', 'a stream opens with a fresh ticket of this session and page')
    if (context.clusters.streamsOf(session) >= MOST_STREAMS_PER_SESSION)
      throw new ApiFailure('TOO_MANY_REQUESTS', `more than ${MOST_STREAMS_PER_SESSION} open streams`)
  }
}

/** `Sec-WebSocket-Protocol: slotscope, ticket.<ticket>`: the one header that a page may set. The server answers `slotscope` only. */
function ticketOf(request: FastifyRequest): string {
  const offered = request.headers['sec-websocket-protocol'] ?? ''
  return /^slotscope, ?ticket\.([A-Za-z0-9_-]{43})$/.exec(offered)?.[1] ?? ''
}

function clusterOf(request: FastifyRequest): string {
  return (request.params as { cluster: string }).cluster
}
