import { PencilLine } from 'lucide-react'
import { useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import type { Editable } from '../../model/value-edit.ts'
import { Button } from '../../ui/button.tsx'
import { BytesView } from './value-bytes.tsx'
import styles from './value-editor.module.css'
import { ValueEditor } from './value-editor.tsx'

/** Bytes with the way to change them. `editable` null: these cannot be. */
export function EditableBytes(props: {
  readonly database: number
  readonly keyName: string
  readonly bytes: Uint8Array
  readonly label: string
  readonly editable: Editable | null
  readonly onChanged: () => void
  readonly compact?: boolean
}) {
  const { database, keyName, bytes, label, editable, onChanged, compact = false } = props
  const [editing, setEditing] = useState(false)
  const readOnly = useReadOnlyReason()
  return (
    <>
      <BytesView bytes={bytes} label={label} compact={compact} />
      {editable !== null && !editing && (
        <span className={styles.begin}>
          <Button size="small" disabled={readOnly !== null} title={readOnly ?? undefined} onClick={() => setEditing(true)}>
            <PencilLine aria-hidden />
            {editable.type === 'zset' ? 'Edit score' : 'Edit'}
          </Button>
        </span>
      )}
      {editable !== null && editing && (
        <ValueEditor database={database} keyName={keyName} editable={editable} onClose={() => setEditing(false)} onChanged={onChanged} />
      )}
    </>
  )
}
