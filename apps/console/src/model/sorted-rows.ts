/** Rows of a table in the order of one of its columns; the order stands in the address. */

/** A column: its value as it is sorted. Null is not known, and stands last in either direction. */
export type SortColumn<Row> = {
  /** Stands in the address (`?sort=-memory`). */
  readonly name: string
  /** Texts begin with the first; everything else with the greatest. */
  readonly isText?: boolean
  readonly of: (row: Row) => string | number | null
  /** The order of its texts, where it is not that of the alphabet. */
  readonly compare?: (a: string, b: string) => number
}

export type Sort = { readonly by: string; readonly isDown: boolean }

/** `memory` and `-memory` of an address; what is no column is no order. */
export function readSort(columns: readonly { readonly name: string }[], text: string | null): Sort | null {
  const isDown = text?.startsWith('-') ?? false
  const column = columns.find(({ name }) => name === (isDown ? text?.slice(1) : text))
  return column ? { by: column.name, isDown } : null
}

/** What a click on a column makes of the sort: figures begin with the greatest, texts with the first; then the other way, then none. */
export function nextSort(sort: Sort | null, { name, isText = false }: Pick<SortColumn<never>, 'name' | 'isText'>): string | null {
  const [begins, turns] = isText ? [name, `-${name}`] : [`-${name}`, name]
  if (sort?.by !== name) return begins
  return sort.isDown === isText ? null : turns
}

/** A sorted copy; equal rows keep their order. Null sort: as they are. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly SortColumn<Row>[], sort: Sort | null): readonly Row[] {
  const column = sort && columns.find(({ name }) => name === sort.by)
  if (!sort || !column) return rows
  return rows
    .map((row) => ({ row, value: column.of(row) }))
    .sort((a, b) => compareValues(a.value, b.value, { isDown: sort.isDown, compare: column.compare ?? byText.compare }))
    .map(({ row }) => row)
}

/** Null last, numbers by size, texts as a person counts (`node-2` before `node-10`). */
function compareValues(
  a: string | number | null,
  b: string | number | null,
  { isDown, compare }: { readonly isDown: boolean; readonly compare: (a: string, b: string) => number }
): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))
  return isDown ? -order : order
}

const byText = new Intl.Collator('en', { numeric: true })
