import { parseInfoSections } from '@slotscope/observer'
import type { NodeInfoAnswer, NodeReadingsAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { askNode, sound } from '../clusters/node-questions.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { clusterParams, nodeId } from './schemas.ts'

const nodeParams = Type.Object({ ...clusterParams.properties, node: nodeId })

/** What nodes say of themselves: figures that the watch has read anyway, and on demand the INFO of one of them. */
export function nodeRoutes(app: App, { clusters, now }: ApiContext): void {
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
}
