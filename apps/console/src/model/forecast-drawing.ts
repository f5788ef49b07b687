import { type ForecastRow, type ForecastView, formatRate } from './forecast.ts'
import { niceScale } from './nice-scale.ts'

export type ForecastScale = 'linear' | 'log'

/** A drawing of the forecast in CSS pixels: few paths, whatever the number of buckets and databases, so that each second's redraw is cheap. */
export type ForecastDrawing = {
  /** Where a bucket begins, and how wide each is. */
  readonly left: number
  readonly step: number
  /** The plot between its upper edge and the axis. */
  readonly top: number
  readonly bottom: number
  /** Path of each series of the view: bars to fill, or on the logarithmic scale lines. */
  readonly series: readonly string[]
  readonly keys: string
  /** Error of all fields of a bucket, at the top of its stack. */
  readonly bands: string
  readonly marks: readonly { readonly y: number; readonly label: string }[]
  /** Edges of buckets that have room for their words. */
  readonly edges: readonly { readonly x: number; readonly label: string }[]
}

/** Room for the marks of the value axis, above the plot, and for the words below. */
const LEFT = 50
const TOP = 8
const RIGHT = 8
const FOOT = 20
/** Of a bucket, what is left free beside its bars. */
const FREE = 0.14
/** Narrowest bucket whose words do not meet those of the next. */
const WORDS_PX = 38

/**
 * On the linear scale databases are stacked and keys stand beside; a stack on a logarithmic scale would lie about the shares, so there each is
 * a line of its own, level over its bucket.
 */
export function drawForecast(view: ForecastView, scale: ForecastScale, width: number, height: number): ForecastDrawing {
  const { rows } = view
  const step = Math.max(1, (width - LEFT - RIGHT) / Math.max(1, rows.length))
  const bottom = Math.max(TOP + 1, height - FOOT)
  const axis = scale === 'log' ? logAxis(rows, bottom) : linearAxis(rows, bottom)
  const every = Math.max(1, Math.ceil(WORDS_PX / step))
  return {
    left: LEFT,
    step,
    top: TOP,
    bottom,
    ...(scale === 'log' ? lines(view, step, axis.yOf) : bars(view, step, bottom, axis.yOf)),
    marks: axis.ticks.map((rate) => ({ y: axis.yOf(rate), label: formatRate(rate) })),
    edges: rows.flatMap(({ from }, index) => (index % every === 0 ? [{ x: LEFT + index * step, label: from }] : []))
  }
}

/** The bucket at this place; null beside the plot. */
export function bucketAt({ left, step }: ForecastDrawing, x: number, count: number): number | null {
  const index = Math.floor((x - left) / step)
  return index >= 0 && index < count ? index : null
}

type Axis = { readonly yOf: (rate: number) => number; readonly ticks: readonly number[] }

function linearAxis(rows: readonly ForecastRow[], bottom: number): Axis {
  const { max, ticks } = niceScale(Math.max(0, ...rows.map(({ total, band, keys }) => Math.max(total + band, keys))), 4)
  return { yOf: (rate) => round(bottom - (rate / max) * (bottom - TOP)), ticks }
}

function logAxis(rows: readonly ForecastRow[], bottom: number): Axis {
  const positive = rows.flatMap(({ fields, keys }) => [...Object.values(fields), keys]).filter((rate) => rate > 0)
  const [floor, top] =
    positive.length === 0 ? [-3, 0] : [Math.floor(Math.log10(Math.min(...positive))), Math.ceil(Math.log10(Math.max(...positive)) + 0.05)]
  return {
    yOf: (rate) => round(bottom - ((Math.log10(rate) - floor) / (top - floor)) * (bottom - TOP)),
    ticks: Array.from({ length: top - floor + 1 }, (_, index) => Number((10 ** (floor + index)).toPrecision(6)))
  }
}

function bars({ rows, series }: ForecastView, step: number, bottom: number, yOf: (rate: number) => number) {
  const bar = Math.max(1, (step * (1 - FREE) - 1) / 2)
  const parts = series.map(() => '')
  let keys = ''
  let bands = ''
  for (const [index, row] of rows.entries()) {
    const x = round(LEFT + index * step + (step * FREE) / 2)
    let below = 0
    for (const [at, { id }] of series.entries()) {
      const rate = row.fields[id] ?? 0
      if (rate <= 0) continue
      parts[at] += box(x, yOf(below + rate), bar, yOf(below))
      below += rate
    }
    if (row.keys > 0) keys += box(round(x + bar + 1), yOf(row.keys), bar, bottom)
    if (row.band > 0 && row.total > 0) {
      const middle = round(x + bar / 2)
      // It does not reach below nothing.
      const [high, low] = [yOf(row.total + row.band), yOf(Math.max(0, row.total - row.band))]
      bands += `M${middle - 3} ${high}h6M${middle} ${high}V${low}M${middle - 3} ${low}h6`
    }
  }
  return { series: parts, keys, bands }
}

function lines({ rows, series }: ForecastView, step: number, yOf: (rate: number) => number) {
  const line = (rateOf: (row: ForecastRow) => number) => {
    let path = ''
    let joined = false
    for (const [index, row] of rows.entries()) {
      const rate = rateOf(row)
      if (rate > 0) path += `${joined ? 'L' : 'M'}${round(LEFT + index * step)} ${yOf(rate)}h${round(step)}`
      joined = rate > 0
    }
    return path
  }
  return { series: series.map(({ id }) => line(({ fields }) => fields[id] ?? 0)), keys: line(({ keys }) => keys), bands: '' }
}

function box(x: number, top: number, width: number, bottom: number): string {
  return `M${x} ${top}h${round(width)}V${bottom}h${round(-width)}z`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
