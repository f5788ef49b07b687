import { formatCount, plural } from '../../model/format.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { FailureNote } from '../../ui/failure-note.tsx'
import styles from './bulk.module.css'
import type { BulkState } from './use-bulk-work.ts'

/** How far work on many keys is, what came of it, and which keys failed and why. */
export function BulkProgressView(props: {
  readonly state: BulkState
  /** `exported`, `deleted`, `imported`. */
  readonly verb: string
  /** What was passed over: `were gone already`, `were there and are kept`. */
  readonly passedOver: string
  readonly what: string
}) {
  const { phase, progress, failure } = props.state
  if (phase === 'idle') return null
  const { done, total, succeeded, passedOver, expired, failed, problems } = progress
  const share = total === null ? null : total === 0 ? 1 : done / total
  return (
    <div className={styles.progress}>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label={`Keys ${props.verb}`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
      >
        <span style={{ width: `${share === null ? (phase === 'running' ? 50 : 100) : share * 100}%` }} />
      </div>
      <p role="status">
        <b>
          {formatCount(succeeded)} {props.verb}
        </b>
        {total !== null && ` of ${formatCount(total)}`}
        {passedOver > 0 && ` · ${formatCount(passedOver)} ${props.passedOver}`}
        {expired > 0 && ` · ${formatCount(expired)} had expired`}
        {failed > 0 && ` · ${formatCount(failed)} failed`}
        {phase === 'stopped' && ' · stopped'}
        {phase === 'done' && ' · done'}
      </p>
      {phase === 'failed' && <FailureNote what={props.what} error={failure} />}
      {problems.length > 0 && (
        <ul className={styles.problems} aria-label="Keys that failed">
          {problems.map(({ key, words }) => (
            <li key={key}>
              <code>{readableName(key) || '(empty)'}</code> {words}
            </li>
          ))}
          {failed > problems.length && <li>and {plural(failed - problems.length, 'key')} more</li>}
        </ul>
      )}
    </div>
  )
}
