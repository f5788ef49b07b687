import { parseInteger } from '../../bytes.ts'
import { backLengthBytes, integerBytes } from './listpack.ts'

/** Header and end mark of a listpack, in bytes. */
export const LISTPACK_FRAME_BYTES = 7

/**
 * Bytes that an element would take in the reference's listpack (spec replication-and-rdb section 3). Nothing is packed that
 * way here; the figure decides when OBJECT ENCODING changes its answer.
 */
export function listpackEntryBytes(element: Uint8Array): number {
  const body = bodyBytes(element)
  return body + backLengthBytes(body)
}

function bodyBytes(element: Uint8Array): number {
  const length = element.length
  const integer = length <= 20 ? parseInteger(element) : undefined
  if (integer === undefined) return length + (length < 64 ? 1 : length < 4096 ? 2 : 5)
  return integerBytes(integer)
}
