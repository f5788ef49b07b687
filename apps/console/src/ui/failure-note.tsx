import { LockKeyhole, PlugZap, TriangleAlert } from 'lucide-react'
import { ApiFailure, wordsOf } from '../api/client.ts'
import { readRefusal } from '../model/refusal.ts'
import { Button } from './button.tsx'
import styles from './failure-note.module.css'

/** Why something could not be read or done, in the place where it would stand: what, the server's own words, and the way out. */
export function FailureNote(props: { readonly what: string; readonly error: unknown; readonly onRetry?: (() => void) | undefined }) {
  const { what, error } = props
  const view = describe(what, error)
  return (
    <div role="alert" className={styles.note}>
      {view.icon}
      <div>
        <b>{view.title}</b>
        <p>{view.words}</p>
        {view.rule !== null && (
          <p>
            The rule that is missing for our user: <code>{view.rule}</code>
          </p>
        )}
      </div>
      {props.onRetry && (
        <Button size="small" onClick={props.onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

function describe(what: string, error: unknown) {
  const words = wordsOf(error)
  const refusal = readRefusal(words)
  if (refusal)
    return { icon: <LockKeyhole aria-hidden />, title: `The server does not allow us to ${what}`, words: refusal.words, rule: refusal.rule }
  const code = error instanceof ApiFailure ? error.code : null
  if (code === 'FORBIDDEN') return { icon: <LockKeyhole aria-hidden />, title: `Your role may not ${what}`, words, rule: null }
  if (code === 'CLUSTER_UNREACHABLE' || code === 'UNREACHABLE')
    return { icon: <PlugZap aria-hidden />, title: `Could not ${what}: no answer`, words, rule: null }
  return { icon: <TriangleAlert aria-hidden />, title: `Could not ${what}`, words, rule: null }
}
