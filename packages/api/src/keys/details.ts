import type { Command, Reply } from '@slotscope/observer'
import { ErrorReply } from '@slotscope/observer'
import type { KeyDetailsAnswer, KeyDetailsRequest, KeyRow } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, ownerOf, sound } from '../clusters/node-questions.ts'
import { keySlot } from './key-slot.ts'
import { numberOf, sizeCommand, textOf, ttlOf } from './replies.ts'

type Asked = { readonly key: string; readonly bytes: Uint8Array; readonly slot: number; readonly shard: string }

/**
 * Type, expiry and size of the rows that a person has in sight: two pipelines per node, three commands per key. A key that is gone,
 * or that moved to another shard in this moment, is left out.
 */
export async function keyDetails(cluster: AskedCluster, request: KeyDetailsRequest, nowMs: number): Promise<KeyDetailsAnswer> {
  const core = cluster.core()
  const byNode = new Map<string, Asked[]>()
  for (const key of request.keys) {
    const bytes = Buffer.from(key, 'base64url')
    const slot = keySlot(bytes)
    const { node, shard } = ownerOf(core, slot)
    const list = byNode.get(node)
    if (list) list.push({ key, bytes, slot, shard })
    else byNode.set(node, [{ key, bytes, slot, shard }])
  }
  const answers = await Promise.all([...byNode].map(([node, keys]) => detailsOfNode(cluster, request.database, node, keys)))
  return { keys: answers.flatMap((one) => one.rows), commands: answers.reduce((sum, one) => sum + one.commands, 0), atMs: nowMs }
}

async function detailsOfNode(
  cluster: AskedCluster,
  database: number,
  node: string,
  keys: readonly Asked[]
): Promise<{ readonly rows: KeyRow[]; readonly commands: number }> {
  const select: Command = ['SELECT', String(database)]
  const first = [
    select,
    ...keys.flatMap(({ bytes }): Command[] => [
      ['TYPE', bytes],
      ['PTTL', bytes]
    ])
  ]
  const replies = await askNode(cluster, node, first, 'key details')
  sound(replies[0], node)
  const found = keys.flatMap((key, index) => {
    const type = unlessMoved(replies[1 + 2 * index], node)
    const ttl = unlessMoved(replies[2 + 2 * index], node)
    if (type === undefined || ttl === undefined || textOf(type) === 'none') return []
    return [{ ...key, type: textOf(type), ttlMs: ttlOf(ttl), sizeCommand: sizeCommand(textOf(type), key.bytes) }]
  })
  const sized = found.filter((one) => one.sizeCommand !== undefined)
  const second = [select, ...sized.flatMap((one): Command[] => (one.sizeCommand ? [one.sizeCommand] : []))]
  const sizes = sized.length === 0 ? [] : await askNode(cluster, node, second, 'key details')
  const sizeOf = new Map(sized.map((one, index) => [one.key, numberOf(sizes[index + 1])]))
  const rows = found.map(
    ({ key, type, slot, shard, ttlMs }): KeyRow => ({ key, type, slot, shard, ttlMs, size: sizeOf.get(key) ?? null, detailed: true })
  )
  return { rows, commands: first.length + (sized.length === 0 ? 0 : second.length) }
}

function unlessMoved(reply: Reply | undefined, node: string): Reply | undefined {
  return reply instanceof ErrorReply && (reply.code === 'MOVED' || reply.code === 'ASK') ? undefined : sound(reply, node)
}
