import { Radio } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { formatTimeOfDay } from '../model/format.ts'
import { layOutTicks, type Tick } from '../model/timeline.ts'
import { useCluster, useConnection, useCore, useNow } from '../stream/hooks.ts'
import styles from './timeline-bar.module.css'

const spanMs = 15 * 60_000
const minutes = [14, 12, 10, 8, 6, 4, 2]

/** What happened in the last quarter of an hour, as ticks with words. Looking back is not possible yet, so nothing here is a handle. */
export function TimelineBar() {
  const events = useCore((core) => core.events)
  const { store } = useCluster()
  const { phase } = useConnection()
  const now = useNow(1_000)
  const track = useRef<HTMLDivElement>(null)
  const width = useWidth(track)
  const ticks = layOutTicks(events, { nowMs: now, spanMs, width })
  const live = phase === 'live'
  return (
    <section className={styles.bar} aria-label="Last 15 minutes">
      <div className={styles.head}>
        <span className={styles.live} data-on={live || undefined}>
          <Radio aria-hidden />
          {live ? 'LIVE' : 'STOPPED'}
        </span>
        <time className={styles.clock}>{formatTimeOfDay(store.clock.toLocal(now))}</time>
      </div>
      <div ref={track} className={styles.track}>
        {minutes.map((minute) => (
          <span key={minute} className={styles.minute} style={{ left: `${(1 - minute / 15) * 100}%` }}>
            −{minute} m
          </span>
        ))}
        <ol className={styles.ticks} aria-label="Events, oldest first">
          {ticks.map((tick) => (
            <TickMark key={tick.events[0]!.sequence} tick={tick} timeOf={(atMs) => formatTimeOfDay(store.clock.toLocal(atMs))} />
          ))}
        </ol>
      </div>
    </section>
  )
}

function TickMark({ tick, timeOf }: { readonly tick: Tick; readonly timeOf: (atMs: number) => string }) {
  const words = tick.events.map((event) => `${timeOf(event.atMs)} ${event.text}`).join('\n')
  return (
    <li className={styles.tick} data-kind={tick.kind} style={{ left: `${tick.at * 100}%` }} title={words}>
      <span className="visually-hidden">{words}</span>
      {tick.label !== null && (
        <span aria-hidden="true" className={styles.label}>
          {tick.label}
        </span>
      )}
    </li>
  )
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return width
}
