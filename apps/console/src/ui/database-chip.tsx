import styles from './key-badges.module.css'

/** The number of a database. Databases have no hue: hues mean shards. */
export function DatabaseChip({ database }: { readonly database: number }) {
  return <span className={styles.database}>db{database}</span>
}

/** The type of a key, as the server names it. */
export function TypeBadge({ type }: { readonly type: string }) {
  return <span className={styles.type}>{type}</span>
}
