import { formatShare } from '../../model/format.ts'
import styles from './views.module.css'

/** A share in words, with a bar behind it. */
export function ShareCell({ share }: { readonly share: number }) {
  return (
    <span className={styles.share}>
      <span className={styles.shareBar} style={{ width: `${Math.round(share * 100)}%` }} />
      <span>{formatShare(share)}</span>
    </span>
  )
}
