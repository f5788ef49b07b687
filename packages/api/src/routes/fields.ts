import type { ApiContext, App } from '../context.ts'
import { changeFieldExpiry } from '../keys/field-expiry.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { bytes, closed, clusterParams, database, deadline } from './schemas.ts'

/** POST /api/clusters/:cluster/hash/expiry : the deadline of one field, if it is still the one that was seen. */
export function fieldRoutes(app: App, context: ApiContext): void {
  app.post(
    '/api/clusters/:cluster/hash/expiry',
    {
      config: { access: 'edit' },
      schema: {
        params: clusterParams,
        body: closed({ database, key: bytes, field: bytes, expectedMs: deadline, deadlineMs: deadline })
      }
    },
    (request) => {
      const { cluster } = request.params
      const { database, key, field, expectedMs, deadlineMs } = request.body
      return recorded(
        context.audit,
        {
          actor: sessionOf(request),
          request,
          verb: 'edit',
          resource: `cluster ${cluster}, database ${database}, key ${key} (base64url)`,
          before: expectedMs,
          after: deadlineMs
        },
        { field, expectedMs, deadlineMs },
        () => changeFieldExpiry(context.clusters.get(cluster), request.body, context.now())
      )
    }
  )
}
