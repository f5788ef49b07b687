import { createHash } from 'node:crypto'
import type { DeleteKeysAnswer, DeleteKeysRequest, DeletionConfirmation, ImportAnswer, ImportRequest } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { BulkRuns } from '../keys/bulk/bulk-runs.ts'
import { deleteKeys } from '../keys/bulk/delete-keys.ts'
import { exportKeys } from '../keys/bulk/export-keys.ts'
import { importKeys } from '../keys/bulk/import-keys.ts'
import { sessionOf } from '../security/gate.ts'
import { NONCE_LASTS_MS } from '../security/nonce.ts'
import { newValue } from './key-schemas.ts'
import { recorded } from './recorded.ts'
import { bytes, closed, clusterParams, database, deadline } from './schemas.ts'

/** Payloads of up to 16 MiB of memory, in base64. */
const IMPORT_BODY_BYTES = 24 * 1024 * 1024
const DELETE_BODY_BYTES = 8 * 1024 * 1024
const MOST_KEYS = 1_000_000_000

const type = Type.String({ minLength: 1, maxLength: 64 })
const count = Type.Integer({ minimum: 1, maximum: MOST_KEYS })
const keys = (maxItems: number) => Type.Array(bytes, { minItems: 1, maxItems })
const portable = Type.Union([
  closed({ key: bytes, type, deadlineMs: deadline, dump: Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: IMPORT_BODY_BYTES }) }),
  closed({ key: bytes, type, deadlineMs: deadline, value: newValue })
])

/** Many keys at once: into a file, away, and out of a file. Part by part, so that it can be stopped between two. */
export function bulkRoutes(app: App, context: ApiContext): void {
  const { clusters, audit, nonces, now } = context
  const runs = new BulkRuns()

  app.post(
    '/api/clusters/:cluster/keys/export',
    {
      config: { access: 'browse' },
      schema: {
        params: clusterParams,
        body: closed({ database, keys: keys(200), form: Type.Union([Type.Literal('dump'), Type.Literal('json')]) })
      }
    },
    (request) => exportKeys(clusters.get(request.params.cluster), request.body, now())
  )

  app.post(
    '/api/clusters/:cluster/keys/deletion',
    { config: { access: 'edit' }, schema: { params: clusterParams, body: closed({ database, count }) } },
    (request): DeletionConfirmation => {
      const cluster = clusters.get(request.params.cluster)
      const nonce = nonces.issue(sessionOf(request), deedOf(cluster.id, request.body), now())
      return { ...request.body, nonce, expiresInMs: NONCE_LASTS_MS, typedName: cluster.name }
    }
  )

  app.post(
    '/api/clusters/:cluster/keys/delete',
    {
      config: { access: 'edit' },
      bodyLimit: DELETE_BODY_BYTES,
      schema: {
        params: clusterParams,
        body: Type.Union([
          closed({
            database,
            keys: keys(1_000),
            nonce: Type.String({ maxLength: 64 }),
            typedName: Type.String({ maxLength: 256 }),
            count
          }),
          closed({ database, keys: keys(1_000), run: Type.String({ maxLength: 64 }) })
        ])
      }
    },
    (request) => {
      const cluster = clusters.get(request.params.cluster)
      const session = sessionOf(request)
      const body: DeleteKeysRequest = request.body
      const place = `${cluster.id} ${body.database}`
      return recorded(
        audit,
        {
          actor: session,
          request,
          verb: 'edit',
          resource: `cluster ${cluster.id}, database ${body.database}, ${body.keys.length} keys`,
          tell: ({ run, deleted, gone, problems }: DeleteKeysAnswer) => ({ run, deleted, gone, problems: problems.length })
        },
        { bulk: 'delete', ...namesOf(body.keys) },
        async () => {
          let run: string
          if ('run' in body) run = body.run
          else {
            if (body.typedName !== cluster.name)
              throw new ApiFailure('NOT_CONFIRMED', `type the name of the cluster to confirm: ${cluster.name}`)
            nonces.redeem(session, body.nonce, deedOf(cluster.id, body), now())
            run = runs.begin(session, place, body.count, now())
          }
          runs.take(session, run, place, body.keys.length, now())
          return { run, ...(await deleteKeys(cluster, body.database, body.keys)), atMs: now() }
        }
      )
    }
  )

  app.post(
    '/api/clusters/:cluster/keys/import',
    {
      config: { access: 'edit' },
      bodyLimit: IMPORT_BODY_BYTES,
      schema: {
        params: clusterParams,
        body: closed({
          database,
          items: Type.Array(portable, { minItems: 1, maxItems: 200 }),
          existing: Type.Union([Type.Literal('keep'), Type.Literal('replace')])
        })
      }
    },
    (request) => {
      const { cluster } = request.params
      const body = request.body as ImportRequest
      return recorded(
        audit,
        {
          actor: sessionOf(request),
          request,
          verb: 'edit',
          resource: `cluster ${cluster}, database ${body.database}, ${body.items.length} keys`,
          tell: ({ imported, kept, expired, problems }: ImportAnswer) => ({ imported, kept, expired, problems: problems.length })
        },
        { bulk: 'import', existing: body.existing, ...namesOf(body.items.map(({ key }) => key)) },
        () => importKeys(clusters.get(cluster), body, now())
      )
    }
  )
}

/** As it was confirmed: another database or count is another deed. */
function deedOf(cluster: string, { database, count }: { readonly database: number; readonly count: number }): string {
  return JSON.stringify(['bulk delete', cluster, database, count])
}

/** What the audit keeps of many names: the first, the last, and a hash that proves which they were (SHA-256 over the names, each with an LF). */
function namesOf(names: readonly string[]): Readonly<Record<string, unknown>> {
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}\n`)
  return { first: names[0], last: names.at(-1), sha256: hash.digest('hex') }
}
