import { memo, useMemo } from 'react'
import { formatBytes, formatCompact, formatCount, formatShare } from '../../model/format.ts'
import { hotSlots, timesMean } from '../../model/hot-slots.ts'
import { useSlots } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './hot-slots.module.css'
import { type MapFigure, useStage } from './room-context.ts'

/** So many are listed. */
const most = 6

const words: Record<Exclude<MapFigure, 'owner'>, { readonly title: string; readonly write: (value: number) => string }> = {
  keys: { title: 'Slots with most keys', write: formatCompact },
  cpu: { title: 'Slots that take most CPU', write: (value) => `${formatCompact(value)} µs/s` },
  'bytes-in': { title: 'Slots that take most bytes in', write: (value) => `${formatBytes(value)}/s` },
  'bytes-out': { title: 'Slots that send most bytes out', write: (value) => `${formatBytes(value)}/s` }
}

/** The greatest slots of the figure that the map shows; each can be moved from here. */
export const HotSlots = memo(function HotSlots() {
  const { figure } = useStage()
  return figure === 'owner' ? null : <Hottest figure={figure} />
})

function Hottest({ figure }: { readonly figure: Exclude<MapFigure, 'owner'> }) {
  const { keys, owners, dispatch, live } = useStage()
  const other = useSlots(figure === 'keys' ? null : figure)?.values ?? null
  const values = figure === 'keys' ? keys : other
  const hot = useMemo(() => (values ? hotSlots(values, most) : []), [values])
  if (!values || hot.length === 0) return null
  const above = timesMean(values, hot[0]!.value)
  const { title, write } = words[figure]
  return (
    <Panel
      title={title}
      className={styles.panel}
      note={`the first has ${above < 10 ? above.toFixed(1) : formatCount(Math.round(above))} times the mean`}
    >
      <table className={styles.table}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">slot</th>
            <th scope="col">owner</th>
            <th scope="col">amount</th>
            <th scope="col">share of all</th>
            <th scope="col">move</th>
          </tr>
        </thead>
        <tbody>
          {hot.map(({ slot, value, share }) => {
            const owner = owners.of[slot]!
            const shard = owner < 0 ? null : owners.order[owner]!
            return (
              <tr key={slot}>
                <th scope="row">
                  <button type="button" className={styles.slot} onClick={() => dispatch({ type: 'select', selection: [[slot, slot]] })}>
                    {formatCount(slot)}
                  </button>
                </th>
                <td>
                  {shard ? (
                    <>
                      <ShardBadge label={shard.label} color={shard.color} small />
                      <span className="visually-hidden">shard {shard.label}</span>
                    </>
                  ) : (
                    'nobody'
                  )}
                </td>
                <td>{write(value)}</td>
                <td className={styles.share}>{formatShare(share)} of all</td>
                <td>
                  <Button
                    size="small"
                    disabled={!live || shard === null}
                    aria-label={`Move slot ${formatCount(slot)}`}
                    onClick={() => {
                      dispatch({ type: 'select', selection: [[slot, slot]] })
                      dispatch({ type: 'open-tray' })
                    }}
                  >
                    Move…
                  </Button>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className={styles.note}>A hot slot is not a fault: it is one if its shard cannot keep up. One key in it cannot be split.</p>
    </Panel>
  )
}
