import type { Command } from '@slotscope/observer'
import type { EverywhereAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, askOwner, sound } from '../clusters/node-questions.ts'
import { keySlot } from './key-slot.ts'
import { databasesOf, numberOf, sizeCommand, textOf, ttlOf } from './replies.ts'

/** Databases that one look-up visits at most; more than that in use is beyond what a screen can show. */
const MOST_DATABASES = 256

/** One key in every database that holds anything on the owner of its slot. Absent there: type `none`. */
export async function findEverywhere(cluster: AskedCluster, key: string, nowMs: number): Promise<EverywhereAnswer> {
  const bytes = Buffer.from(key, 'base64url')
  const slot = keySlot(bytes)
  // Asked with the key, so that a MOVED tells us when the slot has just gone elsewhere.
  const { node, shard, replies } = await askOwner(
    cluster,
    slot,
    [
      ['INFO', 'keyspace'],
      ['TYPE', bytes]
    ],
    'everywhere'
  )
  const databases = databasesOf(sound(replies[0], node)).slice(0, MOST_DATABASES)
  const commands = databases.flatMap(({ database }): Command[] => [
    ['SELECT', String(database)],
    ['TYPE', bytes],
    ['PTTL', bytes]
  ])
  const found = commands.length === 0 ? [] : await askNode(cluster, node, commands, 'everywhere')
  const rows = databases.map(({ database }, index) => {
    sound(found[3 * index], node)
    return { database, type: textOf(sound(found[3 * index + 1], node)), ttlMs: ttlOf(sound(found[3 * index + 2], node)) }
  })
  const measured = rows.flatMap((row) => {
    const measure = sizeCommand(row.type, bytes)
    return measure === undefined ? [] : [{ database: row.database, measure }]
  })
  const sizeCommands = measured.flatMap(({ database, measure }): Command[] => [['SELECT', String(database)], measure])
  const sizes = sizeCommands.length === 0 ? [] : await askNode(cluster, node, sizeCommands, 'everywhere')
  const sizeOf = new Map(measured.map(({ database }, index) => [database, numberOf(sizes[2 * index + 1])]))
  return { slot, shard, rows: rows.map((row) => ({ ...row, size: sizeOf.get(row.database) ?? null })), atMs: nowMs }
}
