import type { CommandLatency, CsvCell } from '@slotscope/observer/stream'
import type { SortColumn } from './sorted-rows.ts'

/** How long calls of one command took, as far as buckets tell: a bound, at most twice what it was. */
export type LatencyRow = {
  readonly command: string
  readonly calls: number
  /** Microseconds that so many of a hundred calls took at most. */
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  /** No call took longer. */
  readonly mostUs: number
  readonly buckets: CommandLatency['buckets']
}

/** How each column sorts. */
export const latencyColumns = {
  command: { name: 'command', isText: true, of: ({ command }) => command },
  calls: { name: 'calls', of: ({ calls }) => calls },
  p50: { name: 'p50', of: ({ p50Us }) => p50Us },
  p99: { name: 'p99', of: ({ p99Us }) => p99Us },
  p999: { name: 'p999', of: ({ p999Us }) => p999Us },
  most: { name: 'most', of: ({ mostUs }) => mostUs }
} as const satisfies Readonly<Record<string, SortColumn<LatencyRow>>>

/** Rows whose command has `find` in it. A command without a bucket was not timed and has no row. */
export function latencyRows(histograms: readonly CommandLatency[], find: string): readonly LatencyRow[] {
  const wanted = find.trim().toLowerCase()
  return histograms
    .filter(({ command, buckets }) => buckets.length > 0 && command.replace('|', ' ').includes(wanted))
    .map(({ command, calls, buckets }) => ({
      command,
      calls,
      p50Us: quantile(buckets, 0.5),
      p99Us: quantile(buckets, 0.99),
      p999Us: quantile(buckets, 0.999),
      mostUs: buckets.findLast(([, count]) => count > 0)?.[0] ?? 0,
      buckets
    }))
}

/** The upper end of the bucket in which that part of the calls is reached. */
export function quantile(buckets: CommandLatency['buckets'], part: number): number {
  const all = buckets.reduce((sum, [, count]) => sum + count, 0)
  let sum = 0
  for (const [atMostUs, count] of buckets) {
    sum += count
    if (count > 0 && sum >= part * all) return atMostUs
  }
  return buckets.at(-1)?.[0] ?? 0
}

export type SpreadBar = { readonly fromUs: number; readonly toUs: number; readonly count: number; readonly share: number }

/**
 * The bars of a drawing: each bucket from where the one below would end (half of it), and empty ones between, so that a gap is seen as one.
 * Buckets of servers double, a few microseconds more or less.
 */
export function spreadBars(buckets: CommandLatency['buckets']): readonly SpreadBar[] {
  const all = buckets.reduce((sum, [, count]) => sum + count, 0)
  const bars: SpreadBar[] = []
  for (const [toUs, count] of buckets) {
    const before = bars.at(-1)
    for (let next = (before?.toUs ?? toUs) * 2; before && next < toUs * 0.75; next *= 2)
      bars.push({ fromUs: next / 2, toUs: next, count: 0, share: 0 })
    bars.push({ fromUs: bars.at(-1)?.toUs ?? toUs / 2, toUs, count, share: all === 0 ? 0 : count / all })
  }
  return bars
}

/** The rows as a file has them. */
export function latencyFile(rows: readonly LatencyRow[]): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CsvCell[])[]
} {
  return {
    columns: ['command', 'calls', 'p50AtMostMicroseconds', 'p99AtMostMicroseconds', 'p999AtMostMicroseconds', 'longestAtMostMicroseconds'],
    rows: rows.map((row) => [row.command, row.calls, row.p50Us, row.p99Us, row.p999Us, row.mostUs])
  }
}
