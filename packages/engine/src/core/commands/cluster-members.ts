import { isIpAddress } from '../cluster/announcement.ts'
import { GREATEST_COUNTER } from '../cluster/bus/fields.ts'
import { errors } from '../resp/errors.ts'
import { findNode, wrongForm } from './cluster-topology.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'

/** Who belongs to the cluster and in which part, by an operator's word. */

const OPERATOR: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading']

const meet = defineCommand({
  name: 'CLUSTER|MEET',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Joins the node at an address into one cluster with this one.',
  arity: -4,
  flags: OPERATOR,
  run: ({ node, reply }, args) => {
    if (args.length > 5) return reply.error(wrongForm(args))
    const port = args.integer(3)
    if (port === undefined) return reply.error(`ERR Invalid base port specified: ${args.text(3)}`)
    const busPort = args.length === 5 ? args.integer(4) : Number(port) + 10_000
    if (busPort === undefined) return reply.error(`ERR Invalid bus port specified: ${args.text(4)}`)
    if (!isPort(port)) return reply.error('ERR Port number is out of range')
    if (!isPort(busPort)) return reply.error('ERR Cluster bus port number is out of range')
    const host = args.text(2)
    // Names are refused: what gossip spreads must mean the same to every node.
    if (!isIpAddress(host)) return reply.error(`ERR Invalid node address specified: ${host}:${port}`)
    node.cluster.membership.meet(host, port, busPort)
    reply.ok()
  }
})

function isPort(value: number | bigint): value is number {
  return typeof value === 'number' && value > 0 && value <= 65_535
}

const forget = defineCommand({
  name: 'CLUSTER|FORGET',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Drops a node from the cluster.',
  arity: 3,
  flags: OPERATOR,
  run: (ctx, args) => {
    const { cluster, config } = ctx.node
    const forgotten = findNode(ctx, args, 2)
    if (!forgotten) return
    if (forgotten === cluster.myself) return ctx.reply.error("ERR I tried hard but I can't forget myself...")
    if (forgotten === cluster.myself.primary) return ctx.reply.error("ERR Can't forget my master!")
    cluster.membership.forget(forgotten, config.number('cluster-blacklist-ttl') * 1000)
    cluster.settle()
    ctx.reply.ok()
  }
})

const replicate = defineCommand({
  name: 'CLUSTER|REPLICATE',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Makes this node a replica of a primary, or with NO ONE an empty primary.',
  arity: -3,
  flags: OPERATOR,
  run: (ctx, args) => {
    const { node, reply } = ctx
    const { cluster } = node
    const { myself } = cluster
    if (args.length === 4 && args.is(2, 'NO') && args.is(3, 'ONE')) {
      if (myself.isReplica) {
        cluster.roles.becomeEmptyPrimary()
        cluster.broadcastPong()
        cluster.settle()
      }
      return reply.ok()
    }
    if (args.length !== 3) return reply.error(wrongForm(args))
    const primary = findNode(ctx, args, 2)
    if (!primary) return
    if (primary === myself) return reply.error("ERR Can't replicate myself")
    if (!primary.isPrimary) return reply.error('ERR I can only replicate a master, not a replica.')
    if (myself.isPrimary && (myself.slotCount > 0 || node.keyspace.size > 0)) {
      return reply.error('ERR To set a master the node must be empty and without assigned slots.')
    }
    if (myself.primary !== primary) {
      cluster.roles.becomeReplicaOf(primary)
      cluster.broadcastPong()
      cluster.settle()
    }
    reply.ok()
  }
})

const reset = defineCommand({
  name: 'CLUSTER|RESET',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Leaves the cluster: forgets nodes and slots, and with HARD also the epochs and its own id.',
  arity: -2,
  flags: ['admin', 'noscript', 'stale'],
  run: ({ node, reply }, args) => {
    if (args.length > 3) return reply.error(wrongForm(args))
    const hard = args.length === 3 && args.is(2, 'HARD')
    if (args.length === 3 && !hard && !args.is(2, 'SOFT')) return reply.error(errors.syntax)
    if (node.role === 'primary' && node.keyspace.size > 0) {
      return reply.error("ERR CLUSTER RESET can't be called with master nodes containing keys")
    }
    node.cluster.reset(hard)
    reply.ok()
  }
})

const bumpEpoch = defineCommand({
  name: 'CLUSTER|BUMPEPOCH',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Takes a new config epoch unless this node has the greatest.',
  arity: 2,
  flags: OPERATOR,
  run: ({ node, reply }) => {
    const bumped = node.cluster.claims.bumpEpoch()
    reply.simple(`${bumped ? 'BUMPED' : 'STILL'} ${node.cluster.myself.configEpoch}`)
  }
})

const setConfigEpoch = defineCommand({
  name: 'CLUSTER|SET-CONFIG-EPOCH',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Gives a new node, which knows no other, its first config epoch.',
  arity: 3,
  flags: OPERATOR,
  run: ({ node, reply }, args) => {
    const { cluster } = node
    const { view } = cluster
    const epoch = args.integer(2)
    if (epoch === undefined) return reply.error(errors.notAnInteger)
    if (epoch < 0 || epoch > GREATEST_COUNTER) return reply.error(`ERR Invalid config epoch specified: ${epoch}`)
    if (view.list.length > 1) {
      return reply.error('ERR The user can assign a config epoch only when the node does not know any other node.')
    }
    if (view.myself.configEpoch !== 0) return reply.error('ERR Node config epoch is already non-zero')
    view.myself.configEpoch = Number(epoch)
    view.currentEpoch = view.greatestEpoch
    cluster.markDirty('durably')
    reply.ok()
  }
})

const saveConfig = defineCommand({
  name: 'CLUSTER|SAVECONFIG',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Writes nodes.conf now.',
  arity: 2,
  flags: OPERATOR,
  run: ({ node, reply }) => {
    node.cluster.markDirty('durably')
    reply.ok()
  }
})

export const memberCommands: readonly CommandDefinition[] = [meet, forget, replicate, reset, bumpEpoch, setConfigEpoch, saveConfig]
