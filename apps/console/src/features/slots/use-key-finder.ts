import { useCallback, useMemo, useState } from 'react'
import { keySlot } from '../../model/key-slot.ts'
import { bytesOfText } from '../../model/typed-bytes.ts'
import { useQueryParameters } from '../../ui/query-parameter.ts'

/** The search for keys: which are looked for stands in the address (`?key=a&key=b`), so that it can be shown to somebody else. */
export type KeyFinderState = {
  /** Null: closed. As they are typed, with escapes for bytes. */
  readonly keys: readonly string[] | null
  readonly set: (keys: readonly string[] | null) => void
  /** The slot of what is being typed. */
  readonly look: (slot: number | null) => void
  /** Slots that the map points at. */
  readonly slots: readonly number[]
}

export function useKeyFinder(): KeyFinderState {
  const [asked, setAsked] = useQueryParameters('key')
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState<number | null>(null)
  const keys = open || asked.length > 0 ? asked : null
  const set = useCallback<KeyFinderState['set']>(
    (next) => {
      setOpen(next !== null)
      setTyped(null)
      setAsked(next ?? [])
    },
    [setAsked]
  )
  const slots = useMemo(() => {
    const found = (keys ?? []).map((key) => keySlot(bytesOfText(key)).slot)
    return [...new Set(typed === null ? found : [...found, typed])]
  }, [keys, typed])
  return useMemo(() => ({ keys, set, look: setTyped, slots }), [keys, set, slots])
}
