import { formatBytes, formatCount, formatDuration } from '../../model/format.ts'

const elements: Readonly<Record<string, readonly [one: string, many: string]>> = {
  hash: ['field', 'fields'],
  list: ['element', 'elements'],
  set: ['member', 'members'],
  zset: ['member', 'members'],
  stream: ['entry', 'entries']
}

/** `12 fields`, `312 B`: the size of a key in the unit of its type. */
export function sizeWords(type: string, size: number | null): string {
  if (size === null) return '–'
  if (type === 'string') return formatBytes(size)
  const [one, many] = elements[type] ?? ['element', 'elements']
  return `${formatCount(size)} ${size === 1 ? one : many}`
}

/** What is left of a time to live that was read at `atMs`. */
export function timeLeftWords(ttlMs: number | null, atMs: number, nowMs: number): string {
  if (ttlMs === null) return 'no expiry'
  const left = ttlMs - (nowMs - atMs)
  return left <= 0 ? 'expired' : formatDuration(left)
}
