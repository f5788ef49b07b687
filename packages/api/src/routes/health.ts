import type { App } from '../context.ts'

/** GET /healthz : the process answers. It says nothing about clusters, since anybody may ask. */
export function healthRoutes(app: App): void {
  app.get('/healthz', { config: { access: 'everyone' } }, () => ({ status: 'ok' }))
}
