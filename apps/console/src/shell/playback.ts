import type { PlaybackRequest, PlaybackState } from '@slotscope/observer/stream'
import { useCallback, useRef } from 'react'
import { post } from '../api/client.ts'
import { useCluster } from '../stream/hooks.ts'

/** Sends wishes one after another; of those that wait while somebody drags, the last one. */
export function usePlayback(): (wish: PlaybackRequest) => void {
  const { id } = useCluster()
  const waiting = useRef<PlaybackRequest | null>(null)
  const sending = useRef(false)
  const base = `/api/clusters/${encodeURIComponent(id)}/playback`
  return useCallback(
    async (wish) => {
      waiting.current = { ...waiting.current, ...wish }
      if (sending.current) return
      sending.current = true
      while (waiting.current !== null) {
        const next: PlaybackRequest = waiting.current
        waiting.current = null
        // A refusal shows by itself: what is shown stays as it was.
        await post<PlaybackState>(base, next).catch(() => undefined)
      }
      sending.current = false
    },
    [base]
  )
}
