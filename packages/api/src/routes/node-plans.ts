import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams, noBody, nodeId, slotRanges } from './schemas.ts'

const planParams = Type.Object({ ...clusterParams.properties, planId: Type.String({ minLength: 1, maxLength: 64 }) })
const literals = <const T extends string>(...words: readonly T[]) => Type.Union(words.map((word) => Type.Literal(word)))
/** CLUSTER MEET takes no names. */
const ipAddress = Type.String({ pattern: '^[0-9A-Fa-f:.]{2,45}$' })
const port = Type.Integer({ minimum: 1, maximum: 55_535 })

const wish = Type.Union([
  closed({ kind: Type.Literal('failover'), node: nodeId, mode: Type.Optional(literals('plain', 'force', 'takeover')) }),
  closed({ kind: Type.Literal('replicate'), node: nodeId, primary: nodeId }),
  closed({ kind: Type.Literal('meet'), host: ipAddress, port, replicaOf: Type.Optional(nodeId) }),
  closed({ kind: Type.Literal('forget'), node: nodeId, reset: Type.Optional(literals('soft', 'hard')) }),
  closed({ kind: Type.Literal('add-slots'), slots: slotRanges, shard: Type.String({ minLength: 1, maxLength: 64 }) }),
  closed({
    kind: Type.Literal('config'),
    parameter: literals('cluster-slot-stats-enabled', 'latency-tracking'),
    value: literals('yes', 'no')
  }),
  closed({ kind: Type.Literal('resync'), node: nodeId }),
  closed({ kind: Type.Literal('add'), replicaOf: Type.Optional(nodeId) }),
  closed({ kind: literals('stop', 'kill', 'restart'), node: nodeId })
])
const proof = closed({ nonce: Type.Optional(Type.String({ maxLength: 64 })), typedName: Type.Optional(Type.String({ maxLength: 256 })) })

/** Plans of what is done to nodes: like those of moves, and with a nonce and a typed name for what cannot be taken back. */
export function nodePlanRoutes(app: App, context: ApiContext): void {
  const { clusters, nodePlans, audit } = context

  app.post('/api/clusters/:cluster/node-plans', { config: { access: 'plan' }, schema: { params: clusterParams, body: wish } }, (request) =>
    nodePlans.make(clusters.get(request.params.cluster), sessionOf(request), request.body)
  )

  app.post(
    '/api/clusters/:cluster/node-plans/:planId/confirm',
    { config: { access: 'operate' }, schema: { params: planParams, body: Type.Optional(proof) } },
    (request) => {
      const cluster = clusters.get(request.params.cluster)
      const actor = sessionOf(request)
      const { planId } = request.params
      const { title, steps, leastRole } = nodePlans.get(cluster, planId)
      const verb = leastRole === 'admin' ? 'restructure' : 'operate'
      const what = { actor, request, verb, resource: `cluster ${cluster.id}, plan ${planId}` } as const
      const { user, role } = actor
      // The answer comes with the first reply; what became of it has a line of its own.
      return recorded(audit, what, { title, steps }, () =>
        nodePlans.confirm(cluster, planId, actor, request.body ?? {}, async ({ status, replies, outcome }) => {
          await audit.record({
            actor: { user, role },
            peer: request.ip,
            requestId: request.id,
            verb,
            resource: what.resource,
            outcome: status === 'done' ? 'done' : 'failed',
            detail: { title, status, replies, outcome }
          })
        })
      )
    }
  )

  app.delete(
    '/api/clusters/:cluster/node-plans/:planId',
    { config: { access: 'withdraw' }, schema: { params: planParams, body: noBody } },
    async (request, reply) => {
      nodePlans.withdraw(clusters.get(request.params.cluster), request.params.planId, sessionOf(request))
      return reply.code(204).send()
    }
  )
}
