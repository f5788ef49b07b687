import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useAnnounce } from './announcer.tsx'
import { Button } from './button.tsx'
import styles from './controls.module.css'

/** A command in full, wrapped, as it will be sent. A long one scrolls in itself, so it can be reached by the keyboard too. */
export function CommandText({ children }: { readonly children: string }) {
  const long = children.length > longCommand
  return (
    <code
      className={styles.command}
      data-long={long || undefined}
      tabIndex={long ? 0 : undefined}
      {...(long ? { role: 'group', 'aria-label': 'Command' } : {})}
    >
      {children}
    </code>
  )
}

/** Characters from which on a command is cut to a few lines that scroll. */
const longCommand = 400

/** Copies `text`; says so for two seconds, or says that the browser refused. */
export function CopyButton(props: { readonly text: string; readonly label: string; readonly what: string }) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'refused'>('none')
  const announce = useAnnounce()
  useEffect(() => {
    if (outcome === 'none') return
    const timer = setTimeout(() => setOutcome('none'), 2_000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text)
      setOutcome('copied')
      announce(`${props.what} copied`)
    } catch {
      setOutcome('refused')
      announce('The browser did not allow copying; select the text instead')
    }
  }
  return (
    <Button size="small" onClick={copy} title={`Copy ${props.what}`}>
      {outcome === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
      {outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Not allowed' : props.label}
    </Button>
  )
}
