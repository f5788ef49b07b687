import type { ProbeTrafficPoint, Role } from '@slotscope/observer/stream'
import { buildApp } from './app.ts'
import type { CoreNews } from './clusters/core-news.ts'
import { DatabaseNames } from './clusters/database-names.ts'
import { KeptProfiles } from './clusters/kept-profiles.ts'
import { logNews } from './clusters/log-news.ts'
import { RecordedCluster } from './clusters/recorded-cluster.ts'
import { ClusterRegistry } from './clusters/registry.ts'
import { LabelsFile } from './clusters/shard-labels.ts'
import type { WatchedCluster } from './clusters/watched-cluster.ts'
import { type ApiOptions, checkOptions, isLoopback } from './config.ts'
import type { ApiContext, App } from './context.ts'
import { OptionError, PortInUseError } from './errors.ts'
import { compareAfterwards } from './plans/compare-afterwards.ts'
import { memoryJournal, openJournal } from './plans/journal.ts'
import { MoveQueues } from './plans/move-queues.ts'
import { NodeDeeds } from './plans/node-deeds.ts'
import { NodePlanBook } from './plans/node-plan-book.ts'
import { PlanBook } from './plans/plan-book.ts'
import { stillNeeded } from './plans/queue-record.ts'
import { Recordings } from './recording/recordings.ts'
import { Accounts } from './security/accounts.ts'
import { openAuditFile, openTemporaryAudit } from './security/audit.ts'
import { followAccounts } from './security/follow-accounts.ts'
import { followCertificate } from './security/follow-certificate.ts'
import { LogRedaction } from './security/log-redaction.ts'
import { LoginLimit } from './security/login-limit.ts'
import { LoginLinks } from './security/login-links.ts'
import { MachineToken } from './security/machine-token.ts'
import { Nonces } from './security/nonce.ts'
import { Doors } from './security/origin.ts'
import { OwnCertificate } from './security/own-certificate.ts'
import { Sessions } from './security/sessions.ts'
import { TargetPolicy } from './security/target-policy.ts'
import { Tickets } from './security/tickets.ts'
import { Webhook } from './webhook/webhook.ts'

/** A running api. */
export type Api = {
  /** Where a browser on this machine finds it. */
  readonly url: string
  readonly port: number
  /** A link that logs in once, within 10 minutes. The token stands in the fragment, which no browser sends anywhere. */
  createLoginLink(role: Role, user?: string): string
  /** What a client of ours measured in a cluster. Throws for a cluster that is not there. */
  pushProbe(clusterId: string, point: ProbeTrafficPoint, source: string): void
  /** Says goodbye to every viewer, closes every connection and stops. */
  close(): Promise<void>
}

/** How often sessions and plans are looked over: a logout or an expiry takes effect within a second. */
const SWEEP_MS = 500
/** How often the queues look for what is due: a move that waited for another begins within this time. */
const QUEUES_MS = 250

/** Starts watching the clusters and listens. Throws `OptionError` or `PortInUseError`. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const profiles = new KeptProfiles(options.profiles)
  const everyCluster = [...options.clusters, ...profiles.all]
  checkOptions({ ...options, clusters: everyCluster })
  const metricsToken = options.metricsToken === undefined ? undefined : new MachineToken(options.metricsToken)
  const {
    host = '127.0.0.1',
    readOnly = false,
    now = Date.now,
    trustedProxy = false,
    logLevel = 'warn',
    logTo = process.stdout,
    consoleDir
  } = options
  let port = options.port
  const certificate = options.tls === undefined ? undefined : new OwnCertificate(options.tls)
  const url = () => addressOf({ host, port, tls: certificate !== undefined, allowHosts: options.allowHosts ?? [] })
  /** Where people on other machines find it. */
  const publicUrl = () => (trustedProxy && options.allowHosts?.[0] !== undefined ? `https://${options.allowHosts[0]}` : url())
  const labels = new LabelsFile(options.labelsFile)
  const databaseNames = new DatabaseNames(options.databaseNamesFile)
  const accounts = new Accounts(options.accountsFile)
  const audit = await (options.auditFile === undefined ? openTemporaryAudit(now) : openAuditFile(options.auditFile, now))
  const onError = (cluster: string, error: unknown) => app?.log.error({ err: error, cluster }, 'watching failed')
  const webhook =
    options.webhook === undefined
      ? undefined
      : new Webhook(options.webhook, {
          now,
          linkTo: (cluster) => `${publicUrl()}/clusters/${cluster}/slots`,
          log: (level, detail, words) => app?.log[level](detail, words)
        })
  const onNews = (cluster: WatchedCluster, news: CoreNews) => {
    for (const job of news.jobsEnded) cluster.jobTally.jobEnded(job)
    webhook?.news(cluster, news)
    if (app) logNews(app.log, cluster.id, news)
  }
  const redaction = new LogRedaction()
  const allowLocalTargets = options.allowLocalTargets ?? false
  const policy = new TargetPolicy({ allowLocal: allowLocalTargets, ownPort: () => port })
  let recordings: Recordings | undefined
  const clusters = new ClusterRegistry(everyCluster, {
    labels,
    databaseNames,
    now,
    onError,
    onNews,
    readOnly,
    policy,
    redaction,
    onAdded: (cluster) => void recordings?.add(cluster).catch((error) => onError(cluster.id, error)),
    onEnded: ({ id }, reason) => recordings?.end(id, reason === 'cluster-removed')
  })
  redaction.hide(options.metricsToken)
  redaction.hide(options.webhook?.secret)
  const journal = options.journalFile === undefined ? memoryJournal() : await openJournal(options.journalFile, stillNeeded)
  const queues = new MoveQueues({
    journal,
    now,
    clusterOf: (id) => clusters.all.find((cluster) => cluster.id === id),
    compare: compareAfterwards(),
    onError: (error) => app?.log.error({ err: error }, 'a queue of moves failed')
  })
  const deeds = new NodeDeeds({ now, onError: (error) => app?.log.error({ err: error }, 'a deed at a node failed') })
  const nonces = new Nonces()
  const context: ApiContext = {
    clusters,
    profiles,
    databaseNames,
    allowLocalTargets,
    plans: new PlanBook(now, queues),
    nodePlans: new NodePlanBook({ now, deeds, nonces }),
    queues,
    sessions: new Sessions(),
    accounts,
    links: new LoginLinks(),
    tickets: new Tickets(),
    nonces,
    limit: new LoginLimit(),
    doors: new Doors(() => port, options.allowHosts ?? [], {
      tls: certificate !== undefined,
      ...(isLoopback(host) ? { listening: host } : {})
    }),
    audit,
    metricsToken,
    webhook,
    readOnly,
    now,
    port: () => port
  }
  context.sessions.onEnd((session) => clusters.sessionEnded(session))
  let app: App | undefined
  const follow = followAccounts(context, (error) => app?.log.error({ err: error }, 'following the accounts failed'))
  const renew = followCertificate(
    certificate,
    () => app,
    (error) => app?.log.error({ err: error }, 'our certificate cannot be renewed')
  )
  const sweep = setInterval(() => {
    follow()
    renew()
    context.sessions.sweep(now())
    context.plans.sweep(now())
    context.nodePlans.sweep(now())
  }, SWEEP_MS)
  sweep.unref()
  const work = setInterval(() => queues.advance(), QUEUES_MS)
  work.unref()

  const close = async () => {
    clearInterval(sweep)
    clearInterval(work)
    queues.close()
    deeds.close()
    clusters.close()
    await recordings?.close()
    webhook?.close()
    await app?.close()
    await audit.close()
    // In another place than the file, so that a tail that is cut off is missed: `slotscope audit verify FILE --last HASH`.
    if (audit.lastHash() !== undefined) app?.log.info({ hash: audit.lastHash() }, 'the audit ends with this line')
    await journal.close()
  }
  try {
    app = await buildApp(context, { logLevel, logTo, redaction, trustedProxy, tls: certificate?.pem, consoleDir })
    const { log } = app
    const note = (cluster: string, words: string) => log.warn({ cluster }, words)
    if (options.recording) {
      recordings = await Recordings.open(options.recording, { now, note })
      for (const cluster of clusters.all) await recordings.add(cluster)
    }
    for (const { id, file } of options.play ?? [])
      clusters.addRecorded(await RecordedCluster.open({ id, file, now, onError: (error) => onError(id, error) }))
    await app.listen({ host, port })
  } catch (error) {
    await close()
    if (codeOf(error) === 'EADDRINUSE') throw new PortInUseError(host, port)
    if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EACCES'].includes(codeOf(error)))
      throw new OptionError(`cannot listen on ${host}, port ${port}: ${(error as Error).message}`)
    throw error
  }
  port = boundPort(app)
  // What an earlier run left is in the first picture that anybody gets.
  queues.advance()
  await clusters.start()
  return {
    url: url(),
    port,
    createLoginLink: (role, user = role) => `${url()}/#login=${context.links.create(role, user, now())}`,
    pushProbe: (clusterId, point, source) => clusters.get(clusterId).feed.pushProbe(point, source),
    close
  }
}

function boundPort(app: App): number {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('listening on something that has no port')
  return address.port
}

type Reached = { readonly host: string; readonly port: number; readonly tls: boolean; readonly allowHosts: readonly string[] }

/** Where a browser on this machine finds us. A certificate is for names: the first one that was allowed is the one to use. */
function addressOf({ host, port, tls, allowHosts }: Reached): string {
  const [name] = allowHosts
  if (tls && name !== undefined) return `https://${/:\d+$/.test(name) ? name : `${name}:${port}`}`
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : isAnyAddress(host) ? '127.0.0.1' : host}:${port}`
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
