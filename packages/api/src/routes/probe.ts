import type { ProbeRequest } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { clusterParams } from './schemas.ts'

/** POST /api/clusters/:cluster/probe : starts or stops measuring what clients notice. */
export function probeRoutes(app: App, context: ApiContext): void {
  const { clusters, audit } = context
  app.post(
    '/api/clusters/:cluster/probe',
    {
      config: { access: 'probe' },
      schema: { params: clusterParams, body: Type.Object({ on: Type.Boolean() }, { additionalProperties: false }) }
    },
    async (request, reply) => {
      const cluster = clusters.get(request.params.cluster)
      const { on } = request.body satisfies ProbeRequest
      if (on && cluster.whyReadOnly !== null)
        throw new ApiFailure('FORBIDDEN', `a probe writes a key of its own, and ${cluster.whyReadOnly}`)
      if (on && cluster.kind === 'embedded')
        throw new ApiFailure('BAD_REQUEST', 'the sample workload of an embedded cluster measures already; no probe is needed')
      const actor = sessionOf(request)
      await recorded(audit, { actor, request, verb: 'probe', resource: `cluster ${cluster.id}` }, { on }, async () =>
        on ? cluster.probing.start(actor.user) : cluster.probing.stop()
      )
      return reply.code(204).send()
    }
  )
}
