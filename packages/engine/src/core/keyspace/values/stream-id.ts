/**
 * An entry's id as one number of 128 bits: milliseconds above, sequence below. So order is the order of numbers, the next id is
 * one more, and nothing is lost of either part.
 */
export type StreamId = bigint

export const MIN_ID: StreamId = 0n
export const MAX_ID: StreamId = (1n << 128n) - 1n
/** Each part is an unsigned number of 64 bits. */
export const MAX_PART = (1n << 64n) - 1n

export function streamId(ms: bigint, sequence: bigint): StreamId {
  return (ms << 64n) | sequence
}

export function msOf(id: StreamId): bigint {
  return id >> 64n
}

export function sequenceOf(id: StreamId): bigint {
  return id & MAX_PART
}

/** Adds to both parts, which wrap around as unsigned numbers of 64 bits do. */
export function shiftId(id: StreamId, ms: number | bigint, sequence: number | bigint): StreamId {
  return streamId((msOf(id) + BigInt(ms)) & MAX_PART, (sequenceOf(id) + BigInt(sequence)) & MAX_PART)
}

export function formatId(id: StreamId): string {
  return `${id >> 64n}-${id & MAX_PART}`
}

/**
 * `<ms>-<sequence>`, or `<ms>` alone, which gets `missingSequence`; undefined for anything else, `-` and `+` included. At most
 * 127 bytes, of which those from a NUL on do not count (`streamGenericParseIDOrReply`).
 */
export function parseId(text: string, missingSequence: bigint): StreamId | undefined {
  const [ms, sequence] = partsOf(text)
  if (ms === undefined) return undefined
  if (sequence === undefined) return streamId(ms, missingSequence)
  const number = parsePart(sequence)
  return number === undefined ? undefined : streamId(ms, number)
}

/** The milliseconds of `<ms>-*`; undefined for any other form. */
export function parseOpenId(text: string): bigint | undefined {
  const [ms, sequence] = partsOf(text)
  return sequence === '*' ? ms : undefined
}

function partsOf(text: string): [ms: bigint | undefined, sequence: string | undefined] {
  if (text.length > 127) return [undefined, undefined]
  const [shown = ''] = text.split('\0', 1)
  const dash = shown.indexOf('-')
  return dash < 0 ? [parsePart(shown), undefined] : [parsePart(shown.slice(0, dash)), shown.slice(dash + 1)]
}

/** As `string2ull`: canonical numbers at once, other forms by the rules of strtoull, by which a minus wraps around. */
function parsePart(text: string): bigint | undefined {
  const [, minus, digits] = /^[ \t-\r]*(?:\+|(-))?(\d+)$/.exec(text) ?? []
  if (digits === undefined || /^-[1-9]\d{0,18}$/.test(text)) return undefined
  const value = BigInt(digits)
  if (value > MAX_PART) return undefined
  return minus === undefined ? value : BigInt.asUintN(64, -value)
}
