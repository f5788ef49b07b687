import { normalise } from '@slotscope/observer/stream'
import { type PointerEvent, type RefObject, useRef, useState } from 'react'
import { between, subtract, union } from '../../model/selection.ts'
import { COLUMNS, type GridGeometry, slotAt } from '../../model/slot-grid.ts'
import type { TouchPoint } from './map-pointer.ts'
import { useRoom } from './room-context.ts'
import styles from './slot-map.module.css'

/** Two handles at the ends of what a finger selected; each is 44 pixels wide, whatever a cell is. Shown where fingers are used. */
export function TouchHandles(props: {
  readonly geometry: GridGeometry
  readonly map: RefObject<HTMLElement | null>
  readonly onTouch: (point: TouchPoint | null) => void
}) {
  const { geometry, map, onTouch } = props
  const { state, dispatch } = useRoom()
  const [coarse] = useState(() => matchMedia('(pointer: coarse)').matches)
  const fixed = useRef(0)
  const first = state.selection[0]
  const last = state.selection.at(-1)
  if (!coarse || !first || !last || state.lift) return null

  const at = (slot: number, below: boolean) => ({
    left: (((slot % COLUMNS) + (below ? 1 : 0)) * geometry.cellWidth) / geometry.pixelRatio,
    top: ((Math.floor(slot / COLUMNS) + (below ? 1 : 0)) * geometry.cellHeight) / geometry.pixelRatio
  })
  const start = (event: PointerEvent<HTMLElement>, end: 'first' | 'last') => {
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    fixed.current = end === 'first' ? first[1] : last[0]
  }
  const drag = (event: PointerEvent<HTMLElement>, end: 'first' | 'last') => {
    const box = map.current?.getBoundingClientRect()
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    const slot = slotAt(event.clientX - box.left, event.clientY - box.top, geometry)
    const other = subtract(state.selection, [end === 'first' ? first : last])
    dispatch({ type: 'select', selection: normalise(union(other, [between(fixed.current, slot)])), cursor: slot, anchor: fixed.current })
    onTouch({ slot, x: event.clientX, y: event.clientY })
  }
  return (
    <>
      {(['first', 'last'] as const).map((end) => (
        <span
          key={end}
          className={styles.handle}
          data-end={end}
          aria-hidden="true"
          style={at(end === 'first' ? first[0] : last[1], end === 'last')}
          onPointerDown={(event) => start(event, end)}
          onPointerMove={(event) => drag(event, end)}
          onPointerUp={() => onTouch(null)}
          onPointerCancel={() => onTouch(null)}
        />
      ))}
    </>
  )
}
