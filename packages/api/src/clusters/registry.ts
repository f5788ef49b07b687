import { randomBytes } from 'node:crypto'
import type { ClusterOptions } from '../config.ts'
import { ApiFailure } from '../errors.ts'
import type { Session } from '../security/sessions.ts'
import type { CoreNews } from './core-news.ts'
import { IoredisCaller } from './ioredis-caller.ts'
import { ReadOnlyCaller } from './read-only-caller.ts'
import type { LabelsFile } from './shard-labels.ts'
import { WatchedCluster } from './watched-cluster.ts'

/** The clusters of this api, by id, each with its connections. */
export class ClusterRegistry {
  readonly #clusters = new Map<string, WatchedCluster>()
  /** Those that we made; a caller that was given to us is not ours to close. */
  readonly #ownCallers: IoredisCaller[] = []

  constructor(
    clusters: readonly ClusterOptions[],
    {
      labels,
      now,
      onError,
      onNews = () => undefined,
      readOnly = false
    }: {
      labels: LabelsFile
      now: () => number
      onError: (cluster: string, error: unknown) => void
      onNews?: (cluster: WatchedCluster, news: CoreNews) => void
      readOnly?: boolean
    }
  ) {
    for (const options of clusters) {
      const { id, name, kind, seeds, capabilities = [], background = 'light' } = options
      const anyCaller = options.caller ?? this.#ownCaller(options)
      const caller = readOnly ? new ReadOnlyCaller(anyCaller) : anyCaller
      // Fresh for every run: versions that a viewer holds from before a restart mean nothing now.
      const feedId = randomBytes(8).toString('hex')
      const watched: WatchedCluster = new WatchedCluster({
        id,
        name,
        kind,
        seeds,
        caller,
        capabilities,
        background,
        feedId,
        now,
        labels: labels.of(id),
        onError: (error) => onError(id, error),
        onNews: (news) => onNews(watched, news)
      })
      this.#clusters.set(id, watched)
    }
  }

  get all(): readonly WatchedCluster[] {
    return [...this.#clusters.values()]
  }

  /** Throws `NOT_FOUND`. */
  get(id: string): WatchedCluster {
    const cluster = this.#clusters.get(id)
    if (cluster === undefined) throw new ApiFailure('NOT_FOUND', `no cluster "${id}"`)
    return cluster
  }

  start(): void {
    for (const cluster of this.all) cluster.start()
  }

  /** Open streams of one session, over all clusters. */
  streamsOf(session: Session): number {
    return this.all.reduce((sum, cluster) => sum + cluster.viewersOf(session), 0)
  }

  sessionEnded(session: Session): void {
    for (const cluster of this.all) cluster.leave(session)
  }

  close(): void {
    for (const cluster of this.all) cluster.close('server-stopping')
    for (const caller of this.#ownCallers) caller.close()
  }

  #ownCaller(options: ClusterOptions): IoredisCaller {
    const caller = new IoredisCaller(options)
    this.#ownCallers.push(caller)
    return caller
  }
}
