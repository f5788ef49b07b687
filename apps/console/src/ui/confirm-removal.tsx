import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { post, remove } from '../api/client.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { FailureNote } from './failure-note.tsx'
import { TextField } from './text-field.tsx'

/** Asks what a removal would end, says so, and does it once the name is typed. `children` says it in words. */
export function ConfirmRemoval<T extends { readonly nonce: string }>(props: {
  /** The thing's own; its removal is asked for below it. */
  readonly path: string
  readonly name: string
  readonly action: string
  readonly onClose: () => void
  readonly onRemoved: () => void
  readonly children: (preview: T) => ReactNode
}) {
  const { path, name, onClose, onRemoved } = props
  const [typed, setTyped] = useState('')
  // Asked anew each time: the nonce in the answer counts once.
  const preview = useQuery({
    queryKey: ['removal', path],
    queryFn: () => post<T>(`${path}/removal`, {}),
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
            {props.action}
          </Button>
        </>
      }
    >
      {data && props.children(data)}
      {preview.error && <FailureNote what={`look at ${name}`} error={preview.error} onRetry={() => void preview.refetch()} />}
      {removal.error && <FailureNote what={`remove ${name}`} error={removal.error} />}
      <TextField label={`Type ${name} to confirm`} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </Dialog>
  )
}
