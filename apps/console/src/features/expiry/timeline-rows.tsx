import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { axisFor, axisTicks, durationAt, NEAREST_MS, neighbourDeadline, positionOf, snapDeadline, stepAt } from '../../model/expiry-axis.ts'
import { type FieldLine, farthestMs } from '../../model/hash-timeline.ts'
import type { Deadline } from '../../model/staged-expiry.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useWidth } from '../../ui/use-width.ts'
import styles from './timeline.module.css'
import { type RowActions, TimelineRow, type TrackShape } from './timeline-row.tsx'
import type { ExpiryEdits } from './use-expiry-edits.ts'

/** The gesture in hand: the end of one field's bar. Axis and now are those of its beginning, so that nothing moves under the hand. */
type Drag = {
  readonly field: string
  readonly fromMs: Deadline
  readonly toMs: Deadline
  readonly nowMs: number
  readonly shape: TrackShape
  readonly moved: boolean
}

/** Below this width the name and the time stand above the track. */
const NARROW_PX = 640

/** The fields in virtual rows over one axis. One tab stop: Up and Down choose a field, Left and Right move its deadline. */
export function TimelineRows({ lines, edits }: { readonly lines: readonly FieldLine[]; readonly edits: ExpiryEdits }) {
  const { store } = useCluster()
  const announce = useAnnounce()
  const frame = useRef<HTMLDivElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const tick = useNow(1_000)
  const [drag, setDrag] = useState<Drag | null>(null)
  const [active, setActive] = useState<string | null>(null)
  const [typing, setTyping] = useState<string | null>(null)
  // While the hand holds an end the list stands still, whatever the stream says.
  const frozen = useRef(lines)
  if (!drag) frozen.current = lines
  const rows = frozen.current
  const now = drag?.nowMs ?? tick
  const narrow = width < NARROW_PX
  const farthest = farthestMs(rows, now)
  const staged = edits.state.staged
  const maxMs = useMemo(() => {
    let most = farthest
    for (const { toMs } of staged.values()) if (toMs !== null) most = Math.max(most, toMs - tick)
    return axisFor(most).maxMs
  }, [farthest, staged, tick])
  const ownShape = useMemo(() => shapeOf(width, narrow, maxMs), [width, narrow, maxMs])
  const shape = drag?.shape ?? ownShape
  const ticks = useMemo(() => axisTicks(shape.axis, shape.future, narrow ? 46 : 62), [shape.axis, shape.future, narrow])
  const rowPx = narrow ? 52 : 30
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowPx, overscan: 8 })
  const virtualRef = useRef(rowPx)
  if (virtualRef.current !== rowPx) {
    virtualRef.current = rowPx
    virtual.measure()
  }
  const activeIndex = Math.max(
    0,
    rows.findIndex(({ id }) => id === active)
  )
  const zone = (atMs: number) => -new Date(atMs).getTimezoneOffset() * 60_000

  const deadlineAt = (event: PointerEvent, track: Element, from: Drag): Deadline => {
    const { past, future, never, axis } = from.shape
    const x = event.clientX - track.getBoundingClientRect().left - past
    if (x > future + never * 0.45) return null
    const position = Math.max(0, Math.min(1, x / future))
    const wanted = from.nowMs + durationAt(axis, position)
    return snapDeadline(wanted, stepAt(axis, position, future), from.nowMs, zone(from.nowMs))
  }
  const onGrab = (event: PointerEvent<HTMLElement>, line: FieldLine, shown: Deadline) => {
    if (event.button !== 0) return
    const held = staged.get(line.id)
    if (held && held.status.kind !== 'staged' && held.status.kind !== 'refused') return
    event.currentTarget.setPointerCapture(event.pointerId)
    setActive(line.id)
    setTyping(null)
    setDrag({ field: line.id, fromMs: held ? held.fromMs : line.deadlineMs, toMs: shown, nowMs: store.clock.now(), shape, moved: false })
  }
  const onMove = (event: PointerEvent<HTMLElement>) => {
    const track = event.currentTarget.closest('[data-track]')
    if (!drag || !track) return
    setDrag({ ...drag, toMs: deadlineAt(event, track, drag), moved: true })
  }
  const onDrop = () => {
    if (!drag) return
    // A press without a move is a choice of the field, not a change.
    if (drag.moved)
      edits.stage(drag.field, drag.fromMs, drag.toMs === null ? null : Math.max(drag.toMs, Math.ceil(store.clock.now() + NEAREST_MS)))
    setDrag(null)
  }

  const focusRow = (index: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!next) return
    setActive(next.id)
    virtual.scrollToIndex(rows.indexOf(next))
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-slider="${CSS.escape(next.id)}"]`)?.focus())
  }
  const nudge = (line: FieldLine, direction: 1 | -1, coarse: boolean) => {
    const held = staged.get(line.id)
    const from = held ? held.fromMs : line.deadlineMs
    const shown = held ? held.toMs : line.deadlineMs
    const at = store.clock.now()
    const start = shown ?? (direction === -1 ? at + shape.axis.maxMs : at + 3_600_000)
    const step = stepAt(shape.axis, positionOf(shape.axis, start - at), shape.future, coarse ? 40 : 8)
    edits.stage(
      line.id,
      from,
      shown === null && direction === 1 ? snapDeadline(start, step, at, zone(at)) : neighbourDeadline(start, direction, step, at, zone(at))
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const line = rows[activeIndex]
    if (!line || event.target instanceof HTMLInputElement) return
    const held = staged.get(line.id)
    if (event.key === 'Escape' && drag) setDrag(null)
    else if (event.key === 'ArrowDown') focusRow(activeIndex + 1)
    else if (event.key === 'ArrowUp') focusRow(activeIndex - 1)
    else if (event.key === 'Home') focusRow(0)
    else if (event.key === 'End') focusRow(rows.length - 1)
    else if (line.awaitingReclaim) return
    else if (event.key === 'ArrowRight') nudge(line, 1, event.shiftKey)
    else if (event.key === 'ArrowLeft') nudge(line, -1, event.shiftKey)
    else if (event.key === 'PageUp') nudge(line, 1, true)
    else if (event.key === 'PageDown') nudge(line, -1, true)
    else if (event.key === 'e' || event.key === 'E') setTyping(line.id)
    else if (event.key === 'p' || event.key === 'P') {
      edits.stage(line.id, held ? held.fromMs : line.deadlineMs, null)
      announce(`${line.name}: no expiry, staged`)
    } else if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.dataset.slider !== undefined) edits.apply()
    else if (event.key === 'Escape' && held) edits.discard(line.id)
    else return
    event.preventDefault()
  }

  const latest: RowActions = {
    grab: onGrab,
    move: onMove,
    drop: onDrop,
    lose: () => setDrag(null),
    focus: (line) => setActive(line.id),
    type: (line, open) => setTyping(open ? line.id : null),
    typed: (line, toMs) => {
      edits.stage(line.id, staged.get(line.id)?.fromMs ?? line.deadlineMs, toMs)
      setTyping(null)
      focusRow(rows.indexOf(line))
    },
    discard: (line) => edits.discard(line.id)
  }
  const actions = useLatest(latest)

  return (
    <div ref={frame} className={styles.frame} data-narrow={narrow || undefined}>
      <div className={styles.axis} aria-hidden="true">
        <span className={styles.axisName}>field</span>
        <span className={styles.axisTrack}>
          <span className={styles.tick} style={{ left: shape.past }}>
            now
          </span>
          {ticks
            .filter(({ at }) => (1 - at) * shape.future + shape.never * 0.7 > 42)
            .map(({ ms, at, label }) => (
              <span key={ms} className={styles.tick} style={{ left: shape.past + at * shape.future }}>
                +{label}
              </span>
            ))}
          <span className={styles.tick} style={{ left: shape.past + shape.future + shape.never * 0.7 }}>
            never
          </span>
        </span>
        <span className={styles.axisEnd}>expires in</span>
      </div>
      {/* biome-ignore-start lint/a11y: the keys of the fields' sliders bubble to their list, which moves between them */}
      <div ref={scroll} className={styles.scroll} onKeyDown={onKeyDown}>
        <ul aria-label={`Fields by deadline, ${rows.length}`} style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = rows[item.index]!
            const edit = staged.get(line.id)
            const dragged = drag?.field === line.id ? drag : null
            return (
              <TimelineRow
                key={line.id}
                line={line}
                start={item.start}
                nowMs={now}
                shape={shape}
                ticks={ticks}
                toMs={dragged ? dragged.toMs : edit ? edit.toMs : line.deadlineMs}
                status={dragged ? 'dragging' : (edit?.status.kind ?? 'none')}
                inTabOrder={item.index === activeIndex}
                typing={typing === line.id}
                actions={actions}
              />
            )
          })}
        </ul>
      </div>
      {/* biome-ignore-end lint/a11y: the range ends here */}
    </div>
  )
}

/** Functions that stay the same and call those of the newest render. */
function useLatest(latest: RowActions): RowActions {
  const current = useRef(latest)
  useLayoutEffect(() => {
    current.current = latest
  })
  return useMemo<RowActions>(
    () => ({
      grab: (...given) => current.current.grab(...given),
      move: (...given) => current.current.move(...given),
      drop: () => current.current.drop(),
      lose: () => current.current.lose(),
      focus: (...given) => current.current.focus(...given),
      type: (...given) => current.current.type(...given),
      typed: (...given) => current.current.typed(...given),
      discard: (...given) => current.current.discard(...given)
    }),
    []
  )
}

/** Pixels of a track: what is past, the axis, and where "never" is. */
function shapeOf(width: number, narrow: boolean, maxMs: number): TrackShape {
  const track = Math.max(120, narrow ? width - 28 : width - 28 - 160 - 200 - 24)
  const past = narrow ? 26 : 60
  const never = narrow ? 40 : 66
  return { axis: { maxMs }, past, future: track - past - never, never }
}
