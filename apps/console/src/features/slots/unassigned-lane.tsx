import { countSlots, type SlotRange } from '@slotscope/observer/stream'
import { memo, type PointerEvent, useMemo } from 'react'
import { plural } from '../../model/format.ts'
import { positionBlocks } from '../../model/lane-blocks.ts'
import { intersect } from '../../model/selection.ts'
import laneStyles from './lane.module.css'
import styles from './lanes.module.css'
import { useHand, useStage } from './room-context.ts'
import { useDrag } from './use-drag.ts'

/** Slots of nobody have a lane too, so that they are not overlooked; from there they are given to a shard. */
export const UnassignedLane = memo(function UnassignedLane({ ranges }: { readonly ranges: readonly SlotRange[] }) {
  const { dispatch } = useStage()
  const { state, lifted } = useHand()
  const startDrag = useDrag()
  const count = countSlots(ranges)
  const selected = useMemo(() => intersect(state.selection, ranges), [state.selection, ranges])
  const inHand = useMemo(() => intersect(lifted, ranges), [lifted, ranges])

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || event.pointerType === 'touch') return
    // What is selected of them, wherever it is pressed, since few slots are a hair on this bar; else all: there is nobody to even out with.
    const slots = selected.length > 0 ? selected : ranges
    startDrag(event.nativeEvent, { kind: 'exact', slots }, () => dispatch({ type: 'select', selection: ranges }))
  }

  return (
    <section className={`${laneStyles.lane} ${styles.unassigned}`} aria-label={`Unassigned, ${plural(count, 'slot')}`}>
      <button type="button" className={laneStyles.who} onClick={() => dispatch({ type: 'select', selection: ranges })}>
        <span className={styles.none} aria-hidden="true">
          ?
        </span>
        <span className={laneStyles.name}>
          Unassigned
          <small>no owner</small>
        </span>
        <span className="visually-hidden">: select {count === 1 ? 'it' : `all ${plural(count, 'slot')}`}</span>
      </button>
      <div className={laneStyles.middle}>
        <span />
        <div className={laneStyles.track} onPointerDown={onPointerDown} aria-hidden="true">
          <Marks ranges={ranges} look={styles.free} />
          <Marks ranges={inHand.length > 0 ? inHand : selected} look={inHand.length > 0 ? laneStyles.lifted : laneStyles.selected} />
        </div>
      </div>
      <div className={laneStyles.figure}>
        <b>{plural(count, 'slot')}</b>
        <span className={laneStyles.sub}>give them to a shard</span>
      </div>
      <span className={styles.noMenu} />
    </section>
  )
})

function Marks({ ranges, look }: { readonly ranges: readonly SlotRange[]; readonly look: string | undefined }) {
  return positionBlocks(ranges, 60).map(({ left, width }) => (
    // A block at the very end keeps its least width within the bar.
    <div
      key={left}
      className={`${laneStyles.mark} ${look}`}
      style={{ left: `min(${left * 100}%, calc(100% - 3px))`, width: `${width * 100}%` }}
    />
  ))
}
