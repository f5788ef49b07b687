import type { RecordedEvent } from '@slotscope/observer/stream'
import { Download, History, Radio } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { formatTimeOfDay } from '../model/format.ts'
import { axisLabels, instantAt, placeOf, type RecordedStretch, recordedPlaces, type TimeAxis } from '../model/time-axis.ts'
import { layOutTicks, type Tick } from '../model/timeline.ts'
import { useWidth } from '../ui/use-width.ts'
import { TimeControls, type TimeDrive } from './time-controls.tsx'
import styles from './timeline-bar.module.css'

const LABEL_PX = 86

/** The past on a line: what was recorded and what was not, what happened, and the instant that is shown, which can be dragged. */
export function TimelineBar(props: {
  readonly title: string
  readonly axis: TimeAxis
  readonly recorded: RecordedStretch | null
  readonly events: readonly RecordedEvent[]
  /** The instant that is shown; null: now, at the right edge. */
  readonly atMs: number | null
  /** `STOPPED` where the stream is lost. */
  readonly word: 'LIVE' | 'STOPPED' | 'VIEWING' | 'RECORDING'
  /** Beside the time, while something past is shown. */
  readonly note: string | null
  /** The same controls in the past and now: nothing moves under a hand that drags. Null: there is no past to go to. */
  readonly drive: TimeDrive | null
  /** Something past is shown. */
  readonly isPast: boolean
  readonly toLocal: (atMs: number) => number
  /** Null: nobody can look back here, and why. */
  readonly onSeek: ((atMs: number) => void) | null
  readonly whyNot: string | null
  /** Null: there is nothing to be saved. */
  readonly saveHref: string | null
  readonly spans: React.ReactNode
}) {
  const { axis, recorded, atMs, onSeek, toLocal } = props
  const track = useRef<HTMLDivElement>(null)
  const width = useWidth(track)
  const ticks = layOutTicks(props.events, { nowMs: axis.toMs, spanMs: axis.toMs - axis.fromMs, width })
  const timeOf = (instant: number) => formatTimeOfDay(toLocal(instant))
  const labels = axisLabels(axis, Math.min(0.5, LABEL_PX / Math.max(1, width)), -new Date(toLocal(axis.toMs)).getTimezoneOffset() * 60_000)
  const shownMs = atMs ?? axis.toMs

  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    onSeek?.(instantAt(axis, (event.clientX - box.left) / Math.max(1, box.width)))
  }
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (!onSeek || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    seekTo(event)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 60_000 : 5_000
    const moves: Record<string, number | undefined> = {
      ArrowLeft: shownMs - step,
      ArrowDown: shownMs - step,
      ArrowRight: shownMs + step,
      ArrowUp: shownMs + step,
      PageDown: shownMs - 60_000,
      PageUp: shownMs + 60_000,
      Home: recorded?.fromMs
    }
    const next = moves[event.key]
    if (event.key === 'Escape' || event.key === 'End') props.drive?.toLive?.()
    else if (next !== undefined) onSeek?.(next)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <section className={styles.bar} aria-label={props.title} data-past={props.isPast || undefined}>
      <div className={styles.head}>
        <span className={styles.live} data-on={props.word === 'LIVE' || undefined}>
          {props.isPast ? <History aria-hidden /> : <Radio aria-hidden />}
          {props.word}
          {props.isPast && <time className={styles.instant}>{timeOf(shownMs)}</time>}
        </span>
        {props.isPast ? <span className={styles.note}>{props.note}</span> : <time className={styles.clock}>{timeOf(shownMs)}</time>}
      </div>
      <div
        ref={track}
        className={styles.track}
        data-open={onSeek ? '' : undefined}
        title={props.whyNot ?? undefined}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
      >
        {recorded &&
          recordedPlaces(axis, recorded).map(({ from, to }) => (
            <span key={from} className={styles.recorded} style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
          ))}
        {labels.map((label) => (
          <span key={label} className={styles.minute} style={{ left: `${placeOf(axis, label) * 100}%` }}>
            {timeOf(label).slice(0, 5)}
          </span>
        ))}
        <ol className={styles.ticks} aria-label="Events, oldest first">
          {ticks.map((tick) => (
            <TickMark key={`${tick.events[0]!.atMs} ${tick.events[0]!.text}`} tick={tick} timeOf={timeOf} />
          ))}
        </ol>
        {onSeek ? (
          <div
            className={styles.thumb}
            style={{ left: `${Math.min(1, Math.max(0, placeOf(axis, shownMs))) * 100}%` }}
            data-instant=""
            role="slider"
            tabIndex={0}
            aria-label="Instant that is shown"
            aria-valuemin={Math.round((recorded?.fromMs ?? axis.fromMs) / 1_000)}
            aria-valuemax={Math.round(axis.toMs / 1_000)}
            aria-valuenow={Math.round(shownMs / 1_000)}
            aria-valuetext={atMs === null ? 'now' : timeOf(shownMs)}
            onKeyDown={onKeyDown}
          />
        ) : (
          <span className={styles.now} />
        )}
      </div>
      <div className={styles.tools}>
        {props.drive && <TimeControls drive={props.drive} />}
        {props.spans}
        {props.saveHref !== null && (
          <a className={styles.save} href={props.saveHref} download title="Save what the bar shows as a file, for slotscope play">
            <Download aria-hidden />
            <span className="visually-hidden">Save what the bar shows as a file</span>
          </a>
        )}
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
