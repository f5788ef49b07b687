import { type ClientsAnswer, type KillClientsAnswer, killCommand } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { EveryNode } from '../nodes/every-node.ts'
import { sessionOf } from '../security/gate.ts'
import { killClients } from '../traffic/kill-clients.ts'
import { listClients } from '../traffic/list-clients.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams, nodeId } from './schemas.ts'

const MOST_AT_ONCE = 1_000
const address = Type.String({ minLength: 1, maxLength: 256 })
const toKill = closed({
  node: nodeId,
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  address,
  typedAddress: Type.Optional(address)
})

/** Who is connected to the nodes, and ending connections. */
export function clientRoutes(app: App, { clusters, audit, now }: ApiContext): void {
  const everyNode = new EveryNode(now)

  app.get(
    '/api/clusters/:cluster/clients',
    { config: { access: 'diagnose' }, schema: { params: clusterParams } },
    async (request): Promise<ClientsAnswer> =>
      listClients(await everyNode.ask(clusters.get(request.params.cluster), ['CLIENT', 'LIST'], 'clients'))
  )

  app.post(
    '/api/clusters/:cluster/clients/kill',
    {
      config: { access: 'disconnect' },
      schema: { params: clusterParams, body: closed({ clients: Type.Array(toKill, { minItems: 1, maxItems: MOST_AT_ONCE }) }) }
    },
    (request): Promise<KillClientsAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const { clients } = request.body
      const count = clients.length
      return recorded(
        audit,
        {
          actor: sessionOf(request),
          request,
          verb: 'disconnect',
          resource: `cluster ${cluster.id}, ${count === 1 ? `node ${clients[0]?.node}` : `${count} connections`}`
        },
        {
          title: count === 1 ? 'End a connection' : `End ${count} connections`,
          steps: clients.map((client) => ({ to: client.node, commands: [killCommand(client)] }))
        },
        async () => {
          const results = await killClients(cluster, clients)
          // Whoever asks next must not be shown those that are gone.
          everyNode.forget(cluster)
          return { results, atMs: now() }
        }
      )
    }
  )
}
