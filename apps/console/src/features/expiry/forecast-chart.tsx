import { memo, type PointerEvent, useMemo, useRef, useState } from 'react'
import { type ForecastView, formatRate, seriesTints } from '../../model/forecast.ts'
import { bucketAt, drawForecast, type ForecastScale } from '../../model/forecast-drawing.ts'
import { formatCompact } from '../../model/format.ts'
import { useSize } from '../../ui/use-size.ts'
import styles from './forecast-chart.module.css'

/** Rates over log time. The numbers stand in a table beside it: the drawing is for the eye only. */
export const ForecastChart = memo(function ForecastChart({ view, scale }: { readonly view: ForecastView; readonly scale: ForecastScale }) {
  const frame = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(frame)
  const [pointed, setPointed] = useState<number | null>(null)
  const drawing = useMemo(() => drawForecast(view, scale, width, height), [view, scale, width, height])
  const { left, step, top, bottom } = drawing
  const isLog = scale === 'log'
  const onPointer = (event: PointerEvent) =>
    setPointed(bucketAt(drawing, event.clientX - event.currentTarget.getBoundingClientRect().left, view.rows.length))
  const row = pointed === null ? undefined : view.rows[pointed]
  return (
    <div ref={frame} className={styles.frame} onPointerMove={onPointer} onPointerDown={onPointer} onPointerLeave={() => setPointed(null)}>
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true" className={styles.chart}>
          {drawing.marks.map(({ y, label }) => (
            <g key={label}>
              <line x1={left} x2={left + step * view.rows.length} y1={y} y2={y} className={styles.grid} />
              <text x={left - 6} y={y + 3.5} textAnchor="end">
                {label}
              </text>
            </g>
          ))}
          <text transform={`translate(11 ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
            per second
          </text>
          {row && pointed !== null && (
            <rect x={left + pointed * step} y={top} width={step} height={bottom - top} className={styles.pointed} />
          )}
          <g className={isLog ? styles.lines : styles.bars}>
            {view.series.map(({ id }, index) => {
              const tint = `var(--tint-${seriesTints[index]})`
              return <path key={id} d={drawing.series[index]} style={isLog ? { stroke: tint } : { fill: tint }} />
            })}
            <path d={drawing.keys} className={styles.keys} />
          </g>
          {/* It sets the band off the bar, and must leave something of a narrow one. */}
          <path d={drawing.bands} className={styles.bandCase} strokeWidth={Math.min(3.5, step * 0.16)} />
          <path d={drawing.bands} className={styles.band} />
          <line x1={left} x2={left + step * view.rows.length} y1={bottom} y2={bottom} className={styles.base} />
          {drawing.edges.map(({ x, label }) => (
            <text key={label} x={x} y={bottom + 14} textAnchor="middle">
              {label}
            </text>
          ))}
        </svg>
      )}
      {row && pointed !== null && (
        <div
          className={styles.tip}
          style={pointed < view.rows.length / 2 ? { left: left + (pointed + 1) * step + 8 } : { right: width - left - pointed * step + 8 }}
        >
          <b>{row.span}</b>
          <dl>
            {view.series.map(({ id, label }) => (
              <div key={id}>
                <dt>{label} fields</dt>
                <dd>{formatRate(row.fields[id] ?? 0)} /s</dd>
              </div>
            ))}
            <div>
              <dt>all fields</dt>
              <dd>
                {formatRate(row.total)} ± {formatRate(row.band)} /s
              </dd>
            </div>
            <div>
              <dt>about</dt>
              <dd>{formatCompact(row.total * row.seconds)} fields</dd>
            </div>
            <div>
              <dt>keys</dt>
              <dd>
                {formatRate(row.keys)} /s, about {formatCompact(row.keys * row.seconds)}
              </dd>
            </div>
          </dl>
        </div>
      )}
    </div>
  )
})
