import { formatRanges, type PlanState } from '@slotscope/observer/stream'
import { MoveRight } from 'lucide-react'
import { type RefObject, useEffect, useMemo, useRef } from 'react'
import { plural } from '../../model/format.ts'
import { isRunning, labelOf, sortJobs } from '../../model/migration-progress.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Panel } from '../../ui/panel.tsx'
import { JobCard, useUnfolded } from './job-card.tsx'
import styles from './migrations.module.css'
import { PlanBody, PlanCard } from './plan-card.tsx'
import { useRoom } from './room-context.ts'

/** This many finished jobs are shown in full; older ones fold into a line. */
const inFull = 2

/** The draft on top, then what others plan, then the jobs, newest first. A card becomes the job in place, and stays when it ended. */
export function Migrations() {
  const { jobs, desk } = useRoom()
  const plans = useCore((core) => core.plans)
  const sorted = useMemo(() => sortJobs(jobs), [jobs])
  const unfolded = useUnfolded()
  const list = useRef<HTMLDivElement>(null)
  useFocusOnStart(list)
  const mine = desk.draft?.plan?.planId
  const started = new Set(sorted.map((job) => job.planId))
  const others = Object.values(plans).filter((plan) => plan.planId !== mine && !started.has(plan.planId))
  const running = sorted.filter(isRunning).length
  const ended = sorted.filter((job) => !isRunning(job))
  const open = new Set([...ended.slice(0, inFull), ...ended.filter((job) => job.outcome === 'unclear')].map((job) => job.name))
  return (
    <Panel
      title="Migrations"
      className={styles.panel}
      data-draft={desk.draft ? '' : undefined}
      note={sorted.length > 0 ? `${running} running · ${ended.length} finished` : undefined}
    >
      <div ref={list} className={styles.list}>
        {desk.draft && <PlanCard key="draft" draft={desk.draft} />}
        {others.map((plan) => (
          <OthersPlan key={plan.planId} plan={plan} />
        ))}
        {sorted.map((job) => (
          <JobCard
            key={job.name}
            job={job}
            folded={!isRunning(job) && !open.has(job.name) && !unfolded.has(job.name)}
            onUnfold={() => unfolded.add(job.name)}
          />
        ))}
        {!desk.draft && others.length === 0 && sorted.length === 0 && (
          <div className={styles.empty}>
            <MoveRight aria-hidden />
            <p>
              No migration yet. Select slots on the map and drop them on a shard: you see the plan, the exact command and its cost before
              anything is sent.
            </p>
          </div>
        )}
      </div>
    </Panel>
  )
}

/** The focus follows the card: when the draft has become a job, whoever confirmed it with the keyboard stands on that job. */
function useFocusOnStart(list: RefObject<HTMLElement | null>): void {
  const { desk } = useRoom()
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
  const { shards } = useRoom()
  const now = useNow(1_000)
  const slots = plan.moves.reduce((sum, move) => sum + move.slotCount, 0)
  const leftS = Math.ceil((plan.expiresAtMs - now) / 1_000)
  if (leftS <= 0) return null
  return (
    <details className={styles.others}>
      <summary>
        <b>{plan.actor}</b> plans {plural(slots, 'slot')} to {labelOf(plan.targetShard, shards)}
        <span className={styles.otherNote}>
          {formatRanges(
            plan.moves.flatMap((move) => move.slots),
            2
          )}{' '}
          · holds for {leftS} s
        </span>
      </summary>
      <PlanBody plan={plan} />
    </details>
  )
}
