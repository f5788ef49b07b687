import type { CsvCell, DatabaseCell, NodeState, ShardState, SoonestEntry } from '@slotscope/observer/stream'
import type { Matrix } from './matrix.ts'
import type { RangeRow } from './range-rows.ts'
import type { ShardView } from './topology.ts'
import { asBase64Url, readableName } from './typed-bytes.ts'

/** What a table shows, as it is saved: figures as they are, in the units that their columns name, and names of keys also as base64url. */
export type TableFile = { readonly columns: readonly string[]; readonly rows: readonly (readonly CsvCell[])[] }

type Names = Readonly<Record<string, string>> | undefined

/** A row for each database and shard that was read; a database that is empty there has zeros. */
export function matrixFile(matrix: Matrix, names: Names): TableFile {
  const figures = (cell: DatabaseCell | null): CsvCell[] => [
    cell?.keys ?? 0,
    cell?.withExpiry ?? 0,
    cell?.withVolatileFields ?? 0,
    cell && cell.withExpiry > 0 ? cell.averageTtlMs : null
  ]
  return {
    columns: ['database', 'name', 'shard', 'keys', 'withExpiry', 'hashesWithVolatileFields', 'averageTtlMs'],
    rows: matrix.databases.flatMap((database) =>
      matrix.shards
        .filter(({ key }) => !matrix.unread.has(key))
        .map(({ key, label }) => [database, names?.[String(database)] ?? null, label, ...figures(matrix.cell(database, key))])
    )
  }
}

/** Keys that a scan has listed, with size and time to live where they were read. */
export function keyListFile(
  keys: {
    readonly count: number
    readonly keyAt: (index: number) => string
    readonly typeAt: (index: number) => string
    readonly shardAt: (index: number) => string
  },
  detailOf: (key: string) => { readonly size: number | null; readonly ttlMs: number | null } | null,
  shards: Readonly<Record<string, ShardState>>
): TableFile {
  return {
    columns: ['key', 'type', 'shard', 'size', 'ttlMs', 'keyBase64url'],
    rows: Array.from({ length: keys.count }, (_, index) => {
      const key = keys.keyAt(index)
      const shard = keys.shardAt(index)
      const detail = detailOf(key)
      return [readableName(key), keys.typeAt(index), shards[shard]?.label ?? shard, detail?.size ?? null, detail?.ttlMs ?? null, key]
    })
  }
}

export function soonestFile(entries: readonly SoonestEntry[], shards: Readonly<Record<string, ShardState>>): TableFile {
  return {
    columns: ['database', 'shard', 'key', 'field', 'expiresAt', 'keyBase64url'],
    rows: entries.map(({ database, shard, key, field, deadlineMs }) => [
      ...[database, shards[shard]?.label ?? shard, readableName(key), field === null ? null : readableName(field)],
      ...[new Date(deadlineMs).toISOString(), asBase64Url(key)]
    ])
  }
}

/** A row for each node, in the order of the shards. */
export function topologyFile(views: readonly ShardView[]): TableFile {
  const row = ({ label, slotCount, slots }: ShardState, node: NodeState, isPrimary: boolean): CsvCell[] => [
    ...[label, node.id, node.name, `${node.host}:${node.port}`, node.role, node.health, node.version],
    ...(isPrimary ? [slotCount, slots.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(' ')] : [null, null]),
    ...[node.primaryLink ?? null, node.lagBytes]
  ]
  return {
    columns: ['shard', 'id', 'name', 'address', 'role', 'health', 'version', 'slotCount', 'slots', 'primaryLink', 'lagBytes'],
    rows: views.flatMap(({ shard, nodes }) => nodes.map((node) => row(shard, node, node.id === shard.primary)))
  }
}

/** `keysOf` null: not known. */
export function rangeFile(
  rows: readonly RangeRow[],
  ownerOf: (row: RangeRow) => string | null,
  keysOf: (row: RangeRow) => number | null,
  targetOf: (row: RangeRow) => string | null
): TableFile {
  return {
    columns: ['first', 'last', 'count', 'owner', 'keys', 'movingTo'],
    rows: rows.map((row) => {
      const [first, last] = row.range
      return [first, last, last - first + 1, ownerOf(row), keysOf(row), targetOf(row)]
    })
  }
}
