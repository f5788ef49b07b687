import { errors } from '../resp/errors.ts'
import { memberCommands } from './cluster-members.ts'
import { clusterScanCommands } from './cluster-scan.ts'
import { slotStats } from './cluster-slot-stats.ts'
import { slotCommands } from './cluster-slots.ts'
import { topologyCommands } from './cluster-topology.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'
import { migrationCommands } from './migration.ts'

const help = defineCommand({
  name: 'CLUSTER|HELP',
  group: 'cluster',
  since: '5.0.0',
  summary: 'Lists the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: ({ reply }) => {
    reply.array(subcommands.length * 2 + 1)
    reply.simple('CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:')
    for (const { name, summary } of subcommands) {
      reply.simple(name.slice('CLUSTER|'.length))
      reply.simple(`    ${summary}`)
    }
  }
})

const subcommands: readonly CommandDefinition[] = [
  ...topologyCommands,
  slotStats,
  ...slotCommands,
  ...memberCommands,
  ...migrationCommands,
  help
].map(onlyInCluster)

/** Outside of a cluster all but the question for a key's slot are refused, once their form is right. */
function onlyInCluster(definition: CommandDefinition): CommandDefinition {
  const { run } = definition
  if (!run || definition.name === 'CLUSTER|KEYSLOT') return definition
  return { ...definition, run: (ctx, args) => (ctx.node.clusterEnabled ? run(ctx, args) : ctx.reply.error(errors.clusterDisabled)) }
}

const container = defineCommand({
  name: 'CLUSTER',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Everything about the cluster that this node belongs to.',
  arity: -2,
  flags: [],
  subcommands
})

const asking = defineCommand({
  name: 'ASKING',
  group: 'cluster',
  since: '3.0.0',
  summary: 'The next command may touch a slot that this node imports: what a client sends after ASK.',
  arity: 1,
  flags: ['fast'],
  // The dispatcher keeps the mark for exactly one command.
  run: ({ node, reply }) => (node.clusterEnabled ? reply.ok() : reply.error(errors.clusterDisabled))
})

const readOnly = defineCommand({
  name: 'READONLY',
  group: 'cluster',
  since: '3.0.0',
  summary: 'This client accepts reads from a replica, which may be behind its primary.',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  run: ({ client, reply }) => {
    client.readsReplica = true
    reply.ok()
  }
})

const readWrite = defineCommand({
  name: 'READWRITE',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Takes READONLY back.',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  run: ({ client, reply }) => {
    client.readsReplica = false
    reply.ok()
  }
})

export const clusterCommands: readonly CommandDefinition[] = [
  container,
  asking,
  readOnly,
  readWrite,
  ...clusterScanCommands.map(onlyInCluster)
]
