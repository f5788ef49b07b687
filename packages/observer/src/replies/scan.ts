import { encodeUtf8 } from '../bytes.ts'
import type { Reply } from '../caller.ts'
import { bytesOf, integerOf, listOf, malformed, type Parsed, textOf } from './shape.ts'

/** One step of SCAN or HSCAN: the cursor to go on with (`0`: complete) and the names or values met. */
export type ScanStep = { readonly cursor: string; readonly items: readonly Uint8Array[] }

/** Parses the reply of SCAN, HSCAN, SSCAN or ZSCAN; `command` is named in an error. */
export function parseScan(command: string, reply: Reply | undefined): Parsed<ScanStep> {
  const pair = listOf(reply)
  const cursor = textOf(pair?.[0])
  const list = listOf(pair?.[1])
  if (cursor === undefined || !list) return malformed(command, reply, 'a cursor and an array')
  const items: Uint8Array[] = []
  for (const item of list) {
    const bytes = bytesOf(item, encodeUtf8)
    if (!bytes) return malformed(command, item, 'a name')
    items.push(bytes)
  }
  return { value: { cursor, items } }
}

/** Parses an array of integers, such as HPEXPIRETIME gives. */
export function parseIntegers(command: string, reply: Reply | undefined): Parsed<readonly number[]> {
  const list = listOf(reply)
  if (!list) return malformed(command, reply, 'an array of integers')
  const integers: number[] = []
  for (const item of list) {
    const integer = integerOf(item)
    if (integer === undefined) return malformed(command, item, 'an integer')
    integers.push(integer)
  }
  return { value: integers }
}
