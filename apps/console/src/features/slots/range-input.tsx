import { countSlots, formatRanges, parseRanges } from '@slotscope/observer/stream'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { plural } from '../../model/format.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { useRoom } from './room-context.ts'
import styles from './slot-map.module.css'

/** Ranges typed in: `100-220, 300`. Enter selects them, Esc leaves them. */
export function RangeInput() {
  const { state, dispatch } = useRoom()
  const announce = useAnnounce()
  const [text, setText] = useState(() => formatRanges(state.selection, 400))
  const [error, setError] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => input.current?.select(), [])
  const close = () => {
    dispatch({ type: 'type-ranges', open: false })
    focusMap()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = parseRanges(text)
    if ('error' in parsed) {
      setError(parsed.error)
      return
    }
    dispatch({ type: 'select', selection: parsed.ranges })
    announce(`${plural(countSlots(parsed.ranges), 'slot')} selected`)
    close()
  }
  return (
    <form className={styles.rangeForm} onSubmit={submit}>
      <input
        ref={input}
        aria-label="Slot ranges"
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : id}
        placeholder="100-220, 300"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setError(null)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          close()
        }}
      />
      <Button size="small" type="submit">
        Select
      </Button>
      {error !== null && (
        <p id={id} role="alert" className={styles.rangeError}>
          {error}
        </p>
      )}
    </form>
  )
}

/** Puts the focus back on the map, from which most keys start. */
export function focusMap(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-roledescription="slot map"]')?.focus({ preventScroll: true }))
}
