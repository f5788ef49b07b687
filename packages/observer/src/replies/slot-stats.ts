import { encodeUtf8 } from '../bytes.ts'
import type { Reply } from '../caller.ts'
import { integerOf, listOf, malformed, type Parsed } from './shape.ts'

/** Figures of one owned slot. The last three are null while `cluster-slot-stats-enabled` is no; they only grow. */
export type SlotStat = {
  readonly slot: number
  readonly keys: number
  readonly cpuUs: number | null
  readonly bytesIn: number | null
  readonly bytesOut: number | null
}

/** Parses CLUSTER SLOT-STATS: `[[slot, {key-count, ...}], ...]`, only slots that the asked node's shard owns. */
export function parseSlotStats(reply: Reply | undefined): Parsed<readonly SlotStat[]> {
  const list = listOf(reply)
  if (!list) return malformed('CLUSTER SLOT-STATS', reply, 'an array')
  const stats: SlotStat[] = []
  for (const item of list) {
    const pair = listOf(item)
    const slot = integerOf(pair?.[0])
    const [keys, cpuUs = null, bytesIn = null, bytesOut = null] = figuresOf(pair?.[1])
    if (slot === undefined || slot < 0 || slot > 16_383 || keys === undefined)
      return malformed('CLUSTER SLOT-STATS', item, 'a slot with its key-count')
    stats.push({ slot, keys, cpuUs, bytesIn, bytesOut })
  }
  return { value: stats }
}

/** In the order of `SlotStat`. */
const NAMES = ['key-count', 'cpu-usec', 'network-bytes-in', 'network-bytes-out'] as const
/** No two are of the same length. A reply has four for each of 16,384 slots: they are not made into texts. */
const NAME_BYTES = NAMES.map(encodeUtf8)

function figuresOf(reply: Reply | undefined): (number | undefined)[] {
  const figures: (number | undefined)[] = []
  const take = (name: Reply, value: Reply | undefined) => {
    const index = indexOf(name)
    if (index >= 0) figures[index] = integerOf(value)
  }
  if (reply instanceof Map) for (const [name, value] of reply) take(name, value)
  else if (Array.isArray(reply)) for (let i = 0; i + 1 < reply.length; i += 2) take(reply[i], reply[i + 1])
  return figures
}

/** Which of the names it is; -1: none of them. */
function indexOf(name: Reply): number {
  if (typeof name === 'string') return (NAMES as readonly string[]).indexOf(name)
  if (!(name instanceof Uint8Array)) return -1
  const index = NAME_BYTES.findIndex((known) => known.length === name.length)
  const known = NAME_BYTES[index]
  for (let i = 0; i < name.length; i++) if (name[i] !== known?.[i]) return -1
  return index
}
