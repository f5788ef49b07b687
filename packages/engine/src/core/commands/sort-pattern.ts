import { concatBytes } from '../bytes.ts'
import type { CommandContext } from './context.ts'

const STAR = 42

/** What stands for something else: a pattern of BY or GET. The first star is replaced by an element. */
export type SortPattern =
  /** GET #: the element itself. */
  | { readonly type: 'element' }
  /** Without a star no key is looked at. */
  | { readonly type: 'nothing' }
  /** The string at `before element after`, or the `field` of the hash there. */
  | { readonly type: 'key'; readonly before: Uint8Array; readonly after: Uint8Array; readonly field: Uint8Array | undefined }

/** Reads a pattern; to the reference, like any C string, it ends at a NUL where it looks for a star or an arrow. */
export function readSortPattern(bytes: Uint8Array): SortPattern {
  const text = upToNul(bytes)
  if (text.length === 1 && text[0] === 35) return { type: 'element' }
  const star = text.indexOf(STAR)
  if (star < 0) return { type: 'nothing' }
  const arrow = arrowIn(text, star + 1)
  const before = bytes.slice(0, star)
  if (arrow < 0) return { type: 'key', before, after: bytes.slice(star + 1), field: undefined }
  return { type: 'key', before, after: bytes.slice(star + 1, arrow), field: bytes.slice(arrow + 2) }
}

/** Where the first `->` is; -1 when there is none, or nothing behind it. */
function arrowIn(text: Uint8Array, from: number): number {
  for (let at = from; at + 1 < text.length; at++) if (text[at] === 45 && text[at + 1] === 62) return at + 2 < text.length ? at : -1
  return -1
}

export function upToNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** Looks values up by patterns, and remembers whether a replica would have seen the same. */
export class SortLookup {
  readonly #ctx: CommandContext
  /** A field that has expired and is still there was met: here it is out of sight, to a replica it is not. */
  metHidden = false
  /** Keys were looked at that are not among the command's arguments. */
  metKeys = false

  constructor(ctx: CommandContext) {
    this.#ctx = ctx
  }

  valueOf(pattern: SortPattern, element: Uint8Array): Uint8Array | undefined {
    if (pattern.type === 'element') return element
    if (pattern.type === 'nothing') return undefined
    this.metKeys = true
    const value = this.#ctx.find(concatBytes([pattern.before, element, pattern.after]))?.value
    if (pattern.field === undefined) return value?.type === 'string' ? value.bytes : undefined
    if (value?.type !== 'hash') return undefined
    const nowMs = this.#ctx.visibleNowMs
    if (value.hides(pattern.field, nowMs)) this.metHidden = true
    return value.get(pattern.field, nowMs)
  }
}
