import { type ReactNode, useId } from 'react'
import styles from './controls.module.css'

/** A titled region of a room. `note` stands at the right of the title: scope, counts, a hint. */
export function Panel(props: {
  readonly title: string
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly className?: string | undefined
  readonly 'data-draft'?: string | undefined
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} data-draft={props['data-draft']} className={[styles.panel, props.className].filter(Boolean).join(' ')}>
      <div className={styles.panelHead}>
        <h2 id={id} className={styles.panelTitle}>
          {props.title}
        </h2>
        {props.note !== undefined && <div className={styles.panelNote}>{props.note}</div>}
        {props.actions}
      </div>
      {props.children}
    </section>
  )
}
