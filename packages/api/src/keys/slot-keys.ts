import type { Command } from '@slotscope/observer'
import { countSlots, eachSlot, normalise, type SlotKeysAnswer, type SlotRange } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, ownerOf, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { databasesOf, numberOf } from './replies.ts'

/** So many counts are sent for one answer, at the pace of the cluster: of one node it takes five seconds. */
const MOST_COUNTS = 10_000
/** Counts in one pipeline, the SELECT before them not counted. */
const PIPELINE = 255

/**
 * Keys by slot and non-empty database, as the owners count them now. `cluster.caller` is to hold per-slot questions back. Throws
 * `BAD_REQUEST` when that would be too many.
 */
export async function slotKeys(cluster: AskedCluster, ranges: readonly SlotRange[], nowMs: number): Promise<SlotKeysAnswer> {
  const turned = ranges.find(([first, last]) => first > last)
  if (turned) throw new ApiFailure('BAD_REQUEST', `the range ${turned[0]}-${turned[1]} ends before it begins`)
  const core = cluster.core()
  const slotsOf = new Map<string, number[]>()
  for (const slot of eachSlot(normalise(ranges))) {
    const { node } = ownerOf(core, slot)
    const slots = slotsOf.get(node)
    if (slots) slots.push(slot)
    else slotsOf.set(node, [slot])
  }
  const databases = new Map<string, readonly number[]>()
  await Promise.all(
    [...slotsOf.keys()].map(async (node) => {
      const [info] = await askNode(cluster, node, [['INFO', 'keyspace']], 'slot keys')
      databases.set(
        node,
        databasesOf(sound(info, node)).map(({ database }) => database)
      )
    })
  )
  const counts = [...slotsOf].reduce((sum, [node, slots]) => sum + slots.length * (databases.get(node)?.length ?? 0), 0)
  if (counts > MOST_COUNTS)
    throw new ApiFailure(
      'BAD_REQUEST',
      `${countSlots(normalise(ranges)).toLocaleString('en-US')} slots take ${counts.toLocaleString('en-US')} counts, one per slot and database; ${MOST_COUNTS.toLocaleString('en-US')} are the most at a time: choose fewer slots`
    )
  const rows: [slot: number, database: number, keys: number][] = []
  await Promise.all(
    [...slotsOf].map(async ([node, slots]) => {
      for (const database of databases.get(node) ?? []) rows.push(...(await countIn(cluster, node, database, slots)))
    })
  )
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { rows, counts, atMs: nowMs }
}

async function countIn(
  cluster: AskedCluster,
  node: string,
  database: number,
  slots: readonly number[]
): Promise<[slot: number, database: number, keys: number][]> {
  const rows: [number, number, number][] = []
  for (let at = 0; at < slots.length; at += PIPELINE) {
    const part = slots.slice(at, at + PIPELINE)
    const commands: Command[] = [['SELECT', String(database)], ...part.map((slot) => ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])]
    const replies = await askNode(cluster, node, commands, 'slot keys')
    sound(replies[0], node)
    for (const [index, slot] of part.entries()) {
      const keys = numberOf(sound(replies[index + 1], node)) ?? 0
      if (keys > 0) rows.push([slot, database, keys])
    }
  }
  return rows
}
