import type { RemovalAnswer } from '@slotscope/observer/stream'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { post, remove } from '../../api/client.ts'
import { plural } from '../../model/format.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'

/** Says what a removal ends, and does it once the name is typed. */
export function RemoveAccount(props: { readonly name: string; readonly onClose: () => void; readonly onRemoved: () => void }) {
  const { name, onClose, onRemoved } = props
  const [typed, setTyped] = useState('')
  const path = `/api/accounts/${encodeURIComponent(name)}`
  // Asked anew each time: the nonce in the answer counts once.
  const preview = useQuery({
    queryKey: ['removal', name],
    queryFn: () => post<RemovalAnswer>(`${path}/removal`, {}),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY
  })
  const removal = useMutation({
    mutationFn: (nonce: string) => remove(path, { nonce, typedName: typed }),
    onSuccess: () => {
      onClose()
      onRemoved()
    },
    onError: () => void preview.refetch()
  })
  const { data } = preview
  return (
    <Dialog
      open
      title={`Remove ${name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            disabled={data === undefined || typed !== name || removal.isPending}
            onClick={() => data && removal.mutate(data.nonce)}
          >
            Remove account
          </Button>
        </>
      }
    >
      {data && (
        <p>{data.sessions === 0 ? 'It is not logged in anywhere.' : `It is logged in: ${plural(data.sessions, 'session')} will end.`}</p>
      )}
      {preview.error && <FailureNote what={`look at ${name}`} error={preview.error} onRetry={() => void preview.refetch()} />}
      {removal.error && <FailureNote what={`remove ${name}`} error={removal.error} />}
      <TextField label={`Type ${name} to confirm`} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </Dialog>
  )
}
