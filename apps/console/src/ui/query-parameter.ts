import { useCallback } from 'react'
import { useSearch } from 'wouter'

/**
 * One parameter of the address: every view is a URL. Setting it replaces the history entry, so that Back leaves the room
 * instead of stepping through a drag. `null` removes it.
 */
export function useQueryParameter(name: string): [string | null, (value: string | null) => void] {
  const value = new URLSearchParams(useSearch()).get(name)
  const set = useCallback(
    (next: string | null) => {
      // Read at the time of the call: two components may set two parameters before either is drawn again.
      const parameters = new URLSearchParams(location.search)
      if (next === null || next === '') parameters.delete(name)
      else parameters.set(name, next)
      const text = parameters.toString().replaceAll('%2C', ',')
      const address = location.pathname + (text === '' ? '' : `?${text}`)
      if (address !== location.pathname + location.search) history.replaceState(history.state, '', address)
    },
    [name]
  )
  return [value, set]
}
