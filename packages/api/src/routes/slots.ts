import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { slotContents } from '../keys/slot-contents.ts'
import { clusterParams } from './schemas.ts'

/** GET /api/clusters/:cluster/slots/:slot : what one slot holds. */
export function slotRoutes(app: App, context: ApiContext): void {
  app.get(
    '/api/clusters/:cluster/slots/:slot',
    {
      config: { access: 'browse' },
      schema: { params: Type.Object({ ...clusterParams.properties, slot: Type.String({ pattern: '^[0-9]{1,5}$' }) }) }
    },
    (request) => {
      const slot = Number(request.params.slot)
      if (slot > 16_383) throw new ApiFailure('BAD_REQUEST', `slots go from 0 to 16383, not ${slot}`)
      return slotContents(context.clusters.get(request.params.cluster), slot, context.now())
    }
  )
}
