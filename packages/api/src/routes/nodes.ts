import { parseInfoSections } from '@slotscope/observer'
import type { NodeInfoAnswer, NodeReadingsAnswer, NodeSettingsAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { askNode, sound } from '../clusters/node-questions.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { compareSettings } from '../nodes/compare-settings.ts'
import { EveryNode } from '../nodes/every-node.ts'
import { nodeUserRoutes } from './node-users.ts'
import { clusterParams, nodeId } from './schemas.ts'

const nodeParams = Type.Object({ ...clusterParams.properties, node: nodeId })

/** What nodes say of themselves: figures that the watch has read anyway, and on demand the INFO of one of them and the settings and users of all. */
export function nodeRoutes(app: App, context: ApiContext): void {
  const { clusters, now } = context
  const everyNode = new EveryNode(now)

  app.get(
    '/api/clusters/:cluster/nodes',
    { config: { access: 'see' }, schema: { params: clusterParams } },
    (request): NodeReadingsAnswer => {
      return { readings: clusters.get(request.params.cluster).feed.readings() }
    }
  )

  app.get(
    '/api/clusters/:cluster/nodes/:node/info',
    { config: { access: 'diagnose' }, schema: { params: nodeParams } },
    async (request): Promise<NodeInfoAnswer> => {
      const { cluster, node } = request.params
      const [reply] = await askNode(clusters.get(cluster), node, [['INFO']], 'nodes')
      const parsed = parseInfoSections(sound(reply, node))
      if ('error' in parsed) throw new ApiFailure('SERVER_ERROR_REPLY', parsed.error, { details: { node } })
      return { node, atMs: now(), sections: parsed.value }
    }
  )

  app.get(
    '/api/clusters/:cluster/nodes/settings',
    { config: { access: 'diagnose' }, schema: { params: clusterParams } },
    async (request): Promise<NodeSettingsAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      return compareSettings(await everyNode.ask(cluster, ['CONFIG', 'GET', '*'], 'nodes'))
    }
  )

  nodeUserRoutes(app, context, everyNode)
}
