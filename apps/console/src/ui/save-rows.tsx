import { type CsvCell, csvLine } from '@slotscope/observer/stream'
import { Download } from 'lucide-react'
import { Button } from './button.tsx'
import styles from './controls.module.css'

/** Rows that are on screen, as they are saved. */
export type RowsFile = { readonly columns: readonly string[]; readonly rows: readonly (readonly CsvCell[])[] }

/**
 * Saves what a table shows as CSV or as JSON, one object per row. Made here, because the page has it all.
 *
 * @param name of the file, without its ending
 */
export function SaveRows(props: { readonly what: string; readonly name: string; readonly file: () => RowsFile }) {
  return (
    <span className={styles.downloads}>
      {(['csv', 'json'] as const).map((format) => (
        <Button
          key={format}
          size="small"
          aria-label={`Save ${props.what} as ${format.toUpperCase()}`}
          onClick={() => save(`${props.name}.${format}`, format === 'csv' ? asCsv(props.file()) : asJson(props.file()), types[format])}
        >
          <Download aria-hidden />
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  )
}

const types = { csv: 'text/csv;charset=utf-8', json: 'application/json' } as const

function asCsv({ columns, rows }: RowsFile): string {
  return [columns, ...rows].map(csvLine).join('')
}

function asJson({ columns, rows }: RowsFile): string {
  return `${JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]))),
    null,
    1
  )}\n`
}

function save(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser takes it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
