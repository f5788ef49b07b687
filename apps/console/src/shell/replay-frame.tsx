import { type ReactNode, useMemo } from 'react'
import { useSession } from '../api/session.ts'
import { hasEnded, stretchOf, whyNoReplay } from '../model/replay-stretch.ts'
import { useCluster } from '../stream/hooks.ts'
import { type Replay, ReplayContext } from '../stream/replay.ts'
import type { Past } from '../stream/use-past.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { usePlayback } from './playback.ts'

/** How the rooms within replay a move: by looking back, or, of a recording that is played, by playing it from there. */
export function ReplayFrame({ past, children }: { readonly past: Past; readonly children: ReactNode }) {
  const { store } = useCluster()
  const { role } = useSession()
  const announce = useAnnounce()
  const control = usePlayback()
  const { recorded, replay } = past
  const value = useMemo<Replay>(
    () => ({
      whyNot: (job) => {
        const isPlayed = store.connection.capabilities.includes('recorded')
        if (isPlayed && role === 'viewer') return 'An operator decides what of a recording is shown'
        return whyNoReplay(job, recorded, isPlayed ? Number.POSITIVE_INFINITY : store.clock.now())
      },
      start: (job, words, speed) => {
        const stretch = stretchOf(job, speed)
        if (store.connection.capabilities.includes('recorded'))
          control({ positionMs: Math.max(0, Math.round(stretch.fromMs)), speed, paused: false })
        else replay({ ...stretch, words, isOver: (core) => hasEnded(core, job.name) }, speed)
        announce(`${words}. Escape on the time bar returns to live.`)
        // What was pressed is gone while the past of before the move is shown.
        document.querySelector<HTMLElement>('[data-instant]')?.focus({ preventScroll: true })
      }
    }),
    [store, role, recorded, replay, control, announce]
  )
  return <ReplayContext value={value}>{children}</ReplayContext>
}
