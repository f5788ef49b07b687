import { csvLine } from '@slotscope/observer/stream'
import { Download } from 'lucide-react'
import type { TableFile } from '../model/table-files.ts'
import { Button } from './button.tsx'
import styles from './controls.module.css'
import { Menu, MenuItem } from './menu.tsx'

/**
 * Saves what a table shows as CSV or as JSON, one object per row. Made here, because the page has it all.
 *
 * @param name of the file, without its ending
 * @param compact one button with a menu, where two have no room
 */
export function SaveRows(props: {
  readonly what: string
  readonly name: string
  readonly file: () => TableFile
  readonly compact?: boolean
}) {
  const saveAs = (format: 'csv' | 'json') =>
    save(`${props.name}.${format}`, format === 'csv' ? asCsv(props.file()) : asJson(props.file()), types[format])
  if (props.compact)
    return (
      <Menu
        label={`Save ${props.what}`}
        button={<Download aria-hidden />}
        buttonProps={{ size: 'small', icon: true }}
        items={formats.map((format) => (
          <MenuItem key={format} label={`As ${format.toUpperCase()}`} icon={<Download aria-hidden />} onChoose={() => saveAs(format)} />
        ))}
      />
    )
  return (
    <span className={styles.downloads}>
      {formats.map((format) => (
        <Button key={format} size="small" aria-label={`Save ${props.what} as ${format.toUpperCase()}`} onClick={() => saveAs(format)}>
          <Download aria-hidden />
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  )
}

const formats = ['csv', 'json'] as const
const types = { csv: 'text/csv;charset=utf-8', json: 'application/json' } as const

function asCsv({ columns, rows }: TableFile): string {
  return [columns, ...rows].map(csvLine).join('')
}

function asJson({ columns, rows }: TableFile): string {
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
