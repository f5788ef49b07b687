import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { cancelExports } from '../plans/cancel-exports.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { clusterParams, noBody, nodeId } from './schemas.ts'

/** What can be done to running and ended jobs. */
export function jobRoutes(app: App, context: ApiContext): void {
  const { clusters, audit } = context

  app.post(
    '/api/clusters/:cluster/nodes/:node/cancel-exports',
    { config: { access: 'migrate' }, schema: { params: Type.Object({ ...clusterParams.properties, node: nodeId }), body: noBody } },
    (request) => {
      const { cluster, node } = request.params
      return recorded(
        audit,
        { actor: sessionOf(request), request, verb: 'migrate', resource: `cluster ${cluster}, exports of node ${node}` },
        { node },
        () => cancelExports(clusters.get(cluster), node)
      )
    }
  )

  app.post(
    '/api/clusters/:cluster/jobs/:name/acknowledge',
    {
      config: { access: 'acknowledge' },
      schema: { params: Type.Object({ ...clusterParams.properties, name: Type.String({ minLength: 1, maxLength: 64 }) }), body: noBody }
    },
    async (request, reply) => {
      const { cluster: id, name } = request.params
      const cluster = clusters.get(id)
      if (!Object.hasOwn(cluster.core().jobs, name)) throw new ApiFailure('NOT_FOUND', `no job ${name} in this cluster`)
      const what = { actor: sessionOf(request), request, verb: 'acknowledge', resource: `cluster ${id}, job ${name}` } as const
      await recorded(audit, what, { name }, async () => cluster.feed.jobAcknowledged(name))
      return reply.code(204).send()
    }
  )
}
