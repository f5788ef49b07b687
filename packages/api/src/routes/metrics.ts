import type { Topic } from '@slotscope/observer/stream'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import type { ApiContext, App } from '../context.ts'
import { clusterFamilies } from '../metrics/cluster-families.ts'
import { EXPOSITION_TYPE, exposition } from '../metrics/exposition.ts'
import { ProcessFigures } from '../metrics/process-families.ts'

/** What a scrape looks at. */
const TOPICS: readonly Topic[] = ['core', 'databases', 'expiry']
/** A scrape counts as a viewer for so long: two of the usual minutes may be missed before the watch goes back to its background. */
export const SCRAPE_LASTS_MS = 150_000

/**
 * GET /metrics : everything for Prometheus, for a session or for the token of `metricsToken`. It asks no node: it says what is known, and
 * keeps the watch awake, so the first scrape after a pause has older figures, and no forecast.
 */
export function metricsRoutes(app: App, context: ApiContext): void {
  const own = new ProcessFigures()
  app.addHook('onClose', async () => own.close())
  app.get('/metrics', { config: { access: 'scrape' } }, (_request, reply) => {
    const families = context.clusters.all.flatMap((cluster) => {
      cluster.keepWatching(TOPICS, SCRAPE_LASTS_MS)
      return [...clusterFamilies(knownOf(cluster)), ...cluster.jobTally.families(cluster.id)]
    })
    return reply.type(EXPOSITION_TYPE).send(exposition([...own.families(), ...(context.webhook?.families() ?? []), ...families]))
  })
}

function knownOf(cluster: WatchedCluster) {
  const { id, isSeen, feed, viewers, viewersCut } = cluster
  return { id, isSeen, core: feed.core(), databases: feed.state('databases'), expiry: feed.state('expiry'), viewers, viewersCut }
}
