import { formatNodeLine, lineOf } from '../cluster/node-line.ts'
import { keySlot, SLOTS } from '../cluster/slot.ts'
import { type ClusterNode, NodeFlag, rangesIn } from '../cluster/view.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'

/** What a client may ask about the cluster. Shapes: observing a cluster specification, sections 2, 3 and 9. */

const READ: readonly CommandFlag[] = ['loading', 'stale']

const info = defineCommand({
  name: 'CLUSTER|INFO',
  group: 'cluster',
  since: '3.0.0',
  summary: 'State of the cluster as this node sees it, and what its bus has carried.',
  arity: 2,
  flags: READ,
  run: (ctx) =>
    ctx.reply.verbatim(
      clusterInfoLines(ctx)
        .map((line) => `${line}\r\n`)
        .join('')
    )
})

/** The lines of CLUSTER INFO, which INFO also shows. */
export function clusterInfoLines({ node }: Pick<CommandContext, 'node'>): string[] {
  const { cluster } = node
  const { view } = cluster
  let slotsPfail = 0
  let slotsFail = 0
  const count = { pfail: 0, fail: 0, votingPfail: 0, votingFail: 0, voting: 0 }
  for (const known of view.list) {
    if (known.votes) count.voting++
    if (known.failing) {
      count.fail++
      if (known.votes) count.votingFail++
      slotsFail += known.slotCount
    } else if (known.has(NodeFlag.pfail)) {
      count.pfail++
      if (known.votes) count.votingPfail++
      slotsPfail += known.slotCount
    }
  }
  const lines = [
    `cluster_state:${cluster.state}`,
    `cluster_slots_assigned:${view.assignedSlots}`,
    `cluster_slots_ok:${view.assignedSlots - slotsPfail - slotsFail}`,
    `cluster_slots_pfail:${slotsPfail}`,
    `cluster_slots_fail:${slotsFail}`,
    `cluster_nodes_pfail:${count.pfail}`,
    `cluster_nodes_fail:${count.fail}`,
    `cluster_voting_nodes_pfail:${count.votingPfail}`,
    `cluster_voting_nodes_fail:${count.votingFail}`,
    `cluster_known_nodes:${view.list.length}`,
    `cluster_size:${count.voting}`,
    `cluster_current_epoch:${view.currentEpoch}`,
    `cluster_my_epoch:${view.myself.effectiveEpoch}`
  ]
  for (const [name, value] of cluster.counters.lines()) lines.push(`${name}:${value}`)
  return lines
}

function lineContext(ctx: CommandContext) {
  const { cluster } = ctx.node
  return { view: cluster.view, isSecure: ctx.client.isSecure, wallMs: (monotonicMs: number | undefined) => cluster.wallMs(monotonicMs) }
}

const nodes = defineCommand({
  name: 'CLUSTER|NODES',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Every node that this node knows, one line each.',
  arity: 2,
  flags: READ,
  run: (ctx) => {
    const context = lineContext(ctx)
    let text = ''
    for (const node of context.view.nodes.values()) text += `${formatNodeLine(lineOf(context, node, 'reply'), 'reply')}\n`
    ctx.reply.verbatim(text)
  }
})

function replicas(name: string, since: string, summary: string): CommandDefinition {
  return defineCommand({
    name,
    group: 'cluster',
    since,
    summary,
    arity: 3,
    flags: ['admin', 'stale'],
    run: (ctx, args) => {
      const primary = findNode(ctx, args, 2)
      if (!primary) return
      if (!primary.isPrimary) return ctx.reply.error('ERR The specified node is not a master')
      const context = lineContext(ctx)
      const found = context.view.replicasOf(primary)
      ctx.reply.array(found.length)
      for (const node of found) ctx.reply.latin1(formatNodeLine(lineOf(context, node, 'reply'), 'reply'))
    }
  })
}

/** A subcommand's own way of saying that its arguments have no form that it knows (`addReplySubcommandSyntaxError`). */
export function wrongForm(args: Args): string {
  return `ERR unknown subcommand or wrong number of arguments for '${args.text(1).slice(0, 128)}'. Try CLUSTER HELP.`
}

/** The node that an argument names; without one the error is written. */
export function findNode(ctx: CommandContext, args: Args, index: number): ClusterNode | undefined {
  const id = args.text(index)
  const node = ctx.node.cluster.view.nodes.get(id)
  if (!node) ctx.reply.error(errors.unknownNode(id))
  return node
}

const shards = defineCommand({
  name: 'CLUSTER|SHARDS',
  group: 'cluster',
  since: '7.0.0',
  summary: 'Every shard with its slots and nodes.',
  arity: 2,
  flags: READ,
  run: (ctx) => {
    const { reply } = ctx
    const { view } = ctx.node.cluster
    const members = new Map<string, ClusterNode[]>()
    for (const node of view.nodes.values()) {
      if (node.inHandshake) continue
      const shard = members.get(node.shardId)
      if (!shard) members.set(node.shardId, [node])
      else if (node.isPrimary) shard.unshift(node)
      else shard.push(node)
    }
    reply.array(members.size)
    for (const [shardId, shard] of members) {
      reply.map(3)
      reply.latin1('slots')
      const owner = shard.find((node) => node.slotCount > 0)
      const ranges = owner ? rangesIn(owner.slots) : []
      reply.array(ranges.length * 2)
      for (const [first, last] of ranges) {
        reply.integer(first)
        reply.integer(last)
      }
      reply.latin1('nodes')
      reply.array(shard.length)
      for (const node of shard) writeShardNode(ctx, node)
      reply.latin1('id')
      reply.latin1(shardId)
    }
  }
})

function writeShardNode(ctx: CommandContext, node: ClusterNode): void {
  const { reply, client } = ctx
  const { cluster } = ctx.node
  const offset = node === cluster.myself ? cluster.replicationOffset : node.replicationOffset
  const endpoint = cluster.endpointFor(node, client)
  const [port, tlsPort] = [node.clientPort || node.port, node.clientTlsPort || node.tlsPort]
  reply.map(6 + (port ? 1 : 0) + (tlsPort ? 1 : 0) + (node.hostname ? 1 : 0) + (node.availabilityZone ? 1 : 0))
  reply.latin1('id')
  reply.latin1(node.id)
  if (port) {
    reply.latin1('port')
    reply.integer(port)
  }
  if (tlsPort) {
    reply.latin1('tls-port')
    reply.integer(tlsPort)
  }
  reply.latin1('ip')
  reply.latin1(cluster.addressFor(node, client))
  reply.latin1('endpoint')
  reply.latin1(endpoint.host)
  if (node.hostname) {
    reply.latin1('hostname')
    reply.latin1(node.hostname)
  }
  reply.latin1('role')
  reply.latin1(node.isReplica ? 'replica' : 'master')
  reply.latin1('replication-offset')
  reply.integer(offset)
  reply.latin1('health')
  reply.latin1(node.failing ? 'fail' : node.isReplica && offset === 0 ? 'loading' : 'online')
  if (node.availabilityZone) {
    reply.latin1('availability-zone')
    reply.latin1(node.availabilityZone)
  }
}

const slots = defineCommand({
  name: 'CLUSTER|SLOTS',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Every range of slots with the nodes that serve it: for clients.',
  arity: 2,
  flags: READ,
  run: (ctx) => {
    const { view } = ctx.node.cluster
    const replicasOf = new Map<ClusterNode, ClusterNode[]>()
    for (const node of view.nodes.values()) {
      if (!node.primary || node.failing) continue
      const known = replicasOf.get(node.primary)
      if (known) known.push(node)
      else replicasOf.set(node.primary, [node])
    }
    const rows: { readonly first: number; last: number; readonly owner: ClusterNode }[] = []
    for (let slot = 0; slot < SLOTS; slot++) {
      const owner = view.ownerOf(slot)
      const row = rows.at(-1)
      if (!owner) continue
      if (row && row.owner === owner && row.last === slot - 1) row.last = slot
      else rows.push({ first: slot, last: slot, owner })
    }
    ctx.reply.array(rows.length)
    for (const { first, last, owner } of rows) {
      const serving = [owner, ...(replicasOf.get(owner) ?? [])]
      ctx.reply.array(2 + serving.length)
      ctx.reply.integer(first)
      ctx.reply.integer(last)
      for (const node of serving) writeSlotNode(ctx, node)
    }
  }
})

/** Endpoint, port, id, and whatever else is known of where the node is. */
function writeSlotNode(ctx: CommandContext, node: ClusterNode): void {
  const { reply, client } = ctx
  const { cluster, config } = ctx.node
  const preferred = config.text('cluster-preferred-endpoint-type')
  const { host, port } = cluster.endpointFor(node, client)
  reply.array(4)
  if (preferred === 'unknown-endpoint') reply.null()
  else reply.latin1(host)
  reply.integer(port)
  reply.latin1(node.id)
  const metadata: [string, string][] = []
  if (preferred !== 'ip') metadata.push(['ip', cluster.addressFor(node, client)])
  if (preferred !== 'hostname' && node.hostname) metadata.push(['hostname', node.hostname])
  if (node.availabilityZone) metadata.push(['availability-zone', node.availabilityZone])
  reply.map(metadata.length)
  for (const [name, value] of metadata) {
    reply.latin1(name)
    reply.latin1(value)
  }
}

const links = defineCommand({
  name: 'CLUSTER|LINKS',
  group: 'cluster',
  since: '7.0.0',
  summary: 'The bus links of this node, two for each peer.',
  arity: 2,
  flags: ['stale'],
  run: ({ node, reply }) => {
    const rows = [...node.cluster.view.nodes.values()].flatMap((peer) => {
      const both = [peer.outbound, peer.inbound]
      return both.flatMap((link) => (link?.open ? [{ peer, link }] : []))
    })
    reply.array(rows.length)
    for (const { peer, link } of rows) {
      const { unsentBytes } = link
      reply.map(6)
      reply.latin1('direction')
      reply.latin1(link.direction)
      reply.latin1('node')
      reply.latin1(peer.id)
      reply.latin1('create-time')
      reply.integer(link.createdAtWallMs)
      reply.latin1('events')
      reply.latin1(unsentBytes > 0 ? 'rw' : 'r')
      reply.latin1('send-buffer-allocated')
      reply.integer(unsentBytes)
      reply.latin1('send-buffer-used')
      reply.integer(unsentBytes)
    }
  }
})

const myId = defineCommand({
  name: 'CLUSTER|MYID',
  group: 'cluster',
  since: '3.0.0',
  summary: 'The id of this node.',
  arity: 2,
  flags: READ,
  run: ({ node, reply }) => reply.latin1(node.cluster.myself.id)
})

const myShardId = defineCommand({
  name: 'CLUSTER|MYSHARDID',
  group: 'cluster',
  since: '7.2.0',
  summary: 'The id of the shard of this node.',
  arity: 2,
  flags: READ,
  run: ({ node, reply }) => reply.latin1(node.cluster.myself.shardId)
})

const keySlotCommand = defineCommand({
  name: 'CLUSTER|KEYSLOT',
  group: 'cluster',
  since: '3.0.0',
  summary: 'The slot of a key.',
  arity: 3,
  flags: ['stale'],
  run: ({ reply }, args) => reply.integer(keySlot(args.bytes(2)))
})

const countFailureReports = defineCommand({
  name: 'CLUSTER|COUNT-FAILURE-REPORTS',
  group: 'cluster',
  since: '3.0.0',
  summary: 'How many primaries report that a node fails.',
  arity: 3,
  flags: ['admin', 'stale'],
  run: (ctx, args) => {
    const about = findNode(ctx, args, 2)
    if (about) ctx.reply.integer(ctx.node.cluster.failure.countReports(about))
  }
})

/** The keyspaces that hold a slot's keys: the node's, and the one in which an import builds it. */
function keyspacesOf(ctx: CommandContext, slot: number): Keyspace[] {
  const staged = ctx.node.migrations.stagedKeyspaceOf(slot)
  return staged ? [ctx.node.keyspace, staged] : [ctx.node.keyspace]
}

const countKeysInSlot = defineCommand({
  name: 'CLUSTER|COUNTKEYSINSLOT',
  group: 'cluster',
  since: '3.0.0',
  summary: 'How many keys of a slot this node holds in the selected database, those of an import included.',
  arity: 3,
  flags: ['stale'],
  run: (ctx, args) => {
    const slot = args.integer(2)
    if (slot === undefined) return ctx.reply.error(errors.notAnInteger)
    if (typeof slot !== 'number' || slot < 0 || slot >= SLOTS) return ctx.reply.error('ERR Invalid slot')
    let count = 0
    for (const keyspace of keyspacesOf(ctx, slot)) count += keyspace.database(ctx.client.database).sizeOfSlot(slot)
    ctx.reply.integer(count)
  }
})

const getKeysInSlot = defineCommand({
  name: 'CLUSTER|GETKEYSINSLOT',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Some keys of a slot in the selected database, those of an import included.',
  arity: 4,
  flags: ['stale'],
  run: (ctx, args) => {
    const slot = args.integer(2)
    const count = args.integer(3)
    if (slot === undefined || count === undefined) return ctx.reply.error(errors.notAnInteger)
    if (typeof slot !== 'number' || slot < 0 || slot >= SLOTS || count < 0) return ctx.reply.error('ERR Invalid slot or number of keys')
    const keys: Uint8Array[] = []
    for (const keyspace of keyspacesOf(ctx, slot)) {
      for (const key of keyspace.database(ctx.client.database).keysOf(slot)) {
        if (keys.length >= count) break
        keys.push(key)
      }
    }
    ctx.reply.array(keys.length)
    for (const key of keys) ctx.reply.bulk(key)
  }
})

export const topologyCommands: readonly CommandDefinition[] = [
  info,
  nodes,
  shards,
  slots,
  links,
  myId,
  myShardId,
  keySlotCommand,
  replicas('CLUSTER|REPLICAS', '5.0.0', 'The replicas of a primary, one line each.'),
  replicas('CLUSTER|SLAVES', '3.0.0', 'The old name of CLUSTER REPLICAS.'),
  countFailureReports,
  countKeysInSlot,
  getKeysInSlot
]
