import { Search } from 'lucide-react'
import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect, useMemo, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { usePreferences } from '../ui/preferences.ts'
import { CommandBook, CommandContext } from './commands.ts'
import styles from './header.module.css'

// Nobody waits for it with the first screen.
const CommandPalette = lazy(() => import('./command-palette.tsx'))
const KeyList = lazy(() => import('./key-list.tsx'))

type Shown = 'nothing' | 'palette' | 'keys'

const ShowContext = createContext<(what: Shown) => void>(() => undefined)

/** Ctrl+K (Cmd+K) opens the palette from everywhere, `?` the list of keys. It finds nothing before the cluster is known (`ready`). */
export function PaletteFrame({ ready, children }: { readonly ready: boolean; readonly children: ReactNode }) {
  const [shown, setShown] = useState<Shown>('nothing')
  const [book] = useState(() => new CommandBook())
  const { singleKeys } = usePreferences()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setShown((now) => (now === 'palette' ? 'nothing' : 'palette'))
        return
      }
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable], dialog')
      if (event.key === '?' && singleKeys && !typing && !event.ctrlKey && !event.metaKey && !event.defaultPrevented) {
        event.preventDefault()
        setShown('keys')
      }
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [singleKeys])
  const close = useMemo(() => () => setShown('nothing'), [])
  return (
    <CommandContext value={book}>
      <ShowContext value={setShown}>
        {children}
        <Suspense fallback={null}>
          {shown === 'palette' && ready && <CommandPalette onClose={close} onKeys={() => setShown('keys')} />}
          {shown === 'keys' && <KeyList onClose={close} />}
        </Suspense>
      </ShowContext>
    </CommandContext>
  )
}

/** In the header: what the palette finds, and the key that opens it. */
export function PaletteButton() {
  const show = useContext(ShowContext)
  const mac = navigator.platform.startsWith('Mac')
  return (
    <Button
      size="small"
      className={styles.palette}
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={() => show('palette')}
    >
      <Search aria-hidden />
      <span className={styles.paletteWords}>Find a key, slot or shard</span>
      <Kbd>{mac ? '⌘K' : 'Ctrl K'}</Kbd>
    </Button>
  )
}
