import type { EditAnswer } from '@slotscope/observer/stream'
import { useState } from 'react'
import { ApiFailure, post } from '../../api/client.ts'
import { fromBase64Url, toBase64Url } from '../../model/bytes.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { type Editable, type EditRequest, editedBytes, editText, removeRequest, savedWith, setRequest } from '../../model/value-edit.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './value-editor.module.css'

/** The api shows 64 KiB of what is there now: what was cut was not seen, so it is not written over. */
const CUT_CHARACTERS = Math.ceil((64 * 1024 * 4) / 3)

type Props = {
  readonly database: number
  readonly keyName: string
  readonly editable: Editable
  readonly onClose: () => void
  /** Something was changed, here or by somebody else: read again. */
  readonly onChanged: () => void
}

/**
 * One value in hand. It says with which command it is saved and what stays; when it was changed meanwhile both are shown, and the person
 * decides. Nothing is overwritten that was not seen.
 */
export function ValueEditor({ database, keyName, editable, onClose, onChanged }: Props) {
  const { id } = useCluster()
  const announce = useAnnounce()
  const isScore = editable.type === 'zset'
  const [edited, setEdited] = useState(() => (isScore ? { text: editable.seen, escaped: false } : editText(fromBase64Url(editable.seen))))
  /** What is written over: what was seen, or what the person agreed to lose. */
  const [seen, setSeen] = useState(editable.seen)
  const [current, setCurrent] = useState<string | null | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const place = { database, key: keyName }
  const says = savedWith(keyName, editable)

  const send = async ({ kind, body }: EditRequest, words: string) => {
    setBusy(true)
    setFailure(null)
    try {
      await post<EditAnswer>(`/api/clusters/${encodeURIComponent(id)}/keys/edit/${kind}`, body)
      announce(words)
      onChanged()
      onClose()
    } catch (error) {
      const now = currentOf(error)
      if (now === undefined) setFailure(error)
      else {
        setCurrent(now)
        announce('It was changed meanwhile: both are shown', true)
      }
    } finally {
      setBusy(false)
    }
  }
  const value = isScore ? edited.text.trim() : toBase64Url(editedBytes(edited))
  const save = (expected: string) => void send(setRequest(place, { ...editable, seen: expected }, value), 'Saved')
  const shown = (bytes: string) => (isScore ? bytes : readableName(bytes))

  return (
    <form
      className={styles.editor}
      aria-label="Edit"
      onSubmit={(event) => {
        event.preventDefault()
        save(seen)
      }}
    >
      {isScore ? (
        <TextField
          label="Score"
          mono
          autoFocus
          value={edited.text}
          onChange={(event) => setEdited({ text: event.target.value, escaped: false })}
        />
      ) : (
        <label className={styles.field}>
          <span>
            New value
            {edited.escaped && <i> bytes that a text field would change are escaped: \xff, \r, \\</i>}
          </span>
          <textarea
            // biome-ignore lint/a11y/noAutofocus: it stands where Edit was pressed
            autoFocus
            spellCheck={false}
            rows={Math.min(14, Math.max(3, edited.text.split('\n').length + 1))}
            value={edited.text}
            onChange={(event) => setEdited({ ...edited, text: event.target.value })}
          />
        </label>
      )}
      <p className={styles.says}>
        Saved with <code>{says.command}</code> after it is read again. {says.keeps}
      </p>
      {failure !== null && <FailureNote what="save it" error={failure} />}
      {current !== undefined && (
        <section aria-label="Changed since you opened it" className={styles.conflict}>
          <b>Changed since you opened it</b>
          <dl>
            <dt>you saw</dt>
            <dd>{shown(seen) || '(empty)'}</dd>
            <dt>it is now</dt>
            <dd>{current === null ? '(gone)' : shown(current) || '(empty)'}</dd>
            <dt>you want</dt>
            <dd>{edited.text || '(empty)'}</dd>
          </dl>
          <span className={styles.buttons}>
            <Button
              size="small"
              onClick={() => {
                onChanged()
                onClose()
              }}
            >
              Keep theirs
            </Button>
            {current !== null && current.length < CUT_CHARACTERS && (
              <Button
                size="small"
                look="danger"
                disabled={busy}
                onClick={() => {
                  setSeen(current)
                  setCurrent(undefined)
                  save(current)
                }}
              >
                Write mine over it
              </Button>
            )}
          </span>
        </section>
      )}
      <span className={styles.buttons}>
        {editable.type !== 'string' && (
          <Button
            size="small"
            look="danger"
            disabled={busy}
            onClick={() => void send(removeRequest(place, { ...editable, seen }), 'Taken away')}
          >
            {editable.type === 'hash' ? 'Delete field' : 'Remove'}
          </Button>
        )}
        <Button size="small" onClick={onClose}>
          Cancel
        </Button>
        <Button size="small" type="submit" look="primary" disabled={busy || current !== undefined || value === seen}>
          Save
        </Button>
      </span>
    </form>
  )
}

/** What is there now, from a 409 that tells it; null: gone, or of another type; undefined: it was another failure. */
function currentOf(error: unknown): string | null | undefined {
  if (!(error instanceof ApiFailure) || error.code !== 'CHANGED_MEANWHILE') return undefined
  const { details } = error
  if (typeof details !== 'object' || details === null || !('current' in details)) return undefined
  return typeof details.current === 'string' ? details.current : null
}
