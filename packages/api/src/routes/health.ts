import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { closed } from './schemas.ts'

const alive = closed({ status: Type.Literal('ok') })
const readiness = closed({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not-ready')]),
  /** Clusters that are watched, and those of which a node answers. */
  clusters: Type.Integer(),
  seen: Type.Integer()
})

/**
 * GET /healthz : the process answers. GET /healthz/ready : 200 when every cluster is seen, else 503. Anybody may ask, so both say how many
 * and never which; nothing is asked of a cluster for it.
 */
export function healthRoutes(app: App, context: ApiContext): void {
  const config = { access: 'everyone' } as const
  app.get('/healthz', { config, schema: { response: { 200: alive } } }, () => ({ status: 'ok' as const }))
  app.get('/healthz/ready', { config, schema: { response: { 200: readiness, 503: readiness } } }, (_request, reply) => {
    const clusters = context.clusters.all
    const seen = clusters.filter((cluster) => cluster.isSeen).length
    const ready = seen === clusters.length
    reply.code(ready ? 200 : 503)
    return { status: ready ? ('ready' as const) : ('not-ready' as const), clusters: clusters.length, seen }
  })
}
