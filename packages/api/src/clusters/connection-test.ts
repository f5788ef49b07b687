import {
  type Caller,
  type Command,
  ErrorReply,
  type NodeAddress,
  parseClusterNodes,
  parseClusterShards,
  parseInfo,
  type Reply,
  UnreachableError
} from '@slotscope/observer'
import type { ProfileTestAnswer, ProfileTestRow } from '@slotscope/observer/stream'
import type { ClusterOptions } from '../config.ts'
import { inTurns } from '../in-turns.ts'
import { formatAddress, mapAddress } from './address-map.ts'
import { NodeUnreachable } from './unreachable.ts'

/** A large cluster is tested at so many of its nodes, so many at a time. */
const MOST_NODES = 256
const AT_ONCE = 32

type Tried = { readonly row: ProfileTestRow; readonly replies: readonly Reply[] | null }
/** A node as one of the seeds announces it. */
type Announced = NodeAddress & { readonly id: string; readonly slots: number }

/**
 * Tries every seed, and then every node that they announce, at the address that they announce: what a watch will need. Each row says what
 * came of one node, in the words of the server or of the system. It takes as long as the slowest connection may take, twice.
 */
export async function testConnection(
  { seeds, addressMap }: Pick<ClusterOptions, 'seeds' | 'addressMap'>,
  caller: Caller,
  now: () => number
): Promise<ProfileTestAnswer> {
  const attempt = async (
    address: NodeAddress,
    commands: readonly Command[],
    what: { seed: boolean; node: string | null }
  ): Promise<Tried> => {
    const startedAtMs = now()
    const mapped = mapAddress(addressMap, address)
    const about = {
      ...what,
      address: formatAddress(address),
      mapped: formatAddress(mapped) === formatAddress(address) ? null : formatAddress(mapped)
    }
    try {
      const replies = await caller.pipeline(address, commands, { purpose: 'work', cause: 'test' })
      return { row: { ...about, ...verdict(replies, what.node), elapsedMs: now() - startedAtMs }, replies }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      const outcome = error instanceof NodeUnreachable ? error.kind : 'lost'
      return { row: { ...about, outcome, words: error.message, elapsedMs: now() - startedAtMs }, replies: null }
    }
  }
  const seedCommands: readonly Command[] = [
    ['CLUSTER', 'MYID'],
    ['CLUSTER', 'NODES'],
    ['CLUSTER', 'SHARDS'],
    ['CLUSTER', 'INFO'],
    ['INFO', 'server']
  ]
  const tried = await Promise.all(seeds.map((seed) => attempt(seed, seedCommands, { seed: true, node: null })))
  const answer = tried.find(({ row, replies }) => row.outcome === 'reached' && replies !== null)?.replies ?? null
  const nodes = answer === null ? [] : announcedBy(answer)
  const reached = new Set(
    tried.flatMap(({ row }) => (row.outcome === 'reached' && row.node !== null ? [`${row.node} ${row.address}`] : []))
  )
  // A seed that answered at its announced address has been tried already.
  const further = nodes.filter((node) => !reached.has(`${node.id} ${formatAddress(node)}`))
  const rows = await inTurns(further.slice(0, MOST_NODES), AT_ONCE, (node) =>
    attempt(node, [['CLUSTER', 'MYID']], { seed: false, node: node.id })
  )
  return {
    rows: [...tried, ...rows].map(({ row }) => row),
    untested: Math.max(0, further.length - MOST_NODES),
    cluster: answer === null ? null : summaryOf(answer, nodes)
  }
}

/** `expected`: whose address it is; null for a seed, which may be any node. */
function verdict(replies: readonly Reply[], expected: string | null): Pick<ProfileTestRow, 'node' | 'outcome' | 'words'> {
  // Of a seed the list of nodes is needed too; what else it refuses shows on screen, with the rule that is missing.
  const refusal = replies.slice(0, 2).find((reply) => reply instanceof ErrorReply)
  if (refusal !== undefined) return { node: expected, outcome: 'server-error', words: refusal.message }
  const id = String(replies[0])
  if (expected !== null && id !== expected)
    return { node: expected, outcome: 'other-node', words: `another node answers there: ${id.slice(0, 40)}` }
  return { node: id, outcome: 'reached', words: '' }
}

function announcedBy([, nodes, shards]: readonly Reply[]): readonly Announced[] {
  const lines = parseClusterNodes(nodes)
  if ('error' in lines) return []
  const parsed = parseClusterShards(shards)
  const endpoints = new Map('error' in parsed ? [] : parsed.value.flatMap((shard) => shard.nodes.map(({ id, endpoint }) => [id, endpoint])))
  return lines.value
    .filter((line) => !line.noAddress && !line.handshake && (line.host !== '' || line.hostname !== null))
    .map(({ id, host, port, hostname, slots }) => ({
      id,
      host: endpoints.get(id) ?? (host || hostname || ''),
      port,
      ...(hostname === null ? {} : { hostname }),
      slots: slots.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    }))
}

function summaryOf([, , , summary, server]: readonly Reply[], nodes: readonly Announced[]): NonNullable<ProfileTestAnswer['cluster']> {
  const [cluster, about] = [parseInfo(summary), parseInfo(server)]
  return {
    state: 'value' in cluster && cluster.value.text('cluster_state') === 'ok' ? 'ok' : 'fail',
    nodes: nodes.length,
    slots: nodes.reduce((sum, node) => sum + node.slots, 0),
    version: 'value' in about ? (about.value.text('valkey_version') ?? about.value.text('redis_version') ?? null) : null
  }
}
