import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../../src/app.ts'
import { DatabaseNames } from '../../src/clusters/database-names.ts'
import { KeptProfiles } from '../../src/clusters/kept-profiles.ts'
import { ClusterRegistry } from '../../src/clusters/registry.ts'
import { LabelsFile } from '../../src/clusters/shard-labels.ts'
import { type Api, type ApiOptions, startApi } from '../../src/index.ts'
import { memoryJournal } from '../../src/plans/journal.ts'
import { MoveQueues } from '../../src/plans/move-queues.ts'
import { NodeDeeds } from '../../src/plans/node-deeds.ts'
import { NodePlanBook } from '../../src/plans/node-plan-book.ts'
import { PlanBook } from '../../src/plans/plan-book.ts'
import { Accounts } from '../../src/security/accounts.ts'
import { openTemporaryAudit } from '../../src/security/audit.ts'
import type { RouteRule } from '../../src/security/gate.ts'
import { LogRedaction } from '../../src/security/log-redaction.ts'
import { LoginLimit } from '../../src/security/login-limit.ts'
import { LoginLinks } from '../../src/security/login-links.ts'
import { Nonces } from '../../src/security/nonce.ts'
import { Doors } from '../../src/security/origin.ts'
import { Sessions } from '../../src/security/sessions.ts'
import { Tickets } from '../../src/security/tickets.ts'
import { logIn } from './browser.ts'
import { ScriptedCluster } from './scripted-cluster.ts'
import { until } from './until.ts'

export type ScriptedApi = {
  readonly api: Api
  readonly cluster: ScriptedCluster
  /** A folder of the test's own, with a small console in `console/`. */
  readonly folder: string
  close(): Promise<void>
}

/** An api on loopback over a scripted cluster, with a console of two files, as soon as it knows the cluster. */
export async function startScriptedApi(options: Partial<ApiOptions> = {}, cluster = new ScriptedCluster()): Promise<ScriptedApi> {
  const folder = await mkdtemp(join(tmpdir(), 'slotscope-api-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>console</title>')
  await writeFile(join(folder, 'secret.txt'), 'not in the console')
  const api = await startApi({
    port: 0,
    clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: [{ host: '127.0.0.1', port: 7_001 }], caller: cluster }],
    logLevel: 'silent',
    consoleDir: folder,
    ...options
  })
  const close = async () => {
    await api.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const browser = await logIn(api, 'operator', 'first')
    await until('the scripted cluster is known', async () => (await browser.get('/api/clusters/main/slots/16383')).status === 200)
  } catch (error) {
    await close()
    throw error
  }
  return { api, cluster, folder, close }
}

/** Every route of the api with its rule, as the running api has them. */
export async function allRoutes(): Promise<readonly RouteRule[]> {
  const now = () => 0
  const databaseNames = new DatabaseNames(undefined)
  const clusters = new ClusterRegistry([], { labels: new LabelsFile(undefined), databaseNames, now, onError: () => undefined })
  const queues = new MoveQueues({ journal: memoryJournal(), clusterOf: () => undefined, now, onError: () => undefined })
  const nonces = new Nonces()
  const audit = await openTemporaryAudit(now)
  const app = await buildApp(
    {
      clusters,
      profiles: new KeptProfiles(),
      databaseNames,
      allowLocalTargets: false,
      plans: new PlanBook(now, queues),
      nodePlans: new NodePlanBook({ now, nonces, deeds: new NodeDeeds({ now, onError: () => undefined }) }),
      queues,
      sessions: new Sessions(),
      accounts: new Accounts(undefined),
      links: new LoginLinks(),
      tickets: new Tickets(),
      nonces,
      limit: new LoginLimit(),
      doors: new Doors(() => 1, []),
      audit,
      metricsToken: undefined,
      webhook: undefined,
      readOnly: false,
      now,
      port: () => 1
    },
    { logLevel: 'silent', logTo: process.stdout, redaction: new LogRedaction(), trustedProxy: false, tls: undefined, consoleDir: tmpdir() }
  )
  await app.ready()
  const rules = [...app.routeRules]
  await app.close()
  await audit.close()
  return rules
}
