import type { CommandStatsAnswer, CsvCell } from '@slotscope/observer/stream'
import type { SortColumn } from './sorted-rows.ts'

/** What one command made of the nodes that are looked at. Shares are 0..1. */
export type CommandRow = {
  readonly name: string
  readonly calls: number
  readonly callsShare: number
  readonly us: number
  readonly timeShare: number
  /** Microseconds of one call; null: there was none. */
  readonly usPerCall: number | null
  readonly rejected: number
  readonly failed: number
  /** Null: counted since each node began, so there is no span to divide by. */
  readonly perSecond: number | null
}

export type ErrorRow = { readonly code: string; readonly count: number; readonly share: number; readonly perSecond: number | null }

export type CommandShares = {
  readonly commands: readonly CommandRow[]
  readonly errors: readonly ErrorRow[]
  /** Of the difference; null: there is none. */
  readonly spanMs: number | null
  /** Nodes whose counters began anew in between: of them all that they count now is taken. */
  readonly begunAnew: readonly string[]
}

/** How each column sorts. */
export const commandColumns = {
  command: { name: 'command', isText: true, of: ({ name }) => name },
  calls: { name: 'calls', of: ({ calls }) => calls },
  share: { name: 'share', of: ({ callsShare }) => callsShare },
  time: { name: 'time', of: ({ us }) => us },
  'time-share': { name: 'time-share', of: ({ timeShare }) => timeShare },
  each: { name: 'each', of: ({ usPerCall }) => usPerCall },
  rejected: { name: 'rejected', of: ({ rejected }) => rejected },
  failed: { name: 'failed', of: ({ failed }) => failed },
  rate: { name: 'rate', of: ({ perSecond }) => perSecond }
} as const satisfies Readonly<Record<string, SortColumn<CommandRow>>>

/** Figures of one command in a row of `CommandStatsAnswer`. */
const WIDTH = 4

/**
 * Shares of one node or of all, the most time first: since the counters began, or between two answers. A node counts from when its counters
 * last began where one of them is smaller than before (CONFIG RESETSTAT, a restart), and where the first answer has nothing of it.
 *
 * @param node id; null: all
 */
export function commandShares(now: CommandStatsAnswer, before: CommandStatsAnswer | null, node: string | null): CommandShares {
  const sums = new Map<string, number[]>()
  const errors = new Map<string, number>()
  const begunAnew: string[] = []
  now.nodes.forEach(({ node: id }, place) => {
    if (node !== null && id !== node) return
    const [figures, counts] = [now.figures[place], now.errorCounts[place]]
    if (!figures || !counts) return
    const earlier = before && rowsOf(before, id)
    const isNewer = earlier !== null && hasBegunAnew(earlier, now, figures)
    const base = isNewer ? null : earlier
    if (before && base === null) begunAnew.push(id)
    now.commands.forEach((name, at) => {
      const sum = sums.get(name) ?? [0, 0, 0, 0]
      for (let figure = 0; figure < WIDTH; figure++)
        sum[figure]! += figures[at * WIDTH + figure]! - (base?.commands.get(name)?.[figure] ?? 0)
      sums.set(name, sum)
    })
    now.errors.forEach((code, at) => {
      errors.set(code, (errors.get(code) ?? 0) + counts[at]! - (base?.errors.get(code) ?? 0))
    })
  })
  const spanMs = before ? Math.max(1, atOf(now) - atOf(before)) : null
  const rate = (count: number) => (spanMs === null ? null : (count * 1_000) / spanMs)
  const [allCalls, allUs] = [sumOf(sums, 0), sumOf(sums, 1)]
  const commands = [...sums]
    .filter(([, figures]) => figures.some((figure) => figure > 0))
    .map(([name, figures]): CommandRow => {
      const [calls = 0, us = 0, rejected = 0, failed = 0] = figures
      return {
        name,
        calls,
        callsShare: allCalls === 0 ? 0 : calls / allCalls,
        us,
        timeShare: allUs === 0 ? 0 : us / allUs,
        usPerCall: calls === 0 ? null : us / calls,
        rejected,
        failed,
        perSecond: rate(calls)
      }
    })
    .sort((a, b) => b.us - a.us)
  const allErrors = [...errors.values()].reduce((sum, count) => sum + count, 0)
  return {
    commands,
    errors: [...errors]
      .filter(([, count]) => count > 0)
      .map(([code, count]) => ({ code, count, share: count / allErrors, perSecond: rate(count) }))
      .sort((a, b) => b.count - a.count),
    spanMs,
    begunAnew
  }
}

/** True where a counter is smaller than it was, or is not there any more. */
function hasBegunAnew(earlier: Rows, now: CommandStatsAnswer, figures: readonly number[]): boolean {
  const places = new Map(now.commands.map((name, at) => [name, at]))
  return [...earlier.commands].some(([name, [calls = 0]]) => {
    const at = places.get(name)
    return calls > (at === undefined ? 0 : figures[at * WIDTH]!)
  })
}

type Rows = { readonly commands: ReadonlyMap<string, readonly number[]>; readonly errors: ReadonlyMap<string, number> }

function rowsOf(answer: CommandStatsAnswer, node: string): Rows | null {
  const place = answer.nodes.findIndex((one) => one.node === node)
  const [figures, counts] = [answer.figures[place], answer.errorCounts[place]]
  if (!figures || !counts) return null
  return {
    commands: new Map(answer.commands.map((name, at) => [name, figures.slice(at * WIDTH, (at + 1) * WIDTH)])),
    errors: new Map(answer.errors.map((code, at) => [code, counts[at]!]))
  }
}

function atOf({ nodes }: CommandStatsAnswer): number {
  return Math.max(0, ...nodes.filter(({ error }) => error === null).map(({ atMs }) => atMs))
}

function sumOf(sums: ReadonlyMap<string, readonly number[]>, figure: number): number {
  return [...sums.values()].reduce((sum, figures) => sum + figures[figure]!, 0)
}

/** The rows as a file has them: shares as 0..1, times in microseconds. */
export function commandFile(rows: readonly CommandRow[]): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CsvCell[])[]
} {
  return {
    columns: [
      'command',
      'calls',
      'shareOfCalls',
      'microseconds',
      'shareOfTime',
      'microsecondsPerCall',
      'rejected',
      'failed',
      'callsPerSecond'
    ],
    rows: rows.map((row) => [
      ...[row.name, row.calls, row.callsShare, row.us, row.timeShare, row.usPerCall, row.rejected, row.failed, row.perSecond]
    ])
  }
}
