import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'

export const psync = defineCommand({
  name: 'PSYNC',
  group: 'server',
  since: '2.8.0',
  summary: 'Makes the connection a replica that goes on where it stands, or gets everything.',
  arity: -3,
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  run: (ctx, args) => ctx.node.replication.psync(ctx, args)
})

export const sync = defineCommand({
  name: 'SYNC',
  group: 'server',
  since: '1.0.0',
  summary: 'Makes the connection a replica that gets everything.',
  arity: 1,
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  run: (ctx) => ctx.node.replication.sync(ctx)
})

export const replconf = defineCommand({
  name: 'REPLCONF',
  group: 'server',
  since: '3.0.0',
  summary: 'What a replica and its primary tell each other.',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
  run: (ctx, args) => ctx.node.replication.replicas.replconf(ctx, args)
})

export const role = defineCommand({
  name: 'ROLE',
  group: 'server',
  since: '2.8.12',
  summary: 'Returns the role of the node in replication and who is at the other ends.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  run: (ctx) => writeRole(ctx)
})

/** The reference's words for the roles are the old ones. */
function writeRole({ node, reply }: CommandContext): void {
  const { link, offset, replicas } = node.replication
  if (link) {
    reply.array(5)
    reply.text('slave')
    reply.text(link.primary.host)
    reply.integer(link.primary.port)
    reply.text(link.state)
    return reply.integer(link.state === 'connected' ? offset : -1)
  }
  const online = [...replicas.all()].filter((replica) => replica.state === 'online')
  reply.array(3)
  reply.text('master')
  reply.integer(offset)
  reply.array(online.length)
  for (const replica of online) {
    reply.array(3)
    reply.text(replica.host)
    reply.text(String(replica.announced.listeningPort))
    reply.text(String(replica.acknowledged))
  }
}

export const wait = defineCommand({
  name: 'WAIT',
  group: 'generic',
  since: '3.0.0',
  summary: 'Blocks until so many replicas have what was written before, or the time is over.',
  arity: 3,
  flags: ['blocking'],
  run: (ctx, args) => runWait(ctx, args)
})

function runWait({ node, client, reply }: CommandContext, args: Args): void {
  if (node.replication.link) {
    return reply.error(
      'ERR WAIT cannot be used with replica instances. Please also note that if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.'
    )
  }
  const replicas = args.integer(1)
  if (typeof replicas !== 'number') return reply.error(errors.notAnInteger)
  const timeoutMs = args.integer(2)
  if (typeof timeoutMs !== 'number') return reply.error('ERR timeout is not an integer or out of range')
  if (timeoutMs < 0) return reply.error('ERR timeout is negative')
  node.replication.wait(client, replicas, timeoutMs, !node.execution.nested, reply)
}

function runReplicaOf({ client, node, reply }: CommandContext, args: Args): void {
  // Who replicates whom in a cluster is the cluster's to say: CLUSTER REPLICATE.
  if (node.clusterEnabled) return reply.error('ERR REPLICAOF not allowed in cluster mode.')
  const { replication } = node
  if (args.is(1, 'NO') && args.is(2, 'ONE')) {
    replication.follow(undefined)
    node.config.note('replicaof', '')
    return reply.ok()
  }
  if (client.roleFlag === 'S') return reply.error('ERR Command is not valid when client is a replica.')
  const port = args.integerBetween(2, 0, 65_535)
  if (port === undefined) return reply.error('ERR Invalid master port')
  const host = args.text(1)
  const current = replication.link?.primary
  if (current?.port === port && current.host.toLowerCase() === host.toLowerCase())
    return reply.simple('OK Already connected to specified master')
  replication.follow({ host, port })
  node.config.note('replicaof', `${host} ${port}`)
  reply.ok()
}

function replicaOf(name: string, since: string): CommandDefinition {
  return defineCommand({
    name,
    group: 'server',
    since,
    summary: 'Sets the primary of a node outside a cluster; inside, CLUSTER REPLICATE does.',
    arity: 3,
    flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
    run: (ctx, args) => runReplicaOf(ctx, args)
  })
}

export const replicationCommands: readonly CommandDefinition[] = [
  psync,
  sync,
  replconf,
  role,
  wait,
  replicaOf('REPLICAOF', '5.0.0'),
  replicaOf('SLAVEOF', '1.0.0')
]
