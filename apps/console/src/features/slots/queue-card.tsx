import { formatRanges, type QueuedMove, type QueueState, type QueueWish } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  LoaderCircle,
  OctagonAlert,
  RotateCcw,
  SkipForward,
  Square,
  Undo2
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { post, wordsOf } from '../../api/client.ts'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatAgo, formatCount, plural } from '../../model/format.ts'
import { isRunning, jobTitle, labelOf } from '../../model/migration-progress.ts'
import { moveWords, needsPerson, queueTitle, queueWords, wishesFor } from '../../model/queue-words.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { JobCard, type Unfolded } from './job-card.tsx'
import styles from './queue-card.module.css'
import { useStage } from './room-context.ts'

/** Rows of a kind (waiting, done) that are shown before a person asks for all. */
const most = 4

/** A confirmed plan of several moves: each with how far it has come, what it waits for, and what can be done when one has failed. */
export function QueueCard({ queue, unfolded }: { readonly queue: QueueState; readonly unfolded: Unfolded }) {
  const { names } = useStage()
  const now = useNow(queue.status === 'ended' ? 15_000 : 1_000)
  const [all, setAll] = useState(false)
  const title = queueTitle(queue.moves, names)
  const done = queue.moves.filter(({ progress }) => progress === 'done')
  const slotsDone = done.reduce((sum, move) => sum + move.slotCount, 0)
  const slots = queue.moves.reduce((sum, move) => sum + move.slotCount, 0)
  const shown = all ? queue.moves : shortened(queue.moves)
  const hidden = queue.moves.length - shown.length
  return (
    <article
      className={styles.card}
      tabIndex={-1}
      data-plan={queue.planId}
      data-status={needsPerson(queue) ? 'stopped' : queue.status}
      aria-label={`Queue ${title}: ${queueWords(queue)}`}
    >
      <header className={styles.head}>
        <h3>{title}</h3>
        <span className={styles.words}>
          {queueWords(queue)} · {formatCount(slotsDone)} of {plural(slots, 'slot')} · by {queue.actor}
        </span>
        <span className={styles.when}>{queue.status === 'ended' && formatAgo(now - lastChange(queue))}</span>
      </header>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label="Moves done"
        aria-valuemin={0}
        aria-valuemax={queue.moves.length}
        aria-valuenow={done.length}
        data-status={queue.status}
      >
        <i style={{ width: `${slots === 0 ? 0 : (slotsDone / slots) * 100}%` }} />
      </div>
      {(queue.status === 'stopped' || queue.status === 'stopping') && (
        <p className={styles.because} role={queue.status === 'stopped' ? 'alert' : undefined}>
          <b>{queue.status === 'stopped' ? 'Stopped' : 'Stopping: what runs is finished'}</b>
          {queue.because !== null && <>: {queue.because}</>}
        </p>
      )}
      <ol className={styles.moves} aria-label="Moves">
        {shown.map((move) => (
          <MoveRow key={`${move.sourceShard} ${move.targetShard} ${move.slots[0]?.[0]}`} move={move} unfolded={unfolded} />
        ))}
      </ol>
      <footer className={styles.foot}>
        {hidden > 0 && (
          <Button size="small" look="quiet" onClick={() => setAll(true)}>
            Show all {queue.moves.length}
          </Button>
        )}
        <QueueActions queue={queue} title={title} />
      </footer>
    </article>
  )
}

/** What runs, what failed, the last that are done and the next that wait: a rebalance of a thousand shards is still one card. */
function shortened(moves: readonly QueuedMove[]): readonly QueuedMove[] {
  const done = moves.filter(({ progress }) => progress === 'done' || progress === 'skipped').slice(-most)
  const waiting = moves.filter(({ progress }) => progress === 'planned').slice(0, most)
  const shown = new Set([...done, ...waiting])
  return moves.filter((move) => shown.has(move) || !['done', 'skipped', 'planned'].includes(move.progress))
}

function lastChange(queue: QueueState): number {
  return queue.moves.reduce((last, move) => Math.max(last, move.atMs), queue.confirmedAtMs)
}

const icons = {
  planned: CircleDashed,
  sent: LoaderCircle,
  running: LoaderCircle,
  done: CircleCheck,
  failed: OctagonAlert,
  unknown: CircleHelp,
  skipped: CircleSlash
} as const

/** A move with its job, when the stream has it; a finished one is a line that unfolds. */
function MoveRow({ move, unfolded }: { readonly move: QueuedMove; readonly unfolded: Unfolded }) {
  const { names, jobs } = useStage()
  const job = move.job === null ? undefined : jobs[move.job]
  if (job && (isRunning(job) || unfolded.has(job.name)))
    return (
      <li>
        <JobCard job={job} nested folded={false} onUnfold={() => undefined} />
      </li>
    )
  const Icon = icons[move.progress]
  const row = (
    <>
      <Icon aria-hidden />
      <span className="visually-hidden">{jobTitle(move, names)}, </span>
      <span className={styles.pair} aria-hidden="true">
        <ShardBadge label={labelOf(move.sourceShard, names)} color={names[move.sourceShard]?.color ?? 0} small />
        <span aria-hidden="true">→</span>
        <ShardBadge label={labelOf(move.targetShard, names)} color={names[move.targetShard]?.color ?? 0} small />
      </span>
      <span className={styles.count} title={formatRanges(move.slots, 40)}>
        {plural(move.slotCount, 'slot')}
      </span>
      <span className={styles.moveWords}>
        <span className="visually-hidden">: </span>
        {moveWords(move, job)}
        {job && <span className="visually-hidden">. Show details</span>}
      </span>
    </>
  )
  return (
    <li data-progress={move.progress}>
      {job ? (
        <button type="button" className={styles.row} aria-expanded="false" onClick={() => unfolded.add(job.name)}>
          {row}
        </button>
      ) : (
        <div className={styles.row}>{row}</div>
      )}
    </li>
  )
}

/** Stop while it runs; retry, skip or take back what is done once it stands. */
function QueueActions({ queue, title }: { readonly queue: QueueState; readonly title: string }) {
  const { shards, desk, live } = useStage()
  const { id } = useCluster()
  const announce = useAnnounce()
  const readOnly = useReadOnlyReason()
  const may = wishesFor(queue)
  const gone = queue.moves.some((move) => move.progress === 'done' && !Object.hasOwn(shards, move.sourceShard))
  const said: Record<QueueWish, string> = {
    stop: 'No further move is started',
    retry: 'Tried again',
    skip: 'Skipped; the queue goes on'
  }
  const wish = useMutation({
    mutationFn: (what: QueueWish) => post<void>(`/api/clusters/${encodeURIComponent(id)}/queues/${queue.planId}/${what}`, {}),
    onSuccess: (_, what) => announce(said[what])
  })
  const button = (what: QueueWish, label: string, hint: string, icon: ReactNode) => (
    <Button
      size="small"
      disabled={readOnly !== null || !live || wish.isPending}
      title={readOnly ?? hint}
      aria-label={`${label} ${title}`}
      onClick={() => wish.mutate(what)}
    >
      {icon}
      {label}
    </Button>
  )
  return (
    <div className={styles.actions}>
      {wish.error && (
        <span role="alert" className={styles.problem}>
          {wordsOf(wish.error)}
        </span>
      )}
      {may.stop && button('stop', 'Stop', 'Finishes the move that runs and starts no more', <Square aria-hidden />)}
      {may.retry &&
        button(
          'retry',
          queue.moves.some(({ progress }) => progress === 'failed') ? 'Retry' : 'Go on',
          'Sends what failed once more and goes on',
          <RotateCcw aria-hidden />
        )}
      {may.skip && button('skip', 'Skip', 'Leaves out what failed and goes on', <SkipForward aria-hidden />)}
      {may.moveBack && (
        <Button
          size="small"
          disabled={gone || !live}
          title={gone ? 'A shard that they came from is gone' : 'A new plan with today’s keys: everything that this moved goes back'}
          aria-label={`Move back ${title}`}
          onClick={() => desk.ask({ kind: 'move-back', planId: queue.planId })}
        >
          <Undo2 aria-hidden />
          Move back
        </Button>
      )}
    </div>
  )
}
