import { type CommandLogAnswer, type CommandLogKind, type ResetLogAnswer, resetCommand } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { EveryNode } from '../nodes/every-node.ts'
import { sessionOf } from '../security/gate.ts'
import { readCommandLogs, resetCommandLogs } from '../traffic/command-logs.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams } from './schemas.ts'

const kind = Type.Union([Type.Literal('slow'), Type.Literal('large-request'), Type.Literal('large-reply')])
const titles: Readonly<Record<CommandLogKind, string>> = {
  slow: 'Empty the logs of slow commands',
  'large-request': 'Empty the logs of large requests',
  'large-reply': 'Empty the logs of large replies'
}

/** What the nodes wrote down of slow and large commands. */
export function commandLogRoutes(app: App, { clusters, audit, now }: ApiContext): void {
  const everyNode = new EveryNode(now)

  app.get(
    '/api/clusters/:cluster/command-logs',
    { config: { access: 'diagnose' }, schema: { params: clusterParams, querystring: closed({ kind }) } },
    (request): Promise<CommandLogAnswer> => readCommandLogs(clusters.get(request.params.cluster), everyNode, request.query.kind)
  )

  app.post(
    '/api/clusters/:cluster/command-logs/reset',
    { config: { access: 'operate' }, schema: { params: clusterParams, body: closed({ kind }) } },
    (request): Promise<ResetLogAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const command = resetCommand(request.body.kind)
      return recorded(
        audit,
        { actor: sessionOf(request), request, verb: 'operate', resource: `cluster ${cluster.id}, all nodes` },
        { title: titles[request.body.kind], steps: [{ to: Object.keys(cluster.core().nodes), commands: [command] }] },
        async () => ({ results: await resetCommandLogs(cluster, everyNode, request.body.kind) })
      )
    }
  )
}
