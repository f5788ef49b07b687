import { countSlots, type SlotRange } from '@slotscope/observer/stream'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Grip } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { isRunning, labelOf } from '../../model/migration-progress.ts'
import { type RangeRow, rangeRows } from '../../model/range-rows.ts'
import { intersect, subtract, union } from '../../model/selection.ts'
import { sumSlots } from '../../model/slot-sums.ts'
import { rangeFile } from '../../model/table-files.ts'
import { Button } from '../../ui/button.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { MapHead } from './map-head.tsx'
import styles from './range-table.module.css'
import { useRoom, useStage } from './room-context.ts'
import mapStyles from './slot-map.module.css'

/** The map's twin in words: one row per range of one owner and state, selectable, with the same Move. */
export function RangeTable({ onMap }: { readonly onMap: () => void }) {
  const { owners, jobs, state, dispatch } = useRoom()
  const { sums, shards } = useStage()
  const rows = useMemo(() => rangeRows(owners.of, Object.values(jobs).filter(isRunning)), [owners, jobs])
  const body = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => body.current, estimateSize: () => 36, overscan: 12 })
  const count = countSlots(state.selection)
  const file = () =>
    rangeFile(
      rows,
      ({ owner }) => owners.order[owner]?.label ?? null,
      ({ range }) => (sums ? sumSlots(sums, [range]) : null),
      ({ job }) => (job ? labelOf(job.targetShard, shards) : null)
    )
  return (
    <section className={mapStyles.panel} aria-label="Slots as a table">
      <MapHead />
      <div ref={body} className={styles.body}>
        <table className={styles.table} aria-rowcount={rows.length + 1}>
          <caption className="visually-hidden">Ranges of slots by owner</caption>
          <thead className={styles.head}>
            <tr>
              <th scope="col">
                <span className="visually-hidden">selected</span>
              </th>
              <th scope="col">slots</th>
              <th scope="col" className={styles.number}>
                count
              </th>
              <th scope="col">owner</th>
              <th scope="col" className={styles.number}>
                keys
              </th>
              <th scope="col">state</th>
            </tr>
          </thead>
          <tbody className={styles.rows} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => (
              <TableRow
                key={rows[item.index]!.range[0]}
                row={rows[item.index]!}
                index={item.index}
                top={item.start}
                selection={state.selection}
                onToggle={(range, on) =>
                  dispatch({ type: 'select', selection: on ? union(state.selection, [range]) : subtract(state.selection, [range]) })
                }
              />
            ))}
          </tbody>
        </table>
      </div>
      <div className={mapStyles.foot}>
        <span>{plural(rows.length, 'range')}</span>
        <div className={styles.actions}>
          <SaveRows compact what="the ranges" name="slotscope-slots" file={file} />
          <Button size="small" disabled={count === 0} onClick={() => dispatch({ type: 'open-tray' })}>
            <Grip aria-hidden />
            Move {count > 0 ? plural(count, 'slot') : ''}…
          </Button>
          <Button size="small" look="quiet" onClick={onMap}>
            Map
          </Button>
        </div>
      </div>
    </section>
  )
}

function TableRow(props: {
  readonly row: RangeRow
  readonly index: number
  readonly top: number
  readonly selection: readonly SlotRange[]
  readonly onToggle: (range: SlotRange, on: boolean) => void
}) {
  const { owners, sums, shards } = useStage()
  const { row } = props
  const [first, last] = row.range
  const shard = row.owner < 0 ? null : owners.order[row.owner]!
  const size = last - first + 1
  const chosen = countSlots(intersect(props.selection, [row.range]))
  const words = first === last ? formatCount(first) : `${formatCount(first)} – ${formatCount(last)}`
  return (
    <tr aria-rowindex={props.index + 2} className={styles.row} style={{ top: props.top }} data-selected={chosen > 0 || undefined}>
      <td>
        <input
          type="checkbox"
          aria-label={`Slots ${words}, ${shard ? `shard ${shard.label}` : 'owned by no node'}`}
          checked={chosen === size}
          ref={(box) => {
            if (box) box.indeterminate = chosen > 0 && chosen < size
          }}
          onChange={(event) => props.onToggle(row.range, event.target.checked)}
        />
      </td>
      <td>{words}</td>
      <td className={styles.number}>{formatCount(size)}</td>
      <td className={styles.owner}>
        {shard ? (
          <>
            <ShardBadge label={shard.label} color={shard.color} small />
            <span className="visually-hidden">Shard {shard.label}</span>
          </>
        ) : (
          'nobody'
        )}
      </td>
      <td className={styles.number}>{sums ? formatCount(sumSlots(sums, [row.range])) : '–'}</td>
      <td className={styles.state}>
        {row.job
          ? `being copied to ${labelOf(row.job.targetShard, shards)}`
          : chosen > 0 && chosen < size
            ? `${formatCount(chosen)} selected`
            : ''}
      </td>
    </tr>
  )
}
