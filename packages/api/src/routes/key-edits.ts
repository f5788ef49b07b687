import type { EditAnswer, KeyEditKind, KeyEdits } from '@slotscope/observer/stream'
import { type TObject, Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { compareAndSet } from '../keys/compare-and-set.ts'
import { dumpKey } from '../keys/dump.ts'
import { planOf } from '../keys/edits/edit-kinds.ts'
import { sessionOf } from '../security/gate.ts'
import { newValue, pair, score, some } from './key-schemas.ts'
import { recorded } from './recorded.ts'
import { bytes, closed, clusterParams, database, databaseText, deadline, largeBytes } from './schemas.ts'

/** Bodies of edits hold what was seen and what shall be, of up to 4 MiB each; an imported payload may be as large as an exported one. */
const EDIT_BODY_BYTES = 12 * 1024 * 1024
const IMPORT_BODY_BYTES = 24 * 1024 * 1024

const place = { database, key: bytes }
const type = Type.String({ minLength: 1, maxLength: 64 })
const known = closed({ type })
const index = Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 })
const entryId = Type.String({ pattern: '^[0-9]{1,20}-[0-9]{1,20}$' })

/** After which entry a group goes on; `$`: after the last one. */
const startId = Type.String({ pattern: '^(\\$|[0-9]{1,20}(-[0-9]{1,20})?)$' })
const pendingCount = Type.Integer({ minimum: 0 })

const bodies: { readonly [Kind in KeyEditKind]: TObject } = {
  'string-set': closed({ ...place, expected: largeBytes, value: largeBytes }),
  'string-range': closed({
    ...place,
    offset: Type.Integer({ minimum: 0, maximum: 2 ** 29 - 1 }),
    expected: largeBytes,
    value: largeBytes
  }),
  'hash-set': closed({ ...place, field: bytes, expected: Type.Union([largeBytes, Type.Null()]), value: largeBytes }),
  'hash-delete': closed({ ...place, fields: Type.Array(closed({ field: bytes, expected: largeBytes }), some) }),
  'hash-deadlines': closed({ ...place, fields: Type.Array(closed({ field: bytes, expectedMs: deadline }), some), deadlineMs: deadline }),
  'list-set': closed({ ...place, index, expected: largeBytes, value: largeBytes }),
  'list-push': closed({ ...place, side: Type.Union([Type.Literal('left'), Type.Literal('right')]), values: Type.Array(largeBytes, some) }),
  'list-remove': closed({ ...place, index, expected: largeBytes }),
  'list-remove-value': closed({ ...place, value: largeBytes, count: index }),
  'set-add': closed({ ...place, members: Type.Array(largeBytes, some) }),
  'set-remove': closed({ ...place, members: Type.Array(largeBytes, some) }),
  'set-replace': closed({ ...place, expected: largeBytes, value: largeBytes }),
  'zset-set': closed({ ...place, member: bytes, expected: Type.Union([score, Type.Null()]), score }),
  'zset-remove': closed({ ...place, members: Type.Array(closed({ member: bytes, expected: score }), some) }),
  'stream-add': closed({
    ...place,
    id: Type.String({ pattern: '^(\\*|[0-9]{1,20}(-([0-9]{1,20}|\\*))?)$' }),
    fields: Type.Array(pair, some)
  }),
  'stream-delete': closed({ ...place, ids: Type.Array(entryId, some) }),
  'stream-ack': closed({ ...place, group: bytes, ids: Type.Array(entryId, some) }),
  'stream-group-create': closed({ ...place, group: bytes, startId }),
  'stream-group-start': closed({ ...place, group: bytes, expected: entryId, startId }),
  'stream-group-destroy': closed({ ...place, group: bytes, expected: pendingCount }),
  'stream-consumer-delete': closed({ ...place, group: bytes, consumer: bytes, expected: pendingCount }),
  create: closed({ ...place, value: newValue, deadlineMs: deadline }),
  delete: closed({ ...place, expected: closed({ type, size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) }) }),
  expiry: closed({ ...place, expectedMs: deadline, deadlineMs: deadline }),
  rename: closed({ ...place, expected: known, to: bytes }),
  copy: closed({ ...place, expected: known, toDatabase: database, move: Type.Boolean(), replace: Type.Boolean() }),
  import: closed({
    ...place,
    dump: Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: IMPORT_BODY_BYTES - 64 * 1024 }),
    deadlineMs: deadline,
    expected: Type.Union([known, Type.Null()])
  })
}

/** POST /api/clusters/:cluster/keys/edit/<kind>, one route per kind, and GET .../keys/dump. */
export function keyEditRoutes(app: App, context: ApiContext): void {
  const { clusters, audit, now } = context
  for (const kind of Object.keys(bodies) as KeyEditKind[]) {
    app.post(
      `/api/clusters/:cluster/keys/edit/${kind}`,
      {
        config: { access: 'edit' },
        bodyLimit: kind === 'import' ? IMPORT_BODY_BYTES : EDIT_BODY_BYTES,
        schema: { params: clusterParams, body: bodies[kind] }
      },
      (request) => {
        const { cluster } = request.params
        // The schema above is the one of this kind.
        const edit = request.body as KeyEdits[typeof kind]
        const plan = planOf(kind, edit, now())
        return recorded(
          audit,
          {
            actor: sessionOf(request),
            request,
            verb: 'edit',
            resource: `cluster ${cluster}, database ${edit.database}, key ${edit.key} (base64url)`,
            tell: told
          },
          { edit: kind },
          () => compareAndSet(clusters.get(cluster), plan)
        )
      }
    )
  }

  app.get(
    '/api/clusters/:cluster/keys/dump',
    { config: { access: 'browse' }, schema: { params: clusterParams, querystring: closed({ database: databaseText, key: bytes }) } },
    (request) => dumpKey(clusters.get(request.params.cluster), { ...request.query, database: Number(request.query.database) }, now())
  )
}

/** What the audit keeps of an edit: never a value. */
function told({ node, effects, after }: EditAnswer): unknown {
  return { node, effects: effects.map(({ command }) => command[0]), after }
}
