import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

type Announce = (text: string, urgent?: boolean) => void

const AnnounceContext = createContext<Announce>(() => undefined)

/**
 * The page's two live regions. A sentence replaces the last one; the same sentence twice gets a mark that is not read, since a
 * screen reader says only what changed.
 */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState('')
  const [urgent, setUrgent] = useState('')
  const turn = useRef(false)
  const announce = useCallback<Announce>((text, isUrgent = false) => {
    turn.current = !turn.current
    const marked = turn.current ? text : `${text}\u200b`
    if (isUrgent) setUrgent(marked)
    else setPolite(marked)
  }, [])
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div role="status" aria-live="polite" aria-atomic="true" className="visually-hidden" data-testid="announcements">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="true" className="visually-hidden">
        {urgent}
      </div>
    </AnnounceContext.Provider>
  )
}

/** Says a sentence to screen readers. `urgent` interrupts: only for what ended a person's action against their will. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext)
}
