import { SLOTS } from '@slotscope/observer/stream'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { makeScale, type ScaleKind } from '../../model/figure-scale.ts'
import { formatCount } from '../../model/format.ts'
import type { MapLayout } from '../../model/map-layout.ts'
import { isRunning } from '../../model/migration-progress.ts'
import { waitingMoves } from '../../model/queue-words.ts'
import { includes } from '../../model/selection.ts'
import { COLUMNS, type GridGeometry, moveCursor } from '../../model/slot-grid.ts'
import { useCore, useSlots } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useDrawnTheme } from '../../ui/preferences.ts'
import { FigureOff } from './figure-off.tsx'
import { HoverCard } from './hover-card.tsx'
import { Magnifier } from './magnifier.tsx'
import { drawGround, drawMarks } from './map-canvas.ts'
import { MapFoot } from './map-foot.tsx'
import { MapHead } from './map-head.tsx'
import { type MapPalette, readPalette } from './map-palette.ts'
import { type TouchPoint, useMapPointer } from './map-pointer.ts'
import { useRoom } from './room-context.ts'
import styles from './slot-map.module.css'
import { TouchHandles } from './touch-handles.tsx'
import { usePinch } from './use-pinch.ts'

const labelRows = Array.from({ length: 16 }, (_, index) => index * 1_024)

/** The map: 16,384 slots by owner or by a figure, one tab stop, a brush and a handle at once. */
export function SlotMap(props: {
  readonly layout: MapLayout | null
  readonly legend: boolean
  readonly zoom: number
  readonly onZoom: (zoom: number) => void
  readonly onTable: () => void
}) {
  const { layout, zoom, onZoom } = props
  const geometry = layout?.geometry ?? null
  const maxZoom = layout?.maxZoom ?? 1
  const room = useRoom()
  const { state, dispatch, owners, figure } = room
  const { of, ground: drawn } = owners
  const lifting = state.lift !== null
  const announce = useAnnounce()
  const palette = usePalette(useDrawnTheme())
  const plans = useCore((core) => core.plans)
  const slotStats = useCore((core) => core.cluster.slotStatsEnabled)
  const off = (figure === 'cpu' || figure === 'bytes-in' || figure === 'bytes-out') && slotStats !== true
  const other = useSlots(figure === 'owner' || figure === 'keys' || off ? null : figure)
  const isPast = useUnchangeableReason() !== null
  const values = figure === 'keys' ? room.keys : (other?.values ?? null)
  const [scaleKind, setScaleKind] = useState<ScaleKind>('log')
  const scale = useMemo(() => (figure !== 'owner' && values ? makeScale(values, scaleKind) : null), [figure, values, scaleKind])
  const [hover, setHover] = useState<number | null>(null)
  const [touch, setTouch] = useState<TouchPoint | null>(null)
  const [focused, setFocused] = useState(false)

  const frame = useRef<HTMLDivElement>(null)
  const map = useRef<HTMLDivElement>(null)
  const ground = useRef<HTMLCanvasElement>(null)
  const marks = useRef<HTMLCanvasElement>(null)
  const pointer = useMapPointer({ canvas: map, geometry, onHover: setHover, onTouch: setTouch })

  const copying = useMemo(
    () =>
      Object.values(room.jobs)
        .filter(isRunning)
        .map((job) => job.slots),
    [room.jobs]
  )
  const queues = useCore((core) => core.queues)
  const planned = useMemo(
    () => [...Object.values(plans).flatMap((plan) => plan.moves), ...waitingMoves(queues)].map((move) => move.slots),
    [plans, queues]
  )

  // Layout effects, so that the cells and the lanes change in the same frame.
  useLayoutEffect(() => {
    const context = ground.current?.getContext('2d', { alpha: false })
    if (!context || !geometry) return
    const figureNow = scale && values ? { values, scale } : null
    drawGround(context, geometry, palette, { owners: { of, ground: drawn }, figure: figureNow })
  }, [geometry, of, drawn, values, scale, palette])

  useLayoutEffect(() => {
    const context = marks.current?.getContext('2d')
    if (!context || !geometry) return
    drawMarks(context, geometry, palette, {
      copying,
      planned,
      selection: state.selection,
      lifted: room.lifted,
      cursor: focused ? state.cursor : null,
      hover: lifting ? null : hover
    })
  }, [geometry, copying, planned, state.selection, state.cursor, lifting, room.lifted, focused, hover, palette])

  const pinch = usePinch(zoom, maxZoom, onZoom)

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey) return
    if (event.key === '+' || event.key === '=') return onZoom(Math.min(maxZoom, zoom + 1))
    if (event.key === '-') return onZoom(Math.max(1, zoom - 1))
    if (event.key === ' ') {
      event.preventDefault()
      dispatch({ type: 'toggle' })
      announce(`${includes(state.selection, state.cursor) ? 'Removed' : 'Added'} slot ${formatCount(state.cursor)}`)
      return
    }
    const slot = moveCursor(state.cursor, event.key, event.ctrlKey || event.metaKey, owners.of)
    if (slot === null) return
    event.preventDefault()
    setHover(null)
    dispatch({ type: 'move-cursor', slot, extend: event.shiftKey })
  }

  useCursorAnnouncement(focused)
  useFollowCursor(frame, geometry, zoom, focused ? state.cursor : null)

  return (
    <section className={styles.panel} aria-label="Slots">
      <MapHead />
      <div className={styles.body}>
        <div ref={frame} className={styles.frame} style={layout?.frame} data-zoomed={zoom > 1 || undefined}>
          {geometry && (
            <div className={styles.stage} style={{ width: geometry.width, height: geometry.height }}>
              {labelRows.map((slot) => (
                <span key={slot} className={styles.rowLabel} aria-hidden="true" style={{ top: `${(slot / SLOTS) * 100}%` }}>
                  {formatCount(slot)}
                </span>
              ))}
              <div
                ref={map}
                role="application"
                aria-roledescription="slot map"
                aria-label="Slot map, 16,384 slots, 128 a row"
                aria-describedby="slot-map-keys"
                // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is one widget with its own keys, and its role says so
                tabIndex={0}
                className={styles.map}
                data-lifting={state.lift ? '' : undefined}
                data-grab={hover !== null && includes(state.selection, hover) ? '' : undefined}
                onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
                onBlur={() => setFocused(false)}
                onKeyDownCapture={() => setFocused(true)}
                onKeyDown={onKeyDown}
                onPointerDown={pinch(pointer.onPointerDown)}
                onPointerMove={pointer.onPointerMove}
                onPointerLeave={pointer.onPointerLeave}
              >
                <canvas
                  ref={ground}
                  width={geometry.cellWidth * COLUMNS}
                  height={geometry.cellHeight * (SLOTS / COLUMNS)}
                  className={styles.canvas}
                />
                <canvas
                  ref={marks}
                  width={geometry.cellWidth * COLUMNS}
                  height={geometry.cellHeight * (SLOTS / COLUMNS)}
                  className={styles.canvas}
                />
              </div>
              <TouchHandles geometry={geometry} map={map} onTouch={setTouch} />
              {room.finder.slots.map((slot) => (
                <FoundCell key={slot} slot={slot} geometry={geometry} />
              ))}
              {hover !== null && !state.lift && touch === null && <HoverCard slot={hover} geometry={geometry} />}
            </div>
          )}
          {off && <FigureOff figure={figure} known={slotStats !== null} />}
          {isPast && !off && figure !== 'owner' && values === null && (
            <p className={styles.unrecorded} role="note">
              This figure was not recorded at this instant: nobody looked at it.
            </p>
          )}
        </div>
        <p id="slot-map-keys" className="visually-hidden">
          Arrow keys move by slot and row, Control with an arrow goes to the next change of owner, Shift extends the selection, Space adds
          or removes a slot, G types ranges, F finds a key, M or Enter chooses a target, T shows the table, Escape goes back one step.
        </p>
      </div>
      {touch && <Magnifier point={touch} ground={ground} marks={marks} geometry={geometry} />}
      {props.legend && (
        <MapFoot
          scale={scale}
          scaleKind={scaleKind}
          onScaleKind={setScaleKind}
          onTable={props.onTable}
          zoom={zoom}
          maxZoom={maxZoom}
          onZoom={onZoom}
        />
      )}
    </section>
  )
}

/** A ring that draws the eye to the slot of a key that is looked for. */
function FoundCell({ slot, geometry }: { readonly slot: number; readonly geometry: GridGeometry }) {
  const [width, height] = [geometry.cellWidth / geometry.pixelRatio, geometry.cellHeight / geometry.pixelRatio]
  return (
    <span
      className={styles.found}
      aria-hidden="true"
      style={{ left: ((slot % COLUMNS) + 0.5) * width, top: (Math.floor(slot / COLUMNS) + 0.5) * height }}
    />
  )
}

/** The tokens as the canvas needs them. Asking the browser for them makes it compute styles, so it is asked once per theme. */
function usePalette(theme: 'light' | 'dark'): MapPalette {
  // The attribute that the tokens hang on is set before anybody hears of a new theme.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what the style of the page depends on
  return useMemo(() => readPalette(document.documentElement), [theme])
}

/** Says where the cursor is and what is selected, a moment after the last key. */
function useCursorAnnouncement(focused: boolean): void {
  const { state, owners, keys } = useRoom()
  const announce = useAnnounce()
  const { cursor, selection } = state
  const said = useRef('')
  useEffect(() => {
    if (!focused) return
    const timer = setTimeout(() => {
      const owner = owners.of[cursor]!
      const where = owner < 0 ? 'owned by no node' : `shard ${owners.order[owner]!.label}`
      const count = keys?.[cursor]
      const amount = count === undefined || Number.isNaN(count) ? '' : `, ${formatCount(count)} keys`
      const size = selection.reduce((sum, [first, last]) => sum + last - first + 1, 0)
      const words = `Slot ${formatCount(cursor)}, ${where}${amount}. ${size === 0 ? 'Nothing selected' : `${formatCount(size)} selected`}`
      if (words !== said.current) announce(words)
      said.current = words
    }, 180)
    return () => clearTimeout(timer)
  }, [cursor, selection, focused, owners, keys, announce])
}

/** Keeps the cursor in sight when the map is zoomed. */
function useFollowCursor(
  frame: { readonly current: HTMLElement | null },
  geometry: GridGeometry | null,
  zoom: number,
  cursor: number | null
): void {
  useEffect(() => {
    if (zoom === 1 || cursor === null || !geometry || !frame.current) return
    const [width, height] = [geometry.cellWidth / geometry.pixelRatio, geometry.cellHeight / geometry.pixelRatio]
    const [x, y] = [(cursor % COLUMNS) * width, Math.floor(cursor / COLUMNS) * height]
    const box = frame.current
    const margin = 40
    if (x < box.scrollLeft + margin) box.scrollLeft = x - margin
    if (x > box.scrollLeft + box.clientWidth - margin) box.scrollLeft = x - box.clientWidth + margin
    if (y < box.scrollTop + margin) box.scrollTop = y - margin
    if (y > box.scrollTop + box.clientHeight - margin) box.scrollTop = y - box.clientHeight + margin
  }, [frame, geometry, zoom, cursor])
}
