import { Presentation as PresentationIcon } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { useQueryParameter } from '../ui/query-parameter.ts'
import styles from './presentation.module.css'

/** For a room full of people: `?present` in the address. Type is 1.6 times as large and only what is talked about is shown. */
export function usePresentation(): { readonly on: boolean; readonly set: (on: boolean) => void } {
  const [value, setValue] = useQueryParameter('present')
  return { on: value !== null, set: (on) => setValue(on ? 'yes' : null) }
}

/** Enlarges the page while it is presented, and gives the pointer a ring that the last row can see. */
export function PresentationFrame() {
  const ring = useRef<HTMLDivElement>(null)
  const { set } = usePresentation()
  useEffect(() => {
    const root = document.documentElement
    root.dataset.present = ''
    return () => {
      delete root.dataset.present
    }
  }, [])
  useEffect(() => {
    const move = (event: PointerEvent) => {
      if (!ring.current) return
      ring.current.style.transform = `translate(${event.clientX}px, ${event.clientY}px)`
      ring.current.dataset.pressed = String(event.buttons !== 0)
    }
    const events = ['pointermove', 'pointerdown', 'pointerup'] as const
    for (const event of events) addEventListener(event, move, { passive: true })
    return () => {
      for (const event of events) removeEventListener(event, move)
    }
  }, [])
  return (
    <>
      <footer className={styles.hints}>
        <span>
          <Kbd>G</Kbd> ranges
        </span>
        <span>
          <Kbd>M</Kbd> move
        </span>
        <span>
          <Kbd>Enter</Kbd> plan
        </span>
        <span>
          <Kbd>Esc</Kbd> back
        </span>
        <Button look="quiet" onClick={() => set(false)}>
          <PresentationIcon aria-hidden />
          Leave presentation
        </Button>
      </footer>
      <div ref={ring} className={styles.ring} aria-hidden="true" />
    </>
  )
}
