import { Check, ChevronDown, Lock, Server } from 'lucide-react'
import { Link } from 'wouter'
import { useClusters } from '../api/clusters.ts'
import { useSession } from '../api/session.ts'
import { roomPath } from '../room-path.ts'
import { useCluster, useCore } from '../stream/hooks.ts'
import { Popover } from '../ui/popover.tsx'
import styles from './cluster-switcher.module.css'

/** The name of the cluster on screen; where there are others, or may be, it opens the list of them. */
export function ClusterSwitcher({ room }: { readonly room: string }) {
  const { id } = useCluster()
  const { role } = useSession()
  const { clusters } = useClusters()
  const { name, kind, versions } = useCore((core) => core.cluster)
  const words = (
    <>
      <span className={styles.title}>{name}</span>
      <span className={styles.kind}>
        {kind}
        {versions.length > 0 && <> · {versions.join(', ')}</>}
      </span>
    </>
  )
  if (clusters.length < 2 && role !== 'admin') return <h1 className={styles.name}>{words}</h1>
  return (
    <div className={styles.switcher}>
      <h1 className="visually-hidden">{name}</h1>
      <Popover
        label="Clusters"
        align="start"
        width={300}
        button={
          <>
            {words}
            <span className="visually-hidden">switch cluster</span>
            <ChevronDown aria-hidden />
          </>
        }
        buttonProps={{ look: 'quiet', className: styles.name }}
      >
        {(close) => (
          <nav aria-label="Clusters" className={styles.menu}>
            <ul>
              {clusters.map((cluster) => (
                <li key={cluster.id}>
                  <Link
                    href={roomPath(cluster.id, room)}
                    className={styles.link}
                    aria-current={cluster.id === id ? 'page' : undefined}
                    onClick={close}
                  >
                    {cluster.id === id ? <Check aria-hidden /> : <span className={styles.noMark} />}
                    <span className={styles.title}>{cluster.name}</span>
                    {cluster.readOnly && <Lock aria-label="read-only" />}
                    <span className={styles.kind}>{cluster.kind}</span>
                  </Link>
                </li>
              ))}
            </ul>
            {role === 'admin' && (
              <Link href="/clusters" className={styles.link} onClick={close}>
                <Server aria-hidden />
                Add and change clusters
              </Link>
            )}
          </nav>
        )}
      </Popover>
    </div>
  )
}
