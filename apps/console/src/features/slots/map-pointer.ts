import type { SlotRange } from '@slotscope/observer/stream'
import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef } from 'react'
import { type BrushMode, between, brushed, includes } from '../../model/selection.ts'
import { type GridGeometry, ownerRun, slotAt } from '../../model/slot-grid.ts'
import { useRoom } from './room-context.ts'
import { useDrag } from './use-drag.ts'

/** A finger that stays this long starts a selection; before that it scrolls. */
const longPressMs = 380
const touchSlopPx = 9

/** What the map shows of a finger that selects: where it is, so that a magnifier can stand above it. */
export type TouchPoint = { readonly slot: number; readonly x: number; readonly y: number }

/**
 * The pointer on the map. Outside the selection it brushes, inside it lifts, Alt always brushes; Shift extends from the anchor,
 * Ctrl or Cmd adds, or removes when it begins on a selected slot. A click selects one slot, a double click its owner's run.
 */
export function useMapPointer(options: {
  readonly canvas: RefObject<HTMLElement | null>
  readonly geometry: GridGeometry | null
  readonly onHover: (slot: number | null) => void
  readonly onTouch: (point: TouchPoint | null) => void
}) {
  const { canvas, geometry, onHover, onTouch } = options
  const room = useRoom()
  const startDrag = useDrag()
  const lastPress = useRef({ at: 0, slot: -1 })
  const touching = useRef(false)

  const slotOf = (event: { readonly clientX: number; readonly clientY: number }): number => {
    const box = canvas.current?.getBoundingClientRect()
    if (!box || !geometry) return 0
    return slotAt(event.clientX - box.left, event.clientY - box.top, geometry)
  }

  // The browser decides about scrolling before pointer events can object, so this listener must not be passive.
  const drawn = geometry !== null
  useEffect(() => {
    const element = canvas.current
    if (!element || !drawn) return
    const hold = (event: TouchEvent) => {
      if (touching.current) event.preventDefault()
    }
    element.addEventListener('touchmove', hold, { passive: false })
    return () => element.removeEventListener('touchmove', hold)
  }, [canvas, drawn])

  const brush = (press: PointerEvent, anchor: number, before: readonly SlotRange[], mode: BrushMode) => {
    const untouched = room.state.selection
    const extend = (slot: number) => room.dispatch({ type: 'select', selection: brushed(before, anchor, slot, mode), cursor: slot, anchor })
    extend(slotOf(press))
    const onMove = (event: PointerEvent) => {
      if (event.pointerId !== press.pointerId) return
      const slot = slotOf(event)
      extend(slot)
      if (press.pointerType === 'touch') onTouch({ slot, x: event.clientX, y: event.clientY })
    }
    const stop = (event?: PointerEvent) => {
      if (event && event.pointerId !== press.pointerId) return
      removeEventListener('pointermove', onMove)
      removeEventListener('pointerup', stop)
      removeEventListener('pointercancel', cancel)
      removeEventListener('keydown', onKey, true)
      touching.current = false
      onTouch(null)
    }
    const cancel = (event?: PointerEvent) => {
      if (event && event.pointerId !== press.pointerId) return
      stop()
      room.dispatch({ type: 'select', selection: untouched, cursor: anchor })
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      cancel()
    }
    addEventListener('pointermove', onMove)
    addEventListener('pointerup', stop)
    addEventListener('pointercancel', cancel)
    addEventListener('keydown', onKey, true)
  }

  const pressTouch = (press: PointerEvent) => {
    const timer = setTimeout(() => {
      stop()
      touching.current = true
      navigator.vibrate?.(12)
      const slot = slotOf(press)
      onTouch({ slot, x: press.clientX, y: press.clientY })
      brush(press, slot, [], 'replace')
    }, longPressMs)
    const onMove = (event: PointerEvent) => {
      if (Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) > touchSlopPx) stop()
    }
    const onUp = () => {
      stop()
      room.dispatch({ type: 'select', selection: [between(slotOf(press), slotOf(press))] })
    }
    const stop = () => {
      clearTimeout(timer)
      removeEventListener('pointermove', onMove)
      removeEventListener('pointerup', onUp)
      removeEventListener('pointercancel', stop)
      removeEventListener('pointerdown', stop)
    }
    // A second finger means a pinch, not a selection. This press itself has bubbled up before the next turn.
    setTimeout(() => addEventListener('pointerdown', stop), 0)
    addEventListener('pointermove', onMove)
    addEventListener('pointerup', onUp)
    addEventListener('pointercancel', stop)
  }

  const onPointerDown = (event: ReactPointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return
    onHover(null)
    const press = event.nativeEvent
    if (press.pointerType === 'touch') return pressTouch(press)
    const slot = slotOf(press)
    const { selection, anchor } = room.state
    const inside = includes(selection, slot)
    const twice = press.timeStamp - lastPress.current.at < 400 && lastPress.current.slot === slot
    lastPress.current = { at: press.timeStamp, slot }
    if (twice) {
      room.dispatch({ type: 'select', selection: [ownerRun(room.owners.of, slot)], cursor: slot, anchor: slot })
      return
    }
    if (press.shiftKey) return brush(press, anchor, [], 'replace')
    if (press.ctrlKey || press.metaKey) return brush(press, slot, selection, inside ? 'remove' : 'add')
    if (inside && !press.altKey)
      return startDrag(press, { kind: 'exact', slots: selection }, () =>
        room.dispatch({ type: 'select', selection: [[slot, slot]], cursor: slot })
      )
    brush(press, slot, [], 'replace')
  }

  const onPointerMove = (event: ReactPointerEvent) => {
    if (event.pointerType === 'touch' || event.buttons !== 0) return
    onHover(slotOf(event))
  }

  return {
    onPointerDown,
    onPointerMove,
    onPointerLeave: () => onHover(null),
    isInside: (event: ReactPointerEvent) => includes(room.state.selection, slotOf(event))
  }
}
