import type { ApiContext, App } from '../context.ts'

/**
 * GET /healthz : the process answers. GET /healthz/ready : 200 when every cluster is seen, else 503. Anybody may ask, so both say how many
 * and never which; nothing is asked of a cluster for it.
 */
export function healthRoutes(app: App, context: ApiContext): void {
  const config = { access: 'everyone' } as const
  app.get('/healthz', { config }, () => ({ status: 'ok' }))
  app.get('/healthz/ready', { config }, (_request, reply) => {
    const clusters = context.clusters.all
    const seen = clusters.filter((cluster) => cluster.isSeen).length
    const ready = seen === clusters.length
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ready' : 'not-ready', clusters: clusters.length, seen }
  })
}
