import type { App } from '../context.ts'
import { openApi } from '../docs/openapi.ts'
import { docsPage, docsStyle } from '../docs/page.ts'

/** GET /api/docs : every route with its schemas, role and failures, to be read; GET /api/docs/openapi.json : the same for machines. */
export function docsRoutes(app: App, version: string): void {
  const config = { access: 'see' } as const
  // Made once, when first asked for: then every route is there.
  let page: string | undefined
  let document: string | undefined
  app.get('/api/docs', { config }, (_request, reply) => {
    page ??= docsPage(app.routeRules)
    return reply.type('text/html; charset=utf-8').send(page)
  })
  app.get('/api/docs/style.css', { config }, (_request, reply) => reply.type('text/css; charset=utf-8').send(docsStyle))
  app.get('/api/docs/openapi.json', { config }, (_request, reply) => {
    document ??= JSON.stringify(openApi(app.routeRules, version))
    return reply.type('application/json; charset=utf-8').send(document)
  })
}
