import { type ReactNode, useEffect, useId, useRef } from 'react'
import styles from './controls.module.css'

/** A modal question. Never used for a plan: a plan must not hide the map. */
export function Dialog(props: {
  readonly open: boolean
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly actions: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const { open } = props
  useEffect(() => {
    const element = dialog.current
    if (!element) return
    if (open && !element.open) element.showModal()
    if (!open && element.open) element.close()
  }, [open])
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={id} onClose={props.onClose}>
      {open && (
        <div className={styles.dialogBody}>
          <h2 id={id}>{props.title}</h2>
          {props.children}
          <div className={styles.dialogActions}>{props.actions}</div>
        </div>
      )}
    </dialog>
  )
}
