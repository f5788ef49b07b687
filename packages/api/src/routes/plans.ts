import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams, noBody, slotRanges } from './schemas.ts'

const planParams = Type.Object({ ...clusterParams.properties, planId: Type.String({ minLength: 1, maxLength: 64 }) })

const shard = Type.String({ minLength: 1, maxLength: 64 })
const load = Type.Union([Type.Literal('slots'), Type.Literal('keys'), Type.Literal('bytes'), Type.Literal('cpu')])
const drop = closed({ slots: slotRanges, targetShard: shard })
const rebalance = closed({
  kind: Type.Literal('rebalance'),
  by: load,
  weights: Type.Optional(Type.Record(shard, Type.Number({ minimum: 0, maximum: 1_000 }))),
  tolerance: Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))
})
const drain = closed({ kind: Type.Literal('drain'), shard, by: Type.Optional(load) })

const moveBack = closed({ kind: Type.Literal('move-back'), planId: Type.String({ minLength: 1, maxLength: 64 }) })

/** Plans of moves: made by the server, looked at by everybody, confirmed by id. The id is the nonce of the destructive step. */
export function planRoutes(app: App, context: ApiContext): void {
  const { clusters, plans, audit } = context

  app.post(
    '/api/clusters/:cluster/plans',
    {
      config: { access: 'plan' },
      schema: { params: clusterParams, body: Type.Union([drop, rebalance, drain, moveBack]) }
    },
    (request) => plans.make(clusters.get(request.params.cluster), sessionOf(request), request.body)
  )

  app.post(
    '/api/clusters/:cluster/plans/:planId/confirm',
    { config: { access: 'migrate' }, schema: { params: planParams, body: noBody } },
    (request) => {
      const cluster = clusters.get(request.params.cluster)
      const actor = sessionOf(request)
      const { planId } = request.params
      const moves = plans.movesOf(cluster, planId)
      return recorded(
        audit,
        { actor, request, verb: 'migrate', resource: `cluster ${cluster.id}, plan ${planId}` },
        moves.map((move) => ({ sourceNode: move.sourceNode, command: move.command })),
        () => plans.confirm(cluster, planId, actor)
      )
    }
  )

  app.delete(
    '/api/clusters/:cluster/plans/:planId',
    { config: { access: 'withdraw' }, schema: { params: planParams, body: noBody } },
    async (request, reply) => {
      plans.withdraw(clusters.get(request.params.cluster), request.params.planId, sessionOf(request))
      return reply.code(204).send()
    }
  )
}
