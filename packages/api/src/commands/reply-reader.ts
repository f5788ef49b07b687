import type { CommandReply } from '@slotscope/observer/stream'

/**
 * Reads one reply of RESP2 or RESP3 from a socket and keeps its types, which ioredis flattens. A reply of any length is read to its
 * end, but only so much of it is kept: long texts lose their tail, long lists their last elements, and both say how much there was. So
 * memory is bounded by `mostBytes`, whatever the server sends.
 */
export class ReplyReader {
  /** Bytes that may still be kept; an element costs as much as it takes in JSON, about. */
  #budget: number
  #buffer: Buffer = Buffer.alloc(0)
  /** Aggregates that are not complete, outermost first. */
  readonly #open: Aggregate[] = []
  /** A text whose bytes are arriving. */
  #text: Text | undefined

  constructor(mostBytes: number) {
    this.#budget = mostBytes
  }

  /** The whole reply as soon as its last byte was given, undefined before. Throws for what is no RESP. */
  push(chunk: Buffer): CommandReply | undefined {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    let at = 0
    for (;;) {
      const step = this.#text ? this.#bytesOf(this.#text, at) : this.#line(at)
      if (step === undefined) break
      at = step.end
      const whole = step.value === undefined ? undefined : this.#place(step.value)
      if (whole === undefined) continue
      this.#buffer = this.#buffer.subarray(at)
      return whole
    }
    this.#buffer = this.#buffer.subarray(at)
    if (this.#text === undefined && this.#buffer.length > MOST_LINE_BYTES) throw new Error('the server sent a line without an end')
    return undefined
  }

  /** What came behind the whole reply. */
  get rest(): Buffer {
    return this.#buffer
  }

  /** A line that begins a value. Its value is undefined where more has to come. */
  #line(at: number): { readonly end: number; readonly value: CommandReply | undefined } | undefined {
    const crlf = this.#buffer.indexOf('\r\n', at)
    if (crlf === -1) return undefined
    const type = String.fromCharCode(this.#buffer[at] ?? 0)
    const rest = this.#buffer.toString('utf8', at + 1, crlf)
    const end = crlf + 2
    const aggregate = aggregates[type]
    if (aggregate !== undefined) {
      const count = Number(rest)
      if (count === -1) return { end, value: { type: 'null' } }
      if (!Number.isSafeInteger(count) || count < 0) throw new Error(`the server sent "${type}${rest.slice(0, 20)}", which is no length`)
      if (this.#open.length >= MOST_DEPTH) throw new Error('the server sent lists in lists beyond reason')
      const items = aggregate === 'map' || aggregate === 'attribute' ? 2 * count : count
      const opened: Aggregate = { type: aggregate, size: count, left: items, kept: [], keeps: this.#spend(OVERHEAD_BYTES) }
      if (items === 0) return { end, value: aggregate === 'attribute' ? undefined : aggregateValue(opened) }
      this.#open.push(opened)
      return { end, value: undefined }
    }
    if (type === '$' || type === '=' || type === '!') {
      const size = Number(rest)
      if (size === -1) return { end, value: { type: 'null' } }
      if (!Number.isSafeInteger(size) || size < 0) throw new Error(`the server sent "${type}${rest.slice(0, 20)}", which is no length`)
      // One byte is left over: a text that was cut is kept by the list that it stands in, and is its last.
      const keep = this.#keeps() ? Math.max(0, Math.min(size, this.#budget - OVERHEAD_BYTES - 1)) : 0
      this.#spend(OVERHEAD_BYTES + keep)
      this.#text = { type, size, keep, parts: [], keptBytes: 0, left: size + 2 }
      return { end, value: undefined }
    }
    this.#spend(OVERHEAD_BYTES + rest.length)
    return { end, value: scalar(type, rest) }
  }

  #bytesOf(text: Text, at: number): { readonly end: number; readonly value: CommandReply | undefined } | undefined {
    const here = Math.min(text.left, this.#buffer.length - at)
    if (here === 0) return undefined
    const wanted = Math.min(here, text.keep - text.keptBytes)
    if (wanted > 0) {
      // A copy: the chunk must not stay in memory for a part of it.
      text.parts.push(Buffer.from(this.#buffer.subarray(at, at + wanted)))
      text.keptBytes += wanted
    }
    text.left -= here
    if (text.left > 0) return { end: at + here, value: undefined }
    this.#text = undefined
    return { end: at + here, value: textValue(text) }
  }

  /** Puts a complete value where it belongs; the whole reply when that was all. */
  #place(value: CommandReply): CommandReply | undefined {
    let placed: CommandReply = value
    for (;;) {
      const parent = this.#open.at(-1)
      // Attributes stand before the value that they are about, and are not shown.
      if (parent === undefined) return placed
      parent.left--
      const isKept = parent.keeps && parent.type !== 'attribute' && this.#budget > 0
      if (isKept) parent.kept.push(placed)
      else parent.keeps = false
      if (parent.left > 0) return undefined
      this.#open.pop()
      if (parent.type === 'attribute') return undefined
      placed = aggregateValue(parent)
    }
  }

  #spend(bytes: number): boolean {
    const keeps = this.#keeps() && this.#budget > 0
    if (keeps) this.#budget -= bytes
    return keeps
  }

  #keeps(): boolean {
    return this.#open.every((one) => one.keeps)
  }
}

const MOST_DEPTH = 64
const MOST_LINE_BYTES = 1024 * 1024
const OVERHEAD_BYTES = 16

type Aggregate = {
  readonly type: 'array' | 'set' | 'push' | 'map' | 'attribute'
  readonly size: number
  /** Values that have not come yet; a map has two for each entry. */
  left: number
  readonly kept: CommandReply[]
  keeps: boolean
}
type Text = {
  readonly type: string
  readonly size: number
  readonly keep: number
  readonly parts: Buffer[]
  keptBytes: number
  left: number
}

const aggregates: Readonly<Record<string, Aggregate['type']>> = { '*': 'array', '~': 'set', '>': 'push', '%': 'map', '|': 'attribute' }

function scalar(type: string, rest: string): CommandReply {
  switch (type) {
    case '+':
      return { type: 'status', text: rest }
    case '-':
      return { type: 'error', message: rest }
    case ':':
      return { type: 'integer', value: rest }
    case ',':
      return { type: 'double', value: rest }
    case '(':
      return { type: 'big-number', value: rest }
    case '#':
      return { type: 'boolean', value: rest === 't' }
    case '_':
      return { type: 'null' }
    default:
      throw new Error('the server sent what is no reply')
  }
}

function textValue({ type, size, parts }: Text): CommandReply {
  const bytes = Buffer.concat(parts)
  if (type === '!') return { type: 'error', message: bytes.toString('utf8') }
  if (type === '$') return { type: 'bytes', bytes: bytes.toString('base64url'), size }
  // `txt:` stands before the text and is no part of it.
  const format = bytes.toString('latin1', 0, 3)
  return { type: 'verbatim', format, bytes: bytes.subarray(4).toString('base64url'), size: Math.max(0, size - 4) }
}

function aggregateValue({ type, size, kept }: Aggregate): CommandReply {
  if (type !== 'map' && type !== 'attribute') return { type, items: kept, size }
  const entries: (readonly [CommandReply, CommandReply])[] = []
  for (let i = 0; i + 1 < kept.length; i += 2) entries.push([kept[i] as CommandReply, kept[i + 1] as CommandReply])
  return { type: 'map', entries, size }
}
