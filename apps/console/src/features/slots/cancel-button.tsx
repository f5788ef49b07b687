import type { CancelAnswer, JobState } from '@slotscope/observer/stream'
import { formatRanges } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post, wordsOf } from '../../api/client.ts'
import { useReadOnlyReason } from '../../api/session.ts'
import { plural } from '../../model/format.ts'
import { exportsOf, jobTitle, labelOf } from '../../model/migration-progress.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { CommandText } from '../../ui/command-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import styles from './job-card.module.css'
import { useStage } from './room-context.ts'

/** Cancel is per node on the wire: with several exports of one node it says so, lists them, and asks. */
export function CancelButton({ job }: { readonly job: JobState }) {
  const { names, jobs, nodes, live } = useStage()
  const { id } = useCluster()
  const announce = useAnnounce()
  const readOnly = useReadOnlyReason()
  const [asking, setAsking] = useState(false)
  const together = exportsOf(jobs, job.sourceNode)
  const source = labelOf(job.sourceShard, names)
  const node = nodes[job.sourceNode]?.name ?? job.sourceNode.slice(0, 8)
  const cancel = useMutation({
    mutationFn: () => post<CancelAnswer>(`/api/clusters/${encodeURIComponent(id)}/nodes/${job.sourceNode}/cancel-exports`, {}),
    onSuccess: (answer) => announce(`${plural(answer.cancelled.length, 'migration')} cancelled. All slots stay with ${source}.`)
  })
  const several = together.length > 1
  const words = several ? `Cancel all ${together.length} exports of ${source}` : 'Cancel'
  return (
    <>
      {cancel.error && (
        <span role="alert" className={styles.problem}>
          {wordsOf(cancel.error)}
        </span>
      )}
      <Button
        size="small"
        disabled={readOnly !== null || !live || cancel.isPending}
        title={readOnly ?? `Sends CLUSTER CANCELSLOTMIGRATIONS to ${node}`}
        onClick={() => (several ? setAsking(true) : cancel.mutate())}
      >
        {cancel.isPending ? 'Cancelling…' : words}
      </Button>
      <Dialog
        open={asking && several}
        title={`Cancel all ${together.length} exports of ${source}?`}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep them running</Button>
            <Button
              look="danger"
              onClick={() => {
                setAsking(false)
                cancel.mutate()
              }}
            >
              {words}
            </Button>
          </>
        }
      >
        <p>A node can only cancel all of its exports at once. What was copied is thrown away, and every slot stays with {source}.</p>
        <ul className={styles.together}>
          {together.map((each) => (
            <li key={each.name}>
              <b>{jobTitle(each, names)}</b> slots {formatRanges(each.slots, 3)},{' '}
              {each.startedBy === null ? 'started elsewhere' : `started by ${each.startedBy}`}
            </li>
          ))}
        </ul>
        <p className={styles.sentTo}>Sent to {node}:</p>
        <CommandText>CLUSTER CANCELSLOTMIGRATIONS</CommandText>
      </Dialog>
    </>
  )
}
