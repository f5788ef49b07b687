import type { DatabaseNameRequest } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { Tag } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { put } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { NAME_CHARACTERS } from '../../model/database-words.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './bulk.module.css'

/** Gives a database a name, for everybody who looks. The cluster is not changed, so it may be one that is only read. */
export function NameDatabase({ database }: { readonly database: number }) {
  const { role } = useSession()
  const past = useUnchangeableReason()
  const [open, setOpen] = useState(false)
  const why = past ?? (role === 'viewer' ? 'Your role is viewer: an operator gives databases names.' : null)
  return (
    <>
      <Button
        size="small"
        icon
        disabled={why !== null}
        aria-label={`Name db${database}`}
        title={why ?? `Name db${database}`}
        onClick={() => setOpen(true)}
      >
        <Tag aria-hidden />
      </Button>
      {open && <NameDialog database={database} onClose={() => setOpen(false)} />}
    </>
  )
}

function NameDialog({ database, onClose }: { readonly database: number; readonly onClose: () => void }) {
  const { id } = useCluster()
  const form = useId()
  const announce = useAnnounce()
  const before = useCore((core) => core.databaseNames?.[String(database)] ?? '')
  const [name, setName] = useState(before)
  const save = useMutation({
    mutationFn: (request: DatabaseNameRequest) => put<void>(`/api/clusters/${encodeURIComponent(id)}/databases/${database}/name`, request),
    onSuccess: (_, request) => {
      announce(request.name.trim() === '' ? `db${database} has no name` : `db${database} is called ${request.name.trim()}`)
      onClose()
    }
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ name })
  }
  return (
    <Dialog
      open
      title={`Name db${database}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} look="primary" disabled={save.isPending || name.trim() === before}>
            {name.trim() === '' && before !== '' ? 'Take the name away' : 'Save'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <TextField
          label="Name"
          className={styles.wide}
          maxLength={NAME_CHARACTERS}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </form>
      <p>
        It stands beside the number wherever this console names the database, for everybody. The servers are told nothing: commands take the
        number.
      </p>
      {save.isError && <FailureNote what="save the name" error={save.error} />}
    </Dialog>
  )
}
