import { useSyncExternalStore } from 'react'

/** What a person chose on this browser. Nothing here is a secret, and nothing here is state of the cluster. */
export type Preferences = {
  readonly theme: 'system' | 'light' | 'dark'
  /** Single keys (G, M, T ...) outside the map; switched off they work only while the map has the focus. */
  readonly singleKeys: boolean
  /** The three-step hint was dismissed or followed to its end. */
  readonly hintDone: boolean
}

const defaults: Preferences = { theme: 'system', singleKeys: true, hintDone: false }
const keys = { theme: 'slotscope.theme', singleKeys: 'slotscope.single-keys', hintDone: 'slotscope.hint-done' } as const
const listeners = new Set<() => void>()
let current: Preferences = load()

function load(): Preferences {
  const theme = read(keys.theme)
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : defaults.theme,
    singleKeys: read(keys.singleKeys) !== 'off',
    hintDone: read(keys.hintDone) === 'yes'
  }
}

/** Storage may be switched off in a browser; then a choice lasts as long as the page. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // The choice still holds for this page.
  }
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change }
  if (change.theme !== undefined) write(keys.theme, change.theme)
  if (change.singleKeys !== undefined) write(keys.singleKeys, change.singleKeys ? 'on' : 'off')
  if (change.hintDone !== undefined) write(keys.hintDone, change.hintDone ? 'yes' : 'no')
  applyTheme()
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current)
}

const systemLight = matchMedia('(prefers-color-scheme: light)')

/** The theme that is drawn now, whatever was chosen. */
export function drawnTheme(): 'light' | 'dark' {
  if (current.theme !== 'system') return current.theme
  return systemLight.matches ? 'light' : 'dark'
}

function applyTheme(): void {
  document.documentElement.dataset.theme = drawnTheme()
}

systemLight.addEventListener('change', () => {
  applyTheme()
  for (const listener of listeners) listener()
})

/** Rerenders when the drawn theme changes: canvas code reads its colours again then. */
export function useDrawnTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, drawnTheme)
}
