import { parseLatencyHistory } from '@slotscope/observer'
import type { CommandStatsAnswer, LatencyAnswer, LatencyHistoryAnswer, MemoryAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { askNode, sound } from '../clusters/node-questions.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { EveryNode } from '../nodes/every-node.ts'
import { collectCommandStats } from '../traffic/command-stats.ts'
import { collectLatency, latencyCommands } from '../traffic/latency.ts'
import { collectMemory, memoryCommands } from '../traffic/memory.ts'
import { closed, clusterParams, nodeId } from './schemas.ts'

const access = 'diagnose' as const
/** As servers name events: `command`, `expire-cycle`. */
const event = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })

/** What commands make the nodes do: how often, how long, and what it takes. */
export function loadRoutes(app: App, { clusters, now }: ApiContext): void {
  const everyNode = new EveryNode(now)

  app.get(
    '/api/clusters/:cluster/command-stats',
    { config: { access }, schema: { params: clusterParams } },
    async (request): Promise<CommandStatsAnswer> =>
      collectCommandStats(
        await everyNode.ask(clusters.get(request.params.cluster), ['INFO', 'commandstats', 'errorstats'], 'command stats')
      )
  )

  app.get(
    '/api/clusters/:cluster/latency',
    { config: { access }, schema: { params: clusterParams, querystring: closed({ node: Type.Optional(nodeId) }) } },
    async (request): Promise<LatencyAnswer> => {
      const { node } = request.query
      const only = node === undefined ? undefined : [node]
      return collectLatency(await everyNode.askEach(clusters.get(request.params.cluster), latencyCommands, 'latency', only))
    }
  )

  app.get(
    '/api/clusters/:cluster/latency/history',
    { config: { access }, schema: { params: clusterParams, querystring: closed({ node: nodeId, event }) } },
    async (request): Promise<LatencyHistoryAnswer> => {
      const { node, event: name } = request.query
      const [reply] = await askNode(clusters.get(request.params.cluster), node, [['LATENCY', 'HISTORY', name]], 'latency')
      const parsed = parseLatencyHistory(sound(reply, node))
      if ('error' in parsed) throw new ApiFailure('SERVER_ERROR_REPLY', parsed.error, { details: { node } })
      return { points: parsed.value.map(({ atSeconds, tookMs }) => ({ atMs: atSeconds * 1_000, tookMs })) }
    }
  )

  app.get(
    '/api/clusters/:cluster/memory',
    { config: { access }, schema: { params: clusterParams } },
    async (request): Promise<MemoryAnswer> =>
      collectMemory(await everyNode.askEach(clusters.get(request.params.cluster), memoryCommands, 'memory'))
  )
}
