import { useCallback, useMemo } from 'react'
import { useSearch } from 'wouter'

/**
 * One parameter of the address: every view is a URL. Setting it replaces the history entry, so that Back leaves the room
 * instead of stepping through a drag. `null` removes it.
 */
export function useQueryParameter(name: string): [string | null, (value: string | null) => void] {
  const [values, setValues] = useQueryParameters(name)
  const set = useCallback((next: string | null) => setValues(next === null || next === '' ? [] : [next]), [setValues])
  return [values[0] ?? null, set]
}

/** A parameter that may stand in the address several times: `?key=a&key=b`. */
export function useQueryParameters(name: string): [readonly string[], (values: readonly string[]) => void] {
  const search = useSearch()
  const values = useMemo(() => new URLSearchParams(search).getAll(name), [search, name])
  const set = useCallback(
    (next: readonly string[]) => {
      // Read at the time of the call: two components may set two parameters before either is drawn again.
      const parameters = new URLSearchParams(location.search)
      parameters.delete(name)
      for (const value of next) parameters.append(name, value)
      const text = parameters.toString().replaceAll('%2C', ',')
      const address = location.pathname + (text === '' ? '' : `?${text}`)
      if (address !== location.pathname + location.search) history.replaceState(history.state, '', address)
    },
    [name]
  )
  return [values, set]
}
