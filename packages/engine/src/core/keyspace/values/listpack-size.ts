import { parseInteger } from '../../bytes.ts'

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
  if (typeof integer === 'bigint') return 9
  if (integer >= 0 && integer <= 127) return 1
  if (integer >= -4096 && integer <= 4095) return 2
  if (integer >= -32_768 && integer <= 32_767) return 3
  if (integer >= -8_388_608 && integer <= 8_388_607) return 4
  if (integer >= -2_147_483_648 && integer <= 2_147_483_647) return 5
  return 9
}

function backLengthBytes(body: number): number {
  if (body <= 127) return 1
  if (body < 16_383) return 2
  if (body < 2_097_151) return 3
  return body < 268_435_455 ? 4 : 5
}
