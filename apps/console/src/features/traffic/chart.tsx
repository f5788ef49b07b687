import { type PointerEvent, useId, useRef } from 'react'
import { niceScale, roundWords } from '../../model/nice-scale.ts'
import { type Phase, runsOf, type Sample, stepWords, withoutOverlap } from '../../model/traffic-series.ts'
import { useWidth } from '../../ui/use-width.ts'
import styles from './chart.module.css'

export type ChartSeries = {
  readonly samples: readonly Sample[]
  /** Lines over one another, or bars on top of one another. */
  readonly form: 'lines' | 'stack'
  /** Class of each value, by its index: see chart.module.css. */
  readonly looks: readonly string[]
  /** Top of the scale at least so high, so that noise near zero does not look like a mountain. */
  readonly least: number
  readonly formatValue: (value: number) => string
}

type Props = {
  readonly series: ChartSeries
  readonly fromMs: number
  readonly toMs: number
  readonly height: number
  readonly phases: readonly Phase[]
  /** Spans in which a node had writes paused. */
  readonly pauses: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly cursorMs: number | null
  readonly onCursor: (atMs: number | null) => void
  readonly large: boolean
}

const PAD_TOP = 5
/** Room for the marks of the value axis. */
const GUTTER = 32
/** A longer interval is drawn as a level: one reading says nothing about the way to the next. */
const LEVEL_MS = 3_000

/** One small chart with its own axis. The numbers stand in words above it: the drawing is for the eye only. */
export function Chart(props: Props) {
  const { series, fromMs, toMs, height, cursorMs } = props
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const visible = withoutOverlap(series.samples).filter(({ atMs, intervalMs }) => atMs >= fromMs && atMs - intervalMs <= toMs)
  const peak = visible.reduce(
    (most, { values }) => Math.max(most, series.form === 'stack' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values)),
    0
  )
  const scale = niceScale(Math.max(peak, series.least), props.large ? 4 : 1)
  const plot = Math.max(1, width - GUTTER)
  const xOf = (atMs: number) => GUTTER + ((atMs - fromMs) / (toMs - fromMs)) * plot
  const id = useId()
  const yOf = (value: number) => PAD_TOP + (1 - value / scale.max) * (height - PAD_TOP - 1)
  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = Math.max(0, Math.min(1, (event.clientX - box.left - GUTTER) / plot))
    props.onCursor(fromMs + share * (toMs - fromMs))
  }
  return (
    <div
      ref={frame}
      className={styles.frame}
      style={{ height }}
      onPointerMove={onPointer}
      onPointerDown={onPointer}
      onPointerLeave={() => props.onCursor(null)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true" className={styles.chart}>
          {scale.ticks.map((tick) => (
            <line key={tick} x1={GUTTER} x2={width} y1={yOf(tick)} y2={yOf(tick)} className={tick === 0 ? styles.base : styles.grid} />
          ))}
          {props.phases.map((phase) => {
            const from = Math.max(GUTTER, xOf(phase.fromMs))
            const length = Math.max(1.5, Math.min(width, xOf(phase.toMs)) - from)
            const words = phase.step === null ? phase.title : `${phase.title} ${stepWords[phase.step]}`
            return (
              <g key={`${phase.job} ${phase.step}`} className={styles.phase} data-step={phase.step ?? 'unseen'}>
                <rect x={from} y={0} width={length} height={height} />
                <rect x={from} y={0} width={length} height={3} className={styles.phaseEdge} />
                {props.large && length > words.length * 6 + 8 && (
                  <text x={from + 4} y={15}>
                    {words}
                  </text>
                )}
              </g>
            )
          })}
          {props.pauses.map(({ fromMs: start, toMs: end }) => (
            <rect
              key={start}
              x={xOf(start)}
              y={height - 4}
              width={Math.max(2, xOf(end) - xOf(start))}
              height={4}
              className={styles.pause}
            />
          ))}
          <clipPath id={id}>
            <rect x={GUTTER} y={0} width={plot} height={height} />
          </clipPath>
          <g clipPath={`url(#${id})`}>
            {series.form === 'stack' ? (
              <Stack series={series} samples={visible} xOf={xOf} yOf={yOf} />
            ) : (
              <Lines series={series} samples={visible} xOf={xOf} yOf={yOf} />
            )}
          </g>
          {cursorMs !== null && <line x1={xOf(cursorMs)} x2={xOf(cursorMs)} y1={0} y2={height} className={styles.cursor} />}
        </svg>
      )}
      {scale.ticks
        .filter((tick) => tick > 0)
        .map((tick) => (
          <span key={tick} aria-hidden="true" className={styles.mark} style={{ top: yOf(tick) }}>
            {roundWords(series.formatValue(tick))}
          </span>
        ))}
    </div>
  )
}

type Drawing = {
  readonly series: ChartSeries
  readonly samples: readonly Sample[]
  readonly xOf: (atMs: number) => number
  readonly yOf: (value: number) => number
}

function Lines({ series, samples, xOf, yOf }: Drawing) {
  const runs = runsOf(samples)
  return series.looks.map((look, index) => (
    <g key={look} className={styles[look]}>
      {runs.map((run) => {
        const first = run[0]!
        const at = ({ atMs, intervalMs, values }: Sample) => {
          const y = yOf(values[index] ?? 0).toFixed(1)
          const end = `${xOf(atMs).toFixed(1)} ${y}`
          return intervalMs > LEVEL_MS || run.length === 1 ? `${xOf(atMs - intervalMs).toFixed(1)} ${y}L${end}` : end
        }
        return <path key={first.atMs} d={`M${run.map(at).join('L')}`} />
      })}
    </g>
  ))
}

function Stack({ series, samples, xOf, yOf }: Drawing) {
  return samples.map((sample) => {
    const left = xOf(sample.atMs - sample.intervalMs)
    const length = Math.max(1.5, xOf(sample.atMs) - left - 0.5)
    let below = 0
    return (
      <g key={sample.atMs}>
        {series.looks.map((look, index) => {
          const value = sample.values[index] ?? 0
          if (value <= 0) return null
          const bottom = yOf(below)
          below += value
          // Even a single error must be seen.
          const top = Math.min(yOf(below), bottom - 1.5)
          return <rect key={look} x={left} y={top} width={length} height={bottom - top} className={styles[look]} />
        })}
      </g>
    )
  })
}
