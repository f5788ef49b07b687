import type { DatabaseNameRequest } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { sessionOf } from '../security/gate.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams, databaseText } from './schemas.ts'

const params = Type.Object({ ...clusterParams.properties, database: databaseText })
const MOST_CHARACTERS = 40
/** What is no text to look at: control characters, and those that turn the direction of what follows. */
const unseen = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** What people call a database. It is kept here, for all who look: the cluster knows nothing of it. */
export function databaseNameRoutes(app: App, { clusters, databaseNames, audit }: ApiContext): void {
  app.put(
    '/api/clusters/:cluster/databases/:database/name',
    { config: { access: 'label' }, schema: { params, body: closed({ name: Type.String({ maxLength: 200 }) }) } },
    async (request, reply) => {
      const cluster = clusters.get(request.params.cluster)
      const database = Number(request.params.database)
      const name = (request.body satisfies DatabaseNameRequest).name.trim()
      if ([...name].length > MOST_CHARACTERS) throw new ApiFailure('BAD_REQUEST', `a name has at most ${MOST_CHARACTERS} characters`)
      if (unseen.test(name)) throw new ApiFailure('BAD_REQUEST', 'a name is plain text in one line')
      const what = { actor: sessionOf(request), request, verb: 'label', resource: `cluster ${cluster.id}, database ${database}` } as const
      const before = databaseNames.of(cluster.id)[String(database)] ?? ''
      await recorded(audit, { ...what, before, after: name }, { name }, async () => {
        cluster.feed.nameDatabases(databaseNames.set(cluster.id, database, name))
      })
      return reply.code(204).send()
    }
  )
}
