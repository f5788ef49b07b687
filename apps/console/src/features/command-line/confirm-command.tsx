import type { CommandConfirmation } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { formatCount, plural } from '../../model/format.ts'
import { useCluster } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { CommandText } from '../../ui/command-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { AskedLine } from './use-command-line.ts'

/** Says what a command reaches, and sends it once the name of the cluster is typed. */
export function ConfirmCommand(props: {
  readonly asked: AskedLine
  readonly onClose: () => void
  readonly onConfirm: (nonce: string, typedName: string) => void
}) {
  const { asked, onClose, onConfirm } = props
  const { id } = useCluster()
  const [typed, setTyped] = useState('')
  // Asked anew each time: the nonce in the answer counts once.
  const preview = useQuery({
    queryKey: ['confirmation', id, asked.line, asked.target],
    queryFn: () => post<CommandConfirmation>(`/api/clusters/${encodeURIComponent(id)}/commands/confirmation`, asked.request),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY
  })
  const { data } = preview
  return (
    <Dialog
      open
      title="Send this?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Do not send</Button>
          <Button
            look="danger"
            disabled={data === undefined || typed !== data.typedName}
            onClick={() => data && onConfirm(data.nonce, typed)}
          >
            Send to {plural(data?.nodes.length ?? 0, 'node')}
          </Button>
        </>
      }
    >
      <CommandText>{asked.line}</CommandText>
      {data && (
        <p>
          It reaches {plural(data.nodes.length, 'node')} with{' '}
          {data.keys === null ? 'keys that could not be counted' : `${formatCount(data.keys)} keys in all databases`}. It cannot be taken
          back.
        </p>
      )}
      {preview.error && <FailureNote what="look at what it reaches" error={preview.error} onRetry={() => void preview.refetch()} />}
      {data && <TextField label={`Type ${data.typedName} to confirm`} value={typed} onChange={(event) => setTyped(event.target.value)} />}
    </Dialog>
  )
}
