import { ArrowDown, ArrowUp } from 'lucide-react'
import { type CSSProperties, type ReactNode, useRef } from 'react'
import { nextSort, type Sort } from '../model/sorted-rows.ts'
import styles from './row-table.module.css'
import { ScrollRegion } from './scroll-region.tsx'
import { useRowWindow } from './use-row-window.ts'

/** A column as it is drawn. */
export type RowColumn<Row> = {
  readonly name: string
  readonly words: string
  /** What it is and where it comes from. */
  readonly title: string
  /** Track of a grid: `88px`, `minmax(120px, 1.4fr)`. */
  readonly width: string
  /** It stands at the left; figures stand at the right. */
  readonly isText?: boolean
  /** It is drawn, and does not sort. */
  readonly isFigure?: boolean
  /** It names its row. */
  readonly isHead?: boolean
  readonly cell: (row: Row) => ReactNode
  /** In full, where the cell may be cut. */
  readonly hint?: (row: Row) => string | undefined
}

/** Which rows are chosen, where they can be. */
export type RowChoice<Row> = {
  readonly isChosen: (row: Row) => boolean
  readonly labelOf: (row: Row) => string
  readonly onChoose: (row: Row, isOn: boolean) => void
  /** All that `onChooseAll` means are chosen, or some of them. */
  readonly all: boolean | 'some'
  readonly onChooseAll: (isOn: boolean) => void
  readonly allLabel: string
}

const ROW_PX = 30
const HEAD_PX = 30
/** Beyond what any screen shows: the style sheet ends it earlier. */
const MOST_PX = 12_000

/**
 * A table of any length: rows are drawn only where they are in sight, columns sort by a click. Laid out as grids, read as a table.
 *
 * @param props.leastPx below this width it scrolls sideways
 */
export function RowTable<Row>(props: {
  readonly label: string
  readonly columns: readonly RowColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** Of a table that sorts. */
  readonly sort?: Sort | null
  readonly onSort?: (sort: string | null) => void
  readonly leastPx: number
  /** Above this height it scrolls; absent: as high as the page allows. */
  readonly mostPx?: number
  readonly choice?: RowChoice<Row>
  readonly markOf?: (row: Row) => string | undefined
  readonly openKey?: string | null
  readonly onOpen?: (row: Row) => void
}) {
  const { columns, rows, sort = null, choice } = props
  const scroll = useRef<HTMLDivElement>(null)
  const { rows: shown } = useRowWindow(scroll, rows.length, ROW_PX)
  const tracks = [...(choice ? ['26px'] : []), ...columns.map(({ width }) => width)].join(' ')
  const height = Math.min(rows.length * ROW_PX + HEAD_PX + 2, props.mostPx ?? MOST_PX)
  return (
    <ScrollRegion ref={scroll} className={styles.scroll} label={props.label} style={{ height }}>
      <table
        className={styles.table}
        aria-rowcount={rows.length + 1}
        style={{ '--tracks': tracks, minWidth: props.leastPx } as CSSProperties}
      >
        <thead className={styles.head}>
          <tr className={styles.cells}>
            {choice && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={choice.allLabel}
                  checked={choice.all === true}
                  ref={(box) => {
                    if (box) box.indeterminate = choice.all === 'some'
                  }}
                  onChange={(event) => choice.onChooseAll(event.target.checked)}
                />
              </th>
            )}
            {columns.map((column) => {
              const isSorted = sort?.by === column.name
              return (
                <th
                  key={column.name}
                  scope="col"
                  title={column.title}
                  data-text={column.isText || undefined}
                  aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined}
                >
                  {column.isFigure ? (
                    column.words || <span className="visually-hidden">{column.title}</span>
                  ) : (
                    <button type="button" className={styles.sorter} onClick={() => props.onSort?.(nextSort(sort, column))}>
                      {column.words}
                      {isSorted && (sort.isDown ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
                    </button>
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody className={styles.body} style={{ height: shown.heightPx }}>
          {rows.slice(shown.from, shown.to).map((row, at) => {
            const key = props.keyOf(row)
            const isChosen = choice?.isChosen(row)
            return (
              <tr
                key={key}
                className={`${styles.cells} ${styles.row}`}
                aria-rowindex={shown.from + at + 2}
                style={{ top: shown.topOf(shown.from + at) }}
                data-chosen={isChosen || props.openKey === key || undefined}
                data-mark={props.markOf?.(row)}
              >
                {choice && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={choice.labelOf(row)}
                      checked={isChosen}
                      onChange={(event) => choice.onChoose(row, event.target.checked)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <Cell
                    key={column.name}
                    column={column}
                    row={row}
                    isOpen={props.openKey === key}
                    onOpen={column.isHead ? props.onOpen : undefined}
                  />
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollRegion>
  )
}

function Cell<Row>(props: {
  readonly column: RowColumn<Row>
  readonly row: Row
  readonly isOpen: boolean
  readonly onOpen: ((row: Row) => void) | undefined
}) {
  const { column, row, onOpen } = props
  const attributes = { 'data-text': column.isText || undefined, title: column.hint?.(row) }
  if (!column.isHead) return <td {...attributes}>{column.cell(row)}</td>
  return (
    <th scope="row" {...attributes}>
      {onOpen ? (
        <button type="button" className={styles.opener} aria-expanded={props.isOpen} onClick={() => onOpen(row)}>
          {column.cell(row)}
        </button>
      ) : (
        column.cell(row)
      )}
    </th>
  )
}
