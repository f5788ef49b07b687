import { Bar, CartesianGrid, ComposedChart, ErrorBar, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { type ForecastRow, type ForecastView, formatRate } from '../../model/forecast.ts'
import { formatCompact } from '../../model/format.ts'
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
          interval="preserveStart"
          minTickGap={10}
          tick={axis}
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
          domain={log ? [floor, 'auto'] : [0, 'auto']}
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
              stroke={`var(--tint-${index})`}
              strokeWidth={1.75}
              dot={{ r: 1.5, fill: `var(--tint-${index})`, strokeWidth: 0 }}
              isAnimationActive={false}
            />
          ) : (
            <Bar
              key={id}
              stackId="fields"
              dataKey={rateOf(id)}
              fill={`var(--tint-${index})`}
              stroke="var(--panel)"
              strokeWidth={0.5}
              isAnimationActive={false}
            >
              {index === view.series.length - 1 && <ErrorBar dataKey="band" width={4} strokeWidth={1.25} stroke="var(--edge)" />}
            </Bar>
          )
        )}
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
