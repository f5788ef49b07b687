import type { Reply } from '../caller.ts'
import type { SlotRange } from '../stream/core-state.ts'
import { fieldsOf, integerOf, isName, isNodeId, listOf, malformed, type Parsed, textOf } from './shape.ts'

export type ShardReply = {
  /** Absent before 9.1: ask CLUSTER MYSHARDID of a member. */
  readonly id: string | null
  readonly slots: readonly SlotRange[]
  readonly nodes: readonly ShardNode[]
}

export type ShardNode = {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly hostname: string | null
  /** What the cluster wants clients to connect to instead of `host` (`cluster-preferred-endpoint-type`); null: `host` it is. */
  readonly endpoint: string | null
  readonly role: 'primary' | 'replica'
  readonly health: 'online' | 'fail' | 'loading'
  /** Gossip-old for every node but the asked one. */
  readonly offset: number
  readonly zone: string | null
}

/** Parses CLUSTER SHARDS of 7.x to 9.1. */
export function parseClusterShards(reply: Reply | undefined): Parsed<readonly ShardReply[]> {
  const list = listOf(reply)
  if (!list) return malformed('CLUSTER SHARDS', reply, 'an array')
  const shards: ShardReply[] = []
  for (const item of list) {
    const fields = fieldsOf(item)
    const slots = parseSlots(fields?.get('slots'))
    const nodeList = listOf(fields?.get('nodes'))
    if (!fields || !slots || !nodeList) return malformed('CLUSTER SHARDS', item, 'a shard with slots and nodes')
    const nodes: ShardNode[] = []
    for (const entry of nodeList) {
      const node = parseNode(entry)
      if (!node) return malformed('CLUSTER SHARDS', entry, 'a node with id, port, role and health')
      nodes.push(node)
    }
    const id = textOf(fields.get('id'))
    if (id !== undefined && !isName(id)) return malformed('CLUSTER SHARDS', item, 'a shard id')
    shards.push({ id: id ?? null, slots, nodes })
  }
  return { value: shards }
}

/** Start and end integers one after another. */
function parseSlots(reply: Reply | undefined): SlotRange[] | undefined {
  const list = listOf(reply)
  if (!list || list.length % 2 !== 0) return undefined
  const ranges: SlotRange[] = []
  for (let i = 0; i < list.length; i += 2) {
    const first = integerOf(list[i])
    const last = integerOf(list[i + 1])
    if (first === undefined || last === undefined || first < 0 || first > last || last > 16_383) return undefined
    ranges.push([first, last])
  }
  return ranges
}

function parseNode(reply: Reply): ShardNode | undefined {
  const fields = fieldsOf(reply)
  const id = textOf(fields?.get('id'))
  const port = integerOf(fields?.get('port') ?? fields?.get('tls-port'))
  const role = textOf(fields?.get('role'))
  const health = textOf(fields?.get('health'))
  if (!fields || !isNodeId(id) || port === undefined) return undefined
  if (role !== 'master' && role !== 'replica') return undefined
  if (health !== 'online' && health !== 'fail' && health !== 'loading') return undefined
  return {
    id,
    host: textOf(fields.get('ip')) ?? '',
    port,
    hostname: textOf(fields.get('hostname')) || null,
    endpoint: endpointOf(fields),
    role: role === 'master' ? 'primary' : 'replica',
    health,
    offset: integerOf(fields.get('replication-offset')) ?? 0,
    zone: textOf(fields.get('availability-zone')) || null
  }
}

/** `?` and nothing stand for a name that the node does not know. */
function endpointOf(fields: ReadonlyMap<string, Reply>): string | null {
  const text = textOf(fields.get('endpoint'))
  return text === undefined || text === '' || text === '?' || text === textOf(fields.get('ip')) ? null : text
}
