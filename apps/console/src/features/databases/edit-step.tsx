import type { EditAnswer } from '@slotscope/observer/stream'
import type { ReactNode } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { editCommand } from '../../model/edit-command.ts'
import type { EditRequest } from '../../model/value-edit.ts'
import { Button } from '../../ui/button.tsx'
import { CommandText } from '../../ui/command-text.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import styles from './edit-step.module.css'
import { useKeyEdit } from './use-key-edit.ts'

/**
 * The last step of a change: what there is to fill in, the command that it will be made with, and the button that sends it. Null as
 * `request`: something is still missing, and `children` say what.
 */
export function EditStep(props: {
  /** What it does, as its button and its name: `Delete the group`. */
  readonly action: string
  readonly request: EditRequest | null
  /** Said when it is done. */
  readonly done: string
  readonly look?: 'primary' | 'danger'
  /** What goes along and what stays. */
  readonly note?: string
  readonly children?: ReactNode
  readonly onClose: () => void
  readonly onChanged: () => void
  readonly onDone?: (answer: EditAnswer) => void
}) {
  const { action, request, onClose } = props
  const readOnly = useReadOnlyReason()
  const edit = useKeyEdit({
    onChanged: props.onChanged,
    onDone: (answer) => {
      props.onDone?.(answer)
      onClose()
    }
  })
  return (
    <form
      className={styles.step}
      aria-label={action}
      onSubmit={(event) => {
        event.preventDefault()
        if (request !== null) edit.mutate({ request, words: props.done })
      }}
    >
      {props.children}
      {request !== null && <CommandText>{editCommand(request)}</CommandText>}
      {props.note !== undefined && <p className={styles.note}>{props.note}</p>}
      {edit.error && <FailureNote what="make this change" error={edit.error} />}
      <span className={styles.buttons}>
        <Button size="small" onClick={onClose}>
          Cancel
        </Button>
        <Button
          size="small"
          type="submit"
          look={props.look ?? 'primary'}
          disabled={request === null || readOnly !== null || edit.isPending}
          title={readOnly ?? undefined}
        >
          {action}
        </Button>
      </span>
    </form>
  )
}
