import type { NodeDeed } from '@slotscope/observer/stream'
import { useMemo } from 'react'
import { formatAgo, formatDuration } from '../../model/format.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import styles from './deed-list.module.css'
import { NodePlanBody } from './node-plan-body.tsx'

const tones = { planned: {}, running: {}, done: { tone: 'ok' }, failed: { tone: 'bad' }, unclear: { tone: 'warn' } } as const

/** What is planned by others, what is being done and what was done to nodes, newest first. */
export function DeedList({ mine }: { readonly mine: string | undefined }) {
  const deeds = useCore((core) => core.deeds)
  const sorted = useMemo(
    () =>
      Object.values(deeds ?? {})
        .filter((deed) => deed.planId !== mine)
        .sort((a, b) => (b.confirmedAtMs ?? b.madeAtMs) - (a.confirmedAtMs ?? a.madeAtMs)),
    [deeds, mine]
  )
  if (sorted.length === 0 && mine === undefined)
    return (
      <p className={styles.empty}>
        Nothing was done to a node yet. Choose something in the menu of a node: you see the plan, the exact commands and what speaks against
        it before anything is sent.
      </p>
    )
  return (
    <ul className={styles.list} aria-label="Deeds">
      {sorted.map((deed) => (
        <li key={deed.planId}>
          <DeedCard deed={deed} />
        </li>
      ))}
    </ul>
  )
}

/** One deed: what it was, how far it has come or what became of it, and everything that was sent for it. */
export function DeedCard({ deed }: { readonly deed: NodeDeed }) {
  const now = useNow(1_000)
  const { status, confirmedAtMs, endedAtMs } = deed
  const when =
    endedAtMs !== null && confirmedAtMs !== null
      ? `${formatAgo(now - endedAtMs)} · took ${formatDuration(endedAtMs - confirmedAtMs)}`
      : confirmedAtMs !== null
        ? `for ${formatDuration(Math.max(0, now - confirmedAtMs))}`
        : `holds for ${Math.max(0, Math.ceil((deed.expiresAtMs - now) / 1_000))} s`
  return (
    <article className={styles.deed} data-status={status} aria-label={`${deed.title}: ${status}`}>
      <div className={styles.head}>
        <b>{deed.title}</b>
        <Chip {...tones[status]}>{status}</Chip>
      </div>
      <p className={styles.who}>
        {deed.confirmedBy ?? deed.actor} · {when}
      </p>
      {deed.outcome !== null && deed.outcome !== '' && <p>{deed.outcome}</p>}
      {deed.replies.length > 0 && (
        <ul className={styles.replies} aria-label="Replies that were not OK">
          {deed.replies.map((reply) => (
            <li key={reply}>{reply}</li>
          ))}
        </ul>
      )}
      <details>
        <summary>Checks and commands</summary>
        <div className={styles.body}>
          <NodePlanBody plan={deed} />
        </div>
      </details>
    </article>
  )
}
