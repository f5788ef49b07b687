import type { ValueAnswer } from '@slotscope/observer/stream'
import { CopyPlus, Ellipsis, PencilLine, Timer, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { formatInstant, readDeadline } from '../../model/deadline-text.ts'
import { formatCount } from '../../model/format.ts'
import { keySlot } from '../../model/key-slot.ts'
import { bytesOfText, fromAnyBase64, readableName } from '../../model/typed-bytes.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { EditStep } from './edit-step.tsx'

export type KeyAction = 'expiry' | 'copy' | 'rename' | 'delete'
type Props = {
  readonly answer: ValueAnswer
  readonly onClose: () => void
  readonly onChanged: () => void
  /** The key stands elsewhere now: under another name, or in another database. */
  readonly onMoved: (key: string, database: number) => void
}

/** What can be done with a whole key: a menu, which `KeyActionStep` follows. */
export function KeyMenu({ onChoose }: { readonly onChoose: (action: KeyAction) => void }) {
  const off = useReadOnlyReason()
  return (
    <Menu
      label="What to do with this key"
      button={<Ellipsis aria-hidden />}
      buttonProps={{ size: 'small', look: 'quiet', icon: true }}
      items={
        <>
          <MenuItem label="Change the expiry…" icon={<Timer aria-hidden />} off={off} onChoose={() => onChoose('expiry')} />
          <MenuItem label="Copy or move to a database…" icon={<CopyPlus aria-hidden />} off={off} onChoose={() => onChoose('copy')} />
          <MenuItem label="Rename…" icon={<PencilLine aria-hidden />} off={off} onChoose={() => onChoose('rename')} />
          <MenuItem label="Delete…" icon={<Trash2 aria-hidden />} off={off} onChoose={() => onChoose('delete')} />
        </>
      }
    />
  )
}

/** The step of the action that was chosen. */
export function KeyActionStep({ action, ...props }: Props & { readonly action: KeyAction }) {
  switch (action) {
    case 'expiry':
      return <ExpiryStep {...props} />
    case 'copy':
      return <CopyStep {...props} />
    case 'rename':
      return <RenameStep {...props} />
    case 'delete':
      return <DeleteStep {...props} />
  }
}

function ExpiryStep({ answer, onClose, onChanged }: Props) {
  const now = useNow(1_000)
  const [text, setText] = useState('')
  const typed = text.trim() === '' ? null : readDeadline(text, now)
  const deadlineMs = typed && 'deadlineMs' in typed ? typed.deadlineMs : undefined
  return (
    <EditStep
      action="Set the expiry"
      done="Expiry set"
      request={
        deadlineMs === undefined
          ? null
          : { kind: 'expiry', body: { database: answer.database, key: answer.key, expectedMs: answer.deadlineMs, deadlineMs } }
      }
      note={deadlineMs == null ? 'Of the whole key; deadlines of fields stay.' : `The key ends at ${formatInstant(deadlineMs, now)}.`}
      onClose={onClose}
      onChanged={onChanged}
    >
      <TextField
        label="Expires: 10 min, 14:05, 2026-11-25 10:00 or never"
        autoFocus
        value={text}
        problem={typed && 'problem' in typed ? typed.problem : null}
        onChange={(event) => setText(event.target.value)}
      />
    </EditStep>
  )
}

function CopyStep({ answer, onClose, onChanged, onMoved }: Props) {
  const databases = useCore((core) => core.cluster.databases)
  const [move, setMove] = useState(false)
  const [text, setText] = useState('')
  const toDatabase = /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : null
  const problem =
    text.trim() === ''
      ? null
      : toDatabase === null
        ? 'A number of a database.'
        : toDatabase === answer.database
          ? 'It is in this database already.'
          : databases !== null && toDatabase >= databases
            ? `There are ${formatCount(databases)} databases: 0 to ${databases - 1}.`
            : null
  return (
    <EditStep
      action={move ? 'Move the key' : 'Copy the key'}
      done={move ? 'Key moved' : 'Key copied'}
      request={
        toDatabase === null || problem !== null
          ? null
          : {
              kind: 'copy',
              body: {
                database: answer.database,
                key: answer.key,
                expected: { type: answer.type },
                toDatabase,
                move,
                replace: false
              }
            }
      }
      note="Under the same name, in the same slot and on the same shard; its expiry and those of its fields go along. Refused where there is such a key already."
      onClose={onClose}
      onChanged={onChanged}
      onDone={() => toDatabase !== null && onMoved(answer.key, toDatabase)}
    >
      <Segmented
        label="What happens to this one"
        value={move ? 'move' : 'copy'}
        segments={[
          { value: 'copy', label: 'Copy' },
          { value: 'move', label: 'Move' }
        ]}
        onChange={(value) => setMove(value === 'move')}
      />
      <TextField
        label="To database"
        autoFocus
        inputMode="numeric"
        value={text}
        problem={problem}
        onChange={(event) => setText(event.target.value)}
      />
    </EditStep>
  )
}

function RenameStep({ answer, onClose, onChanged, onMoved }: Props) {
  const [name, setName] = useState(() => readableName(answer.key))
  const bytes = bytesOfText(name)
  const to = toBase64Url(bytes)
  const [from, target] = [keySlot(fromAnyBase64(answer.key)).slot, keySlot(bytes).slot]
  const problem =
    from === target ? null : `That is slot ${formatCount(target)}, this key is in ${formatCount(from)}: a rename stays within one slot.`
  return (
    <EditStep
      action="Rename the key"
      done="Key renamed"
      request={
        problem !== null || to === answer.key
          ? null
          : { kind: 'rename', body: { database: answer.database, key: answer.key, expected: { type: answer.type }, to } }
      }
      note="Its expiry stays. Refused where the name is taken. Names with one {tag} are in one slot."
      onClose={onClose}
      onChanged={onChanged}
      onDone={() => onMoved(to, answer.database)}
    >
      <TextField
        label="New name"
        mono
        autoFocus
        value={name}
        maxLength={4_096}
        problem={problem}
        onChange={(event) => setName(event.target.value)}
      />
    </EditStep>
  )
}

function DeleteStep({ answer, onClose, onChanged }: Props) {
  return (
    <EditStep
      action="Delete the key"
      look="danger"
      done="Key deleted"
      request={{
        kind: 'delete',
        body: { database: answer.database, key: answer.key, expected: { type: answer.type, size: answer.size } }
      }}
      note="As it was seen: when its type or size has changed meanwhile it stays. It cannot be taken back."
      onClose={onClose}
      onChanged={onChanged}
    />
  )
}
