import type { ClustersAnswer } from '@slotscope/observer/stream'
import type { ApiContext, App } from '../context.ts'

/** GET /api/clusters : which clusters there are now, for whoever may see them. */
export function clusterRoutes(app: App, { clusters }: ApiContext): void {
  app.get('/api/clusters', { config: { access: 'see' } }, (): ClustersAnswer => ({ clusters: clusters.entries }))
}
