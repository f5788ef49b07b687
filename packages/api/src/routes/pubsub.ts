import type { HeardAnswer, ListenAnswer, PubSubAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { EveryNode } from '../nodes/every-node.ts'
import { sessionOf } from '../security/gate.ts'
import { listChannels } from '../traffic/channels.ts'
import { Listeners } from '../traffic/listeners.ts'
import { closed, clusterParams } from './schemas.ts'

const access = 'diagnose' as const
const listenerParams = Type.Object({ ...clusterParams.properties, listener: Type.String({ pattern: '^[0-9a-f]{32}$' }) })
const name = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 8_192 })
const kind = Type.Union([Type.Literal('channel'), Type.Literal('sharded'), Type.Literal('pattern')])

/** Which channels there are, and listening to one of them for as long as somebody looks. */
export function pubSubRoutes(app: App, { clusters, now }: ApiContext): void {
  const everyNode = new EveryNode(now)
  const listeners = new Listeners(now)

  app.get(
    '/api/clusters/:cluster/pubsub',
    { config: { access }, schema: { params: clusterParams } },
    (request): Promise<PubSubAnswer> => listChannels(clusters.get(request.params.cluster), everyNode)
  )

  app.post(
    '/api/clusters/:cluster/pubsub/listeners',
    { config: { access }, schema: { params: clusterParams, body: closed({ kind, name }) } },
    (request): Promise<ListenAnswer> => listeners.begin(clusters.get(request.params.cluster), sessionOf(request), request.body)
  )

  app.get(
    '/api/clusters/:cluster/pubsub/listeners/:listener',
    { config: { access }, schema: { params: listenerParams, querystring: closed({ after: Type.String({ pattern: '^[0-9]{1,15}$' }) }) } },
    (request): HeardAnswer => {
      const { cluster, listener } = request.params
      return listeners.heard(clusters.get(cluster), sessionOf(request), listener, Number(request.query.after))
    }
  )

  app.delete(
    '/api/clusters/:cluster/pubsub/listeners/:listener',
    { config: { access }, schema: { params: listenerParams } },
    async (request, reply) => {
      listeners.end(sessionOf(request), request.params.listener)
      await reply.code(204).send()
    }
  )
}
