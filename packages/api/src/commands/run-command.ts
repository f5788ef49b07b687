import { type Command, ErrorReply, UnreachableError } from '@slotscope/observer'
import type { CommandReply, CommandResult, CommandTarget, NodeState } from '@slotscope/observer/stream'
import { type AskedCluster, nodeAt, ownerOf, redirectAddress } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { inTurns } from '../in-turns.ts'
import { keySlot } from '../keys/key-slot.ts'
import { masked } from './masked-reply.ts'

/** Kept of all replies to one line, in bytes; of one node at least 8 KiB. */
const MOST_BYTES = 2 * 1024 * 1024
const LEAST_BYTES_PER_NODE = 8 * 1024
const TIMEOUT_MS = 10_000
/** Connections that one line opens at the same time. */
const AT_ONCE = 32

/** The nodes that a target stands for. Throws `NOT_FOUND` or `CLUSTER_UNREACHABLE`. */
export function nodesOf(cluster: AskedCluster, target: CommandTarget): readonly NodeState[] {
  const core = cluster.core()
  const known = (id: string) => {
    const node = core.nodes[id]
    if (node === undefined) throw new ApiFailure('NOT_FOUND', `no node ${id} in this cluster`)
    return node
  }
  switch (target.kind) {
    case 'node':
      return [known(target.node)]
    case 'key':
      return [known(ownerOf(core, keySlot(Buffer.from(target.key, 'base64url'))).node)]
    case 'primaries':
      return Object.values(core.shards).flatMap((shard) => (shard.primary === null ? [] : [known(shard.primary)]))
    case 'nodes':
      return Object.values(core.nodes)
  }
}

/** Sends a command to every node of the target, each on a connection of its own that ends with it. In the order of `nodesOf`. */
export async function runCommand(
  cluster: AskedCluster,
  {
    target,
    database,
    command,
    name
  }: { readonly target: CommandTarget; readonly database: number; readonly command: Command; readonly name: string }
): Promise<readonly CommandResult[]> {
  const nodes = nodesOf(cluster, target)
  const mostBytes = Math.max(LEAST_BYTES_PER_NODE, Math.floor(MOST_BYTES / Math.max(1, nodes.length)))
  const results = await inTurns(nodes, AT_ONCE, (node) => ask(cluster, node, { database, command, mostBytes }))
  const first = results[0]
  const moved =
    target.kind === 'key' && first?.reply?.type === 'error' && first.reply.message.startsWith('MOVED ') ? first.reply.message : undefined
  if (first === undefined || moved === undefined) return results.map((result) => masked(name, result))
  // Only a node that is known as a member of this cluster is followed.
  cluster.requestRefresh()
  const next = nodeAt(cluster.core(), redirectAddress(new ErrorReply(moved), cluster.core(), first.node))
  const node = next && cluster.core().nodes[next.node]
  return [masked(name, node === undefined ? first : await ask(cluster, node, { database, command, mostBytes }))]
}

async function ask(
  cluster: AskedCluster,
  node: NodeState,
  { database, command, mostBytes }: { readonly database: number; readonly command: Command; readonly mostBytes: number }
): Promise<CommandResult> {
  const result = { node: node.id, durationMs: null, reply: null, unreachable: null }
  const connection = cluster.caller.dedicated?.({ host: node.host, port: node.port }, 'command line')
  if (connection === undefined) return { ...result, unreachable: 'there is no way to send commands to this cluster' }
  // A replica answers for its keys only to who says that old data will do.
  const before: Command[] = [...(node.role === 'replica' ? [['READONLY']] : []), ...(database === 0 ? [] : [['SELECT', String(database)]])]
  try {
    cluster.noteWork('command line', node.id, [...before, command])
    const refused = (before.length === 0 ? [] : await connection.pipeline(before)).find((reply) => reply instanceof ErrorReply)
    if (refused instanceof ErrorReply) return { ...result, reply: errorReply(refused.message) }
    const startedAt = performance.now()
    const reply = await connection.typed(command, { mostBytes, timeoutMs: TIMEOUT_MS })
    return { ...result, reply, durationMs: Math.round((performance.now() - startedAt) * 100) / 100 }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return { ...result, unreachable: error.message }
  } finally {
    connection.close()
  }
}

function errorReply(message: string): CommandReply {
  return { type: 'error', message }
}
