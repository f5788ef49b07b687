import { type RefObject, useLayoutEffect, useRef } from 'react'
import { formatCount } from '../../model/format.ts'
import { COLUMNS, type GridGeometry } from '../../model/slot-grid.ts'
import type { TouchPoint } from './map-pointer.ts'
import styles from './slot-map.module.css'

const size = 116
/** Cells across the lens. */
const cells = 11

/** What lies under a finger, enlarged above it: a finger covers a hundred slots. */
export function Magnifier(props: {
  readonly point: TouchPoint
  readonly ground: RefObject<HTMLCanvasElement | null>
  readonly marks: RefObject<HTMLCanvasElement | null>
  readonly geometry: GridGeometry | null
}) {
  const lens = useRef<HTMLCanvasElement>(null)
  const { point, ground, marks, geometry } = props
  useLayoutEffect(() => {
    const context = lens.current?.getContext('2d')
    if (!context || !geometry || !ground.current || !marks.current) return
    const [width, height] = [geometry.cellWidth * cells, geometry.cellHeight * cells]
    const x = ((point.slot % COLUMNS) - (cells - 1) / 2) * geometry.cellWidth
    const y = (Math.floor(point.slot / COLUMNS) - (cells - 1) / 2) * geometry.cellHeight
    context.imageSmoothingEnabled = false
    context.clearRect(0, 0, size * 2, size * 2)
    for (const source of [ground.current, marks.current]) context.drawImage(source, x, y, width, height, 0, 0, size * 2, size * 2)
  })
  const left = Math.min(Math.max(8, point.x - size / 2), innerWidth - size - 8)
  const top = point.y - size - 56 > 8 ? point.y - size - 56 : point.y + 48
  return (
    <div className={styles.lens} style={{ left, top, width: size }} aria-hidden="true">
      <canvas ref={lens} width={size * 2} height={size * 2} />
      <span>slot {formatCount(point.slot)}</span>
    </div>
  )
}
