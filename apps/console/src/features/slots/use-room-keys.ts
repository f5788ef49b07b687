import { useEffect, useRef } from 'react'
import { usePreferences } from '../../ui/preferences.ts'
import { focusMap } from './range-input.tsx'
import type { Room } from './room-context.ts'

/**
 * Keys of the whole room: G types ranges, F finds a key, M opens the target tray, T shows the table, Enter on the map goes to the tray, Esc backs
 * out one step. Single letters can be switched off; then they work only while the map has the focus.
 */
export function useRoomKeys(room: { readonly current: Room }, onTable: () => void): void {
  const { singleKeys } = usePreferences()
  const latest = useRef({ onTable, singleKeys })
  latest.current = { onTable, singleKeys }
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const now = room.current
      const { onTable: toTable, singleKeys: letters } = latest.current
      const element = event.target instanceof HTMLElement ? event.target : null
      if (event.defaultPrevented || element?.closest('input, textarea, select, [contenteditable], dialog')) return
      if (event.key === 'Escape') return backOut(now)
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const onMap = element?.getAttribute('aria-roledescription') === 'slot map'
      if (event.key === 'Enter' && onMap) {
        event.preventDefault()
        return now.dispatch({ type: 'open-tray' })
      }
      if (!letters && !onMap) return
      const key = event.key.toLowerCase()
      if (key === 'g') now.dispatch({ type: 'type-ranges', open: true })
      else if (key === 'm') now.dispatch({ type: 'open-tray' })
      else if (key === 't') toTable()
      else if (key === 'f') now.finder.set(now.finder.keys ?? [])
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [room])
}

/** One step: what is typed, what is lifted, the draft, the selection. */
function backOut({ state, dispatch, desk, gift, give }: Room): void {
  if (state.typing) dispatch({ type: 'type-ranges', open: false })
  else if (state.lift || state.tray) dispatch({ type: 'put-down' })
  else if (desk.draft && desk.draft.status !== 'sending') {
    desk.discard()
    focusMap()
  } else if (gift) {
    give(null)
    focusMap()
  } else if (state.selection.length > 0) dispatch({ type: 'select', selection: [], cursor: state.cursor })
}
