import { latin1Bytes } from '../bytes.ts'
import { backLengthBytes, integerAt } from '../keyspace/values/listpack.ts'

/**
 * The packed forms that small collections take in RDB files: a listpack of strings and integers, an intset of integers.
 * Both come from outside, so every length is checked against the bytes that are there.
 */

/** Elements of a listpack in order, integers as their decimal text; undefined when it is damaged. */
export function listpackElements(pack: Uint8Array): Uint8Array[] | undefined {
  if (pack.length < 7) return undefined
  const view = new DataView(pack.buffer, pack.byteOffset, pack.length)
  if (view.getUint32(0, true) !== pack.length) return undefined
  const declared = view.getUint16(4, true)
  const elements: Uint8Array[] = []
  const last = pack.length - 1
  let at = 6
  while (at < last) {
    const start = at
    const first = pack[at] as number
    const header = headerOf(first)
    if (header === undefined || at + header.size > last) return undefined
    let text: Uint8Array
    if (header.kind === 'string') {
      const length =
        header.size === 1
          ? first & 0x3f
          : header.size === 2
            ? ((first & 0x0f) << 8) | (pack[at + 1] as number)
            : view.getUint32(at + 1, true)
      at += header.size
      if (at + length > last) return undefined
      text = pack.slice(at, at + length)
      at += length
    } else {
      text = latin1Bytes(integerAt(view, at, first).toString())
      at += header.size
    }
    const back = backLengthBytes(at - start)
    if (at + back > last || !backLengthFits(pack, at, back, at - start)) return undefined
    at += back
    elements.push(text)
  }
  if (pack[at] !== 0xff || at !== last) return undefined
  return declared === 65_535 || declared === elements.length ? elements : undefined
}

/** `size`: bytes before a string's content, or of a whole integer. */
function headerOf(first: number): { readonly kind: 'string' | 'integer'; readonly size: number } | undefined {
  if (first < 0x80) return INTEGER[1]
  if (first < 0xc0) return { kind: 'string', size: 1 }
  if (first < 0xe0) return INTEGER[2]
  if (first < 0xf0) return { kind: 'string', size: 2 }
  if (first === 0xf0) return { kind: 'string', size: 5 }
  if (first === 0xf1) return INTEGER[3]
  if (first === 0xf2) return INTEGER[4]
  if (first === 0xf3) return INTEGER[5]
  if (first === 0xf4) return INTEGER[9]
  return undefined
}

const INTEGER = Array.from({ length: 10 }, (_, size) => ({ kind: 'integer', size }) as const)

function backLengthFits(pack: Uint8Array, at: number, size: number, entryBytes: number): boolean {
  let rest = entryBytes
  for (let i = size - 1; i >= 0; i--) {
    if (pack[at + i] !== (rest % 128) + (i > 0 ? 128 : 0)) return false
    rest = Math.floor(rest / 128)
  }
  return true
}

/** Integers of an intset as decimal text, ascending; undefined when it is damaged. */
export function intsetElements(pack: Uint8Array): Uint8Array[] | undefined {
  if (pack.length < 8) return undefined
  const view = new DataView(pack.buffer, pack.byteOffset, pack.length)
  const width = view.getUint32(0, true)
  const count = view.getUint32(4, true)
  if ((width !== 2 && width !== 4 && width !== 8) || pack.length !== 8 + width * count) return undefined
  const elements: Uint8Array[] = []
  let before: number | bigint | undefined
  for (let at = 8; at < pack.length; at += width) {
    const value = width === 2 ? view.getInt16(at, true) : width === 4 ? view.getInt32(at, true) : view.getBigInt64(at, true)
    if (before !== undefined && value <= before) return undefined
    before = value
    elements.push(latin1Bytes(value.toString()))
  }
  return elements
}
