import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { createRequire } from 'node:module'
import Fastify, { type FastifyReply, LogController } from 'fastify'
import type { LogLevel } from './config.ts'
import { type ApiContext, type App, cookieName, type SchemaTypes } from './context.ts'
import { accountRoutes } from './routes/accounts.ts'
import { auditRoutes } from './routes/audit.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { clientRoutes } from './routes/clients.ts'
import { clusterRoutes } from './routes/clusters.ts'
import { commandLogRoutes } from './routes/command-logs.ts'
import { commandRoutes } from './routes/commands.ts'
import { consoleRoutes } from './routes/console.ts'
import { databaseNameRoutes } from './routes/database-names.ts'
import { docsRoutes } from './routes/docs.ts'
import { answerErrors } from './routes/failures.ts'
import { fieldRoutes } from './routes/fields.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyEditRoutes } from './routes/key-edits.ts'
import { keyRoutes } from './routes/keys.ts'
import { loadRoutes } from './routes/load.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { nodePlanRoutes } from './routes/node-plans.ts'
import { nodeRoutes } from './routes/nodes.ts'
import { planRoutes } from './routes/plans.ts'
import { probeRoutes } from './routes/probe.ts'
import { profileRoutes } from './routes/profiles.ts'
import { pubSubRoutes } from './routes/pubsub.ts'
import { queueRoutes } from './routes/queues.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { sessionRoutes } from './routes/session.ts'
import { slotRoutes } from './routes/slots.ts'
import { MAX_ASK_BYTES, streamRoutes } from './routes/stream.ts'
import { guardDoors, guardSessions } from './security/gate.ts'
import { securityHeaders } from './security/headers.ts'
import { type LogRedaction, loggerOptions } from './security/log-redaction.ts'
import type { Pem } from './security/own-certificate.ts'
import { acceptUpgrades } from './viewers/upgrades.ts'

export type AppOptions = {
  readonly logLevel: LogLevel
  readonly logTo: { write(line: string): unknown }
  readonly redaction: LogRedaction
  readonly trustedProxy: boolean
  /** We speak TLS ourselves; undefined: plain HTTP. */
  readonly tls: Pem | undefined
  readonly consoleDir: string | undefined
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** The api, ready to listen or to be injected into: reads as its table of contents. */
export async function buildApp(context: ApiContext, options: AppOptions): Promise<App> {
  const { tls } = options
  const app = Fastify({
    ...(tls === undefined ? {} : { serverFactory: (handler: RequestListener) => createServer({ ...tls, minVersion: 'TLSv1.2' }, handler) }),
    logger: loggerOptions(options.logLevel, options.logTo, options.redaction),
    // Request lines would put keys that people look at into the log.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustedProxy,
    bodyLimit: 1024 * 1024,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    frameworkErrors: (_error: Error, _request: unknown, reply: FastifyReply) => {
      reply.headers(securityHeaders).code(400).send({ error: 'BAD_REQUEST', message: 'this is not a valid address' })
    },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } }
  }).withTypeProvider<SchemaTypes>()

  readOnlyJson(app)
  answerErrors(app)

  acceptUpgrades(app, { maxPayload: MAX_ASK_BYTES })
  guardDoors(app, context.doors)
  guardSessions(app, {
    sessions: context.sessions,
    cookieName: (request) => cookieName(context, request),
    now: context.now,
    whyReadOnly: (id) => (context.clusters.has(id) ? context.clusters.get(id).whyReadOnly : null),
    metricsToken: context.metricsToken
  })

  healthRoutes(app, context)
  metricsRoutes(app, context)
  docsRoutes(app, version)
  sessionRoutes(app, context)
  accountRoutes(app, context)
  auditRoutes(app, context)
  clusterRoutes(app, context)
  profileRoutes(app, context)
  streamRoutes(app, context)
  planRoutes(app, context)
  nodePlanRoutes(app, context)
  nodeRoutes(app, context)
  clientRoutes(app, context)
  commandLogRoutes(app, context)
  loadRoutes(app, context)
  pubSubRoutes(app, context)
  jobRoutes(app, context)
  queueRoutes(app, context)
  probeRoutes(app, context)
  slotRoutes(app, context)
  databaseNameRoutes(app, context)
  keyRoutes(app, context)
  keyEditRoutes(app, context)
  bulkRoutes(app, context)
  commandRoutes(app, context)
  fieldRoutes(app, context)
  recordingRoutes(app, context)
  if (options.consoleDir !== undefined) consoleRoutes(app, options.consoleDir)
  return app
}

/** JSON is the only body there is, and it may be empty where a route needs none. */
function readOnlyJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body as string, done)
  })
}
