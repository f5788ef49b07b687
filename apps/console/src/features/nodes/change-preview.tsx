import type { UserChangePreview, UserChangeResult } from '@slotscope/observer/stream'
import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react'
import { plural } from '../../model/format.ts'
import { someNames } from '../../model/setting-rows.ts'
import { commandText, differenceLines, resultLines } from '../../model/user-change-words.ts'
import { CommandText } from '../../ui/command-text.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { Unanswered } from '../asked/ask-all.tsx'
import room from './nodes-room.module.css'
import styles from './user-form.module.css'

const MOST_NAMES = 6

/** The command as it will be sent, and what would be different where. */
export function ChangePreview(props: {
  readonly preview: UserChangePreview
  readonly names: ReadonlyMap<string, string>
  readonly typed: string
  readonly onTyped: (typed: string) => void
  readonly save: boolean
  readonly onSave: (save: boolean) => void
}) {
  const { preview, names } = props
  const files = preview.nodes.filter(({ hasAclFile }) => hasAclFile === true).length
  const reached = preview.nodes.filter(({ error }) => error === null).length
  return (
    <div className={styles.preview}>
      <CommandText>{commandText(preview.command)}</CommandText>
      <ul className={styles.differences} aria-label="What changes">
        {differenceLines(preview, names).map((line) => (
          <li key={line.nodes[0]}>
            <b title={line.nodes.join(', ')}>{someNames(line.nodes, MOST_NAMES)}</b>
            {line.words !== '' && <span>{line.words}</span>}
            {line.removed.map((rule) => (
              <del key={rule}>
                <span aria-hidden>− </span>
                {rule}
              </del>
            ))}
            {line.added.map((rule) => (
              <ins key={rule}>
                <span aria-hidden>+ </span>
                {rule}
              </ins>
            ))}
          </li>
        ))}
      </ul>
      <Unanswered nodes={preview.nodes} names={names} />
      {preview.warnings.length > 0 && (
        <ul className={styles.warnings}>
          {preview.warnings.map((words) => (
            <li key={words}>
              <TriangleAlert aria-hidden />
              <span>{words}</span>
            </li>
          ))}
        </ul>
      )}
      {files > 0 ? (
        <label className={styles.check}>
          <input type="checkbox" checked={props.save} onChange={(event) => props.onSave(event.target.checked)} />
          <span>
            Then write the users to the ACL file of {plural(files, 'node')} (<code>ACL SAVE</code>), with whatever else changed in them
          </span>
        </label>
      ) : (
        reached > 0 && (
          <p className={styles.hint}>
            No ACL file is set there: the change lasts until the servers start again, or CONFIG REWRITE keeps it.
          </p>
        )
      )}
      {preview.typedName !== null && (
        <TextField
          label={`Type ${preview.typedName} to confirm`}
          value={props.typed}
          onChange={(event) => props.onTyped(event.target.value)}
        />
      )}
    </div>
  )
}

/** What each node said. */
export function ChangeResults(props: {
  readonly results: readonly UserChangeResult[]
  readonly verb: 'edit' | 'delete'
  readonly names: ReadonlyMap<string, string>
}) {
  return (
    <ul className={`${room.outcomes} ${styles.results}`} aria-label="What the nodes said">
      {resultLines(props.results, props.verb, props.names).map(({ isDone, title, words, nodes }) => {
        const Icon = isDone ? CircleCheck : CircleSlash
        return (
          <li key={nodes[0]} data-outcome={isDone ? 'allowed' : 'refused'}>
            <Icon aria-hidden />
            <span>
              <b>{title}</b> <span title={nodes.join(', ')}>{someNames(nodes, MOST_NAMES)}</span>
              {words !== '' && <>: {words}</>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
