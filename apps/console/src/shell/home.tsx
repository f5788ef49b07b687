import { Server } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link, Redirect } from 'wouter'
import { ClusterIdContext, useClusters } from '../api/clusters.ts'
import { useSession } from '../api/session.ts'
import { roomPath } from '../room-path.ts'
import { EmptyState } from '../ui/empty-state.tsx'

/** Where an address without a cluster leads: to the first one, or to where the first one is added. */
export function Home() {
  const { clusters, settled } = useClusters()
  const { role } = useSession()
  const [first] = clusters
  if (first !== undefined) return <Redirect to={roomPath(first.id, 'slots')} replace />
  if (!settled) return null
  if (role === 'admin') return <Redirect to="/clusters" replace />
  return <EmptyState title="No cluster">Nobody has added a cluster yet. Ask whoever runs Slotscope.</EmptyState>
}

/** The cluster that an address names, if there is one: they come and go. */
export function NamedCluster({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  const { clusters, settled, failed } = useClusters()
  const isKnown = clusters.some((cluster) => cluster.id === id)
  const isMissing = settled && !isKnown
  useEffect(() => {
    if (isMissing) document.title = 'No such cluster · Slotscope'
  }, [isMissing])
  if (isMissing)
    return (
      <main>
        <EmptyState icon={<Server aria-hidden />} title="There is no such cluster" action={<Link href="/">Go to the first cluster</Link>}>
          The address names “{id}”. It may have been removed.
        </EmptyState>
      </main>
    )
  // Added since the login, perhaps: a stream is opened only where there is one.
  if (!isKnown && !failed) return null
  return <ClusterIdContext value={id}>{children}</ClusterIdContext>
}
