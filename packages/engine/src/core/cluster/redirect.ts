import type { Client } from '../client.ts'
import { type CommandDefinition, namesKeys } from '../commands/define-command.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'

/** Is the slot ours, and does nothing move? Then a command on it is served, whatever it is: nearly every one. */
export function isPlainlyServed(node: Node, slot: number): boolean {
  const { view, state } = node.cluster
  return view.isMine(slot) && state === 'ok' && !view.movesKeyByKey && !node.migrations.hasExports
}

/**
 * Who serves a command on this slot: undefined means we do; otherwise the error text that sends the client elsewhere
 * (Valkey `getNodeByQuery`). `keyAt` names the command's keys, for the question which of them are still here while a
 * slot moves key by key; `args` are the command's, for those that name a second database.
 */
export function redirectionOf(
  node: Node,
  client: Client,
  slot: number,
  definition: CommandDefinition,
  keyAt: (index: number) => Uint8Array | undefined,
  keyCount: number,
  args?: Args
): string | undefined {
  if (client.origin !== 'client') return undefined
  const cluster = node.cluster
  const owner = cluster.view.ownerOf(slot)
  if (!owner) return errors.slotUnserved
  const { writes } = definition
  // Shard channels have slots but no keys: they go on while the cluster is down, and while keys of the slot move.
  const isShardMessage = definition.group === 'pubsub'
  if (cluster.state === 'fail' && !isShardMessage) {
    if (!node.config.enabled('cluster-allow-reads-when-down')) return errors.clusterDown
    if (writes) return errors.clusterDownReads
  }
  const myself = cluster.myself
  const migratingTo = owner === myself ? cluster.view.migratingTo.get(slot) : undefined
  const importing = cluster.view.importingFrom.has(slot)
  if (migratingTo || importing) {
    const database = node.keyspace.database(client.database)
    let missing = 0
    for (let i = 0; i < keyCount && namesKeys(definition); i++) {
      const key = keyAt(i)
      if (key && !database.has(key)) missing++
    }
    if (migratingTo) {
      if (args && crossesDatabases(definition.name, args, client.database)) return errors.tryAgain
      if (missing > 0) {
        if (missing < keyCount) return errors.tryAgain
        const { host, port } = cluster.endpointFor(migratingTo, client)
        return errors.ask(slot, host, port)
      }
    }
    const isAsking = client.asking || definition.flags.includes('asking')
    if (importing && owner !== myself && isAsking) return keyCount > 1 && missing > 0 ? errors.tryAgain : undefined
  }
  if (owner === myself) return node.migrations.inLimbo(slot) ? errors.clusterDown : undefined
  if (myself.primary === owner && (client.readsReplica || isShardMessage) && !writes) return undefined
  const { host, port } = cluster.endpointFor(owner, client)
  return errors.moved(slot, host, port)
}

/** Outside of a cluster only those are sent to the primary who have said that they understand it (CLIENT CAPA REDIRECT). */
export function redirectionToPrimary(node: Node, client: Client, definition: CommandDefinition): string | undefined {
  if (client.capabilities === '' || client.origin !== 'client') return undefined
  const { link } = node.replication
  if (!link) return undefined
  if (!definition.writes && (client.readsReplica || !definition.flags.includes('readonly'))) return undefined
  return errors.redirect(link.primary.host, link.primary.port)
}

/**
 * Where a client that waits for a key of this slot must go instead; undefined: it may wait on. Of a slot that moves key by key it
 * waits for what may still be written here (Valkey `clusterRedirectBlockedClientIfNeeded`).
 */
export function redirectionOfBlocked(node: Node, client: Client, slot: number, definition: CommandDefinition): string | undefined {
  if (!node.clusterEnabled) return undefined
  const { cluster } = node
  const { myself, view } = cluster
  const { writes } = definition
  if (cluster.state === 'fail' && (writes || !node.config.enabled('cluster-allow-reads-when-down'))) return errors.clusterDown
  const owner = view.ownerOf(slot)
  if (owner === myself || view.importingFrom.has(slot)) return undefined
  if (!owner) return errors.slotUnserved
  if (myself.primary === owner && client.readsReplica && !writes) return undefined
  const { host, port } = cluster.endpointFor(owner, client)
  return errors.moved(slot, host, port)
}

/** MOVE, and COPY into another database: while a slot moves key by key, the key may be on either side in each of the two. */
function crossesDatabases(name: string, args: Args, selected: number): boolean {
  if (name === 'MOVE') return true
  if (name !== 'COPY') return false
  for (let at = 3; at + 1 < args.length; at++) if (args.is(at, 'DB')) return args.integer(at + 1) !== selected
  return false
}
