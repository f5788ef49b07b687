import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

type Announce = (text: string, urgent?: boolean) => void

const AnnounceContext = createContext<Announce>(() => undefined)

interface Sentence {
  readonly id: number
  readonly text: string
  readonly urgent: boolean
}

/** How many sentences stand in the page: more were said in a moment than anyone hears out. */
const STANDING = 12

/**
 * The page's two live regions. A sentence is a line of its own, since a screen reader says what was added: one text that is replaced
 * would lose a sentence when the next comes within the same frame, and would be silent when the same one is said twice.
 */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [sentences, setSentences] = useState<readonly Sentence[]>([])
  const next = useRef(0)
  const announce = useCallback<Announce>((text, urgent = false) => {
    const sentence = { id: next.current++, text, urgent }
    setSentences((standing) => [...standing, sentence].slice(-STANDING))
  }, [])
  const lines = (urgent: boolean) =>
    sentences.filter((sentence) => sentence.urgent === urgent).map((sentence) => <p key={sentence.id}>{sentence.text}</p>)
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div role="log" aria-label="Announcements" aria-live="polite" className="visually-hidden">
        {lines(false)}
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="false" aria-relevant="additions" className="visually-hidden">
        {lines(true)}
      </div>
    </AnnounceContext.Provider>
  )
}

/** Says a sentence to screen readers. `urgent` interrupts: only for what ended a person's action against their will. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext)
}
