import type { Reply } from '../caller.ts'
import { fieldsOf, integerOf, listOf, malformed, type Parsed } from './shape.ts'

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
    const fields = fieldsOf(pair?.[1])
    const keys = integerOf(fields?.get('key-count'))
    if (slot === undefined || slot < 0 || slot > 16_383 || !fields || keys === undefined)
      return malformed('CLUSTER SLOT-STATS', item, 'a slot with its key-count')
    stats.push({
      slot,
      keys,
      cpuUs: integerOf(fields.get('cpu-usec')) ?? null,
      bytesIn: integerOf(fields.get('network-bytes-in')) ?? null,
      bytesOut: integerOf(fields.get('network-bytes-out')) ?? null
    })
  }
  return { value: stats }
}
