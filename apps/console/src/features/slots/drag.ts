import type { Lift } from '../../model/ghost.ts'

/** Movement in CSS pixels from which a press is a drag. */
export const dragFromPx = 4

/** What a drag tells its room. */
export type DragListener = {
  readonly onLift: (what: Lift) => void
  readonly onMove: (x: number, y: number, shard: string | null) => void
  readonly onDrop: (shard: string | null) => void
  readonly onCancel: () => void
}

/**
 * Follows a pointer from the press on something that can be lifted. Nothing is lifted before it moved; Esc, a lost pointer and a
 * drop outside send nothing. Returns how to stop. `onClick` is called for a press that never became a drag.
 */
export function followDrag(
  press: { readonly pointerId: number; readonly clientX: number; readonly clientY: number },
  what: Lift,
  listener: DragListener,
  onClick: () => void
): () => void {
  let lifted = false
  const stop = () => {
    removeEventListener('pointermove', onMove)
    removeEventListener('pointerup', onUp)
    removeEventListener('pointercancel', onCancel)
    removeEventListener('keydown', onKey, true)
    removeEventListener('blur', onCancel)
    document.documentElement.classList.remove('dragging')
    scroller.stop()
  }
  const scroller = edgeScroller()
  const onMove = (event: PointerEvent) => {
    if (event.pointerId !== press.pointerId) return
    if (!lifted) {
      if (Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < dragFromPx) return
      lifted = true
      document.documentElement.classList.add('dragging')
      listener.onLift(what)
    }
    scroller.at(event.clientX, event.clientY)
    listener.onMove(event.clientX, event.clientY, shardAt(event.clientX, event.clientY))
  }
  const onUp = (event: PointerEvent) => {
    if (event.pointerId !== press.pointerId) return
    stop()
    if (lifted) listener.onDrop(shardAt(event.clientX, event.clientY))
    else onClick()
  }
  const onCancel = () => {
    stop()
    if (lifted) listener.onCancel()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    onCancel()
  }
  addEventListener('pointermove', onMove)
  addEventListener('pointerup', onUp)
  addEventListener('pointercancel', onCancel)
  addEventListener('keydown', onKey, true)
  addEventListener('blur', onCancel)
  return stop
}

/** The shard whose lane (or a replica's chip in it) lies under a point. */
function shardAt(x: number, y: number): string | null {
  const lane = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-lane]')
  return lane?.dataset.lane ?? null
}

/** Scrolls the list of lanes while the pointer is held near its upper or lower edge. */
function edgeScroller(): { readonly at: (x: number, y: number) => void; readonly stop: () => void } {
  const edgePx = 36
  let frame = 0
  let speed = 0
  // Lanes keep their place while something is lifted, so it is measured once.
  const list = document.querySelector<HTMLElement>('[data-lanes]')
  const box = list?.getBoundingClientRect()
  const scrolls = list !== null && list.scrollHeight > list.clientHeight
  const step = () => {
    list?.scrollBy(0, speed)
    frame = requestAnimationFrame(step)
  }
  const stop = () => {
    cancelAnimationFrame(frame)
    frame = 0
  }
  return {
    stop,
    at: (x, y) => {
      if (!box || !scrolls || x < box.left || x > box.right) return stop()
      speed = y < box.top + edgePx ? -9 : y > box.bottom - edgePx ? 9 : 0
      if (speed === 0) stop()
      else if (frame === 0) frame = requestAnimationFrame(step)
    }
  }
}
