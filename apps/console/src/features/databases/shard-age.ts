import { type Matrix, oldestReading } from '../../model/matrix.ts'

/** Figures that did not change are confirmed every five seconds, and a reading may take its time: two of those periods. */
const OLD_AFTER_MS = 12_000

/** How old the figures of a shard are, in milliseconds, when they are too old to pass for now; else null. */
export function shardAge(matrix: Matrix, shard: string, nowMs: number, live: boolean): number | null {
  const readAtMs = oldestReading(matrix, shard)
  if (readAtMs === null) return null
  const age = nowMs - readAtMs
  return age > OLD_AFTER_MS || (!live && age > 2_000) ? age : null
}
