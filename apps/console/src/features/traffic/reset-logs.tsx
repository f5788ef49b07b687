import { type CommandLogKind, type ResetLogAnswer, type ResetLogRequest, resetCommand } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { post } from '../../api/client.ts'
import { plural } from '../../model/format.ts'
import { kindNames } from '../../model/log-rows.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { CommandText } from '../../ui/command-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Unanswered } from '../asked/ask-all.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import styles from './views.module.css'

/** Asks whether one of the logs of every node may be emptied, and says where it was. */
export function ResetLogs(props: { readonly kind: CommandLogKind; readonly onClose: () => void; readonly onReset: () => void }) {
  const { id } = useCluster()
  const { kind } = props
  const announce = useAnnounce()
  const names = useNodeNames()
  const count = useCore((core) => Object.keys(core.nodes).length)
  const reset = useMutation({
    mutationFn: (request: ResetLogRequest) => post<ResetLogAnswer>(`/api/clusters/${encodeURIComponent(id)}/command-logs/reset`, request),
    onSuccess: ({ results }) => {
      announce(wordsOf(results))
      props.onReset()
    }
  })
  return (
    <Dialog
      open
      title={reset.data ? 'The log was emptied' : `Empty the log of ${kindNames[kind]}?`}
      onClose={props.onClose}
      actions={
        reset.data ? (
          <Button look="primary" onClick={props.onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={props.onClose}>Keep it</Button>
            <Button look="danger" disabled={reset.isPending} onClick={() => reset.mutate({ kind })}>
              Empty it on {plural(count, 'node')}
            </Button>
          </>
        )
      }
    >
      {reset.data ? (
        <>
          <p className={styles.say}>{wordsOf(reset.data.results)}</p>
          <Unanswered nodes={reset.data.results} names={names} />
        </>
      ) : (
        <>
          <p className={styles.say}>What was written down is gone then, for everybody. Save it first if it may be needed.</p>
          <CommandText>{resetCommand(kind).join(' ')}</CommandText>
        </>
      )}
      {reset.error && <FailureNote what="empty the log" error={reset.error} />}
    </Dialog>
  )
}

function wordsOf(results: ResetLogAnswer['results']): string {
  const done = results.filter(({ error }) => error === null).length
  return done === results.length ? `Emptied on ${plural(done, 'node')}.` : `Emptied on ${done} of ${plural(results.length, 'node')}.`
}
