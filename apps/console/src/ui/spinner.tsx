import { LoaderCircle } from 'lucide-react'
import styles from './spinner.module.css'

/** Something is under way; what it is, the words beside it say. */
export function Spinner() {
  return <LoaderCircle aria-hidden className={styles.spinner} />
}
