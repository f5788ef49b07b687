import type { NodeDeed } from '@slotscope/observer/stream'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../../ui/announcer.tsx'

/** Says what became of a deed while one looked elsewhere. */
export function useOutcomes(deeds: Readonly<Record<string, NodeDeed>> | undefined): void {
  const announce = useAnnounce()
  const said = useRef<ReadonlyMap<string, string> | null>(null)
  useEffect(() => {
    const before = said.current
    said.current = new Map(Object.values(deeds ?? {}).map((deed) => [deed.planId, deed.status]))
    if (!before) return
    for (const deed of Object.values(deeds ?? {}))
      if (before.get(deed.planId) === 'running' && deed.status !== 'running')
        announce(`${deed.title}: ${deed.status}`, deed.status !== 'done')
  }, [deeds, announce])
}
