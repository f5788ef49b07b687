import { randomBytes } from 'node:crypto'
import type { Caller } from '@slotscope/observer'
import type { ClusterEntry } from '@slotscope/observer/stream'
import type { ClusterOptions } from '../config.ts'
import { ApiFailure } from '../errors.ts'
import type { LogRedaction } from '../security/log-redaction.ts'
import type { Session } from '../security/sessions.ts'
import type { TargetPolicy } from '../security/target-policy.ts'
import type { CoreNews } from './core-news.ts'
import type { DatabaseNames } from './database-names.ts'
import { IoredisCaller } from './ioredis-caller.ts'
import { ReadOnlyCaller } from './read-only-caller.ts'
import type { RecordedCluster } from './recorded-cluster.ts'
import type { LabelsFile } from './shard-labels.ts'
import { WatchedCluster } from './watched-cluster.ts'

export type RegistryParts = {
  readonly labels: LabelsFile
  readonly databaseNames: DatabaseNames
  readonly now: () => number
  readonly onError: (cluster: string, error: unknown) => void
  readonly onNews?: (cluster: WatchedCluster, news: CoreNews) => void
  /** Of the whole api; a cluster may be read-only by itself. */
  readonly readOnly?: boolean
  /** Is told the secrets of each cluster, so that no line of the log has them. */
  readonly redaction?: LogRedaction | undefined
  /** Where clusters made on screen may lead. */
  readonly policy?: TargetPolicy | undefined
  /** One that is watched from now on, or no more. */
  readonly onAdded?: (cluster: WatchedCluster) => void
  readonly onEnded?: (cluster: WatchedCluster, reason: 'cluster-removed' | 'server-stopping') => void
}

/** What everything that can be looked at has in common. */
export type ShownCluster = WatchedCluster | RecordedCluster

type Held = {
  readonly options: ClusterOptions
  readonly watched: WatchedCluster
  /** Undefined where the caller was given to us: it is not ours to close. */
  readonly ownCaller: IoredisCaller | undefined
}

/** The clusters of this api, by id, each with its connections. They come and go while it runs. */
export class ClusterRegistry {
  readonly #clusters = new Map<string, Held>()
  /** Recordings that are played. */
  readonly #recorded = new Map<string, RecordedCluster>()
  readonly #parts: RegistryParts
  #started = false

  constructor(clusters: readonly ClusterOptions[], parts: RegistryParts) {
    this.#parts = parts
    for (const options of clusters) this.add(options)
  }

  get all(): readonly WatchedCluster[] {
    return [...this.#clusters.values()].map(({ watched }) => watched)
  }

  /** What everybody is told of them. */
  get entries(): readonly ClusterEntry[] {
    return this.shown.map(({ id, name, kind, whyReadOnly }) => ({ id, name, kind, readOnly: whyReadOnly !== null }))
  }

  has(id: string): boolean {
    return this.#clusters.has(id) || this.#recorded.has(id)
  }

  /** What can be looked at: the clusters, and the recordings that are played. */
  get shown(): readonly ShownCluster[] {
    return [...this.all, ...this.#recorded.values()]
  }

  addRecorded(cluster: RecordedCluster): void {
    this.#recorded.set(cluster.id, cluster)
  }

  /** A cluster that can be asked. Throws `NOT_FOUND`, and `RECORDED` for a recording. */
  get(id: string): WatchedCluster {
    return this.#find(id).watched
  }

  /** How it is reached, secrets and all. Throws `NOT_FOUND`. */
  optionsOf(id: string): ClusterOptions {
    return this.#find(id).options
  }

  /** Begins to watch one more cluster. The id must be free. */
  add(options: ClusterOptions): void {
    const { id, name, kind, seeds, capabilities = [], background = 'light', nodeHost } = options
    if (this.has(id)) throw new Error(`there is a cluster "${id}" already`)
    this.#parts.redaction?.hide(options.password)
    if (typeof options.tls === 'object') this.#parts.redaction?.hide(options.tls.key)
    const ownCaller = options.caller === undefined ? new IoredisCaller({ ...options, policy: this.policyFor(options) }) : undefined
    const caller = (options.caller ?? ownCaller) as Caller
    const whyReadOnly = this.#parts.readOnly
      ? 'Slotscope was started with --read-only'
      : options.readOnly
        ? 'this cluster is read-only here, as its profile says'
        : null
    const watched: WatchedCluster = new WatchedCluster({
      id,
      name,
      kind,
      seeds,
      caller: whyReadOnly === null ? caller : new ReadOnlyCaller(caller, whyReadOnly),
      whyReadOnly,
      // Whoever may change nothing is not shown what they cannot use.
      capabilities: [
        ...capabilities,
        ...(nodeHost && whyReadOnly === null ? (['node-host'] as const) : []),
        ...(kind === 'connected' && whyReadOnly === null ? (['probe'] as const) : [])
      ],
      nodeHost: whyReadOnly === null ? nodeHost : undefined,
      background,
      // Fresh for every run: versions that a viewer holds from before a restart mean nothing now.
      feedId: randomBytes(8).toString('hex'),
      now: this.#parts.now,
      labels: this.#parts.labels.of(id),
      databaseNames: this.#parts.databaseNames.of(id),
      onError: (error) => this.#parts.onError(id, error),
      onNews: (news) => this.#parts.onNews?.(watched, news)
    })
    this.#clusters.set(id, { options, watched, ownCaller })
    this.#parts.onAdded?.(watched)
    if (this.#started) watched.start()
  }

  /** Says goodbye to those who look at it, and closes its connections. Throws `NOT_FOUND`. */
  remove(id: string): void {
    this.#end(id, 'cluster-removed')
  }

  /** The same cluster by other ways. To viewers it is a restart: they come back by themselves. Throws `NOT_FOUND`. */
  replace(options: ClusterOptions): void {
    this.#end(options.id, 'server-stopping')
    this.add(options)
  }

  /** Anything that can be looked at. Throws `NOT_FOUND`. */
  show(id: string): ShownCluster {
    return this.#recorded.get(id) ?? this.get(id)
  }

  /** A recording that is played. Throws `NOT_FOUND`. */
  getRecorded(id: string): RecordedCluster {
    const cluster = this.#recorded.get(id)
    if (cluster === undefined) throw new ApiFailure('NOT_FOUND', `"${id}" is not a recording that is played`)
    return cluster
  }

  async start(): Promise<void> {
    this.#started = true
    for (const cluster of this.all) cluster.start()
    for (const cluster of this.#recorded.values()) await cluster.start()
  }

  /** The rule for its connections; undefined: it may lead anywhere. */
  policyFor({ origin }: ClusterOptions): TargetPolicy | undefined {
    return origin === 'screen' ? this.#parts.policy : undefined
  }

  /** Open streams of one session, over all clusters. */
  streamsOf(session: Session): number {
    return this.shown.reduce((sum, cluster) => sum + cluster.viewersOf(session), 0)
  }

  sessionEnded(session: Session): void {
    for (const cluster of this.shown) cluster.leave(session)
  }

  close(): void {
    for (const id of [...this.#clusters.keys()]) this.#end(id, 'server-stopping')
    for (const cluster of this.#recorded.values()) cluster.close('server-stopping')
  }

  #end(id: string, reason: 'cluster-removed' | 'server-stopping'): void {
    const { watched, ownCaller } = this.#find(id)
    this.#clusters.delete(id)
    watched.close(reason)
    this.#parts.onEnded?.(watched, reason)
    ownCaller?.close()
  }

  #find(id: string): Held {
    const held = this.#clusters.get(id)
    if (held === undefined && this.#recorded.has(id))
      throw new ApiFailure('RECORDED', 'this is a recording: there is no cluster behind it that could be asked or changed')
    if (held === undefined) throw new ApiFailure('NOT_FOUND', `no cluster "${id}"`)
    return held
  }
}
