import { Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useSession } from '../api/session.ts'
import { sizeOf } from '../model/size-of.ts'
import { useCore } from '../stream/hooks.ts'
import { EmptyState } from '../ui/empty-state.tsx'

/** The room, or why no node of the cluster has ever been reached: then there is nothing for a room to show. */
export function Reached({ children }: { readonly children: ReactNode }) {
  const isKnown = useCore((core) => sizeOf(core.nodes) > 0)
  const problem = useCore((core) => core.health['no-entry'])
  const { role } = useSession()
  if (isKnown || problem === undefined) return children
  return (
    <EmptyState
      icon={<Unplug aria-hidden />}
      title={problem.title}
      {...(role === 'admin' ? { action: <Link href="/clusters">See how it is reached, and test the connection</Link> } : {})}
    >
      {problem.evidence}
    </EmptyState>
  )
}
