import { Pencil, X } from 'lucide-react'
import { type CSSProperties, type FormEvent, memo, type PointerEvent, useState } from 'react'
import { formatInstant, readDeadline } from '../../model/deadline-text.ts'
import { type AxisTick, type ExpiryAxis, nearnessOf, positionOf } from '../../model/expiry-axis.ts'
import { formatBytes, formatDuration } from '../../model/format.ts'
import type { FieldLine } from '../../model/hash-timeline.ts'
import type { Deadline, StagedEdit } from '../../model/staged-expiry.ts'
import { useCluster } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './timeline.module.css'

/** Pixels of a track, and the axis on it. */
export type TrackShape = { readonly axis: ExpiryAxis; readonly past: number; readonly future: number; readonly never: number }

/** What a row asks of its list. The same object for the life of the list, so that a row is drawn again only when it changed. */
export type RowActions = {
  readonly grab: (event: PointerEvent<HTMLElement>, line: FieldLine, shown: Deadline) => void
  readonly move: (event: PointerEvent<HTMLElement>) => void
  readonly drop: () => void
  readonly lose: () => void
  readonly focus: (line: FieldLine) => void
  readonly type: (line: FieldLine, open: boolean) => void
  readonly typed: (line: FieldLine, toMs: Deadline) => void
  readonly discard: (line: FieldLine) => void
}

type Props = {
  readonly line: FieldLine
  readonly start: number
  readonly nowMs: number
  readonly shape: TrackShape
  readonly ticks: readonly AxisTick[]
  /** The deadline that is drawn: the hand's, the staged one, else the cluster's. */
  readonly toMs: Deadline
  readonly status: StagedEdit['status']['kind'] | 'dragging' | 'none'
  readonly inTabOrder: boolean
  readonly typing: boolean
  readonly actions: RowActions
}

/** One field: its name, its bar from now to its deadline, and what is left in words. */
export const TimelineRow = memo(function TimelineRow(props: Props) {
  const { line, nowMs, shape, toMs, status, actions } = props
  // Deadlines are reached by the cluster's clock, so times of day are told by it as well.
  const local = (atMs: number) => formatInstant(atMs, nowMs)
  const left = toMs === null ? null : toMs - nowMs
  const waiting = line.awaitingReclaim || (status === 'none' && left !== null && left <= 0)
  const changed = status !== 'none'
  const near = left === null ? null : nearnessOf(left)
  const length = left === null ? 0 : positionOf(shape.axis, left) * shape.future
  const oldLeft = line.deadlineMs === null ? null : line.deadlineMs - nowMs
  const handleAt = toMs === null ? shape.past + shape.future + shape.never * 0.7 : shape.past + length
  const words = waiting
    ? agoWords(-(left ?? 0))
    : left === null
      ? 'no expiry'
      : formatDuration(left < 10_000 ? left : Math.round(left / 1_000) * 1_000)
  return (
    <li
      className={styles.row}
      data-status={status}
      style={{ transform: `translateY(${props.start}px)`, '--time': `var(--time-${near?.ramp ?? 4})` } as CSSProperties}
    >
      <code className={styles.name} title={`${line.name} · ${formatBytes(line.valueBytes)}`}>
        {line.name === '' ? <i>(empty)</i> : line.name}
      </code>
      <div className={styles.track} data-track>
        {props.ticks.map(({ ms, at }) => (
          <span key={ms} className={styles.gridline} style={{ left: shape.past + at * shape.future }} />
        ))}
        <span className={styles.now} style={{ left: shape.past }} />
        {waiting ? (
          <span
            className={styles.reclaim}
            style={{ left: shape.past - reclaimPx(-(left ?? 0), shape.past), width: reclaimPx(-(left ?? 0), shape.past) }}
          />
        ) : toMs === null ? (
          <span className={styles.never} style={{ left: shape.past, width: handleAt - shape.past }} />
        ) : (
          <span className={styles.bar} style={{ left: shape.past, width: Math.max(2, length) }} />
        )}
        {changed && oldLeft !== null && oldLeft > 0 && (
          <span className={styles.old} style={{ left: shape.past + positionOf(shape.axis, oldLeft) * shape.future }} />
        )}
        {!waiting && (
          <span
            role="slider"
            tabIndex={props.inTabOrder ? 0 : -1}
            data-slider={line.id}
            aria-label={`Deadline of ${line.name}`}
            aria-orientation="horizontal"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={toMs === null ? 100 : Math.round(positionOf(shape.axis, left ?? 0) * 100)}
            aria-valuetext={toMs === null ? 'no expiry' : `in ${words}, at ${local(toMs)}${changed ? `, ${statusWords[status]}` : ''}`}
            className={styles.handle}
            style={{ left: handleAt }}
            onPointerDown={(event) => actions.grab(event, line, toMs)}
            onPointerMove={actions.move}
            onPointerUp={actions.drop}
            onPointerCancel={actions.lose}
            onFocus={() => actions.focus(line)}
          />
        )}
        {status === 'dragging' && (
          <span className={styles.tip} style={{ left: handleAt }} data-side={handleAt > shape.past + shape.future * 0.6 ? 'left' : 'right'}>
            {toMs === null ? 'no expiry' : `${local(toMs)} · in ${words}`}
          </span>
        )}
        {props.typing && (
          <Typed
            line={line}
            nowMs={nowMs}
            toMs={toMs}
            onTyped={(typed) => actions.typed(line, typed)}
            onClose={() => actions.type(line, false)}
          />
        )}
      </div>
      <div className={styles.end}>
        {waiting ? (
          <span className={styles.pill}>awaiting reclaim</span>
        ) : changed && status !== 'dragging' ? (
          <span className={styles.pill} data-status={status}>
            {statusWords[status]}
            {(status === 'staged' || status === 'refused') && (
              <button type="button" tabIndex={-1} aria-label={`Discard the change of ${line.name}`} onClick={() => actions.discard(line)}>
                <X aria-hidden />
              </button>
            )}
          </span>
        ) : near ? (
          <span className={styles.pill}>{near.words}</span>
        ) : (
          <span className={styles.pill}>persists</span>
        )}
        <span
          className={styles.left}
          title={toMs === null ? undefined : local(toMs)}
          data-soon={(near?.ramp === 0 && !waiting) || undefined}
        >
          {words}
        </span>
        {waiting ? (
          <span className={styles.edit} />
        ) : (
          <button
            type="button"
            tabIndex={-1}
            className={styles.edit}
            aria-label={`Type a deadline for ${line.name}`}
            title="Type a deadline (E)"
            onClick={() => actions.type(line, !props.typing)}
          >
            <Pencil aria-hidden />
          </button>
        )}
      </div>
    </li>
  )
})

const statusWords: Readonly<Record<Props['status'], string>> = {
  none: '',
  dragging: 'not dropped yet',
  staged: 'staged',
  sending: 'sending',
  sent: 'sent',
  conflict: 'changed meanwhile',
  refused: 'refused'
}

/** A deadline in words, in place. Enter stages it, Esc leaves it. */
function Typed(props: {
  readonly line: FieldLine
  readonly nowMs: number
  readonly toMs: Deadline
  readonly onTyped: (toMs: Deadline) => void
  readonly onClose: () => void
}) {
  const { store } = useCluster()
  const [text, setText] = useState(
    props.toMs === null ? '' : formatInstant(store.clock.toLocal(props.toMs), store.clock.toLocal(props.nowMs))
  )
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readDeadline(text, store.clock.now())
    if ('problem' in read) setProblem(read.problem)
    else props.onTyped(read.deadlineMs)
  }
  return (
    <form
      className={styles.typed}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        props.onClose()
      }}
    >
      <TextField
        label={`Deadline of ${props.line.name}`}
        bare
        autoFocus
        placeholder="10 min, 14:05, 2026-11-25 10:00, never"
        value={text}
        problem={problem}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setText(event.target.value)
          setProblem(null)
        }}
      />
      <Button type="submit" size="small">
        Stage
      </Button>
      <Button size="small" look="quiet" onClick={props.onClose}>
        Cancel
      </Button>
    </form>
  )
}

function agoWords(ms: number): string {
  return `${ms < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s ago`
}

/** What lies behind is short: it grows with the logarithm of the time since, to the edge of the track. */
function reclaimPx(ms: number, room: number): number {
  return Math.min(room - 2, 10 + (room - 12) * Math.min(1, Math.log1p(Math.max(0, ms) / 1_000) / Math.log1p(60)))
}
