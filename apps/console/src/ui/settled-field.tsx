import { type ComponentProps, useEffect, useRef, useState } from 'react'
import { TextField } from './text-field.tsx'

/** A text field whose value is told when the hand rests, not at every letter: each value may be a question to a server. */
export function SettledField(
  props: Omit<ComponentProps<typeof TextField>, 'value' | 'onChange'> & {
    readonly value: string
    readonly onSettle: (value: string | null) => void
  }
) {
  const { value, onSettle, ...rest } = props
  const [typed, setTyped] = useState(value)
  const tell = useRef(onSettle)
  tell.current = onSettle
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => tell.current(typed === '' ? null : typed), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [typed, value])
  return <TextField {...rest} value={typed} onChange={(event) => setTyped(event.target.value)} />
}

const SETTLE_MS = 300
