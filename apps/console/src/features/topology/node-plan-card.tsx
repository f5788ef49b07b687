import type { NodePlanRequest } from '@slotscope/observer/stream'
import { useEffect, useRef, useState } from 'react'
import { useReadOnlyReason, useSession } from '../../api/session.ts'
import { useConnection, useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from '../slots/plan-card.module.css'
import type { NodeDesk, NodeDraft } from './node-desk.ts'
import { NodePlanBody } from './node-plan-body.tsx'

const titles: Readonly<Record<string, string>> = {
  PLAN_STALE: 'The cluster has changed since the plan was made',
  PLAN_EXPIRED: 'The plan has expired',
  NOT_CONFIRMED: 'This was not confirmed'
}

const confirmWords: Readonly<Record<NodePlanRequest['kind'], string>> = {
  failover: 'Take over',
  replicate: 'Follow it',
  meet: 'Let it join',
  forget: 'Forget it',
  'add-slots': 'Give the slots',
  config: 'Change the setting',
  resync: 'Take the copy',
  add: 'Start and join',
  stop: 'Stop it',
  kill: 'Kill it',
  restart: 'Start it again'
}

/** The plan for a node: everything that a click will send, and to which nodes, before it is sent. */
export function NodePlanCard({ desk, draft }: { readonly desk: NodeDesk; readonly draft: NodeDraft }) {
  const card = useRef<HTMLElement>(null)
  const [typed, setTyped] = useState('')
  const now = useNow(1_000)
  const why = useWhyNot(draft)
  const { plan, failure, status } = draft
  const leftS = plan ? Math.max(0, Math.ceil((plan.expiresAtMs - now) / 1_000)) : 0
  const expired = plan !== null && leftS === 0 && status === 'ready'
  const planId = plan?.planId
  useEffect(() => {
    card.current?.focus({ preventScroll: true })
    card.current?.scrollIntoView({ block: 'nearest' })
    if (planId !== undefined) setTyped('')
  }, [planId])
  const isNamed = plan?.typedName == null || typed === plan.typedName
  const mayConfirm = status === 'ready' && plan !== null && failure === null && !expired && why === null && isNamed
  const title = plan?.title ?? 'Plan for a node'
  return (
    <article ref={card} tabIndex={-1} className={styles.card} aria-label={`Plan: ${title}`} aria-busy={status !== 'ready'}>
      <header className={styles.head}>
        <h3>{title}</h3>
        {plan && status === 'ready' && (
          <span className={styles.expiry} data-soon={leftS <= 10 || undefined}>
            {expired ? 'plan expired' : `plan holds for ${leftS} s`}
          </span>
        )}
      </header>
      <div className={styles.body}>
        {failure && (
          <div role="alert" className={styles.failure}>
            <b>{titles[failure.code] ?? 'This cannot be done'}</b>
            <p>{failure.words}</p>
            {failure.differences.length > 0 && (
              <ul>
                {failure.differences.map(({ what, was, is }) => (
                  <li key={what}>
                    {what}: was {was}, is {is}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
        {plan ? <NodePlanBody plan={plan} /> : status === 'asking' && <p className={styles.wait}>Asking the nodes…</p>}
        {plan?.typedName != null && (
          <TextField
            label={`This cannot be taken back. Type ${plan.typedName} to confirm`}
            mono
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </div>
      <footer className={styles.foot}>
        <span className={styles.sentTo}>{why ?? ''}</span>
        <Button onClick={desk.discard}>Discard</Button>
        {(failure && failure.code !== 'PLAN_REFUSED' && failure.code !== 'FORBIDDEN') || expired ? (
          <Button look="primary" onClick={desk.again}>
            Plan again
          </Button>
        ) : (
          plan && (
            <Button
              look={plan.typedName === null ? 'primary' : 'danger'}
              onClick={() => desk.confirm(typed)}
              disabled={!mayConfirm}
              title={why ?? undefined}
            >
              {status === 'sending' ? 'Sending…' : confirmWords[plan.request.kind]}
            </Button>
          )
        )}
      </footer>
    </article>
  )
}

/** Why the plan on the table may not be confirmed here and now; null: it may. */
function useWhyNot({ plan }: NodeDraft): string | null {
  const readOnly = useReadOnlyReason()
  const { role } = useSession()
  const { phase } = useConnection()
  const stop = plan?.checks.find((check) => check.level === 'stop')
  if (readOnly !== null) return readOnly
  if (phase !== 'live') return 'The stream is lost: nothing can be sent.'
  if (plan?.leastRole === 'admin' && role !== 'admin') return `Your role is ${role}: an admin must confirm this.`
  return stop?.text ?? null
}
