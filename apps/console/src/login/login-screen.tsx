import { KeyRound, Link2Off, PlugZap } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Spinner } from '../ui/spinner.tsx'
import styles from './login-screen.module.css'
import { PasswordForm } from './password-form.tsx'

/** Why the console is not open: nobody is logged in, the link was spent, the session ended, or nothing answers. */
export type LoginState =
  | { readonly kind: 'asking' | 'none' | 'ended' }
  | { readonly kind: 'used' | 'refused' | 'unreachable'; readonly words: string }

const titles: Record<LoginState['kind'], string> = {
  asking: 'Opening Slotscope',
  none: 'You need a login link',
  ended: 'Your session has ended',
  used: 'This link was used or has run out',
  refused: 'This link was not accepted',
  unreachable: 'Slotscope does not answer'
}

/** The screen before the console: a link from the terminal in which Slotscope runs, or the name and password of an account. */
export function LoginScreen(props: {
  readonly state: LoginState
  readonly onRetry: () => void
  /** Throws what the api says when it refuses. */
  readonly onLogIn: (user: string, password: string) => Promise<void>
}) {
  const { state, onRetry, onLogIn } = props
  return (
    <main className={styles.screen} aria-busy={state.kind === 'asking'}>
      <div className={styles.card}>
        <SlotMark />
        <h1 className={styles.title}>
          <StateIcon kind={state.kind} />
          {titles[state.kind]}
        </h1>
        <Advice state={state} onRetry={onRetry} />
        {state.kind !== 'asking' && state.kind !== 'unreachable' && <PasswordForm onLogIn={onLogIn} />}
      </div>
    </main>
  )
}

function StateIcon({ kind }: { readonly kind: LoginState['kind'] }) {
  if (kind === 'asking') return <Spinner />
  if (kind === 'unreachable') return <PlugZap aria-hidden />
  if (kind === 'used' || kind === 'refused') return <Link2Off aria-hidden />
  return <KeyRound aria-hidden />
}

function Advice({ state, onRetry }: { readonly state: LoginState; readonly onRetry: () => void }) {
  if (state.kind === 'asking') return <p className={styles.words}>One moment.</p>
  if (state.kind === 'unreachable') {
    return (
      <>
        <p className={styles.words}>{state.words}</p>
        <Button look="primary" onClick={onRetry}>
          Try again
        </Button>
      </>
    )
  }
  return (
    <>
      <p className={styles.words}>
        {state.kind === 'used' || state.kind === 'refused'
          ? 'A link works once, for ten minutes. Print a fresh one:'
          : 'Slotscope prints a link that logs you in. To get a fresh one:'}
      </p>
      <ol className={styles.ways}>
        <li>
          in the terminal where Slotscope runs, press <Kbd>Enter</Kbd>
        </li>
        <li>
          or on the same machine run <code>slotscope login</code>
        </li>
      </ol>
      <p className={styles.small}>The link’s secret stands after the #, so it reaches no server log and no proxy.</p>
    </>
  )
}

/** The product in one drawing: a map of slots in three colours, one of them on its way. */
function SlotMark() {
  return (
    <svg viewBox="0 0 160 64" className={styles.mark} aria-hidden="true">
      {Array.from({ length: 48 }, (_, index) => {
        const [x, y] = [(index % 12) * 13 + 3, Math.floor(index / 12) * 16 + 2]
        const owner = index < 17 ? 0 : index < 31 ? 1 : 2
        const moving = index >= 12 && index < 17
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the drawing never changes
            key={index}
            x={x}
            y={y}
            width="11"
            height="12"
            rx="2.5"
            fill={`var(--shard-${owner})`}
            opacity={moving ? 0.45 : 1}
            stroke={moving ? 'var(--ink)' : 'none'}
            strokeDasharray="2.5 2"
          />
        )
      })}
    </svg>
  )
}
