import type { CoreState, JobState, NodeDeed, PlanState, QueueState } from '@slotscope/observer/stream'
import { MoveRight } from 'lucide-react'
import { memo, type RefObject, useEffect, useMemo, useRef } from 'react'
import { isRunning, sortJobs, waitsForPerson } from '../../model/migration-progress.ts'
import { planRanges, planWords } from '../../model/plan-wish.ts'
import { hasOwnCard, needsPerson, queueTitle, queueWords, sortQueues } from '../../model/queue-words.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useOutcomes } from '../topology/deed-outcomes.ts'
import { GiftDeed, GiftDraft, giftsOf } from './gifts.tsx'
import { JobCard, useUnfolded } from './job-card.tsx'
import styles from './migrations.module.css'
import { PlanBody } from './plan-body.tsx'
import { PlanCard } from './plan-card.tsx'
import { QueueCard } from './queue-card.tsx'
import { useStage } from './room-context.ts'

/** This many finished jobs are shown in full; older ones fold into a line. */
const inFull = 2

type Entry =
  | { readonly kind: 'queue'; readonly queue: QueueState; readonly atMs: number }
  | { readonly kind: 'job'; readonly job: JobState; readonly atMs: number }
  | { readonly kind: 'gift'; readonly deed: NodeDeed; readonly atMs: number }

/** The draft on top, then what others plan, then queues and jobs, newest first. A card becomes the job in place, and stays when it ended. */
export const Migrations = memo(function Migrations() {
  const { jobs, desk, gift } = useStage()
  const plans = useCore((core) => core.plans)
  const queues = useCore((core) => core.queues)
  const unchangeable = useUnchangeableReason()
  const sorted = useMemo(() => sortJobs(jobs), [jobs])
  const deeds = useCore((core) => core.deeds)
  const entries = useMemo(() => entriesOf(queues, sorted, jobs, giftsOf(deeds)), [queues, sorted, jobs, deeds])
  const unfolded = useUnfolded()
  const list = useRef<HTMLDivElement>(null)
  useFocusOnStart(list)
  useQueueAnnouncements(queues)
  useOutcomes(deeds)
  const mine = desk.draft?.plan?.planId
  const others = Object.values(plans).filter((plan) => plan.planId !== mine)
  const running = sorted.filter(isRunning).length
  const ended = sorted.filter((job) => !isRunning(job))
  const waiting = Object.values(queues ?? {}).reduce(
    (sum, queue) => sum + queue.moves.filter(({ progress }) => progress === 'planned').length,
    0
  )
  const drafting = desk.draft !== null || gift !== null
  const idle = !drafting && others.length === 0 && entries.length === 0
  const open = new Set([...ended.slice(0, inFull), ...ended.filter(waitsForPerson)].map((job) => job.name))
  return (
    <Panel
      title="Migrations"
      className={idle ? `${styles.panel} ${styles.idle}` : styles.panel}
      data-draft={drafting ? '' : undefined}
      note={
        sorted.length > 0 || waiting > 0
          ? [`${running} running`, ...(waiting > 0 ? [`${waiting} waiting`] : []), `${ended.length} finished`].join(' · ')
          : undefined
      }
    >
      <div ref={list} className={styles.list}>
        {desk.draft && <PlanCard key="draft" draft={desk.draft} />}
        <GiftDraft />
        {others.map((plan) => (
          <OthersPlan key={plan.planId} plan={plan} />
        ))}
        {entries.map((entry) =>
          entry.kind === 'gift' ? (
            <GiftDeed key={entry.deed.planId} deed={entry.deed} />
          ) : entry.kind === 'queue' ? (
            <QueueCard key={entry.queue.planId} queue={entry.queue} unfolded={unfolded} />
          ) : (
            <JobCard
              key={entry.job.name}
              job={entry.job}
              folded={!isRunning(entry.job) && !open.has(entry.job.name) && !unfolded.has(entry.job.name)}
              onUnfold={() => unfolded.add(entry.job.name)}
            />
          )
        )}
        {idle && (
          <div className={styles.empty}>
            <MoveRight aria-hidden />
            <p>
              {unchangeable === null
                ? 'No migration yet. Select slots on the map and drop them on a shard: you see the plan, the exact command and its cost before anything is sent.'
                : 'No migration up to this instant.'}
            </p>
          </div>
        )}
      </div>
    </Panel>
  )
})

/** Queues with a card of their own, with the jobs that none of them tells; those that wait for a person first, then newest first. */
function entriesOf(queues: CoreState['queues'], sorted: readonly JobState[], jobs: CoreState['jobs'], gifts: readonly NodeDeed[]): Entry[] {
  const shown = sortQueues(queues).filter((queue) => hasOwnCard(queue, jobs))
  const told = new Set(shown.flatMap((queue) => queue.moves.map(({ job }) => job)))
  const waits = (entry: Entry) => (entry.kind === 'queue' ? needsPerson(entry.queue) : entry.kind === 'job' && waitsForPerson(entry.job))
  const first = (entry: Entry) => (waits(entry) ? 0 : 1)
  const entries: Entry[] = [
    ...shown.map((queue): Entry => ({ kind: 'queue', queue, atMs: queue.confirmedAtMs })),
    ...gifts.map((deed): Entry => ({ kind: 'gift', deed, atMs: deed.confirmedAtMs ?? 0 })),
    ...sorted.filter((job) => !told.has(job.name)).map((job): Entry => ({ kind: 'job', job, atMs: job.startedAtMs }))
  ]
  // Jobs are in order already, and the sort keeps what is equal.
  return entries.sort((a, b) => first(a) - first(b) || b.atMs - a.atMs)
}

/** Says what became of a queue while one looked elsewhere. */
function useQueueAnnouncements(queues: CoreState['queues']): void {
  const { names } = useStage()
  const announce = useAnnounce()
  const said = useRef<ReadonlyMap<string, string> | null>(null)
  useEffect(() => {
    const now = new Map(Object.values(queues ?? {}).map((queue) => [queue.planId, queue.status]))
    const before = said.current
    said.current = now
    if (!before) return
    for (const queue of Object.values(queues ?? {})) {
      if (queue.moves.length < 2 || before.get(queue.planId) === queue.status) continue
      const title = queueTitle(queue.moves, names)
      if (queue.status === 'ended') announce(`${title}: ${queueWords(queue)}`)
      if (queue.status === 'stopped') announce(`${title} stopped${queue.because === null ? '' : `: ${queue.because}`}`, true)
    }
  }, [queues, names, announce])
}

/** The focus follows the card: when the draft has become a job, whoever confirmed it with the keyboard stands on that job. */
function useFocusOnStart(list: RefObject<HTMLElement | null>): void {
  const { desk } = useStage()
  const sent = useRef<string | null>(null)
  const { draft } = desk
  useEffect(() => {
    if (draft) {
      sent.current = draft.status === 'sent' ? (draft.plan?.planId ?? null) : null
      return
    }
    const planId = sent.current
    sent.current = null
    if (planId === null || document.activeElement !== document.body) return
    list.current?.querySelector<HTMLElement>(`[data-plan="${planId}"]`)?.focus({ preventScroll: true })
  }, [draft, list])
}

/** A plan of somebody else, or of another tab: seen, and not to be confirmed here. */
function OthersPlan({ plan }: { readonly plan: PlanState }) {
  const { names } = useStage()
  const now = useNow(1_000)
  const leftS = Math.ceil((plan.expiresAtMs - now) / 1_000)
  if (leftS <= 0) return null
  return (
    <details className={styles.others}>
      <summary>
        <b>{plan.actor}</b> plans {planWords(plan, names)}
        <span className={styles.otherNote}>
          {planRanges(plan)} · holds for {leftS} s
        </span>
      </summary>
      <PlanBody plan={plan} />
    </details>
  )
}
