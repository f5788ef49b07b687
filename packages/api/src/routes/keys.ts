import { Type } from 'typebox'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import type { ApiContext, App } from '../context.ts'
import { keyDetails } from '../keys/details.ts'
import { findEverywhere } from '../keys/everywhere.ts'
import { sampleKeys } from '../keys/sample.ts'
import { scanKeys } from '../keys/scan.ts'
import { readPending, readStream } from '../keys/stream-groups.ts'
import { readValue } from '../keys/value.ts'
import { bytes, closed, clusterParams, database, databaseText } from './schemas.ts'

const keyType = Type.Union(['string', 'list', 'set', 'zset', 'hash', 'stream'].map((type) => Type.Literal(type)))

/** Of a page of a value; an entry of a stream has the longest. */
const offset = Type.Optional(Type.String({ maxLength: 41 }))

/** Looking for keys and at values. Nothing here changes anything, and nothing walks a whole database at once. */
export function keyRoutes(app: App, context: ApiContext): void {
  const { clusters, now } = context

  app.post(
    '/api/clusters/:cluster/keys/scan',
    {
      config: { access: 'browse' },
      schema: {
        params: clusterParams,
        body: closed({
          database,
          shard: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
          pattern: Type.String({ maxLength: 4_096 }),
          type: Type.Union([keyType, Type.Null()]),
          expiresWithinMs: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 2 ** 46 - 1 }), Type.Null()])),
          cursor: Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]),
          count: Type.Integer({ minimum: 1, maximum: 1_000 })
        })
      }
    },
    (request) => {
      const cluster = clusters.get(request.params.cluster)
      const { body } = request
      return scanKeys(cluster, { ...body, type: body.type as Parameters<typeof scanKeys>[1]['type'] }, keysIn(cluster, body), now())
    }
  )

  app.post(
    '/api/clusters/:cluster/keys/details',
    {
      config: { access: 'browse' },
      schema: { params: clusterParams, body: closed({ database, keys: Type.Array(bytes, { minItems: 1, maxItems: 100 }) }) }
    },
    (request) => keyDetails(clusters.get(request.params.cluster), request.body, now())
  )

  app.post(
    '/api/clusters/:cluster/keys/sample',
    {
      config: { access: 'browse' },
      schema: {
        params: clusterParams,
        body: closed({
          database,
          shard: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
          count: Type.Integer({ minimum: 1, maximum: 100 })
        })
      }
    },
    (request) => {
      const cluster = clusters.get(request.params.cluster)
      const { body } = request
      return sampleKeys(cluster, body, (shard) => keysIn(cluster, { database: body.database, shard }), now())
    }
  )

  app.get(
    '/api/clusters/:cluster/keys/value',
    {
      config: { access: 'browse' },
      schema: {
        params: clusterParams,
        querystring: closed({ database: databaseText, key: bytes, offset, back: Type.Optional(Type.Literal('1')) })
      }
    },
    (request) => {
      const { database, key, offset, back } = request.query
      const asked = { database: Number(database), key, offset: offset || null, back: back !== undefined }
      return readValue(clusters.get(request.params.cluster), asked, now())
    }
  )

  app.get(
    '/api/clusters/:cluster/keys/stream',
    { config: { access: 'browse' }, schema: { params: clusterParams, querystring: closed({ database: databaseText, key: bytes }) } },
    (request) => {
      const { database, key } = request.query
      return readStream(clusters.get(request.params.cluster), { database: Number(database), key }, now())
    }
  )

  app.get(
    '/api/clusters/:cluster/keys/stream/pending',
    {
      config: { access: 'browse' },
      schema: { params: clusterParams, querystring: closed({ database: databaseText, key: bytes, group: bytes, offset }) }
    },
    (request) => {
      const { database, key, group, offset } = request.query
      return readPending(clusters.get(request.params.cluster), { database: Number(database), key, group, offset: offset || null }, now())
    }
  )

  app.get(
    '/api/clusters/:cluster/keys/everywhere',
    { config: { access: 'browse' }, schema: { params: clusterParams, querystring: closed({ key: bytes }) } },
    (request) => findEverywhere(clusters.get(request.params.cluster), request.query.key, now())
  )
}

/** About how many keys a scan will walk over: from what the stream knows, without asking anybody. Null: not known. */
function keysIn(cluster: WatchedCluster, { database, shard }: { database: number; shard: string | null }): number | null {
  const databases = cluster.feed.state('databases')
  if (databases === undefined) return null
  const shards = shard === null ? Object.values(databases.shards) : [databases.shards[shard] ?? {}]
  return shards.reduce((sum, cells) => sum + (cells[String(database)]?.keys ?? 0), 0)
}
