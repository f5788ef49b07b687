/** `100mb`, `1gb`, `64k` (1000) ...: Valkey's memory units. Undefined for anything else. */
export function parseMemorySize(text: string): number | undefined {
  const match = /^(-?\d{1,15})(b|k|kb|m|mb|g|gb)?$/i.exec(text)
  if (!match) return undefined
  const number = Number(match[1]) * (UNITS.get((match[2] ?? 'b').toLowerCase()) as number)
  return Number.isSafeInteger(number) ? number : undefined
}

const UNITS = new Map([
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1e6],
  ['mb', 1_048_576],
  ['g', 1e9],
  ['gb', 1_073_741_824]
])

/** As INFO prints sizes for people: `512B`, `1.50K`, `24.00G` (`bytesToHuman`). */
export function formatMemorySize(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  for (const [unit, size] of [
    ['K', 1024],
    ['M', 1024 ** 2],
    ['G', 1024 ** 3],
    ['T', 1024 ** 4]
  ] as const) {
    if (bytes < size * 1024) return `${(bytes / size).toFixed(2)}${unit}`
  }
  return `${(bytes / 1024 ** 5).toFixed(2)}P`
}
