import type { ByteBuffer } from '../byte-buffer.ts'
import { formatDouble, latin1Bytes, utf8Bytes } from '../bytes.ts'

/**
 * Writes replies in the protocol that the client speaks. Commands write straight into the link's output: no reply objects
 * on the hot path. In RESP2 a map is a flat array, a set an array, a double a bulk string, a boolean 0 or 1, as Valkey does.
 */
export class ReplyWriter {
  out: ByteBuffer
  /** 2 or 3, by HELLO. */
  protocol: 2 | 3 = 2
  /** Set whenever an error is written; the caller counts errors by their first word. */
  lastError: string | undefined

  constructor(out: ByteBuffer) {
    this.out = out
  }

  ok(): void {
    this.out.bytes(OK)
  }

  /** `text` must hold no CR or LF; anything else in it is replaced, so that no reply can forge another. */
  simple(text: string): void {
    this.out.byte(43)
    this.out.latin1(oneLine(text))
    this.out.bytes(CRLF)
  }

  /** `text` begins with its code: `ERR syntax error`, `WRONGTYPE ...`. */
  error(text: string): void {
    this.lastError = text
    this.out.byte(45)
    this.out.latin1(oneLine(text))
    this.out.bytes(CRLF)
  }

  integer(value: number | bigint): void {
    if (value === 0) this.out.bytes(ZERO)
    else if (value === 1) this.out.bytes(ONE)
    else if (typeof value === 'number' && value > 0 && value <= 0x7fffffff) this.out.line(58, value)
    else {
      this.out.byte(58)
      this.out.latin1(value.toString())
      this.out.bytes(CRLF)
    }
  }

  bulk(bytes: Uint8Array): void {
    this.out.bulk(bytes, 0, bytes.length)
  }

  /** A bulk string that lies among other bytes. */
  bulkOf(bytes: Uint8Array, start: number, length: number): void {
    this.out.bulk(bytes, start, length)
  }

  /** A bulk string of text, as UTF-8. */
  text(text: string): void {
    this.bulk(isAscii(text) ? latin1Bytes(text) : utf8Bytes(text))
  }

  /** A bulk string, one byte per unit. */
  latin1(text: string): void {
    this.#head(36, text.length)
    this.out.latin1(text)
    this.out.bytes(CRLF)
  }

  /** A value, or null when there is none. */
  bulkOrNull(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.null()
    else this.bulk(bytes)
  }

  null(): void {
    this.out.bytes(this.protocol === 3 ? NULL3 : NULL_BULK)
  }

  /** The null of commands whose reply is an array. */
  nullArray(): void {
    this.out.bytes(this.protocol === 3 ? NULL3 : NULL_ARRAY)
  }

  /** Announces `count` elements to follow. */
  array(count: number): void {
    this.#head(42, count)
  }

  /** Announces `count` pairs to follow. */
  map(count: number): void {
    if (this.protocol === 3) this.#head(37, count)
    else this.#head(42, count * 2)
  }

  set(count: number): void {
    this.#head(this.protocol === 3 ? 126 : 42, count)
  }

  /** An out-of-band message of `count` elements; an array in RESP2. */
  push(count: number): void {
    this.#head(this.protocol === 3 ? 62 : 42, count)
  }

  double(value: number): void {
    this.decimal(formatDouble(value))
  }

  /** A double whose digits are decided already. */
  decimal(text: string): void {
    if (this.protocol === 3) {
      this.out.byte(44)
      this.out.latin1(text)
      this.out.bytes(CRLF)
    } else this.latin1(text)
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.out.latin1(value ? '#t\r\n' : '#f\r\n')
    else this.integer(value ? 1 : 0)
  }

  /** A text for people: verbatim in RESP3. */
  verbatim(text: string): void {
    if (this.protocol === 2) return this.text(text)
    const bytes = utf8Bytes(text)
    this.#head(61, bytes.length + 4)
    this.out.latin1('txt:')
    this.out.bytes(bytes)
    this.out.bytes(CRLF)
  }

  #head(type: number, count: number): void {
    this.out.line(type, count)
  }
}

const CRLF = latin1Bytes('\r\n')
const OK = latin1Bytes('+OK\r\n')
const ZERO = latin1Bytes(':0\r\n')
const ONE = latin1Bytes(':1\r\n')
const NULL_BULK = latin1Bytes('$-1\r\n')
const NULL_ARRAY = latin1Bytes('*-1\r\n')
const NULL3 = latin1Bytes('_\r\n')

function oneLine(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 10 || text.charCodeAt(i) === 13) return text.replace(/[\r\n]/g, ' ')
  return text
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}

/** One command as an array of bulk strings: what replicas, migration links and files carry. */
export function writeCommand(out: ByteBuffer, parts: readonly (Uint8Array | string)[]): void {
  out.line(42, parts.length)
  for (const part of parts) {
    if (typeof part === 'string') {
      out.line(36, part.length)
      out.latin1(part)
      out.bytes(CRLF)
    } else out.bulk(part, 0, part.length)
  }
}
