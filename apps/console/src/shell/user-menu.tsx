import { CircleUser, LogOut, Presentation, Users } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { wordsOf } from '../api/client.ts'
import { logOut, useSession } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Popover } from '../ui/popover.tsx'
import { type Preferences, setPreferences, usePreferences } from '../ui/preferences.ts'
import { Segmented } from '../ui/segmented.tsx'
import { usePresentation } from './presentation.tsx'
import styles from './user-menu.module.css'

const roleWords = {
  viewer: 'may look and plan',
  operator: 'may move slots and change expiries',
  admin: 'may do everything, accounts and clusters too'
} as const

const themes: readonly { value: Preferences['theme']; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' }
]

/** Who is logged in, with what role; theme, keys, accounts, log out. */
export function UserMenu() {
  const session = useSession()
  return (
    <Popover
      label={`${session.user}, ${session.role}`}
      button={
        <>
          <CircleUser aria-hidden />
          <span className={styles.role}>{session.role}</span>
        </>
      }
      buttonProps={{ size: 'small', 'aria-label': `User ${session.user}, role ${session.role}` }}
      width={272}
    >
      {(close) => <MenuBody onDone={close} />}
    </Popover>
  )
}

function MenuBody({ onDone }: { readonly onDone: () => void }) {
  const session = useSession()
  const preferences = usePreferences()
  const present = usePresentation()
  const [, navigate] = useLocation()
  const [problem, setProblem] = useState<string | null>(null)
  const leave = async () => {
    try {
      await logOut()
      location.assign('/')
    } catch (error) {
      setProblem(wordsOf(error))
    }
  }
  return (
    <div className={styles.menu}>
      <p>
        <b>{session.user}</b>
        <span className={styles.note}>
          {session.role} · {roleWords[session.role]}
        </span>
      </p>
      <div className={styles.row}>
        <span>Theme</span>
        <Segmented label="Theme" value={preferences.theme} segments={themes} onChange={(theme) => setPreferences({ theme })} />
      </div>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={preferences.singleKeys}
          onChange={(event) => setPreferences({ singleKeys: event.target.checked })}
        />
        Single-key shortcuts (G, M, T)
      </label>
      <label className={styles.check}>
        <input type="checkbox" checked={!preferences.hintDone} onChange={(event) => setPreferences({ hintDone: !event.target.checked })} />
        Show the first-steps hint
      </label>
      <Button
        look="quiet"
        onClick={() => {
          onDone()
          present.set(true)
        }}
      >
        <Presentation aria-hidden />
        Present
      </Button>
      {session.role === 'admin' && (
        <Button
          look="quiet"
          onClick={() => {
            onDone()
            navigate('/accounts')
          }}
        >
          <Users aria-hidden />
          Accounts
        </Button>
      )}
      {problem !== null && <p role="alert">{problem}</p>}
      <Button onClick={leave}>
        <LogOut aria-hidden />
        Log out
      </Button>
    </div>
  )
}
