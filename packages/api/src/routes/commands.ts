import type { CommandAnswer, CommandConfirmation, CommandRequest, CommandsAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { askNode } from '../clusters/node-questions.ts'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { type AskedCommand, askedCommand, auditedCommand } from '../commands/asked-command.ts'
import { Catalogues, describe } from '../commands/catalogue.ts'
import { nodesOf, runCommand } from '../commands/run-command.ts'
import { refuseLargeRead } from '../commands/whole-values.ts'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { databasesOf } from '../keys/replies.ts'
import { sessionOf } from '../security/gate.ts'
import { NONCE_LASTS_MS } from '../security/nonce.ts'
import type { Session } from '../security/sessions.ts'
import { noteRefusal, recorded } from './recorded.ts'
import { bytes, closed, clusterParams, database, nodeId } from './schemas.ts'

const target = Type.Union([
  closed({ kind: Type.Literal('node'), node: nodeId }),
  closed({ kind: Type.Literal('key'), key: bytes }),
  closed({ kind: Type.Union([Type.Literal('primaries'), Type.Literal('nodes')]) })
])
const argument = Type.Union([Type.String({ maxLength: 700_000 }), closed({ bytes })])
const line = { target, database, argv: Type.Array(argument, { minItems: 1, maxItems: 10_000 }) }

/**
 * The command line: one command to a node, to the owner of a key, to all primaries or all nodes. The route is for every role; what each
 * may send is for `verdictOf` to say. What destroys takes a nonce and the typed name of the cluster.
 */
export function commandRoutes(app: App, context: ApiContext): void {
  const { clusters, audit, nonces, now } = context
  const catalogues = new Catalogues(now)
  const access = 'command' as const

  app.get(
    '/api/clusters/:cluster/commands',
    { config: { access }, schema: { params: clusterParams } },
    async (request): Promise<CommandsAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const role = cluster.whyReadOnly === null ? sessionOf(request).role : 'viewer'
      return describe(await catalogues.of(cluster), role)
    }
  )

  /** Throws where this session may not send it. */
  const asked = async (cluster: WatchedCluster, session: Session, argv: CommandRequest['argv']) => {
    const catalogue = await catalogues.of(cluster)
    if (cluster.whyReadOnly === null) return askedCommand(catalogue, session.role, argv)
    try {
      // Nobody has more than a viewer then.
      return askedCommand(catalogue, 'viewer', argv)
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 'FORBIDDEN') throw error
      throw new ApiFailure('FORBIDDEN', `${error.message} (${cluster.whyReadOnly})`)
    }
  }

  app.post(
    '/api/clusters/:cluster/commands/confirmation',
    { config: { access }, schema: { params: clusterParams, body: closed(line) } },
    async (request): Promise<CommandConfirmation> => {
      const cluster = clusters.get(request.params.cluster)
      const session = sessionOf(request)
      const command = await asked(cluster, session, request.body.argv)
      if (!command.confirm) throw new ApiFailure('BAD_REQUEST', 'this needs no confirmation')
      const nodes = nodesOf(cluster, request.body.target).map((node) => node.id)
      const nonce = nonces.issue(session, deedOf(cluster, request.body, command), now())
      return { nonce, expiresInMs: NONCE_LASTS_MS, typedName: cluster.name, nodes, keys: await keysOn(cluster, nodes) }
    }
  )

  app.post(
    '/api/clusters/:cluster/commands',
    {
      config: { access },
      schema: {
        params: clusterParams,
        body: closed({
          ...line,
          nonce: Type.Optional(Type.String({ maxLength: 64 })),
          typedName: Type.Optional(Type.String({ maxLength: 256 }))
        })
      }
    },
    async (request): Promise<CommandAnswer> => {
      const cluster = clusters.get(request.params.cluster)
      const session = sessionOf(request)
      const { target, database, argv, nonce, typedName } = request.body
      const what = {
        actor: session,
        request,
        verb: access,
        resource: `cluster ${cluster.id}, database ${database}, ${targetWords(target)}`,
        tell: (answer: CommandAnswer) =>
          answer.results.map(({ node, reply, unreachable }) => ({ node, reply: reply?.type ?? null, unreachable }))
      }
      const command = await asked(cluster, session, argv).catch(async (error) => {
        // What was refused is written down too, by its name alone.
        if (error instanceof ApiFailure && error.code === 'FORBIDDEN') await noteRefusal(audit, what, error.message)
        throw error
      })
      return recorded(audit, what, auditedCommand(command), async () => {
        if (session.role === 'viewer') await refuseLargeRead(cluster, request.body, command)
        if (command.confirm) {
          if (typedName !== cluster.name) throw new ApiFailure('NOT_CONFIRMED', `type the name of the cluster to confirm: ${cluster.name}`)
          nonces.redeem(session, nonce, deedOf(cluster, request.body, command), now())
        }
        return { results: await runCommand(cluster, { target, database, command: command.command, name: command.facts.name }), atMs: now() }
      })
    }
  )
}

/** Everything that was confirmed: another word, target or database is another deed. */
function deedOf(cluster: WatchedCluster, { target, database }: CommandRequest, { words }: AskedCommand): string {
  return JSON.stringify(['command', cluster.id, target, database, words])
}

function targetWords(target: CommandRequest['target']): string {
  switch (target.kind) {
    case 'node':
      return `node ${target.node}`
    case 'key':
      return `owner of key ${target.key} (base64url)`
    default:
      return `all ${target.kind}`
  }
}

/** Keys of those nodes, in all databases. */
async function keysOn(cluster: WatchedCluster, nodes: readonly string[]): Promise<number | null> {
  const counts = await Promise.all(
    nodes.map(async (node) => {
      const [info] = await askNode(cluster, node, [['INFO', 'keyspace']], 'command line').catch(() => [null])
      return info === null ? null : databasesOf(info).reduce((sum, { keys }) => sum + keys, 0)
    })
  )
  return counts.includes(null) ? null : counts.reduce((sum: number, count) => sum + (count ?? 0), 0)
}
