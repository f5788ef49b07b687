import type { HashState } from '@slotscope/observer/stream'
import { Undo2 } from 'lucide-react'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatInstant } from '../../model/deadline-text.ts'
import { formatDuration, plural } from '../../model/format.ts'
import { type Deadline, expiryCommand, readyEdits, type StagedEdit } from '../../model/staged-expiry.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { useConnection, useCore, useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import styles from './edit-bar.module.css'
import type { ExpiryEdits } from './use-expiry-edits.ts'

/** What is staged, exactly what Apply sends and to which node, what was sent last, and the way back. */
export function EditBar({ state, edits }: { readonly state: HashState; readonly edits: ExpiryEdits }) {
  const node = useCore((core) => (state.node === null ? 'the owner of the slot' : (core.nodes[state.node]?.name ?? state.node.slice(0, 8))))
  const live = useConnection().phase === 'live'
  const readOnly = useReadOnlyReason()
  const now = useNow(1_000)
  const ready = readyEdits(edits.state)
  const conflicts = [...edits.state.staged.values()].filter(({ status }) => status.kind === 'conflict')
  const last = edits.state.applied[0]
  if (ready.length === 0 && conflicts.length === 0 && !last) return null
  const why =
    readOnly === null ? (live ? null : 'The stream is lost: nothing can be sent.') : 'Your role is viewer: an operator must apply it.'
  const key = readableName(state.key)
  return (
    <div className={styles.bar}>
      {conflicts.map((edit) => (
        <Conflict key={edit.field} edit={edit} edits={edits} />
      ))}
      {ready
        .filter(({ status }) => status.kind === 'refused')
        .map(({ field, status }) => (
          <p key={field} role="alert" className={styles.refused}>
            {readableName(field)}: {status.kind === 'refused' && status.words}
          </p>
        ))}
      {ready.length > 0 && (
        <div className={styles.line}>
          <div className={styles.words}>
            <b>{plural(ready.length, 'change')} staged</b>
            <code>
              {ready.slice(0, 3).map(({ field, fromMs, toMs }) => (
                <span key={field}>{expiryCommand(key, readableName(field), fromMs, toMs)}</span>
              ))}
              {ready.length > 3 && <span>and {ready.length - 3} more</span>}
            </code>
            <span className={styles.to}>
              {why ?? `will be sent to ${node}, database ${state.database}, after the deadline is read again`}
            </span>
          </div>
          <Button size="small" onClick={edits.discardAll}>
            Discard
          </Button>
          <Button size="small" look="primary" disabled={why !== null} title={why ?? undefined} onClick={edits.apply}>
            Apply
          </Button>
        </div>
      )}
      {last && ready.length === 0 && (
        <div className={styles.line}>
          <div className={styles.words}>
            <span className={styles.to}>last change</span>
            <code>
              <span>
                {last.command.join(' ')} → {last.reply}
              </span>
            </code>
            <span className={styles.to}>
              sent to {node}, database {state.database}
            </span>
          </div>
          <UndoButton edits={edits} now={now} why={why} />
        </div>
      )}
    </div>
  )
}

/** Takes back the newest change that was not taken back yet. */
function UndoButton({ edits, now, why }: { readonly edits: ExpiryEdits; readonly now: number; readonly why: string | null }) {
  const [last] = edits.state.applied
  const edit = edits.state.applied.find(({ undone }) => !undone)
  if (!edit) return null
  const passed = edit.fromMs !== null && edit.fromMs <= now + 1_000
  const reason = passed ? 'The old deadline has passed: it would delete the field.' : why
  const back = edit.fromMs === null ? 'no expiry' : formatInstant(edit.fromMs, now)
  return (
    <Button size="small" disabled={reason !== null} title={reason ?? `Back to ${back}`} onClick={() => edits.undo(edit)}>
      <Undo2 aria-hidden />
      Undo{edit !== last && ` ${readableName(edit.field)}`}
    </Button>
  )
}

/** Changed meanwhile: what was seen, what it is now, what was wanted; the person decides. */
function Conflict({ edit, edits }: { readonly edit: StagedEdit; readonly edits: ExpiryEdits }) {
  const now = useNow(1_000)
  if (edit.status.kind !== 'conflict') return null
  const name = readableName(edit.field)
  const at = (deadline: Deadline) =>
    deadline === null ? 'no expiry' : `${formatInstant(deadline, now)} (${deadline > now ? formatDuration(deadline - now) : 'passed'})`
  return (
    <div role="alert" className={`${styles.line} ${styles.conflict}`}>
      <div className={styles.words}>
        <b>{name} was changed meanwhile</b>
        <span>
          you saw {at(edit.fromMs)} · it is now <b>{at(edit.status.currentMs)}</b> · you want {at(edit.toMs)}
        </span>
      </div>
      <Button size="small" onClick={() => edits.discard(edit.field)}>
        Keep theirs
      </Button>
      <Button size="small" onClick={() => edits.insist(edit.field)}>
        Stage mine again
      </Button>
    </div>
  )
}
