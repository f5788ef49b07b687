import { formatRanges, type PlanState } from '@slotscope/observer/stream'
import { useEffect, useRef } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { mostSlots, planName, planTitle, type Wish } from '../../model/plan-wish.ts'
import { useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { AmountControl } from './amount-control.tsx'
import { LoadControl } from './load-control.tsx'
import { PlanBody } from './plan-body.tsx'
import styles from './plan-card.module.css'
import type { Draft } from './plan-desk.ts'
import { focusMap } from './range-input.tsx'
import { useStage } from './room-context.ts'

/** The plan that this person is making. It says everything that a click will send, and to which node, before it is sent. */
export function PlanCard({ draft }: { readonly draft: Draft }) {
  const { names, nodes, desk, live } = useStage()
  const card = useRef<HTMLElement>(null)
  const now = useNow(1_000)
  const readOnly = useReadOnlyReason()
  const { plan, failure, wish } = draft
  const leftS = plan ? Math.max(0, Math.ceil((plan.expiresAtMs - now) / 1_000)) : 0
  const expired = plan !== null && leftS === 0 && draft.status === 'ready'
  const stops = plan?.checks.filter((check) => check.level === 'stop') ?? []
  const title = planTitle(wish, plan, names)
  useEffect(() => card.current?.focus({ preventScroll: true }), [])
  // The card grows when the plan arrives: it is brought into sight then, not when it was two lines high.
  const planned = plan !== null
  const failed = failure !== null
  useEffect(() => {
    if (failed) card.current?.scrollIntoView({ block: 'start' })
    else if (planned) card.current?.scrollIntoView({ block: 'nearest' })
  }, [planned, failed])

  const nodeName = (id: string) => nodes[id]?.name ?? id.slice(0, 8)

  const why = readOnly ?? (!live ? 'The stream is lost: nothing can be sent.' : stops.length > 0 ? stops[0]!.text : null)
  const mayConfirm = draft.status === 'ready' && plan !== null && failure === null && !expired && plan.moves.length > 0 && why === null

  return (
    <article
      ref={card}
      tabIndex={-1}
      className={styles.card}
      aria-label={`Plan: ${planName(wish, plan, names)}`}
      aria-busy={draft.status === 'asking' || draft.status === 'sending'}
    >
      <header className={styles.head}>
        <h3>{title}</h3>
        {plan && draft.status === 'ready' && (
          <span className={styles.expiry} data-soon={leftS <= 10 || undefined}>
            {expired ? 'plan expired' : `plan holds for ${leftS} s`}
          </span>
        )}
      </header>

      <div className={styles.body}>
        {failure && (
          <div role="alert" className={styles.failure}>
            <b>
              {failure.kind === 'stale'
                ? 'The cluster has changed since the plan was made'
                : failure.kind === 'expired'
                  ? 'The plan has expired'
                  : failure.kind === 'refused' && wish.kind === 'rebalance'
                    ? 'There is nothing to even out'
                    : 'This cannot be done'}
            </b>
            <p>{failure.words}</p>
            {failure.differences.length > 0 && (
              <ul>
                {failure.differences.map((difference) => (
                  <li key={formatRanges(difference.slots)}>
                    slots {formatRanges(difference.slots)}: was {difference.was}, is {difference.is}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
        {wish.kind === 'move' && mostSlots(wish) > 1 && draft.status !== 'sent' && <AmountControl wish={wish} />}
        {(wish.kind === 'rebalance' || wish.kind === 'drain') && draft.status !== 'sent' && <LoadControl wish={wish} />}
        {plan ? (
          <PlanBody
            plan={plan}
            by={wish.kind === 'rebalance' || wish.kind === 'drain' ? wish.by : 'slots'}
            weights={wish.kind === 'rebalance' ? wish.weights : undefined}
          />
        ) : (
          draft.status === 'asking' && <p className={styles.wait}>Asking the cluster what this would move…</p>
        )}
        {draft.status === 'sent' && <p className={styles.wait}>Sent. The job appears as soon as its node reports it.</p>}
      </div>

      <footer className={styles.foot}>
        <span className={styles.sentTo}>{why ?? (plan ? sentTo(plan, nodeName) : '')}</span>
        <Button
          onClick={() => {
            desk.discard()
            focusMap()
          }}
        >
          {draft.status === 'sent' ? 'Close' : 'Discard'}
        </Button>
        {(failure && failure.kind !== 'refused') || expired ? (
          <Button look="primary" onClick={desk.again}>
            Plan again
          </Button>
        ) : (
          draft.status !== 'sent' && (
            <Button look="primary" onClick={desk.confirm} disabled={!mayConfirm} title={why ?? undefined}>
              {draft.status === 'sending' ? 'Sending…' : confirmWords[wish.kind]}
            </Button>
          )
        )}
      </footer>
    </article>
  )
}

const confirmWords: Record<Wish['kind'], string> = {
  move: 'Move slots',
  rebalance: 'Start the rebalance',
  drain: 'Start the drain',
  'move-back': 'Move back'
}

function sentTo(plan: PlanState, name: (id: string) => string): string {
  const nodes = [...new Set(plan.moves.map((move) => name(move.sourceNode)))]
  return nodes.length === 0 ? 'nothing would be sent' : `will be sent to ${nodes.join(', ')}`
}
