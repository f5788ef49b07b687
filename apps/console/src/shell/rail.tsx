import { Link } from 'wouter'
import { roomPath, rooms } from '../routes.tsx'
import styles from './rail.module.css'

/** The rooms, with their names. On a phone it lies at the bottom. */
export function Rail({ clusterId, room }: { readonly clusterId: string; readonly room: string }) {
  return (
    <nav className={styles.rail} aria-label="Rooms">
      <svg viewBox="0 0 32 32" className={styles.logo} role="img" aria-label="Slotscope">
        <rect x="3" y="4" width="26" height="6.5" rx="2" fill="var(--shard-0)" />
        <rect x="3" y="12.75" width="15" height="6.5" rx="2" fill="var(--shard-1)" />
        <rect x="20" y="12.75" width="9" height="6.5" rx="2" fill="var(--shard-2)" />
        <rect x="3" y="21.5" width="26" height="6.5" rx="2" fill="var(--shard-2)" />
      </svg>
      <ul className={styles.rooms}>
        {rooms.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <Link href={roomPath(clusterId, path)} className={styles.link} aria-current={path === room ? 'page' : undefined}>
              <Icon aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
