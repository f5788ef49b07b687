import type { LatencyEvent } from '../latency-monitor.ts'
import type { Node } from '../node.ts'

const HEIGHT = 4
/** The upper part of a column, by quarters of a row; a full row is `#`. */
const PARTS = [' ', '_', 'o', '#'] as const

/** A column per sample, as high as it took long, over how long ago it was. */
export function drawEvent({ name, samples, maxMs }: LatencyEvent, nowMs: number): string {
  const shown = samples.slice(-80)
  const highest = Math.max(1, ...shown.map((sample) => sample.ms))
  const lines = [`${name} - high ${highest} ms, low ${Math.min(...shown.map((sample) => sample.ms))} ms (all time high ${maxMs} ms)`]
  lines.push('-'.repeat(80))
  for (let row = HEIGHT - 1; row >= 0; row--) {
    lines.push(shown.map(({ ms }) => partAt((ms / highest) * HEIGHT - row)).join(''))
  }
  lines.push('')
  const ages = shown.map(({ atSeconds }) => formatAge(Math.max(0, Math.floor(nowMs / 1000) - atSeconds)))
  const rows = Math.max(...ages.map((age) => age.length))
  for (let row = 0; row < rows; row++) lines.push(ages.map((age) => age[row] ?? ' ').join(''))
  return `${lines.join('\n')}\n`
}

function partAt(height: number): string {
  if (height <= 0) return ' '
  return PARTS[Math.min(PARTS.length - 1, Math.ceil(height * (PARTS.length - 1)))] as string
}

function formatAge(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** What the latency monitor has seen, as sentences with what can be done about it. */
export function diagnose(node: Node): string {
  const events = node.latencyMonitor.events()
  if (node.config.number('latency-monitor-threshold') === 0 && events.length === 0) {
    return 'The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n'
  }
  if (events.length === 0) return 'Nothing took as long as latency-monitor-threshold says.\n'
  return `${events.map((event) => `${summaryOf(event)} ${ADVICE.get(event.name) ?? ''}`.trim()).join('\n')}\n`
}

function summaryOf({ name, samples, maxMs, sumMs, count }: LatencyEvent): string {
  const spanSeconds = (samples.at(-1)?.atSeconds ?? 0) - (samples[0]?.atSeconds ?? 0)
  return `${name}: ${count} times, ${Math.round(sumMs / count)} ms on average, ${maxMs} ms at most, over ${spanSeconds} s.`
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['command', 'COMMANDLOG GET 10 slow names the commands; those over many keys or elements can be given in parts.'],
  ['fast-command', 'Such commands take little by themselves: the machine was busy, or the node collected garbage.'],
  ['expire-cycle', 'Many keys or fields expired at once; deadlines that are spread help.']
])
