import type { JobState } from '@slotscope/observer/stream'
import { createContext, useContext } from 'react'

/** Plays a finished move once more from what was recorded, slower than it was: real moves take less than a second. */
export type Replay = {
  /** Why it cannot be played; null: it can. */
  readonly whyNot: (job: JobState) => string | null
  /** `speed`: beside 1, how fast it was. */
  readonly start: (job: JobState, words: string, speed: number) => void
}

export const ReplayContext = createContext<Replay>({ whyNot: () => 'Nothing of this cluster is recorded', start: () => undefined })

export function useReplay(): Replay {
  return useContext(ReplayContext)
}
