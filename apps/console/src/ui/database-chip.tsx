import { databaseWords } from '../model/database-words.ts'
import { useCore } from '../stream/hooks.ts'
import styles from './key-badges.module.css'

/** The number of a database, and what people call it. Databases have no hue: hues mean shards. */
export function DatabaseChip({ database }: { readonly database: number }) {
  const names = useCore((core) => core.databaseNames)
  const words = databaseWords(database, names)
  return (
    <span className={styles.database} title={words}>
      {words}
    </span>
  )
}

/** The type of a key, as the server names it. */
export function TypeBadge({ type }: { readonly type: string }) {
  return <span className={styles.type}>{type}</span>
}
