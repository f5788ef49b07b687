import { FastForward, Pause, Play, Rewind } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import styles from './time-controls.module.css'

/** How time goes in what is shown, and how to change it. */
export type TimeDrive = {
  readonly atMs: number
  /** 0: it stands. */
  readonly speed: number
  readonly run: (speed: number) => void
  readonly goTo: (atMs: number) => void
  /** Why it cannot be changed by this person; null: it can. */
  readonly locked: string | null
  /** The speed that Play begins with. */
  readonly chosen: number
  readonly choose: (speed: number) => void
  /** The living cluster is shown: one can go back from it or hold it, and nothing comes after it. */
  readonly isLive: boolean
  /** Back to the living cluster; null: there is none. */
  readonly toLive: (() => void) | null
}

const speeds = [
  [0.02, '1/50'],
  [0.1, '1/10'],
  [1, '1×'],
  [10, '10×'],
  [60, '60×']
] as const
const STEP_MS = 10_000

/** Back, play or pause, on, how fast, and the way back to now. */
export function TimeControls({ drive }: { readonly drive: TimeDrive }) {
  const running = drive.speed > 0
  const off = drive.locked !== null
  const choose = (speed: number) => {
    drive.choose(speed)
    if (running && !drive.isLive) drive.run(speed)
  }
  return (
    <span className={styles.controls} title={drive.locked ?? undefined}>
      <Button size="small" look="quiet" icon disabled={off} aria-label="10 seconds back" onClick={() => drive.goTo(drive.atMs - STEP_MS)}>
        <Rewind aria-hidden />
      </Button>
      <Button
        size="small"
        icon
        disabled={off}
        aria-label={drive.isLive ? 'Hold this instant' : running ? 'Pause' : 'Play from here'}
        onClick={() => drive.run(running ? 0 : drive.chosen)}
      >
        {running ? <Pause aria-hidden /> : <Play aria-hidden />}
      </Button>
      <Button
        size="small"
        look="quiet"
        icon
        disabled={off || drive.isLive}
        aria-label="10 seconds on"
        onClick={() => drive.goTo(drive.atMs + STEP_MS)}
      >
        <FastForward aria-hidden />
      </Button>
      <select aria-label="Speed" value={drive.chosen} disabled={off} onChange={(event) => choose(Number(event.target.value))}>
        {speeds.map(([speed, words]) => (
          <option key={speed} value={speed}>
            {words}
          </option>
        ))}
      </select>
      {drive.toLive && (
        <Button size="small" look={drive.isLive ? 'quiet' : 'primary'} disabled={drive.isLive} onClick={drive.toLive}>
          Return to live
        </Button>
      )}
    </span>
  )
}
