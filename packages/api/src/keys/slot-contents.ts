import type { Command } from '@slotscope/observer'
import type { SlotAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, ownerOf, sound } from '../clusters/node-questions.ts'
import { base64url, databasesOf, listOf, numberOf } from './replies.ts'

const SAMPLE_KEYS = 5
const MOST_DATABASES = 256

/** Keys of one slot per non-empty database of its owner, with a few names: what a hover card shows. */
export async function slotContents(cluster: AskedCluster, slot: number, nowMs: number): Promise<SlotAnswer> {
  const { node } = ownerOf(cluster.core(), slot)
  const [info] = await askNode(cluster, node, [['INFO', 'keyspace']], 'slot')
  const databases = databasesOf(sound(info, node)).slice(0, MOST_DATABASES)
  const commands = databases.flatMap(({ database }): Command[] => [
    ['SELECT', String(database)],
    ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)],
    ['CLUSTER', 'GETKEYSINSLOT', String(slot), String(SAMPLE_KEYS)]
  ])
  const replies = commands.length === 0 ? [] : await askNode(cluster, node, commands, 'slot')
  for (let index = 0; index < commands.length; index += 3) sound(replies[index], node)
  const rows = databases.map(({ database }, index) => ({
    database,
    keys: numberOf(sound(replies[3 * index + 1], node)) ?? 0,
    sample: listOf(sound(replies[3 * index + 2], node)).map(base64url)
  }))
  return {
    slot,
    node,
    keysByDatabase: rows.filter((row) => row.keys > 0).map(({ database, keys }) => ({ database, keys })),
    sampleKeys: rows.flatMap(({ database, sample }) => sample.map((key) => ({ database, key }))),
    atMs: nowMs
  }
}
