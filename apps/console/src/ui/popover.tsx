import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import styles from './controls.module.css'

/** A button that opens a small panel beside it. Esc, a click outside and `close` shut it, and the focus returns to the button. */
export function Popover(props: {
  readonly button: ReactNode
  readonly buttonProps?: ButtonProps
  readonly label: string
  readonly align?: 'start' | 'end'
  readonly width?: number
  /** Open and shut from elsewhere too; absent: only by its button. */
  readonly state?: readonly [open: boolean, setOpen: (open: boolean) => void]
  readonly children: ReactNode | ((close: () => void) => ReactNode)
}) {
  const own = useState(false)
  const [open, setOpen] = props.state ?? own
  const latest = useRef(setOpen)
  latest.current = setOpen
  const root = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = () => {
    setOpen(false)
    trigger.current?.focus()
  }
  useEffect(() => {
    if (!open) return
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) latest.current(false)
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      latest.current(false)
      trigger.current?.focus()
    }
    document.addEventListener('pointerdown', onPointerDown, true)
    document.addEventListener('keydown', onKeyDown, true)
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true)
      document.removeEventListener('keydown', onKeyDown, true)
    }
  }, [open])
  return (
    <div ref={root} className={styles.popover}>
      <Button
        ref={trigger}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        {...props.buttonProps}
      >
        {props.button}
      </Button>
      {open && (
        <div
          id={id}
          role="dialog"
          aria-label={props.label}
          className={styles.popoverPanel}
          data-align={props.align ?? 'end'}
          style={{ width: props.width ?? 280 }}
        >
          {typeof props.children === 'function' ? props.children(close) : props.children}
        </div>
      )}
    </div>
  )
}
