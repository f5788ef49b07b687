import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { roomPath, rooms } from '../routes.tsx'
import styles from './rail.module.css'

/** The rooms, with their names. On a phone they lie at the bottom, in a row that scrolls. */
export function Rail({ clusterId, room }: { readonly clusterId: string; readonly room: string }) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    const place = rooms.findIndex(({ path }) => path === room)
    list.current?.children[place]?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [room])
  return (
    <nav className={styles.rail} aria-label="Rooms">
      <svg viewBox="0 0 32 32" className={styles.logo} role="img" aria-label="Slotscope">
        <rect x="3" y="4" width="26" height="6.5" rx="2" fill="var(--shard-0)" />
        <rect x="3" y="12.75" width="15" height="6.5" rx="2" fill="var(--shard-1)" />
        <rect x="20" y="12.75" width="9" height="6.5" rx="2" fill="var(--shard-2)" />
        <rect x="3" y="21.5" width="26" height="6.5" rx="2" fill="var(--shard-2)" />
      </svg>
      <ul ref={list} className={styles.rooms}>
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
