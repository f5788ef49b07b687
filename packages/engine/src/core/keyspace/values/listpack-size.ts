import { parseInteger } from '../../bytes.ts'
import { backLengthBytes, integerBytes } from './listpack.ts'

/** Header and end mark of a listpack, in bytes. */
export const LISTPACK_FRAME_BYTES = 7

/**
 * Bytes that the element `source[start .. start + length)` would take in the reference's listpack (spec replication-and-rdb section 3). Nothing is packed that
 * way here; the figure decides when OBJECT ENCODING changes its answer.
 */
export function listpackEntryBytes(source: Uint8Array, start = 0, length = source.length): number {
  const body = bodyBytes(source, start, length)
  return body + backLengthBytes(body)
}

function bodyBytes(source: Uint8Array, start: number, length: number): number {
  const integer = length <= 20 ? parseInteger(source, start, start + length) : undefined
  if (integer === undefined) return length + (length < 64 ? 1 : length < 4096 ? 2 : 5)
  return integerBytes(integer)
}
