import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { type ForecastRow, type ForecastView, formatRate, seriesTints } from '../../model/forecast.ts'
import { formatCompact } from '../../model/format.ts'
import { niceScale } from '../../model/nice-scale.ts'
import styles from './forecast-panel.module.css'
import type { ForecastScale } from './forecast-panel.tsx'

const axis = { fontSize: 10.5, fill: 'var(--faint)' }

/**
 * Rates over log time. On the linear scale databases are stacked and keys stand beside; a stack on a logarithmic scale would lie about
 * the shares, so there each is a line of its own. Loaded with Recharts, only when this room is opened.
 */
export default function ForecastChart({ view, scale }: { readonly view: ForecastView; readonly scale: ForecastScale }) {
  const log = scale === 'log'
  const positive = view.rows.flatMap(({ fields, keys }) => [...Object.values(fields), keys]).filter((rate) => rate > 0)
  const floor = positive.length === 0 ? 0.001 : 10 ** Math.floor(Math.log10(Math.min(...positive)))
  const top = positive.length === 0 ? 1 : 10 ** Math.ceil(Math.log10(Math.max(...positive)) + 0.05)
  const ceiling = niceScale(Math.max(...view.rows.map(({ total, band, keys }) => Math.max(total + band, keys))), 4).max
  const rateOf = (id: string) => (row: ForecastRow) => (log && !row.fields[id] ? null : (row.fields[id] ?? 0))
  const keysOf = (row: ForecastRow) => (log && row.keys === 0 ? null : row.keys)
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart
        data={[...view.rows]}
        margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        barCategoryGap="14%"
        barGap={1}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" strokeDasharray="2 3" />
        <XAxis
          dataKey="from"
          interval={0}
          tick={<EdgeTick rows={view.rows.length} />}
          tickLine={false}
          axisLine={{ stroke: 'var(--edge)' }}
          height={18}
        />
        <YAxis
          width={50}
          tick={axis}
          tickLine={false}
          axisLine={false}
          tickFormatter={formatRate}
          scale={log ? 'log' : 'auto'}
          domain={log ? [floor, top] : [0, ceiling]}
          {...(log ? { ticks: powers(floor, top) } : {})}
          allowDataOverflow={log}
          label={{ value: 'per second', angle: -90, position: 'insideLeft', offset: 8, style: { ...axis, textAnchor: 'middle' } }}
        />
        <Tooltip
          content={<Tip view={view} />}
          cursor={{ fill: 'var(--ink)', fillOpacity: 0.06, stroke: 'none' }}
          isAnimationActive={false}
        />
        {view.series.map(({ id }, index) =>
          log ? (
            <Line
              key={id}
              type="step"
              dataKey={rateOf(id)}
              stroke={`var(--tint-${seriesTints[index]})`}
              strokeWidth={1.75}
              dot={{ r: 1.5, fill: `var(--tint-${seriesTints[index]})`, strokeWidth: 0 }}
              isAnimationActive={false}
            />
          ) : (
            <Bar
              key={id}
              stackId="fields"
              dataKey={rateOf(id)}
              isAnimationActive={false}
              shape={<Part view={view} id={id} index={index} />}
            />
          )
        )}
        {log && <Bar dataKey={() => null} isAnimationActive={false} />}
        {log ? (
          <Line
            type="step"
            dataKey={keysOf}
            stroke="var(--ink)"
            strokeWidth={1.25}
            strokeDasharray="3 3"
            dot={false}
            isAnimationActive={false}
          />
        ) : (
          <Bar dataKey={keysOf} fill="var(--panel)" stroke="var(--ink)" strokeWidth={1} isAnimationActive={false} />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  )
}

function powers(from: number, to: number): number[] {
  const count = Math.round(Math.log10(to / from)) + 1
  return Array.from({ length: count }, (_, index) => Number((from * 10 ** index).toPrecision(6)))
}

type PartProps = {
  readonly view: ForecastView
  readonly id: string
  readonly index: number
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly payload?: ForecastRow
}

/** One database's part of a stack; the uppermost part carries the error band, which does not reach below nothing. */
function Part({ view, id, index, x = 0, y = 0, width = 0, height = 0, payload }: PartProps) {
  const rate = payload?.fields[id] ?? 0
  if (!payload || rate <= 0) return null
  const isTop = view.series.findLast((each) => (payload.fields[each.id] ?? 0) > 0)?.id === id
  const perUnit = height / rate
  const middle = x + width / 2
  const [high, low] = [y - payload.band * perUnit, y + Math.min(payload.band, payload.total) * perUnit]
  return (
    <g>
      <rect x={x} y={y} width={width} height={height} fill={`var(--tint-${seriesTints[index]})`} stroke="var(--panel)" strokeWidth={0.5} />
      {isTop && payload.band > 0 && (
        <g fill="none">
          {/* It sets the band off the bar, and must leave something of a narrow one. */}
          <path d={`M${middle} ${high}V${low}`} stroke="var(--panel)" strokeWidth={Math.min(4, width * 0.4)} />
          <path d={`M${middle - 3} ${high}h6M${middle} ${high}V${low}M${middle - 3} ${low}h6`} stroke="var(--ink)" strokeWidth={1.25} />
        </g>
      )}
    </g>
  )
}

type EdgeTickProps = {
  readonly rows: number
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly index?: number
  readonly payload?: { readonly value: string }
}

/** A bucket begins at its mark: the mark stands at the left edge of the bars, every other one where there is little room. */
function EdgeTick({ rows, x = 0, y = 0, width = 0, index = 0, payload }: EdgeTickProps) {
  const band = width / rows
  if (band < 38 && index % Math.ceil(38 / Math.max(1, band)) !== 0) return null
  return (
    <text x={x - band / 2} y={y + 4} textAnchor="middle" style={axis}>
      {payload?.value}
    </text>
  )
}

type TipProps = { readonly view: ForecastView; readonly active?: boolean; readonly payload?: readonly { readonly payload?: unknown }[] }

function Tip({ view, active, payload }: TipProps) {
  const row = payload?.[0]?.payload as ForecastRow | undefined
  if (!active || !row) return null
  return (
    <div className={styles.tip}>
      <b>{row.span}</b>
      <dl>
        {view.series.map(({ id, label }) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>{label} fields</dt>
            <dd>{formatRate(row.fields[id] ?? 0)} /s</dd>
          </div>
        ))}
        <dt>all fields</dt>
        <dd>
          {formatRate(row.total)} ± {formatRate(row.band)} /s
        </dd>
        <dt>about</dt>
        <dd>{formatCompact(row.total * row.seconds)} fields</dd>
        <dt>keys</dt>
        <dd>
          {formatRate(row.keys)} /s, about {formatCompact(row.keys * row.seconds)}
        </dd>
      </dl>
    </div>
  )
}
