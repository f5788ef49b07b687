import { Type } from 'typebox'
import type { AskedCluster } from '../clusters/node-questions.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { slotContents } from '../keys/slot-contents.ts'
import { slotKeys } from '../keys/slot-keys.ts'
import { clusterParams, slotRanges } from './schemas.ts'

/** What one slot holds (GET /api/clusters/:cluster/slots/:slot), and how many keys many of them do, by database (POST .../slots/keys). */
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

  app.post(
    '/api/clusters/:cluster/slots/keys',
    {
      config: { access: 'browse' },
      schema: { params: clusterParams, body: Type.Object({ slots: slotRanges }, { additionalProperties: false }) }
    },
    (request) => {
      const cluster = context.clusters.get(request.params.cluster)
      const paced: AskedCluster = {
        id: cluster.id,
        caller: cluster.countingCaller,
        core: () => cluster.core(),
        requestRefresh: () => cluster.requestRefresh(),
        noteWork: (cause, node, commands) => cluster.noteWork(cause, node, commands)
      }
      return slotKeys(paced, request.body.slots, context.now())
    }
  )
}
