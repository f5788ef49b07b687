import type { ExportRequest } from '@slotscope/observer/stream'
import { useState } from 'react'
import { useClusterEntry } from '../../api/clusters.ts'
import { databaseWords } from '../../model/database-words.ts'
import { plural } from '../../model/format.ts'
import { keyFileName } from '../../model/key-file.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import type { ChosenKeys } from './bulk-bar.tsx'
import { BulkProgressView } from './bulk-progress.tsx'
import { exportKeys } from './bulk-work.ts'
import { saveFile } from './save-file.ts'
import { useBulkWork } from './use-bulk-work.ts'

/** Writes the chosen keys into a file, with their expiries and those of their fields. */
export function ExportKeys({ chosen, onClose }: { readonly chosen: ChosenKeys; readonly onClose: () => void }) {
  const work = useKeyExport(chosen)
  const names = useCore((core) => core.databaseNames)
  const [form, setForm] = useState<ExportRequest['form']>('dump')
  const { phase } = work.state
  return (
    <Dialog
      open
      title={`Export ${plural(chosen.count, 'key')} of ${databaseWords(chosen.database, names)}`}
      onClose={onClose}
      actions={
        phase === 'running' ? (
          <Button onClick={work.stop}>Stop</Button>
        ) : (
          <>
            <Button onClick={onClose}>{phase === 'done' ? 'Close' : 'Cancel'}</Button>
            {phase !== 'done' && (
              <Button look="primary" onClick={() => void work.run(form)}>
                {phase === 'idle' ? 'Export' : 'Export again'}
              </Button>
            )}
          </>
        )
      }
    >
      <Segmented
        label="Values as"
        value={form}
        segments={[
          { value: 'dump', label: 'DUMP payloads' },
          { value: 'json', label: 'JSON where it can be read' }
        ]}
        onChange={setForm}
      />
      <p>
        {form === 'dump'
          ? 'Exactly as they are, for servers of the same version or newer.'
          : 'Readable up to 1,000 elements and 64 KiB; streams and larger values are dumped.'}{' '}
        Expiries of keys and fields go along. Other people may change keys meanwhile: each is as it was when it was read.
      </p>
      <BulkProgressView state={work.state} verb="exported" passedOver="were gone already" what="export" />
    </Dialog>
  )
}

/** The export of chosen keys; the file is saved when it is whole. */
export function useKeyExport(chosen: ChosenKeys) {
  const name = useClusterEntry()?.name ?? 'cluster'
  const { port, state, start, stop } = useBulkWork()
  const run = (form: ExportRequest['form']) =>
    start(async (running) => {
      const what = { cluster: name, database: chosen.database, form, parts: chosen.parts(100), total: chosen.count }
      const { lines } = await exportKeys(port, what, running)
      saveFile(keyFileName(name, chosen.database, Date.now()), lines)
    })
  return { state, run, stop }
}
