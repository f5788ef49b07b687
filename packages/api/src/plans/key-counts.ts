import { type Command, ErrorReply, parseSlotStats } from '@slotscope/observer'
import { eachSlot, type SlotRange } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { databasesOf, numberOf } from '../keys/replies.ts'
import type { Pace } from './pace.ts'

/** Keys of some slots per database. `countedSlots` of `slots` were counted; fewer means that the split is estimated from them. */
export type KeyCounts = {
  readonly keysByDatabase: readonly { readonly database: number; readonly keys: number }[]
  readonly slots: number
  readonly countedSlots: number
}

/** Commands of one pipeline besides its SELECT. */
const PIPELINE = 256
/** Per-slot questions that one plan may ask of one node: two seconds at the allowed pace. */
const MOST_QUESTIONS = 4_000
/** More ranges than that are cheaper read as one reply for all slots of the node. */
const MOST_RANGES = 64

/**
 * Counts the keys of `ranges` on `node` by database. The total per slot comes from one CLUSTER SLOT-STATS; only where several
 * databases hold keys, and only for slots that hold any, COUNTKEYSINSLOT splits it, for all databases but the fullest, whose share is
 * the rest. Too many questions are sampled, evenly over the slots.
 */
export async function countKeys(cluster: AskedCluster, node: string, ranges: readonly SlotRange[], pace: Pace): Promise<KeyCounts> {
  const [info] = await askNode(cluster, node, [['INFO', 'keyspace']], 'plan')
  const databases = databasesOf(sound(info, node)).sort((a, b) => b.keys - a.keys)
  const slots = [...eachSlot(ranges)]
  const fullest = databases[0]
  if (fullest === undefined) return { keysByDatabase: [], slots: slots.length, countedSlots: slots.length }
  const perSlot = await keysPerSlot(cluster, node, ranges)
  const filled = perSlot === undefined ? slots : slots.filter((slot) => (perSlot.get(slot) ?? 0) > 0)
  const total = perSlot && sum(filled.map((slot) => perSlot.get(slot) ?? 0))
  // Without totals every database has to be asked.
  const asked = total === undefined ? databases : databases.slice(1)
  const room = asked.length === 0 ? filled.length : Math.max(1, Math.floor(MOST_QUESTIONS / asked.length))
  const sample = filled.length <= room ? filled : evenly(filled, room)
  const totalOfSample = perSlot && sum(sample.map((slot) => perSlot.get(slot) ?? 0))
  const factor = total === undefined ? filled.length / Math.max(1, sample.length) : total / Math.max(1, totalOfSample ?? 0)
  const counts = new Map<number, number>()
  for (const { database } of asked) {
    const keys = await countIn(cluster, node, database, sample, pace)
    counts.set(database, Math.round(keys * factor))
  }
  if (total !== undefined) counts.set(fullest.database, Math.max(0, total - sum([...counts.values()])))
  const keysByDatabase = [...counts].map(([database, keys]) => ({ database, keys })).filter(({ keys }) => keys > 0)
  return {
    keysByDatabase: keysByDatabase.sort((a, b) => a.database - b.database),
    slots: slots.length,
    countedSlots: sample.length === filled.length ? slots.length : sample.length
  }
}

/** Keys of all databases by slot; undefined where the server has no CLUSTER SLOT-STATS or denies it. */
async function keysPerSlot(cluster: AskedCluster, node: string, ranges: readonly SlotRange[]): Promise<Map<number, number> | undefined> {
  const asked: readonly SlotRange[] = ranges.length > MOST_RANGES ? [[0, 16_383]] : ranges
  const commands = asked.map(([first, last]): Command => ['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', String(first), String(last)])
  const replies = await askNode(cluster, node, commands, 'plan')
  if (replies.some((reply) => reply instanceof ErrorReply)) return undefined
  const keys = new Map<number, number>()
  for (const reply of replies) {
    const stats = parseSlotStats(reply)
    if ('error' in stats) throw new ApiFailure('SERVER_ERROR_REPLY', stats.error, { details: { node } })
    for (const stat of stats.value) keys.set(stat.slot, stat.keys)
  }
  return keys
}

async function countIn(cluster: AskedCluster, node: string, database: number, slots: readonly number[], pace: Pace): Promise<number> {
  let keys = 0
  for (let from = 0; from < slots.length; from += PIPELINE) {
    const part = slots.slice(from, from + PIPELINE)
    await pace.take(node, part.length)
    const count = (slot: number): Command => ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)]
    const [selected, ...counts] = await askNode(cluster, node, [['SELECT', String(database)], ...part.map(count)], 'plan')
    sound(selected, node)
    keys += sum(counts.map((reply) => numberOf(sound(reply, node)) ?? 0))
  }
  return keys
}

/** `count` elements of the list, spread over all of it. */
function evenly(list: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)] as number)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
