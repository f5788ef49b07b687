import { createContext, type KeyboardEvent, type ReactNode, useContext, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Button, type ButtonProps } from './button.tsx'
import styles from './menu.module.css'

/**
 * A button that opens a list of things to do, in the browser's top layer, so that no scrolling list around it cuts it off. Arrows, Home
 * and End choose; Esc and a press outside shut it, and the focus returns to the button.
 */
export function Menu(props: {
  readonly label: string
  /** Drawn only while it is open. */
  readonly items: ReactNode
  readonly button: ReactNode
  readonly buttonProps?: ButtonProps
}) {
  const [open, setOpen] = useState(false)
  const panel = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const id = useId()
  const show = () => {
    const [box, list] = [trigger.current, panel.current]
    if (!box || !list) return
    flushSync(() => setOpen(true))
    list.showPopover()
    place(list, box.getBoundingClientRect())
    list.querySelector<HTMLElement>('[role="menuitem"]')?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // The room has keys of its own; while a menu is open they are not meant.
    event.stopPropagation()
    const items = [...(panel.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]
    const now = items.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key]
    if (event.key === 'Tab') panel.current?.hidePopover()
    if (next === undefined) return
    event.preventDefault()
    items[(next + items.length) % items.length]?.focus()
  }
  return (
    <>
      <Button
        ref={trigger}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        aria-label={props.label}
        title={props.label}
        onClick={() => (open ? panel.current?.hidePopover() : show())}
        {...props.buttonProps}
      >
        {props.button}
      </Button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={props.label}
        className={styles.menu}
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={onKeyDown}
      >
        {open && <CloseMenu value={() => panel.current?.hidePopover()}>{props.items}</CloseMenu>}
      </div>
    </>
  )
}

/** How an item shuts the menu that it stands in. */
const CloseMenu = createContext<() => void>(() => undefined)

/** One thing that can be done. `off` says why it cannot be done now; it can still be reached, so that the reason is heard. */
export function MenuItem(props: {
  readonly label: string
  readonly icon?: ReactNode
  /** A second line. */
  readonly note?: string
  readonly off?: string | null
  readonly onChoose: () => void
}) {
  const { label, icon, note, off = null, onChoose } = props
  const close = useContext(CloseMenu)
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={styles.item}
      aria-disabled={off === null ? undefined : true}
      onClick={() => {
        if (off !== null) return
        close()
        onChoose()
      }}
    >
      {icon}
      <span>
        {label}
        {(off ?? note) !== undefined && <small>{off ?? note}</small>}
      </span>
    </button>
  )
}

/** Beneath the button, its right edge under the button's; above it where there is no room. */
function place(list: HTMLElement, box: DOMRect): void {
  const gap = 6
  const { offsetWidth: width, offsetHeight: height } = list
  const left = Math.min(Math.max(8, box.right - width), innerWidth - width - 8)
  const below = box.bottom + gap + height <= innerHeight
  list.style.left = `${left}px`
  list.style.top = `${below ? box.bottom + gap : Math.max(8, box.top - gap - height)}px`
}
