import type { QueueWish } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { clusterParams, noBody } from './schemas.ts'

const params = Type.Object({ ...clusterParams.properties, planId: Type.String({ minLength: 1, maxLength: 64 }) })
const wishes: readonly QueueWish[] = ['stop', 'retry', 'skip']

/** What a person may wish of a confirmed plan while its moves wait, or after one of them failed. */
export function queueRoutes(app: App, context: ApiContext): void {
  const { clusters, queues, audit } = context
  for (const wish of wishes)
    app.post(
      `/api/clusters/:cluster/queues/:planId/${wish}`,
      { config: { access: 'migrate' }, schema: { params, body: noBody } },
      async (request, reply) => {
        const { cluster: id, planId } = request.params
        const cluster = clusters.get(id)
        const actor = sessionOf(request)
        const what = { actor, request, verb: 'migrate', resource: `cluster ${id}, queue ${planId}` } as const
        await recorded(audit, what, { wish }, () => queues.wish(cluster, planId, wish, actor))
        return reply.code(204).send()
      }
    )
}
