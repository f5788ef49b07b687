/** Numbers, durations and names as a person reads them. Every function returns text with its unit where there is one. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,248,310`. A dash for what is not known. */
export function formatCount(value: number | null): string {
  return value === null || Number.isNaN(value) ? '–' : whole.format(value)
}

/** `812`, `39.2 k`, `4.12 M`: three figures. */
export function formatCompact(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–'
  const size = Math.abs(value)
  if (size < 1_000) return whole.format(value)
  if (size < 999_500) return `${threeFigures(value / 1_000)} k`
  if (size < 999_500_000) return `${threeFigures(value / 1_000_000)} M`
  return `${threeFigures(value / 1_000_000_000)} G`
}

/** `+18,400`, `−39`, `±0`: a difference always shows its sign. */
export function formatDelta(value: number): string {
  if (value === 0) return '±0'
  return value > 0 ? `+${whole.format(value)}` : `−${whole.format(-value)}`
}

/** `+39.2 k`, `−612`. */
export function formatCompactDelta(value: number): string {
  if (value === 0) return '±0'
  return value > 0 ? `+${formatCompact(value)}` : `−${formatCompact(-value)}`
}

/** Bytes in steps of 1,024: `512 B`, `12.4 KiB`, `3.1 GiB`. */
export function formatBytes(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–'
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (Math.abs(size) >= 1_023.5 && unit < units.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${unit === 0 ? whole.format(size) : threeFigures(size)} ${units[unit]}`
}

/** A length of time: `41 ms`, `1.8 s`, `2 m 08 s`, `3 h 05 m`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `−${formatDuration(-ms)}`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const total = Math.round(seconds)
  if (total < 3_600) return `${Math.floor(total / 60)} m ${pad(total % 60)} s`
  if (total < 86_400) return `${Math.floor(total / 3_600)} h ${pad(Math.floor((total % 3_600) / 60))} m`
  return `${Math.floor(total / 86_400)} d ${Math.floor((total % 86_400) / 3_600)} h`
}

/** How long ago, in whole units: `just now`, `12 s ago`, `3 m ago`. */
export function formatAgo(ms: number): string {
  if (ms < 1_500) return 'just now'
  if (ms < 59_500) return `${Math.round(ms / 1_000)} s ago`
  if (ms < 3_570_000) return `${Math.round(ms / 60_000)} m ago`
  if (ms < 86_400_000) return `${Math.round(ms / 3_600_000)} h ago`
  return `${Math.round(ms / 86_400_000)} d ago`
}

/** `14:02:11`, in the browser's time zone. */
export function formatTimeOfDay(localMs: number): string {
  const date = new Date(localMs)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** `0.42 %`; a share is 0..1. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent === 0 ? '0' : percent < 0.01 ? '< 0.01' : percent < 10 ? percent.toFixed(2) : percent.toFixed(0)} %`
}

/** `1 slot`, `512 slots`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function threeFigures(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
