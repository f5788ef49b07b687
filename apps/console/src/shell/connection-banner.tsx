import { PlugZap } from 'lucide-react'
import { useEffect, useState } from 'react'
import { formatAgo, formatTimeOfDay } from '../model/format.ts'
import type { ConnectionState } from '../stream/store.ts'
import { Button } from '../ui/button.tsx'
import styles from './cluster-frame.module.css'

/** Shown while the stream is lost or late: since when, what is on screen, and when it tries again. */
export function ConnectionBanner(props: { readonly connection: ConnectionState; readonly hasCore: boolean; readonly onRetry: () => void }) {
  const { connection } = props
  const late = connection.phase === 'late'
  const lost = (connection.phase === 'reconnecting' || late) && props.hasCore
  const now = useLocalClock(lost)
  // A restart of the api is over in less than this: no banner for a blink.
  if (!lost || now - connection.sinceMs < 400) return null
  const waitS = connection.retryAtMs === null ? 0 : Math.max(0, Math.ceil((connection.retryAtMs - now) / 1_000))
  return (
    <div className={styles.banner} role="alert">
      <PlugZap aria-hidden />
      <span>
        <b>{late ? 'No news from the server' : 'Disconnected'}</b>
        {late ? '' : ` ${formatAgo(now - connection.sinceMs)}`}. Everything on screen is as of {formatTimeOfDay(connection.sinceMs)}, and
        nothing can be sent.
      </span>
      <span className={styles.bannerWait}>{late ? 'waiting for the server' : waitS > 0 ? `next try in ${waitS} s` : 'trying now'}</span>
      {!late && (
        <Button size="small" onClick={props.onRetry}>
          Try now
        </Button>
      )}
    </div>
  )
}

/** The browser's own clock: while the stream is lost the api's cannot be asked. */
function useLocalClock(running: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [running])
  return now
}
