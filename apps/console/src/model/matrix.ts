import type { DatabaseCell, DatabasesState, ShardState } from '@slotscope/observer/stream'
import { compareLabels } from './shard-order.ts'

/** What the matrix counts. The words are those of the address (`?figure=`). */
export type MatrixFigure = 'keys' | 'with-expiry' | 'volatile-fields' | 'average-ttl'

export const matrixFigures: readonly { readonly value: MatrixFigure; readonly label: string }[] = [
  { value: 'keys', label: 'Keys' },
  { value: 'with-expiry', label: 'With expiry' },
  { value: 'volatile-fields', label: 'Volatile fields' },
  { value: 'average-ttl', label: 'Avg TTL' }
]

/** Databases by shards: both in order, and a cell for each pair. */
export type Matrix = {
  /** Numbers of the databases that hold a key anywhere, ascending. */
  readonly databases: readonly number[]
  readonly shards: readonly ShardState[]
  /** Shards whose primary was never read: nothing is known of their cells. */
  readonly unread: ReadonlySet<string>
  /** Null: the shard was read and this database is empty there, or the shard was not read (`unread` says which). */
  readonly cell: (database: number, shard: string) => DatabaseCell | null
}

/** Joins the figures with the shards that exist now; figures of a shard that is gone are left out. */
export function readMatrix(state: DatabasesState, shards: Readonly<Record<string, ShardState>>): Matrix {
  const order = Object.values(shards).sort((a, b) => compareLabels(a.label, b.label))
  const databases = new Set<number>()
  for (const { key } of order) for (const database of Object.keys(state.shards[key] ?? {})) databases.add(Number(database))
  return {
    databases: [...databases].sort((a, b) => a - b),
    shards: order,
    unread: new Set(order.filter(({ key }) => state.shards[key] === undefined).map(({ key }) => key)),
    cell: (database, shard) => state.shards[shard]?.[String(database)] ?? null
  }
}

/** The figure of one cell. Null where an average has nothing to average. */
export function figureOf(cell: DatabaseCell, figure: MatrixFigure): number | null {
  switch (figure) {
    case 'keys':
      return cell.keys
    case 'with-expiry':
      return cell.withExpiry
    case 'volatile-fields':
      return cell.withVolatileFields
    case 'average-ttl':
      return cell.withExpiry === 0 ? null : cell.averageTtlMs
  }
}

/** The figure over several cells: a sum, or for the average the mean weighted by the keys that have an expiry. */
export function totalOf(cells: readonly (DatabaseCell | null)[], figure: MatrixFigure): number | null {
  const known = cells.filter((cell) => cell !== null)
  if (figure !== 'average-ttl') return known.reduce((sum, cell) => sum + (figureOf(cell, figure) ?? 0), 0)
  const keys = known.reduce((sum, cell) => sum + cell.withExpiry, 0)
  return keys === 0 ? null : known.reduce((sum, cell) => sum + cell.averageTtlMs * cell.withExpiry, 0) / keys
}

/** The greatest figure of all cells, at least 1: the full tint. */
export function largestOf(matrix: Matrix, figure: MatrixFigure): number {
  let largest = 1
  for (const database of matrix.databases)
    for (const { key } of matrix.shards) {
      const cell = matrix.cell(database, key)
      if (cell) largest = Math.max(largest, figureOf(cell, figure) ?? 0)
    }
  return largest
}

/** Strongest and weakest tint of a cell that holds something; `matrix.test.ts` computes that text stays readable on both. */
export const TINT_MOST = 0.38
export const TINT_LEAST = 0.1

/**
 * Share of the shard's hue in a cell's ground. By the square root, so that a cell with a hundredth of the largest figure can
 * still be told from an empty one.
 */
export function tintOf(value: number | null, largest: number): number {
  if (value === null || value <= 0) return 0
  return TINT_LEAST + (TINT_MOST - TINT_LEAST) * Math.sqrt(Math.min(1, value / largest))
}

/** Oldest reading among the cells of a shard, on the api's wall clock; null when it has none. */
export function oldestReading(matrix: Matrix, shard: string): number | null {
  const times = matrix.databases.flatMap((database) => matrix.cell(database, shard)?.atMs ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

/** How many shards the matrix shows as columns; with more of them shards become rows. */
export const MOST_SHARD_COLUMNS = 12

/** A place in the matrix: `database` or `shard` null is the total of a row or column. */
export type MatrixPlace = { readonly row: number; readonly column: number }

/** Where an arrow leads from a place in a grid of `rows` x `columns`, totals included. Stays at the edges. */
export function stepIn(place: MatrixPlace, key: string, rows: number, columns: number): MatrixPlace | null {
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value))
  switch (key) {
    case 'ArrowUp':
      return { row: clamp(place.row - 1, rows), column: place.column }
    case 'ArrowDown':
      return { row: clamp(place.row + 1, rows), column: place.column }
    case 'ArrowLeft':
      return { row: place.row, column: clamp(place.column - 1, columns) }
    case 'ArrowRight':
      return { row: place.row, column: clamp(place.column + 1, columns) }
    case 'Home':
      return { row: place.row, column: 0 }
    case 'End':
      return { row: place.row, column: columns - 1 }
    case 'PageUp':
      return { row: clamp(place.row - 10, rows), column: place.column }
    case 'PageDown':
      return { row: clamp(place.row + 10, rows), column: place.column }
    default:
      return null
  }
}
