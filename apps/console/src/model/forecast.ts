import type { ExpiryForecast } from '@slotscope/observer/stream'
import { databaseWords } from './database-words.ts'

/** Databases that are drawn apart; the rest is one series. */
export const MOST_SERIES = 5

/** Tints of the series, so that neighbours differ most and the largest is not the loudest: indexes of `--tint-…`. */
export const seriesTints: readonly number[] = [2, 0, 4, 1, 3]

/** One series of the stack. `databases` has one number, or all those that were joined. */
export type ForecastSeries = { readonly id: string; readonly label: string; readonly databases: readonly number[] }

export type ForecastRow = {
  /** `30 s – 1 min`. */
  readonly span: string
  /** The near end, as the axis shows it: `30 s`; the first is `now`. */
  readonly from: string
  readonly seconds: number
  /** Fields per second, by series id. */
  readonly fields: Readonly<Record<string, number>>
  readonly total: number
  /** Half width of the 95 % band, fields per second. */
  readonly band: number
  readonly keys: number
}

export type ForecastView = {
  readonly series: readonly ForecastSeries[]
  readonly rows: readonly ForecastRow[]
  /** Estimated fields that expire within the forecast, and keys. */
  readonly fields: number
  readonly keys: number
}

/** Lays out a forecast for drawing: the busiest databases apart, buckets with words, rates as they are (never raw counts). `names`: what people call databases. */
export function viewForecast(forecast: ExpiryForecast, names?: Readonly<Record<string, string>>): ForecastView {
  const seconds = forecast.edgesMs.slice(1).map((edge, index) => (edge - forecast.edgesMs[index]!) / 1_000)
  const sizeOf = (rates: readonly number[]) => rates.reduce((sum, rate, index) => sum + rate * (seconds[index] ?? 0), 0)
  const databases = Object.entries(forecast.fieldsPerSecond)
    .map(([database, rates]) => ({ database: Number(database), rates, size: sizeOf(rates) }))
    .filter(({ size }) => size > 0)
  const largest = [...databases].sort((a, b) => b.size - a.size)
  const apart = databases.length > MOST_SERIES ? largest.slice(0, MOST_SERIES - 1) : largest
  const joined = largest.slice(apart.length)
  const series: ForecastSeries[] = apart
    .map(({ database }) => ({ id: `db${database}`, label: databaseWords(database, names), databases: [database] }))
    .sort((a, b) => a.databases[0]! - b.databases[0]!)
  if (joined.length > 0)
    series.push({ id: 'others', label: `${joined.length} more`, databases: joined.map(({ database }) => database).sort((a, b) => a - b) })
  const rows = seconds.map((length, index): ForecastRow => {
    const fields = Object.fromEntries(
      series.map(({ id, databases: members }) => [
        id,
        members.reduce((sum, database) => sum + (forecast.fieldsPerSecond[String(database)]?.[index] ?? 0), 0)
      ])
    )
    const from = index === 0 ? 'now' : durationWords(forecast.edgesMs[index]!)
    return {
      span: `${from} – ${durationWords(forecast.edgesMs[index + 1]!)}`,
      from,
      seconds: length,
      fields,
      total: Object.values(fields).reduce((sum, rate) => sum + rate, 0),
      band: forecast.bandPerSecond[index] ?? 0,
      keys: forecast.keysPerSecond[index] ?? 0
    }
  })
  return {
    series,
    rows,
    fields: rows.reduce((sum, row) => sum + row.total * row.seconds, 0),
    keys: rows.reduce((sum, row) => sum + row.keys * row.seconds, 0)
  }
}

/** `1 s`, `30 min`, `7 d`: an edge of the forecast. */
export function durationWords(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${seconds / 60} min`
  if (seconds < 86_400) return `${seconds / 3_600} h`
  return `${seconds / 86_400} d`
}

/** A rate with as many figures as it deserves: `0.0042`, `3.8`, `412`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0'
  if (perSecond < 0.001) return '< 0.001'
  if (perSecond < 10) return String(Number(perSecond.toPrecision(2)))
  return Math.round(perSecond).toLocaleString('en-US')
}
