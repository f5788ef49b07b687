import type { NodeUsersAnswer, UserChangeAnswer, UserChangePreview, UserTestAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { changeUser, type LookedAtChange, lookAtChange } from '../nodes/change-user.ts'
import { compareUsers } from '../nodes/compare-users.ts'
import type { EveryNode } from '../nodes/every-node.ts'
import { verdictOf } from '../nodes/user-verdict.ts'
import { sessionOf } from '../security/gate.ts'
import { NONCE_LASTS_MS } from '../security/nonce.ts'
import { recorded } from './recorded.ts'
import { closed, clusterParams, nodeId } from './schemas.ts'

const word = Type.String({ maxLength: 10_000 })
/** Valkey refuses names with spaces and null characters. */
const userName = Type.String({ pattern: '^[^\\s\\u0000]+$', maxLength: 1_000 })
const userTest = closed({ user: Type.String({ minLength: 1, maxLength: 1_000 }), argv: Type.Array(word, { minItems: 1, maxItems: 200 }) })
const change = {
  user: userName,
  rules: Type.Union([Type.Array(Type.String({ minLength: 1, maxLength: 10_000 }), { maxItems: 500 }), Type.Null()]),
  nodes: Type.Array(nodeId, { minItems: 1, maxItems: 2_000, uniqueItems: true })
}
const confirmed = {
  nonce: Type.String({ maxLength: 64 }),
  typedName: Type.Optional(Type.String({ maxLength: 1_000 })),
  save: Type.Boolean()
}

/** Users of the servers: seen and compared, tested, and changed in two steps, the first of which says what will be different where. */
export function nodeUserRoutes(app: App, { clusters, audit, nonces, now }: ApiContext, everyNode: EveryNode): void {
  app.get(
    '/api/clusters/:cluster/nodes/users',
    { config: { access: 'entitle' }, schema: { params: clusterParams } },
    async (request): Promise<NodeUsersAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      return compareUsers(await everyNode.ask(cluster, ['ACL', 'LIST'], 'nodes'))
    }
  )

  app.post(
    '/api/clusters/:cluster/nodes/users/test',
    { config: { access: 'entitle' }, schema: { params: clusterParams, body: userTest } },
    async (request): Promise<UserTestAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const { user, argv } = request.body
      return { results: (await everyNode.ask(cluster, ['ACL', 'DRYRUN', user, ...argv], 'nodes')).map(verdictOf) }
    }
  )

  const ourPassword = (cluster: WatchedCluster) => clusters.optionsOf(cluster.id).password

  app.post(
    '/api/clusters/:cluster/nodes/users/change/preview',
    { config: { access: 'entitle' }, schema: { params: clusterParams, body: closed(change) } },
    async (request): Promise<UserChangePreview> => {
      const cluster = clusters.get(request.params.cluster)
      refuseReadOnly(cluster)
      const looked = await lookAtChange(cluster, request.body, { now, ourPassword: ourPassword(cluster) })
      const nonce = nonces.issue(sessionOf(request), deedOf(cluster, looked), now())
      return { ...looked.preview, nonce, expiresInMs: NONCE_LASTS_MS }
    }
  )

  app.post(
    '/api/clusters/:cluster/nodes/users/change',
    { config: { access: 'entitle' }, schema: { params: clusterParams, body: closed({ ...change, ...confirmed }) } },
    async (request): Promise<UserChangeAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const session = sessionOf(request)
      const { nonce, typedName, save, ...wanted } = request.body
      refuseReadOnly(cluster)
      // Also what is not confirmed has no line with a password in it.
      const looked = await lookAtChange(cluster, wanted, { now, ourPassword: ourPassword(cluster) })
      const what = { actor: session, request, verb: 'entitle', resource: `cluster ${cluster.id}, user ${wanted.user}` } as const
      return recorded(audit, what, { command: looked.preview.command, nodes: wanted.nodes, save }, async () => {
        if (looked.preview.typedName !== null && typedName !== looked.preview.typedName)
          throw new ApiFailure('NOT_CONFIRMED', `type the name of the user to confirm: ${looked.preview.typedName}`)
        nonces.redeem(session, nonce, deedOf(cluster, looked), now())
        const results = await changeUser(cluster, looked, { save, now })
        everyNode.forget(cluster)
        return { results }
      })
    }
  )
}

/** The caller would send nothing; this says it before somebody reads a preview. */
function refuseReadOnly(cluster: WatchedCluster): void {
  if (cluster.whyReadOnly !== null) throw new ApiFailure('FORBIDDEN', `${cluster.whyReadOnly}: nothing is changed in this cluster`)
}

/** This change, of what the nodes have now. */
function deedOf(cluster: WatchedCluster, { seen }: LookedAtChange): string {
  return `user of ${cluster.id} ${seen}`
}
