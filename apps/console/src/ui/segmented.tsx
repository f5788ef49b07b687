import { type KeyboardEvent, useRef } from 'react'
import styles from './controls.module.css'

export type Segment<T extends string> = {
  readonly value: T
  readonly label: string
  /** It can be chosen, but what it shows is off: drawn with a dotted line, and said. */
  readonly off?: boolean
}

/** One choice of a few, as a radio group: one tab stop, arrows choose. */
export function Segmented<T extends string>(props: {
  readonly label: string
  readonly value: T
  readonly segments: readonly Segment<T>[]
  readonly onChange: (value: T) => void
}) {
  const group = useRef<HTMLDivElement>(null)
  const choose = (index: number) => {
    const next = props.segments[(index + props.segments.length) % props.segments.length]!
    props.onChange(next.value)
    group.current?.querySelector<HTMLButtonElement>(`[data-value="${next.value}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    choose(props.segments.findIndex((segment) => segment.value === props.value) + step)
  }
  return (
    <div ref={group} role="radiogroup" aria-label={props.label} className={styles.segmented} onKeyDown={onKeyDown}>
      {props.segments.map((segment) => (
        // biome-ignore lint/a11y/useSemanticElements: a native radio cannot look like a segment in forced colours and keep its label inside
        <button
          key={segment.value}
          type="button"
          role="radio"
          data-value={segment.value}
          aria-checked={segment.value === props.value}
          aria-label={segment.off ? `${segment.label}, off` : undefined}
          data-off={segment.off || undefined}
          tabIndex={segment.value === props.value ? 0 : -1}
          className={styles.segment}
          onClick={() => props.onChange(segment.value)}
        >
          {segment.label}
        </button>
      ))}
    </div>
  )
}
