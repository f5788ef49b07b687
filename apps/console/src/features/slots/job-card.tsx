import { formatRanges, type JobState } from '@slotscope/observer/stream'
import { Check, Minus, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { formatAgo, formatBytes, formatCompact, formatCount, plural } from '../../model/format.ts'
import {
  copiedShare,
  isRunning,
  jobTitle,
  labelOf,
  outcomeWords,
  type StepView,
  timeLeft,
  viewSteps,
  waitsFor
} from '../../model/migration-progress.ts'
import { comparisonOf } from '../../model/queue-words.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { CancelButton } from './cancel-button.tsx'
import { JobActions } from './job-actions.tsx'
import styles from './job-card.module.css'
import { useStage } from './room-context.ts'

/** One migration: four steps in words with the server's own state beneath, how far the copy is, and how it ended. It stays. */
export function JobCard(props: {
  readonly job: JobState
  readonly folded: boolean
  readonly onUnfold: () => void
  /** One of the moves of a queue, which stands around it. */
  readonly nested?: boolean
}) {
  const { job, folded, onUnfold, nested = false } = props
  const { names, jobs } = useStage()
  const running = isRunning(job)
  const now = useNow(running ? 250 : 15_000)
  const title = jobTitle(job, names)
  if (folded) return <FoldedJob job={job} onUnfold={onUnfold} now={now} />
  const waiting = waitsFor(job, jobs)
  return (
    <article
      className={styles.card}
      tabIndex={-1}
      data-plan={job.planId ?? undefined}
      data-outcome={job.outcome}
      data-nested={nested || undefined}
      aria-label={`Migration ${title}, ${plural(job.slotCount, 'slot')}: ${outcomeWords(job)}`}
    >
      <header className={styles.head}>
        <JobTitle job={job} />
        <span className={styles.slots} title={formatRanges(job.slots, 40)}>
          slots {formatRanges(job.slots, 2)}
        </span>
        {job.startedBy === null && <Chip>started elsewhere</Chip>}
        {job.stuck && <Chip tone="warn">no change for 30 s</Chip>}
        <span className={styles.space} />
        {running ? (
          <CancelButton job={job} />
        ) : (
          <span className={styles.when}>{job.endedAtMs !== null && formatAgo(now - job.endedAtMs)}</span>
        )}
      </header>
      <ol className={styles.steps} aria-label="Steps">
        {viewSteps(job, now).map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ol>
      {running ? <Progress job={job} now={now} waiting={waiting ? jobTitle(waiting, names) : null} /> : <Outcome job={job} />}
    </article>
  )
}

function JobTitle({ job }: { readonly job: JobState }) {
  const { names } = useStage()
  return (
    <h3 className={styles.title}>
      {[job.sourceShard, job.targetShard].map((shard, index) => (
        <span key={shard}>
          {index === 1 && <span aria-hidden="true"> → </span>}
          <ShardBadge label={labelOf(shard, names)} color={names[shard]?.color ?? 0} small />
        </span>
      ))}
      <span className="visually-hidden">{jobTitle(job, names)}</span>
    </h3>
  )
}

function Step({ step }: { readonly step: StepView }) {
  return (
    <li className={styles.step} data-state={step.state} aria-current={step.state === 'now' ? 'step' : undefined}>
      <span className={styles.stepName}>
        {step.state === 'done' && <Check aria-hidden />}
        {step.state === 'unseen' && <Minus aria-hidden />}
        {step.state === 'stopped' && <X aria-hidden />}
        {step.words}
        {step.state === 'done' && <span className={styles.time}>{step.time}</span>}
      </span>
      <span className={styles.wire}>
        {step.state === 'unseen' ? step.time : step.wire !== null ? `${step.wire}${step.time === '' ? '' : ` · ${step.time}`}` : '\u00a0'}
      </span>
    </li>
  )
}

/** The bar never goes back: a total that grows while writes arrive is said in words instead. */
function Progress({ job, now, waiting }: { readonly job: JobState; readonly now: number; readonly waiting: string | null }) {
  const share = copiedShare(job)
  const furthest = useRef(0)
  const shown = share === null ? null : Math.max(share, furthest.current)
  if (shown !== null) furthest.current = shown
  const fellBack = share !== null && shown !== null && shown - share > 0.02
  return (
    <div className={styles.progress}>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label="Keys copied"
        aria-valuemin={0}
        aria-valuemax={100}
        {...(shown === null ? {} : { 'aria-valuenow': Math.floor(shown * 100) })}
      >
        <i style={{ width: `${(shown ?? 0) * 100}%` }} />
      </div>
      <span className={styles.words}>
        {waiting !== null ? (
          `waits for ${waiting}: a source copies one export at a time`
        ) : (
          <>
            {job.keysTotal === null ? 'keys not known yet' : `${formatCompact(job.keysDone)} of ${formatCompact(job.keysTotal)} keys`}
            {job.bytesSent !== undefined && job.bytesSent > 0 && ` · ${formatBytes(job.bytesSent)} sent`}
            {job.bytesQueued !== undefined && job.bytesQueued > 0 && ` · ${formatBytes(job.bytesQueued)} of writes wait`}
            {fellBack && ' · writes arrive faster than they are copied'}
            {timeLeft(job, now) !== null && <b> · {timeLeft(job, now)}</b>}
          </>
        )}
      </span>
    </div>
  )
}

function Outcome({ job }: { readonly job: JobState }) {
  const { names } = useStage()
  return (
    <div className={styles.outcome}>
      <p className={styles.result} data-outcome={job.outcome}>
        <b>{outcomeWords(job)}</b>
        {job.outcome === 'moved' && job.keysTotal !== null && <>, {formatCount(job.keysTotal)} keys</>}
        {job.startedBy !== null && <span className={styles.by}> · by {job.startedBy}</span>}
        {job.acknowledged === true && <span className={styles.by}> · taken note of</span>}
      </p>
      {job.reason !== null && job.reason !== '' && <p className={styles.server}>{job.reason}</p>}
      {job.explanation !== null && <p className={styles.why}>{job.explanation}</p>}
      {job.outcome === 'unclear' && (
        <p className={styles.why}>
          {labelOf(job.sourceShard, names)} says {job.export?.state ?? 'nothing'}, {labelOf(job.targetShard, names)} says{' '}
          {job.import?.state ?? 'nothing'}.
        </p>
      )}
      <Comparison job={job} />
      <JobActions job={job} />
    </div>
  )
}

/** The target beside its replicas, after the move: a replica that differs is named with what repairs it. */
function Comparison({ job }: { readonly job: JobState }) {
  const { nodes } = useStage()
  const queues = useCore((core) => core.queues)
  const names = useCore((core) => core.databaseNames)
  const comparison = comparisonOf(queues, job)
  if (!comparison || comparison.wrongReplicas.length === 0) return null
  return (
    <div role="alert" className={styles.wrong}>
      <b>{comparison.text}</b>
      {comparison.wrongReplicas.map((replica) => (
        <div key={replica.node}>
          <p>
            {nodes[replica.node]?.name ?? replica.node.slice(0, 8)}:{' '}
            {replica.differences
              .map((each) => `${databaseWords(each.database, names)} has ${formatCount(each.keysThere)} of ${formatCount(each.keys)} keys`)
              .join(', ')}
          </p>
          {replica.repair !== null && (
            <>
              <CommandText>{replica.repair}</CommandText>
              <CopyButton text={replica.repair} label="Copy" what="repair command" />
            </>
          )}
        </div>
      ))}
    </div>
  )
}

/** A finished job in one line; a press unfolds it. */
function FoldedJob({ job, onUnfold, now }: { readonly job: JobState; readonly onUnfold: () => void; readonly now: number }) {
  return (
    <button type="button" className={styles.folded} data-outcome={job.outcome} onClick={onUnfold} aria-expanded="false">
      <JobTitle job={job} />
      <span className={styles.foldedWords}>
        <span className="visually-hidden">: </span>
        {outcomeWords(job)}
      </span>
      <span className={styles.when}>{job.endedAtMs !== null && formatAgo(now - job.endedAtMs)}</span>
      <span className="visually-hidden">. Show details</span>
    </button>
  )
}

/** Which finished jobs a person has unfolded. */
export type Unfolded = { readonly has: (name: string) => boolean; readonly add: (name: string) => void }

export function useUnfolded(): Unfolded {
  const [names, setNames] = useState<ReadonlySet<string>>(() => new Set())
  return { has: (name) => names.has(name), add: (name) => setNames(new Set([...names, name])) }
}
