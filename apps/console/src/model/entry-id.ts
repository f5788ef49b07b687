/** The greatest sequence number of an id of a stream: 2^64 - 1. */
const LAST_SEQUENCE = 18_446_744_073_709_551_615n

/** The first id after this one, so that "before it" includes the entry itself. Null after the last id that there can be. */
export function entryAfter(id: string): string | null {
  const [time = '0', sequence = '0'] = id.split('-')
  if (BigInt(sequence) < LAST_SEQUENCE) return `${time}-${BigInt(sequence) + 1n}`
  return BigInt(time) < LAST_SEQUENCE ? `${BigInt(time) + 1n}-0` : null
}

/**
 * The id that a person means: `ms-seq`; `ms` alone, which is the whole millisecond; or a date that a browser reads, in local time when it
 * says none. Null: neither.
 */
export function entryIdOf(text: string): string | null {
  const typed = text.trim()
  const exact = /^(\d{1,20})-(\d{1,20})$/.exec(typed)
  if (exact) return isId(exact[1]!) && isId(exact[2]!) ? typed : null
  if (/^\d{5,20}$/.test(typed)) return isId(typed) ? `${typed}-${LAST_SEQUENCE}` : null
  if (!/^\d{4}-\d{2}/.test(typed)) return null
  const atMs = Date.parse(typed)
  return Number.isNaN(atMs) || atMs < 0 ? null : `${atMs}-${LAST_SEQUENCE}`
}

/** Milliseconds since 1970 of an id that was made by a clock; null for ids that somebody numbered by hand. */
export function entryTimeMs(id: string): number | null {
  const atMs = Number(id.split('-', 1)[0])
  return atMs > 1e12 && atMs < 1e14 ? atMs : null
}

function isId(part: string): boolean {
  return BigInt(part) <= LAST_SEQUENCE
}
