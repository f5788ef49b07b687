import { type PointerEvent as ReactPointerEvent, useEffect, useRef } from 'react'

type Press = (event: ReactPointerEvent) => void

/** Two fingers zoom in whole steps; a press of one finger, a mouse or a pen is passed on. */
export function usePinch(zoom: number, maxZoom: number, setZoom: (zoom: number) => void): (next: Press) => Press {
  const fingers = useRef(new Map<number, { readonly x: number; readonly y: number }>())
  const start = useRef({ distance: 0, zoom: 1 })
  useEffect(() => {
    const drop = (event: PointerEvent) => fingers.current.delete(event.pointerId)
    const move = (event: PointerEvent) => {
      if (!fingers.current.has(event.pointerId)) return
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
      const distance = apart(fingers.current)
      if (distance === null || start.current.distance === 0) return
      setZoom(Math.min(maxZoom, Math.max(1, Math.round((start.current.zoom * distance) / start.current.distance))))
    }
    addEventListener('pointerup', drop)
    addEventListener('pointercancel', drop)
    addEventListener('pointermove', move)
    return () => {
      removeEventListener('pointerup', drop)
      removeEventListener('pointercancel', drop)
      removeEventListener('pointermove', move)
    }
  }, [setZoom, maxZoom])
  return (next) => (event) => {
    if (event.pointerType !== 'touch') return next(event)
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    const distance = apart(fingers.current)
    if (distance === null) return next(event)
    start.current = { distance, zoom }
  }
}

function apart(fingers: ReadonlyMap<number, { readonly x: number; readonly y: number }>): number | null {
  const [one, two] = [...fingers.values()]
  return one && two ? Math.hypot(one.x - two.x, one.y - two.y) : null
}
