import { countSlots, formatRanges, type PlanState } from '@slotscope/observer/stream'
import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatCount, plural } from '../../model/format.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { AmountControl } from './amount-control.tsx'
import styles from './plan-card.module.css'
import type { Draft } from './plan-desk.ts'
import { focusMap } from './range-input.tsx'
import { useRoom } from './room-context.ts'

/** The plan that this person is making. It says everything that a click will send, and to which node, before it is sent. */
export function PlanCard({ draft }: { readonly draft: Draft }) {
  const { shards, nodes, desk, live } = useRoom()
  const card = useRef<HTMLElement>(null)
  const now = useNow(1_000)
  const readOnly = useReadOnlyReason()
  const { plan, failure } = draft
  const target = labelOf(draft.targetShard, shards)
  const leftS = plan ? Math.max(0, Math.ceil((plan.expiresAtMs - now) / 1_000)) : 0
  const expired = plan !== null && leftS === 0 && draft.status === 'ready'
  const stops = plan?.checks.filter((check) => check.level === 'stop') ?? []
  const refusals = draft.answers.filter((answer) => answer.error !== null)
  const moving = plan ? plan.moves.reduce((sum, move) => sum + move.slotCount, 0) : draft.count
  const sources = plan ? plan.moves.map((move) => labelOf(move.sourceShard, shards)).join(' and ') : null
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
      aria-label={`Plan: move ${plural(moving, 'slot')} to ${target}`}
      aria-busy={draft.status === 'asking' || draft.status === 'sending'}
    >
      <header className={styles.head}>
        <h3>
          Move {plural(moving, 'slot')} {sources !== null && sources !== '' && <>from {sources} </>}to {target}
        </h3>
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
        {refusals.map((answer) => (
          <div key={answer.sourceNode} role="alert" className={styles.failure}>
            <b>{nodeName(answer.sourceNode)} refused</b>
            <p>{answer.error}</p>
          </div>
        ))}
        {countSlots(draft.pool) > 1 && draft.status !== 'sent' && <AmountControl draft={draft} />}
        {plan ? (
          <PlanBody plan={plan} />
        ) : (
          draft.status === 'asking' && <p className={styles.wait}>Asking the cluster what this would move…</p>
        )}
        {draft.status === 'sent' && refusals.length === 0 && (
          <p className={styles.wait}>Sent. The job appears as soon as its node reports it.</p>
        )}
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
              {draft.status === 'sending' ? 'Sending…' : 'Move slots'}
            </Button>
          )
        )}
      </footer>
    </article>
  )
}

function sentTo(plan: PlanState, name: (id: string) => string): string {
  const nodes = [...new Set(plan.moves.map((move) => name(move.sourceNode)))]
  return nodes.length === 0 ? 'nothing would be sent' : `will be sent to ${nodes.join(', ')}`
}

/** What a plan says, whoever made it. */
export function PlanBody({ plan, old = false }: { readonly plan: PlanState; readonly old?: boolean }) {
  const { shards, nodes } = useRoom()
  const keys = plan.moves.reduce((sum, move) => sum + move.keys, 0)
  const byDatabase = new Map<number, number>()
  for (const move of plan.moves)
    for (const { database, keys: count } of move.keysByDatabase) byDatabase.set(database, (byDatabase.get(database) ?? 0) + count)
  return (
    <div className={styles.plan} data-old={old || undefined}>
      <div className={styles.left}>
        <dl className={styles.facts}>
          <div>
            <dt>keys</dt>
            <dd>{formatCount(keys)}</dd>
          </div>
          <div>
            <dt>by database</dt>
            <dd>
              {byDatabase.size === 0
                ? 'none'
                : [...byDatabase]
                    .sort(([a], [b]) => a - b)
                    .map(([database, count]) => (
                      <span key={database} className={styles.database}>
                        db{database} <b>{formatCount(count)}</b>
                      </span>
                    ))}
            </dd>
          </div>
          {plan.moves.length > 1 && (
            <div>
              <dt>jobs</dt>
              <dd>
                {plan.moves.map((move) => (
                  <span key={move.sourceShard} className={styles.database}>
                    {labelOf(move.sourceShard, shards)} → {labelOf(plan.targetShard, shards)} <b>{plural(move.slotCount, 'slot')}</b>
                  </span>
                ))}
                <small>not atomic together</small>
              </dd>
            </div>
          )}
          {plan.leftOut.map((out) => (
            <div key={out.reason}>
              <dt>stays</dt>
              <dd title={formatRanges(out.slots, 40)}>{out.detail}</dd>
            </div>
          ))}
        </dl>
        <Balance plan={plan} />
      </div>
      <ul className={styles.checks} aria-label="Checks">
        {plan.checks.map((check) => (
          <li key={check.id} data-level={check.level}>
            {check.level === 'ok' ? (
              <CircleCheck aria-hidden />
            ) : check.level === 'warn' ? (
              <TriangleAlert aria-hidden />
            ) : (
              <OctagonAlert aria-hidden />
            )}
            <span>
              <span className="visually-hidden">
                {check.level === 'ok' ? 'Passed: ' : check.level === 'warn' ? 'Warning: ' : 'Stops the move: '}
              </span>
              {check.text}
            </span>
          </li>
        ))}
      </ul>
      {plan.moves.map((move) => (
        <div key={move.sourceNode} className={styles.command}>
          <div className={styles.commandHead}>
            <span>
              to <b>{nodes[move.sourceNode]?.name ?? move.sourceNode.slice(0, 8)}</b>, primary of {labelOf(move.sourceShard, shards)}
            </span>
            <CopyButton text={move.shell} label="Copy" what="command for valkey-cli" />
          </div>
          <CommandText>{move.command.join(' ')}</CommandText>
        </div>
      ))}
    </div>
  )
}

/** Slots per shard before and after: bars for the shards that change, and the rest in a line. */
function Balance({ plan }: { readonly plan: PlanState }) {
  const { shards } = useRoom()
  const greatest = plan.balance.reduce((most, row) => Math.max(most, row.slotsBefore, row.slotsAfter), 1)
  const changed = plan.balance.filter((row) => row.slotsBefore !== row.slotsAfter)
  const rest = plan.balance.length - changed.length
  return (
    <table className={styles.balance}>
      <caption>Balance after</caption>
      <tbody>
        {changed.map((row) => {
          const shard = shards[row.shard]
          return (
            <tr key={row.shard}>
              <th scope="row">
                <ShardBadge label={labelOf(row.shard, shards)} color={shard?.color ?? 0} small />
                <span className="visually-hidden">Shard {labelOf(row.shard, shards)}</span>
              </th>
              <td className={styles.bars} aria-hidden="true">
                <i style={{ width: `${(row.slotsBefore / greatest) * 100}%` }} data-when="before" />
                <i style={{ width: `${(row.slotsAfter / greatest) * 100}%`, background: `var(--shard-${(shard?.color ?? 0) % 8})` }} />
              </td>
              <td title={`${formatCount(row.keysBefore)} → ${formatCount(row.keysAfter)} keys`}>
                {formatCount(row.slotsBefore)} → <b>{formatCount(row.slotsAfter)}</b> slots
              </td>
            </tr>
          )
        })}
      </tbody>
      {rest > 0 && (
        <tfoot>
          <tr>
            <td colSpan={3}>{plural(rest, 'other shard')} unchanged</td>
          </tr>
        </tfoot>
      )}
    </table>
  )
}
