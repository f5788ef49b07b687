import type { AuditAnswer } from '@slotscope/observer/stream'
import { useInfiniteQuery } from '@tanstack/react-query'
import { LockKeyhole, RefreshCw, ScrollText } from 'lucide-react'
import { useMemo } from 'react'
import { ask } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { queryOf, withoutAnswered } from '../../model/audit-words.ts'
import { formatInstant } from '../../model/deadline-text.ts'
import { plural } from '../../model/format.ts'
import { useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { DownloadLinks } from '../../ui/download-links.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import frame from '../../ui/room.module.css'
import { Segmented } from '../../ui/segmented.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { AuditFilters } from './audit-filters.tsx'
import styles from './audit-room.module.css'
import { AuditTable } from './audit-table.tsx'
import { ChainCheck } from './chain-check.tsx'
import { useAuditFilter } from './use-audit-filter.ts'

const none: readonly AuditAnswer[] = []

/** Who did what, and what came of it: for admins. It is Slotscope's own; what was done to this cluster comes first. */
export default function AuditRoom() {
  const { role } = useSession()
  if (role !== 'admin')
    return (
      <div className={frame.column}>
        <h2 className="visually-hidden">Audit</h2>
        <EmptyState icon={<LockKeyhole aria-hidden />} title="The audit is for admins">
          Your role is {role}: it may not read who did what. What is done to this cluster while you look stands in the other rooms.
        </EmptyState>
      </div>
    )
  return <Inspected />
}

function Inspected() {
  const state = useAuditFilter()
  const { filter } = state
  const now = useNow(60_000)
  const pages = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      ask<AuditAnswer>(`/api/audit${queryOf(pageParam === null ? filter : { ...filter, before: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before
  })
  const answers = pages.data?.pages ?? none
  const lines = useMemo(() => withoutAnswered(answers.flatMap((page) => page.lines)), [answers])
  const damaged = answers.reduce((sum, page) => sum + page.damaged, 0)
  const backTo = answers.at(-1)?.readBackToMs ?? null
  return (
    <div className={frame.column}>
      <h2 className="visually-hidden">Audit</h2>
      <ChainCheck />
      <Panel
        title="What was done"
        note={state.pastMs === null ? undefined : `up to ${formatInstant(state.pastMs, now)}: you are looking back`}
        className={styles.panel}
        actions={
          <span className={styles.actions}>
            {!state.isPlayed && (
              <Segmented
                label="Of what"
                value={state.everywhere ? 'all' : 'cluster'}
                segments={[
                  { value: 'cluster', label: 'This cluster' },
                  { value: 'all', label: 'Everything' }
                ]}
                onChange={(value) => state.setEverywhere(value === 'all')}
              />
            )}
            <Button size="small" onClick={() => void pages.refetch()} disabled={pages.isFetching}>
              <RefreshCw aria-hidden />
              Read again
            </Button>
            <DownloadLinks
              what="what fits"
              csv={`/api/audit/export${queryOf({ ...filter, format: 'csv' })}`}
              json={`/api/audit/export${queryOf({ ...filter, format: 'json' })}`}
            />
          </span>
        }
      >
        {state.isPlayed && (
          <p className={styles.note}>This is the audit of the Slotscope that plays the recording: a recording has none.</p>
        )}
        {answers[0]?.kept === false && (
          <p className={styles.note}>
            Slotscope runs without a folder for data, so this audit ends with it. Start it with <code>--data FOLDER</code> to keep it.
          </p>
        )}
        <AuditFilters state={state} />
        {damaged > 0 && (
          <p className={styles.broken} role="alert">
            {plural(damaged, 'line')} in this stretch {damaged === 1 ? 'does' : 'do'} not hold what {damaged === 1 ? 'its' : 'their'} hash
            stands for, and {damaged === 1 ? 'is' : 'are'} left out. Verify the chain to see where it breaks.
          </p>
        )}
        {pages.isError && <FailureNote what="read the audit" error={pages.error} onRetry={() => void pages.refetch()} />}
        {pages.isPending && !pages.isError && <EmptyState icon={<Spinner />} title="Reading the audit" />}
        {pages.data && lines.length === 0 && !pages.hasNextPage && (
          <EmptyState icon={<ScrollText aria-hidden />} title={state.isFiltered ? 'No line fits' : 'Nothing was done yet'}>
            {state.isFiltered
              ? 'Nothing that was written down fits all of what stands above.'
              : 'Every change, and every one that was refused, is written here before it is sent and after it was answered.'}
          </EmptyState>
        )}
        {lines.length > 0 && (
          <section className={styles.scroll} aria-label="Lines of the audit" aria-busy={pages.isFetching}>
            <AuditTable lines={lines} nowMs={now} />
          </section>
        )}
        {pages.hasNextPage && (
          <div className={styles.more}>
            <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
              Older lines
            </Button>
            {backTo !== null && <span>read back to {formatInstant(backTo - (backTo % 1_000), now)}</span>}
          </div>
        )}
      </Panel>
    </div>
  )
}
