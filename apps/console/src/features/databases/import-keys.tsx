import { useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { formatBytes } from '../../model/format.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import styles from './bulk.module.css'
import { BulkProgressView } from './bulk-progress.tsx'
import { importKeys, linesOf } from './bulk-work.ts'
import { useBulkWork } from './use-bulk-work.ts'

/** Makes the keys of a file in a database. */
export function ImportKeys(props: { readonly database: number; readonly onClose: () => void; readonly onImported: () => void }) {
  const { database, onClose } = props
  const names = useCore((core) => core.databaseNames)
  const { port, state, start, stop } = useBulkWork()
  const [file, setFile] = useState<File | null>(null)
  const [existing, setExisting] = useState<'keep' | 'replace'>('keep')
  const { phase } = state
  const close = () => {
    onClose()
    if (phase !== 'idle') props.onImported()
  }
  return (
    <Dialog
      open
      title={`Import keys into ${databaseWords(database, names)}`}
      onClose={close}
      actions={
        phase === 'running' ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <>
            <Button onClick={close}>{phase === 'idle' ? 'Cancel' : 'Close'}</Button>
            {phase === 'idle' && (
              <Button
                look="primary"
                disabled={file === null}
                onClick={() => file && void start((running) => importKeys(port, { lines: linesOf(file), database, existing }, running))}
              >
                Import
              </Button>
            )}
          </>
        )
      }
    >
      {phase === 'idle' && (
        <>
          <label className={styles.file}>
            <span>A file that was exported here</span>
            <input type="file" accept=".jsonl" onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
            {file && <small>{formatBytes(file.size)}</small>}
          </label>
          <Segmented
            label="Keys that are there already"
            value={existing}
            segments={[
              { value: 'keep', label: 'Keep what is there' },
              { value: 'replace', label: 'Replace it' }
            ]}
            onChange={setExisting}
          />
          <p>
            Each key with RESTORE{existing === 'replace' ? ' REPLACE' : ''}, readable ones as they are written, all with their expiries. A
            key that has expired since is left out.
          </p>
        </>
      )}
      <BulkProgressView state={state} verb="imported" passedOver="were there and are kept" what="import" />
    </Dialog>
  )
}
