import type { JobState } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { Check, History, RotateCcw, Undo2 } from 'lucide-react'
import { post, wordsOf } from '../../api/client.ts'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatDuration } from '../../model/format.ts'
import { jobTitle, waitsForPerson } from '../../model/migration-progress.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { useReplay } from '../../stream/replay.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import styles from './job-card.module.css'
import { useStage } from './room-context.ts'

/** What can be done with a job that has ended. */
export function JobActions({ job }: { readonly job: JobState }) {
  const { names, shards, desk, live } = useStage()
  const { id } = useCluster()
  const announce = useAnnounce()
  const readOnly = useReadOnlyReason()
  const acknowledge = useMutation({
    mutationFn: () => post<void>(`/api/clusters/${encodeURIComponent(id)}/jobs/${job.name}/acknowledge`, {}),
    onSuccess: () => announce('Taken note of')
  })
  const sourceGone = !Object.hasOwn(shards, job.sourceShard)
  const targetGone = !Object.hasOwn(shards, job.targetShard)
  const name = jobTitle(job, names)
  return (
    <div className={styles.actions}>
      {job.outcome === 'moved' && (
        <Button
          size="small"
          disabled={sourceGone || !live}
          title={sourceGone ? 'The shard that they came from is gone' : 'A new plan with today’s keys'}
          aria-label={`Move back ${name}`}
          onClick={() => desk.propose({ slots: job.slots, targetShard: job.sourceShard })}
        >
          <Undo2 aria-hidden />
          Move back
        </Button>
      )}
      {job.outcome === 'not-moved' && (
        <Button
          size="small"
          disabled={targetGone || !live}
          title={targetGone ? 'The shard that they should go to is gone' : 'A new plan'}
          aria-label={`Retry ${name}`}
          onClick={() => desk.propose({ slots: job.slots, targetShard: job.targetShard })}
        >
          <RotateCcw aria-hidden />
          Retry
        </Button>
      )}
      {waitsForPerson(job) && (
        <Button
          size="small"
          disabled={readOnly !== null || acknowledge.isPending || !live}
          title={readOnly ?? undefined}
          onClick={() => acknowledge.mutate()}
        >
          <Check aria-hidden />
          Take note
        </Button>
      )}
      {job.outcome !== 'unclear' && <ReplayMenu job={job} name={name} />}
      {acknowledge.error && <span role="alert">{wordsOf(acknowledge.error)}</span>}
    </div>
  )
}

const paces = [
  { speed: 0.1, label: 'At 1/10 of its speed', words: '1/10' },
  { speed: 0.02, label: 'At 1/50 of its speed', words: '1/50' }
] as const

/** Map, lanes and charts show the move once more, slowly enough to be followed. */
function ReplayMenu({ job, name }: { readonly job: JobState; readonly name: string }) {
  const replay = useReplay()
  // What keeps it from being played may pass by itself.
  useNow(1_000)
  const why = replay.whyNot(job)
  const tookMs = (job.endedAtMs ?? job.startedAtMs) - job.startedAtMs
  return (
    <Menu
      label={`Replay slowly ${name}`}
      button={
        <>
          <History aria-hidden />
          Replay slowly
        </>
      }
      buttonProps={{ size: 'small', disabled: why !== null, title: why ?? 'Plays the recording of this move' }}
      items={paces.map(({ speed, label, words }) => (
        <MenuItem
          key={speed}
          label={label}
          note={`Takes about ${formatDuration(Math.max(1_000, tookMs / speed))}`}
          onChoose={() => replay.start(job, `Replaying ${name} at ${words}`, speed)}
        />
      ))}
    />
  )
}
