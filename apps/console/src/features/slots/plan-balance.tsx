import type { PlanState, RebalanceLoad } from '@slotscope/observer/stream'
import { useMemo, useState } from 'react'
import { formatBytes, formatCompact, formatCount, plural } from '../../model/format.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { type BalanceRow, balanceBy } from '../../model/plan-balance.ts'
import type { Weights } from '../../model/plan-wish.ts'
import { compareLabels } from '../../model/shard-order.ts'
import { useSlots } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './plan-card.module.css'
import { useStage } from './room-context.ts'

/** Rows that are shown before a person asks for all. */
const most = 10

/** A load of each shard before and after: bars for those that change, a line at what would be even, and the rest in words. */
export function PlanBalance(props: { readonly plan: PlanState; readonly by: RebalanceLoad; readonly weights?: Weights | undefined }) {
  const { plan, by, weights } = props
  const { shards, names } = useStage()
  const cpu = useSlots(by === 'cpu' ? 'cpu' : null)?.values ?? null
  const balance = useMemo(() => balanceBy(plan, by, shards, cpu, weights), [plan, by, shards, cpu, weights])
  const [all, setAll] = useState(false)
  const shown = (all ? [...balance.rows] : balance.rows.slice(0, most)).sort((a, b) =>
    compareLabels(labelOf(a.shard, names), labelOf(b.shard, names))
  )
  return (
    <table className={styles.balance}>
      <caption>
        Balance after{by === 'cpu' && ', CPU as it is now'}
        {by === 'bytes' && ', memory estimated from a sample of keys'}
        {balance.even !== null && <span className={styles.even}> · even would be {words(balance.even, by)}</span>}
        {weights && <span className={styles.even}> · the line is the share by weight</span>}
      </caption>
      <tbody>
        {shown.map((row) => (
          <Row key={row.shard} row={row} by={by} greatest={balance.greatest} />
        ))}
      </tbody>
      {(balance.rest > 0 || balance.rows.length > shown.length) && (
        <tfoot>
          <tr>
            <td colSpan={3}>
              {balance.rows.length > shown.length && (
                <Button size="small" look="quiet" onClick={() => setAll(true)}>
                  Show {balance.rows.length - shown.length} more that change
                </Button>
              )}
              {balance.rest > 0 && <>{plural(balance.rest, 'other shard')} unchanged</>}
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  )
}

function Row(props: { readonly row: BalanceRow; readonly by: RebalanceLoad; readonly greatest: number }) {
  const { names } = useStage()
  const { row, by, greatest } = props
  const width = (value: number | null) => `${((value ?? 0) / greatest) * 100}%`
  return (
    <tr>
      <th scope="row">
        <ShardBadge label={labelOf(row.shard, names)} color={names[row.shard]?.color ?? 0} small />
        <span className="visually-hidden">Shard {labelOf(row.shard, names)}</span>
      </th>
      <td className={styles.bars} aria-hidden="true">
        <div>
          <i style={{ width: width(row.before) }} data-when="before" />
          <i style={{ width: width(row.after), background: `var(--shard-${(names[row.shard]?.color ?? 0) % 8})` }} />
          {row.due !== null && row.due <= greatest && <b className={styles.evenLine} style={{ left: width(row.due) }} />}
        </div>
      </td>
      <td title={row.title}>
        {words(row.before, by)} → <b>{words(row.after, by)}</b> {units[by]}
      </td>
    </tr>
  )
}

const units: Record<RebalanceLoad, string> = { slots: 'slots', keys: 'keys', bytes: '', cpu: 'ms/s' }

/** CPU is microseconds per second: shown in thousandths of a core. */
function words(value: number | null, by: RebalanceLoad): string {
  if (by === 'slots') return formatCount(value)
  if (by === 'bytes') return formatBytes(value)
  if (by === 'keys') return value !== null && value < 100_000 ? formatCount(Math.round(value)) : formatCompact(value)
  return value === null ? '–' : (value / 1_000).toFixed(1)
}
