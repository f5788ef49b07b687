import { latin1Text, parseInteger } from '../bytes.ts'
import type { Args } from './args.ts'
import type { Lookahead } from './lookahead.ts'

/** Sizes that a peer may ask of us; beyond them the connection ends (Valkey `networking.c`, `server.h`). */
export type DecoderLimits = {
  /** Bytes of one bulk string: `proto-max-bulk-len`. */
  maxBulkBytes: number
  /** Bytes of one inline command. */
  maxInlineBytes: number
  maxArguments: number
}

export const defaultLimits: DecoderLimits = { maxBulkBytes: 512 * 1024 * 1024, maxInlineBytes: 65_536, maxArguments: 2_147_483_647 }

const STRANGER_ARGUMENTS = 10
const STRANGER_BULK_BYTES = 16_384

/** `command`: the arguments are set. `more`: the rest has not arrived. Anything else is the text of a protocol error. */
export type Decoded = 'command' | 'more' | { readonly protocolError: string }

/**
 * A bounded pull parser of requests, multibulk or inline. Bytes are parsed where they lie; only a command that arrives in
 * pieces is copied, into a buffer that doubles. After an error the link must be closed: nothing is guessed.
 */
export class RequestDecoder {
  /** Unparsed bytes are `#bytes[#at..#end)`; `#owned` when they lie in a buffer of our own rather than in the host's. */
  #bytes: Uint8Array = NOTHING
  #at = 0
  #end = 0
  #owned = false
  /** Progress inside a multibulk command, so that a command in many pieces is not parsed anew with each of them. */
  #expected = -1
  #cursor = 0
  readonly #offsets: number[] = []
  readonly #lengths: number[] = []
  readonly limits: DecoderLimits
  /** Who must log in may send little until then: the lengths of the reference. */
  fromStranger = false
  /** Migration and replication links carry arrays only. */
  readonly inlineAllowed: boolean

  constructor(limits: DecoderLimits = defaultLimits, inlineAllowed = true) {
    this.limits = limits
    this.inlineAllowed = inlineAllowed
  }

  /** Bytes that arrived and are not yet a command. */
  get pendingBytes(): number {
    return this.#end - this.#at
  }

  /** Takes what arrived; `keep` must follow before the bytes become invalid. */
  push(bytes: Uint8Array): void {
    if (this.#at === this.#end) {
      this.#bytes = bytes
      this.#at = 0
      this.#end = bytes.length
      this.#owned = false
      if (this.#expected < 0) this.#cursor = 0
      return
    }
    this.#own(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Copies what is left into our own memory: the host's bytes end with the step. */
  keep(): void {
    if (this.#at === this.#end) {
      this.#bytes = NOTHING
      this.#at = 0
      this.#end = 0
      this.#owned = false
    } else if (!this.#owned) this.#own(0)
  }

  /** The next command, in order. On `command`, `args` is valid until the next call of `next`, `push` or `keep`. */
  next(args: Args): Decoded {
    if (this.#expected < 0 && !this.fromStranger && this.#takeWhole(args)) return 'command'
    for (;;) {
      if (this.#expected >= 0) return this.#multibulk(args)
      if (this.#at === this.#end) return 'more'
      if (this.#bytes[this.#at] !== STAR) {
        const inline = this.#inline(args)
        if (inline === 'empty') continue
        return inline
      }
      const line = this.#line(this.#at + 1, this.limits.maxInlineBytes)
      if (line === undefined) return this.#end - this.#at > this.limits.maxInlineBytes ? fail('too big mbulk count string') : 'more'
      const count = parseInteger(this.#bytes.subarray(this.#at + 1, line))
      if (typeof count !== 'number' || count > this.limits.maxArguments) return fail('invalid multibulk length')
      if (this.fromStranger && count > STRANGER_ARGUMENTS) return fail('unauthenticated multibulk length')
      if (count <= 0) {
        this.#at = line + 2
        continue
      }
      this.#expected = count
      this.#cursor = line + 2
      this.#offsets.length = 0
      this.#lengths.length = 0
    }
  }

  /**
   * Parses the multibulk commands that are all there, in their plain form, as many as `ahead` takes, and takes none of them: `takeNext` does.
   * Not for strangers, whose limits end when they have logged in.
   */
  lookAhead(ahead: Lookahead): void {
    ahead.begin(this.#bytes)
    if (this.#expected >= 0 || this.fromStranger) return
    let start = this.#at
    while (start < this.#end && this.#parseWhole(start, ahead, ahead.room)) {
      ahead.end(start, this.#cursor)
      start = this.#cursor
    }
  }

  /** Takes the next command that was looked at. On return `args` is valid as after `next`. */
  takeNext(ahead: Lookahead, args: Args): void {
    this.#at = ahead.take(args)
  }

  /** A multibulk command that is all there, in its plain form. False, with nothing taken, for anything else. */
  #takeWhole(args: Args): boolean {
    const start = this.#at
    args.begin()
    if (start >= this.#end || !this.#parseWhole(start, args, this.limits.maxArguments)) return false
    args.over(this.#bytes)
    args.lieAt(start, this.#cursor)
    this.#at = this.#cursor
    return true
  }

  /**
   * Parses a command at `start` and leaves the cursor behind it. False for what is not all there, or not in its plain form, or has more
   * arguments than there is `room` for: it is then looked at more closely.
   */
  #parseWhole(start: number, into: Args | Lookahead, room: number): boolean {
    const bytes = this.#bytes
    const end = this.#end
    if (bytes[start] !== STAR) return false
    this.#cursor = start + 1
    const count = this.#plainNumber()
    if (count <= 0 || count > room || count > this.limits.maxArguments) return false
    for (let i = 0; i < count; i++) {
      if (this.#cursor >= end || bytes[this.#cursor] !== DOLLAR) return false
      this.#cursor++
      const length = this.#plainNumber()
      const from = this.#cursor
      const stop = from + length
      if (length < 0 || length > this.limits.maxBulkBytes || stop + 2 > end || bytes[stop] !== CR || bytes[stop + 1] !== LF) return false
      into.push(from, length)
      this.#cursor = stop + 2
    }
    return true
  }

  /** Reads up to nine digits and the end of their line at the cursor, and moves it behind; -1 for anything else. */
  #plainNumber(): number {
    const bytes = this.#bytes
    const from = this.#cursor
    const stop = Math.min(this.#end - 1, from + 9)
    let value = 0
    let at = from
    for (; at < stop; at++) {
      const digit = (bytes[at] as number) - 48
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (at === from || (at > from + 1 && bytes[from] === 48)) return -1
    if (at + 1 >= this.#end || bytes[at] !== CR || bytes[at + 1] !== LF) return -1
    this.#cursor = at + 2
    return value
  }

  #multibulk(args: Args): Decoded {
    while (this.#offsets.length < this.#expected) {
      if (this.#cursor >= this.#end) return 'more'
      if (this.#bytes[this.#cursor] !== DOLLAR) {
        return fail(`expected '$', got '${latin1Text(this.#bytes.subarray(this.#cursor, this.#cursor + 1)).replace(/[^ -~]/, '?')}'`)
      }
      const line = this.#line(this.#cursor + 1, this.limits.maxInlineBytes)
      if (line === undefined) return this.#end - this.#cursor > this.limits.maxInlineBytes ? fail('too big bulk count string') : 'more'
      const length = parseInteger(this.#bytes.subarray(this.#cursor + 1, line))
      if (typeof length !== 'number' || length < 0 || length > this.limits.maxBulkBytes) return fail('invalid bulk length')
      if (this.fromStranger && length > STRANGER_BULK_BYTES) return fail('unauthenticated bulk length')
      const start = line + 2
      if (start + length + 2 > this.#end) return 'more'
      if (this.#bytes[start + length] !== CR || this.#bytes[start + length + 1] !== LF) return fail('invalid bulk terminator')
      this.#offsets.push(start)
      this.#lengths.push(length)
      this.#cursor = start + length + 2
    }
    args.begin()
    for (let i = 0; i < this.#offsets.length; i++) args.push(this.#offsets[i] as number, this.#lengths[i] as number)
    args.over(this.#bytes)
    this.#expected = -1
    this.#at = this.#cursor
    return 'command'
  }

  /** Index of the CR that ends the line starting at `from`; undefined when it has not arrived. */
  #line(from: number, limit: number): number | undefined {
    const stop = Math.min(this.#end - 1, from + limit)
    for (let i = from; i < stop; i++) if (this.#bytes[i] === CR && this.#bytes[i + 1] === LF) return i
    return undefined
  }

  #inline(args: Args): Decoded | 'empty' {
    let end = this.#at
    while (end < this.#end && this.#bytes[end] !== LF) end++
    if (end === this.#end) return this.#end - this.#at > this.limits.maxInlineBytes ? fail('too big inline request') : 'more'
    if (end - this.#at > this.limits.maxInlineBytes) return fail('too big inline request')
    if (!this.inlineAllowed) return fail('inline commands are not accepted on this link')
    const lineEnd = end > this.#at && this.#bytes[end - 1] === CR ? end - 1 : end
    const words = splitInline(latin1Text(this.#bytes.subarray(this.#at, lineEnd)))
    this.#at = end + 1
    if (words === undefined) return fail('unbalanced quotes in request')
    if (words.length === 0) return 'empty'
    const first = (words[0] as string).toLowerCase()
    // A browser that was tricked into talking to us begins like this (Valkey `securityWarningCommand`).
    if (first === 'post' || first === 'host:') return fail('possible cross protocol request')
    let length = 0
    for (const word of words) length += word.length
    const source = new Uint8Array(length)
    let at = 0
    args.begin()
    for (const word of words) {
      args.push(at, word.length)
      for (let i = 0; i < word.length; i++) source[at++] = word.charCodeAt(i)
    }
    args.over(source)
    return 'command'
  }

  /** Moves what is unparsed to the start of a buffer of our own with room for `extra` more bytes. */
  #own(extra: number): void {
    const pending = this.#end - this.#at
    const shift = this.#at
    if (this.#owned && this.#bytes.length - this.#end >= extra) return
    const target =
      this.#owned && this.#bytes.length >= pending + extra ? this.#bytes : new Uint8Array(Math.max(1024, (pending + extra) * 2))
    if (target === this.#bytes) target.copyWithin(0, this.#at, this.#end)
    else target.set(this.#bytes.subarray(this.#at, this.#end))
    this.#bytes = target
    this.#owned = true
    this.#at = 0
    this.#end = pending
    if (this.#expected >= 0) {
      this.#cursor -= shift
      for (let i = 0; i < this.#offsets.length; i++) (this.#offsets[i] as number) -= shift
    }
  }
}

const NOTHING = new Uint8Array(0)
const STAR = 42
const DOLLAR = 36
const CR = 13
const LF = 10

function fail(text: string): { readonly protocolError: string } {
  return { protocolError: `ERR Protocol error: ${text}` }
}

/** Splits a line as a shell would, with "..." (\n, \xHH ...) and '...'; undefined for unbalanced quotes (`sdssplitargs`). */
export function splitInline(line: string): string[] | undefined {
  const words: string[] = []
  let i = 0
  for (;;) {
    while (i < line.length && isSpace(line.charCodeAt(i))) i++
    if (i >= line.length) return words
    let word = ''
    let quote = ''
    for (;;) {
      const char = line[i]
      if (quote !== '') {
        if (char === undefined) return undefined
        if (quote === '"' && char === '\\' && i + 1 < line.length) {
          const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(i + 1, i + 4))
          if (hex) {
            word += String.fromCharCode(Number.parseInt(hex[1] as string, 16))
            i += 4
          } else {
            const escaped = line[i + 1] as string
            word += ESCAPES.get(escaped) ?? escaped
            i += 2
          }
          continue
        }
        if (quote === "'" && char === '\\' && line[i + 1] === "'") {
          word += "'"
          i += 2
          continue
        }
        if (char === quote) {
          i++
          if (i < line.length && !isSpace(line.charCodeAt(i))) return undefined
          break
        }
        word += char
        i++
        continue
      }
      if (char === undefined || isSpace(char.charCodeAt(0))) break
      if (char === '"' || char === "'") quote = char
      else word += char
      i++
    }
    words.push(word)
  }
}

const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07']
])

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0
}
