import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '@slotscope/observer'
import type { CoreState } from '@slotscope/observer/stream'
import { ApiFailure } from '../errors.ts'

/** What a question needs of a cluster: its connections, what is known of it, and a way to say that this is out of date. */
export type AskedCluster = {
  readonly id: string
  readonly caller: Caller
  core(): CoreState
  /** Reads the topology again soon. */
  requestRefresh(): void
  /** Takes note of what people's work costs the cluster. */
  noteWork(cause: string, node: string, commands: readonly Command[]): void
}

/** The primary in charge of a slot. */
export type SlotOwner = { readonly shard: string; readonly node: string }

/** Asks one node, on the connection for people's work. Throws `NOT_FOUND` or `CLUSTER_UNREACHABLE`; error replies stay in place. */
export async function askNode(cluster: AskedCluster, node: string, commands: readonly Command[], cause: string): Promise<readonly Reply[]> {
  const known = cluster.core().nodes[node]
  if (known === undefined) throw new ApiFailure('NOT_FOUND', `no node ${node} in this cluster`)
  cluster.noteWork(cause, node, commands)
  try {
    return await cluster.caller.pipeline({ host: known.host, port: known.port }, commands, { purpose: 'work', cause })
  } catch (error) {
    if (error instanceof UnreachableError)
      throw new ApiFailure('CLUSTER_UNREACHABLE', `${known.name}: ${error.message}`, { details: { node } })
    throw error
  }
}

/**
 * Asks the owner of a slot. When it has moved meanwhile (`MOVED`), asks the node it moved to, once. Only a node that is known as a
 * member of this cluster is followed: a reply must not send us to an arbitrary address.
 */
export async function askOwner(
  cluster: AskedCluster,
  slot: number,
  commands: readonly Command[],
  cause: string
): Promise<SlotOwner & { readonly replies: readonly Reply[] }> {
  const owner = ownerOf(cluster.core(), slot)
  const replies = await askNode(cluster, owner.node, commands, cause)
  const moved = replies.find((reply) => reply instanceof ErrorReply && reply.code === 'MOVED')
  if (!(moved instanceof ErrorReply)) return { ...owner, replies }
  cluster.requestRefresh()
  const next = nodeAt(cluster.core(), redirectAddress(moved, cluster.core(), owner.node))
  if (next === undefined) return { ...owner, replies }
  return { ...next, replies: await askNode(cluster, next.node, commands, cause) }
}

/** The shard and primary that own the slot. Throws `CLUSTER_UNREACHABLE` when nobody is in charge of it. */
export function ownerOf(core: CoreState, slot: number): SlotOwner {
  const shard = Object.values(core.shards).find((one) => one.slots.some(([first, last]) => slot >= first && slot <= last))
  if (shard === undefined) throw new ApiFailure('CLUSTER_UNREACHABLE', `slot ${slot} is owned by no node`)
  if (shard.primary === null) throw new ApiFailure('CLUSTER_UNREACHABLE', `shard ${shard.label}, the owner of slot ${slot}, has no primary`)
  return { shard: shard.key, node: shard.primary }
}

/** The reply, or `SERVER_ERROR_REPLY` with the server's words when it is an error. */
export function sound(reply: Reply | undefined, node: string): Exclude<Reply, ErrorReply> {
  if (reply instanceof ErrorReply) throw new ApiFailure('SERVER_ERROR_REPLY', reply.message, { details: { node } })
  if (reply === undefined) throw new ApiFailure('SERVER_ERROR_REPLY', 'the server sent fewer replies than commands', { details: { node } })
  return reply
}

/** Where `MOVED 3999 127.0.0.1:6381` or `ASK ...` sends us; an empty host means the host of the node that answered. */
export function redirectAddress(moved: ErrorReply, core: CoreState, askedNode: string): NodeAddress | undefined {
  const text = moved.message.split(' ')[2]
  const colon = text?.lastIndexOf(':') ?? -1
  if (text === undefined || colon === -1) return undefined
  const host = text.slice(0, colon) || core.nodes[askedNode]?.host
  return host === undefined ? undefined : { host, port: Number(text.slice(colon + 1)) }
}

/** The member of the cluster at this address. */
export function nodeAt(core: CoreState, address: NodeAddress | undefined): SlotOwner | undefined {
  if (address === undefined) return undefined
  const node = Object.values(core.nodes).find((one) => one.host === address.host && one.port === address.port)
  return node && { shard: node.shard, node: node.id }
}
