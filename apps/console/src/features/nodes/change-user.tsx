import type { ComparedUser, UserChange, UserChangeAnswer, UserChangePreview, UserChangeRequest } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { plural } from '../../model/format.ts'
import { changeWords } from '../../model/user-change-words.ts'
import { draftOf, draftProblem, rulesOf } from '../../model/user-draft.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ChangePreview, ChangeResults } from './change-preview.tsx'
import { NodeChoice } from './node-choice.tsx'
import { UserForm } from './user-form.tsx'

/** A user that is to be changed, made (`user` null) or deleted. */
export type WantedChange = { readonly kind: 'edit' | 'delete'; readonly user: ComparedUser | null }

/** Three steps: what the user shall be and where, what that changes at each node, and what each node says to it. */
export function ChangeUser(props: {
  readonly wanted: WantedChange
  /** Names that there are. */
  readonly taken: readonly string[]
  readonly onClose: () => void
  readonly onChanged: () => void
}) {
  const { wanted, onClose, onChanged } = props
  const { id } = useCluster()
  const announce = useAnnounce()
  const names = useNodeNames()
  const allNodes = useCore((core) => core.nodes)
  const [draft, setDraft] = useState(() => draftOf(wanted.user))
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const [typed, setTyped] = useState('')
  const [save, setSave] = useState(false)
  const nodes = chosen ?? Object.keys(allNodes)
  const change: UserChange = { user: draft.name, nodes, rules: wanted.kind === 'delete' ? null : rulesOf(draft, wanted.user) }
  const path = `/api/clusters/${encodeURIComponent(id)}/nodes/users/change`
  const preview = useMutation({ mutationFn: () => post<UserChangePreview>(`${path}/preview`, change) })
  const send = useMutation({
    mutationFn: (request: UserChangeRequest) => post<UserChangeAnswer>(path, request),
    onSuccess: ({ results }) => {
      announce(changeWords(results, wanted.kind))
      onChanged()
    }
  })
  const problem = draftProblem(draft, props.taken) ?? (nodes.length === 0 ? 'choose a node at least' : null)
  const seen = preview.data
  const reached = seen?.nodes.filter(({ error }) => error === null).length ?? 0
  const back = () => {
    preview.reset()
    send.reset()
    setTyped('')
  }
  const confirm = () => {
    if (!seen) return
    send.mutate({ ...change, nonce: seen.nonce, save, ...(seen.typedName === null ? {} : { typedName: typed }) })
  }
  const verb = wanted.kind === 'delete' ? 'Delete' : wanted.user === null ? 'Add' : 'Change'
  return (
    <Dialog
      open
      title={wanted.user === null ? 'Add a user' : `${verb} the user ${wanted.user.name}`}
      onClose={onClose}
      actions={
        send.data ? (
          <Button onClick={onClose}>Close</Button>
        ) : seen ? (
          <>
            <Button onClick={back}>Back</Button>
            <Button
              look={wanted.kind === 'delete' || seen.typedName !== null ? 'danger' : 'primary'}
              disabled={send.isPending || send.isError || reached === 0 || (seen.typedName !== null && typed !== seen.typedName)}
              onClick={confirm}
            >
              {verb} on {plural(reached, 'node')}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" disabled={problem !== null || preview.isPending} onClick={() => preview.mutate()}>
              {preview.isPending ? 'Asking the nodes' : 'See what changes'}
            </Button>
          </>
        )
      }
    >
      {send.data ? (
        <ChangeResults results={send.data.results} verb={wanted.kind} names={names} />
      ) : seen ? (
        <>
          <ChangePreview preview={seen} names={names} typed={typed} onTyped={setTyped} save={save} onSave={setSave} />
          {send.isError && <FailureNote what="change the user" error={send.error} onRetry={back} />}
        </>
      ) : (
        <>
          {wanted.kind === 'edit' && <UserForm draft={draft} user={wanted.user} onChange={setDraft} />}
          <NodeChoice nodes={Object.values(allNodes)} chosen={chosen} onChange={setChosen} />
          {problem !== null && wanted.user !== null && <p role="status">{problem}</p>}
          {preview.isError && <FailureNote what="look at what changes" error={preview.error} />}
        </>
      )}
    </Dialog>
  )
}
