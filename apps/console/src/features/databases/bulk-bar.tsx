import { useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatCount } from '../../model/format.ts'
import { Button } from '../../ui/button.tsx'
import styles from './bulk.module.css'
import { DeleteKeys } from './delete-keys.tsx'
import { ExportKeys } from './export-keys.tsx'
import { ImportKeys } from './import-keys.tsx'

/** Keys of a database that are chosen. */
export type ChosenKeys = {
  readonly database: number
  readonly count: number
  /** base64url */
  readonly first: string
  /** All of them in order, so many at a time. */
  readonly parts: (atOnce: number) => Iterable<readonly string[]>
}

/** What can be done with many keys: choose all that are listed, export, delete, import. */
export function BulkBar(props: {
  readonly database: number
  readonly listed: number
  /** Null: none. */
  readonly chosen: ChosenKeys | null
  readonly onAll: () => void
  readonly onNone: () => void
  /** Keys were made or deleted: what is listed may not be so any more. */
  readonly onChanged: () => void
}) {
  const { database, listed, chosen } = props
  const [open, setOpen] = useState<'export' | 'delete' | 'import' | null>(null)
  const readOnly = useReadOnlyReason()
  const close = () => setOpen(null)
  const changing = { disabled: readOnly !== null, title: readOnly ?? undefined }
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Many keys at once">
      {chosen && (
        <span>
          <b>{formatCount(chosen.count)}</b> chosen
        </span>
      )}
      {listed > 0 && (
        <Button size="small" look="quiet" onClick={chosen ? props.onNone : props.onAll}>
          {chosen ? 'Choose none' : `Choose all ${formatCount(listed)}`}
        </Button>
      )}
      <span className={styles.space} />
      {chosen && (
        <>
          <Button size="small" onClick={() => setOpen('export')}>
            Export…
          </Button>
          <Button size="small" look="danger" {...changing} onClick={() => setOpen('delete')}>
            Delete…
          </Button>
        </>
      )}
      <Button size="small" {...changing} onClick={() => setOpen('import')}>
        Import…
      </Button>
      {open === 'export' && chosen && <ExportKeys chosen={chosen} onClose={close} />}
      {open === 'delete' && chosen && <DeleteKeys chosen={chosen} onClose={close} onDeleted={props.onChanged} />}
      {open === 'import' && <ImportKeys database={database} onClose={close} onImported={props.onChanged} />}
    </div>
  )
}
