import type { PlanState } from '@slotscope/observer/stream'
import { formatBytes, formatCount } from './format.ts'

/** What a plan's keys take in memory: `1.20 to 1.90 MiB, sampled from 200 keys`, `none`, or a dash where it could not be asked. */
export function sampledBytes({ moves }: Pick<PlanState, 'moves'>): string {
  const withKeys = moves.filter((move) => move.keys > 0)
  if (withKeys.length === 0) return 'none'
  let [low, high, sampled] = [0, 0, 0]
  for (const { bytes } of withKeys) {
    if (bytes === null) return '–'
    low += bytes.low
    high += bytes.high
    sampled += bytes.sampledKeys
  }
  const [from, to] = [formatBytes(low), formatBytes(high)]
  const range = from === to ? to : `${from} to ${to}`
  return `${range}, ${sampled >= withKeys.reduce((sum, move) => sum + move.keys, 0) ? 'measured' : `sampled from ${formatCount(sampled)} keys`}`
}
