import type { ProbeTrafficPoint, ServerTrafficPoint } from '@slotscope/observer/stream'
import { formatRate } from '../../model/forecast.ts'
import { formatCompact } from '../../model/format.ts'
import {
  errorKinds,
  operationsOf,
  probeErrors,
  probeLatency,
  type Sample,
  sampleAt,
  serverErrors,
  serverLatency
} from '../../model/traffic-series.ts'
import type { ChartSeries } from './chart.tsx'

/** The three charts of a band. */
export type Band = {
  readonly operations: ChartSeries
  readonly latency: ChartSeries
  readonly errors: ChartSeries
}

const operations = (samples: readonly Sample[]): ChartSeries => ({
  samples,
  form: 'lines',
  looks: ['main'],
  least: 10,
  formatValue: (value) =>
    formatCompact(value)
      .replace(/\.0+(?= |$)/, '')
      .replace(' ', '\u00a0')
})

const errors = (samples: readonly Sample[]): ChartSeries => ({
  samples,
  form: 'stack',
  looks: ['moved', 'ask', 'tryagain', 'other'],
  least: 1,
  formatValue: formatRate
})

export function serverBand(points: readonly ServerTrafficPoint[]): Band {
  return {
    operations: operations(operationsOf(points)),
    latency: { samples: serverLatency(points), form: 'lines', looks: ['main'], least: 0.1, formatValue: formatMs },
    errors: errors(serverErrors(points))
  }
}

export function probeBand(points: readonly ProbeTrafficPoint[]): Band {
  return {
    operations: operations(operationsOf(points)),
    // The longest stands under the others, so that the line that matters most is on top.
    latency: {
      samples: probeLatency(points).map(reversed),
      form: 'lines',
      looks: ['most', 'main', 'beside'],
      least: 1,
      formatValue: formatMs
    },
    errors: errors(probeErrors(points))
  }
}

const reversed = (sample: Sample): Sample => ({ ...sample, values: [...sample.values].reverse() })

/** `0.21 ms` without the unit: three figures. */
export function formatMs(ms: number): string {
  return String(Number(ms.toPrecision(ms < 1 ? 2 : 3)))
}

/** What a chart shows at one time, in words. */
export type Readout = { readonly operations: string; readonly latency: string; readonly errors: readonly ErrorPart[] }
export type ErrorPart = { readonly look: string; readonly words: string }

/** The values at an instant, or the newest when it is null. */
export function readBand(band: Band, atMs: number | null, short: boolean): Readout {
  const pick = (samples: readonly Sample[]) => (atMs === null ? (samples.at(-1) ?? null) : sampleAt(samples, atMs))
  const [rate, latency, failures] = [pick(band.operations.samples), pick(band.latency.samples), pick(band.errors.samples)]
  return {
    operations: rate ? `${formatCompact(rate.values[0] ?? 0)}` : '–',
    latency: latencyWords(latency, short),
    errors: failures ? errorParts(failures.values) : []
  }
}

function latencyWords(sample: Sample | null, short: boolean): string {
  if (!sample) return '–'
  if (sample.values.length === 1) return `p99 ${formatMs(sample.values[0]!)}`
  const [most, p99, p50] = sample.values.map(formatMs)
  return short ? `p99 ${p99} · max ${most}` : `p50 ${p50} · p99 ${p99} · max ${most}`
}

function errorParts(values: readonly number[]): readonly ErrorPart[] {
  return errorKinds.flatMap((kind, index) => {
    const value = values[index] ?? 0
    return value > 0 ? [{ look: kind.toLowerCase(), words: `${kind} ${formatRate(value)}` }] : []
  })
}

/** A second reading later than so is late: the figures are greyed with their age. */
const LATE_MS = 5_000

/** Is the last reading, of `lastMs`, late at `nowMs`? Both in the page's time. */
export function isLate(lastMs: number | undefined, nowMs: number): boolean {
  return lastMs !== undefined && nowMs - lastMs > LATE_MS
}
