import type { ValueAnswer } from '@slotscope/observer/stream'
import { ArrowUp, Plus } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { formatInstant } from '../../model/deadline-text.ts'
import { entryIdOf, entryTimeMs } from '../../model/entry-id.ts'
import { useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { AddEntry } from './add-entry.tsx'
import { EditStep } from './edit-step.tsx'
import styles from './stream.module.css'
import { StreamGroups } from './stream-groups.tsx'
import { ValueItems } from './value-items.tsx'

/** A stream: its entries, newest first and paged both ways, or its groups with what they have not acknowledged. */
export function StreamView(props: {
  readonly pages: readonly ValueAnswer[]
  /** Older entries. */
  readonly next: ReactNode
  /** Newer entries, which may have come meanwhile. */
  readonly onNewer: () => void
  readonly isReading: boolean
  readonly onChanged: () => void
}) {
  const { pages, onChanged } = props
  const { database, key, size } = pages[0]!
  const [part, setPart] = useQueryParameter('part')
  const [adding, setAdding] = useState(false)
  const groups = part === 'groups'
  return (
    <>
      <div className={styles.bar}>
        <Segmented
          label="Part of the stream"
          value={groups ? 'groups' : 'entries'}
          segments={[
            { value: 'entries', label: 'Entries' },
            { value: 'groups', label: 'Groups' }
          ]}
          onChange={(value) => setPart(value === 'groups' ? 'groups' : null)}
        />
        {!groups && (
          <>
            <Jump />
            <Button size="small" disabled={props.isReading} title="Reads entries that are newer than those listed" onClick={props.onNewer}>
              <ArrowUp aria-hidden />
              Newer
            </Button>
            <Button size="small" aria-expanded={adding} onClick={() => setAdding(!adding)}>
              <Plus aria-hidden />
              Add entry
            </Button>
          </>
        )}
      </div>
      {groups ? (
        <StreamGroups database={database} keyName={key} onChanged={onChanged} />
      ) : (
        <>
          {adding && <AddEntry database={database} keyName={key} onClose={() => setAdding(false)} onChanged={onChanged} />}
          {size === 0 && <p className={styles.empty}>The stream holds no entry. It stays, with its groups, until the key is deleted.</p>}
          {size > 0 && pages.every(({ value }) => value.kind === 'stream' && value.items.length === 0) && (
            <p className={styles.empty}>No entry is as old as that: look for newer ones.</p>
          )}
          <ValueItems
            pages={pages}
            next={props.next}
            onChanged={onChanged}
            actionsOf={(id) => <EntryActions key={id} database={database} keyName={key} id={id} onChanged={onChanged} />}
          />
        </>
      )}
    </>
  )
}

/** Goes to an entry by its id or its time; the place stands in the address. */
function Jump() {
  const [entry, setEntry] = useQueryParameter('entry')
  const [text, setText] = useState(entry ?? '')
  const id = entryIdOf(text)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') setEntry(null)
    else if (id !== null) setEntry(text.trim())
  }
  return (
    <form className={styles.jump} onSubmit={submit}>
      <TextField
        label="From id or time"
        bare
        mono
        placeholder="from id or time"
        title="1526919030474-55, 1526919030474 or 2026-11-27 10:00; empty: from the newest. Enter goes there."
        value={text}
        maxLength={41}
        aria-invalid={(text.trim() !== '' && id === null) || undefined}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  )
}

/** When the chosen entry was made, and how it is deleted. */
function EntryActions(props: { readonly database: number; readonly keyName: string; readonly id: string; readonly onChanged: () => void }) {
  const { database, keyName, id, onChanged } = props
  const [deleting, setDeleting] = useState(false)
  const now = useNow(60_000)
  const atMs = entryTimeMs(id)
  if (deleting)
    return (
      <EditStep
        action="Delete the entry"
        look="danger"
        done="Entry deleted"
        request={{ kind: 'stream-delete', body: { database, key: keyName, ids: [id] } }}
        note="What groups hold of it stays pending until it is acknowledged."
        onClose={() => setDeleting(false)}
        onChanged={onChanged}
      />
    )
  return (
    <div className={styles.entryFoot}>
      <span>{atMs === null ? id : `${id} · ${formatInstant(atMs, now)}`}</span>
      <Button size="small" look="danger" onClick={() => setDeleting(true)}>
        Delete entry
      </Button>
    </div>
  )
}
