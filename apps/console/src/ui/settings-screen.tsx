import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link } from 'wouter'
import styles from './settings-screen.module.css'

/** A screen about Slotscope itself, not about one cluster: a title, what it is for, and the way back. */
export function SettingsScreen(props: {
  readonly title: string
  readonly words: ReactNode
  readonly wide?: boolean
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${props.title} · Slotscope`
  }, [props.title])
  return (
    <main className={styles.screen} data-wide={props.wide || undefined}>
      <Link href="/" className={styles.back}>
        <ArrowLeft aria-hidden />
        Back to the cluster
      </Link>
      <h1>{props.title}</h1>
      <p className={styles.words}>{props.words}</p>
      {props.children}
    </main>
  )
}

/** Said before anything is typed: what is made here ends with Slotscope. */
export function NotKeptNote({ what }: { readonly what: string }) {
  return (
    <p className={styles.warning} role="note">
      Slotscope runs without a folder for data, so these {what} end with it. Start it with <code>--data FOLDER</code> to keep them.
    </p>
  )
}
