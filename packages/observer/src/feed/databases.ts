import type { DatabaseCell, DatabasesState } from '../stream/figures.ts'
import type { NodeFigures } from './node-figures.ts'

/**
 * Databases x shards from INFO keyspace of the primaries. A shard whose primary was never read is absent. A cell whose figures
 * did not change keeps its old time for a few seconds, so that an idle cluster costs nothing on the wire.
 */
export function databasesState(
  limit: number | null,
  primaries: readonly { readonly shard: string; readonly node: string; readonly figures: NodeFigures | undefined }[],
  before: DatabasesState | undefined
): DatabasesState {
  const shards: Record<string, Record<string, DatabaseCell>> = {}
  const readFrom: Record<string, string> = {}
  for (const { shard, node, figures } of primaries) {
    if (!figures) continue
    readFrom[shard] = node
    const cells: Record<string, DatabaseCell> = {}
    for (const [number, database] of figures.databases) {
      if (database.keys === 0) continue
      const cell: DatabaseCell = {
        keys: database.keys,
        withExpiry: database.expires,
        withVolatileFields: database.withVolatileFields,
        averageTtlMs: database.averageTtlMs,
        atMs: figures.atMs
      }
      const held = before?.shards[shard]?.[String(number)]
      cells[String(number)] = held && isSame(held, cell) && cell.atMs - held.atMs < KEPT_MS ? held : cell
    }
    shards[shard] = cells
  }
  return { limit, shards, readFrom }
}

const KEPT_MS = 5_000

function isSame(a: DatabaseCell, b: DatabaseCell): boolean {
  return (
    a.keys === b.keys && a.withExpiry === b.withExpiry && a.withVolatileFields === b.withVolatileFields && a.averageTtlMs === b.averageTtlMs
  )
}
