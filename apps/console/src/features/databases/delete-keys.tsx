import type { DeletionConfirmation } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { databaseWords } from '../../model/database-words.ts'
import { plural } from '../../model/format.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './bulk.module.css'
import type { ChosenKeys } from './bulk-bar.tsx'
import { BulkProgressView } from './bulk-progress.tsx'
import { DELETED_AT_ONCE, deleteKeys } from './bulk-work.ts'
import { useKeyExport } from './export-keys.tsx'
import { useBulkWork } from './use-bulk-work.ts'

/** Deletes the chosen keys: a file of them first, then the typed name. */
export function DeleteKeys(props: { readonly chosen: ChosenKeys; readonly onClose: () => void; readonly onDeleted: () => void }) {
  const { chosen, onClose } = props
  const { id } = useCluster()
  const names = useCore((core) => core.databaseNames)
  const file = useKeyExport(chosen)
  const { port, state, start, stop } = useBulkWork()
  const [without, setWithout] = useState(false)
  const [typed, setTyped] = useState('')
  const confirmation = useQuery({
    queryKey: ['deletion', id, chosen.database, chosen.count],
    queryFn: () =>
      post<DeletionConfirmation>(`/api/clusters/${encodeURIComponent(id)}/keys/deletion`, {
        database: chosen.database,
        count: chosen.count
      }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY
  })
  const { data } = confirmation
  const busy = state.phase === 'running' || file.state.phase === 'running'
  const ready = (file.state.phase === 'done' || without) && data !== undefined && typed === data.typedName
  const ended = state.phase !== 'idle' && state.phase !== 'running'
  const run = async () => {
    // The nonce counts once and for two minutes; an export may have taken longer, so it is asked for anew.
    const { data: fresh } = await confirmation.refetch()
    if (fresh === undefined) return
    await start((running) =>
      deleteKeys(
        port,
        {
          database: chosen.database,
          parts: chosen.parts(DELETED_AT_ONCE),
          total: chosen.count,
          confirmed: { nonce: fresh.nonce, typedName: typed }
        },
        running
      )
    )
  }
  const close = () => {
    onClose()
    if (ended) props.onDeleted()
  }
  return (
    <Dialog
      open
      title={`Delete ${plural(chosen.count, 'key')} of ${databaseWords(chosen.database, names)}?`}
      onClose={close}
      actions={
        busy ? (
          <Button onClick={state.phase === 'running' ? stop : file.stop}>Stop</Button>
        ) : ended ? (
          <Button onClick={close}>Close</Button>
        ) : (
          <>
            <Button onClick={close}>Keep them</Button>
            <Button look="danger" disabled={!ready} onClick={() => void run()}>
              Delete {plural(chosen.count, 'key')}
            </Button>
          </>
        )
      }
    >
      <p>
        Each with UNLINK, to the owner of its slot: <code>{readableName(chosen.first) || '(empty)'}</code>
        {chosen.count > 1 && ' and the others that are chosen'}. It cannot be taken back but by importing a file of them.
      </p>
      {state.phase === 'idle' && (
        <>
          <div className={styles.step}>
            <b>1. A file of them first</b>
            <Button disabled={busy || file.state.phase === 'done'} onClick={() => void file.run('dump')}>
              {file.state.phase === 'done' ? 'Exported' : 'Export'}
            </Button>
          </div>
          <BulkProgressView state={file.state} verb="exported" passedOver="were gone already" what="export" />
          {file.state.phase !== 'done' && (
            <label className={styles.without}>
              <input type="checkbox" checked={without} onChange={(event) => setWithout(event.target.checked)} /> Go on without a file
            </label>
          )}
          {confirmation.error && <FailureNote what="delete keys" error={confirmation.error} onRetry={() => void confirmation.refetch()} />}
          {data && (
            <TextField
              label={`2. Type ${data.typedName} to confirm`}
              value={typed}
              disabled={file.state.phase !== 'done' && !without}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </>
      )}
      <BulkProgressView state={state} verb="deleted" passedOver="were gone already" what="delete keys" />
    </Dialog>
  )
}
