import type { ReactNode } from 'react'
import styles from './controls.module.css'

/** Nothing to show, and why, and what to do about it. */
export function EmptyState(props: {
  readonly icon?: ReactNode
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      {props.icon}
      <h3>{props.title}</h3>
      {props.children !== undefined && <p>{props.children}</p>}
      {props.action}
    </div>
  )
}
