import { Download } from 'lucide-react'
import styles from './controls.module.css'

/** Links to the same rows as two files. The api makes them while they are taken. */
export function DownloadLinks(props: { readonly what: string; readonly csv: string; readonly json: string }) {
  return (
    <span className={styles.downloads}>
      {(['csv', 'json'] as const).map((format) => (
        <a
          key={format}
          className={[styles.button, styles.small, styles.link].join(' ')}
          href={props[format]}
          download
          aria-label={`Save ${props.what} as ${format.toUpperCase()}`}
        >
          <Download aria-hidden />
          {format.toUpperCase()}
        </a>
      ))}
    </span>
  )
}
