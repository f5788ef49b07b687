import { EMPTY_BYTES, parseInteger } from '../../bytes.ts'

/** A string: any bytes. Integers are kept as bytes and read when asked. */
export class StringValue {
  readonly type = 'string'
  /** May have room behind the content, so that many small APPENDs do not copy it every time. */
  #buffer: Uint8Array
  #length: number
  #form: 'whole' | 'text' | 'edited' = 'whole'

  /** Keeps `bytes` as they are: pass a copy that nobody else changes or keeps. */
  constructor(bytes: Uint8Array = EMPTY_BYTES) {
    this.#buffer = bytes
    this.#length = bytes.length
  }

  /** The content; valid until the value changes. */
  get bytes(): Uint8Array {
    return this.#buffer.length === this.#length ? this.#buffer : this.#buffer.subarray(0, this.#length)
  }

  get length(): number {
    return this.#length
  }

  /** Was it stored as it is, rather than edited or computed? Then its bytes say everything about it. */
  get isWhole(): boolean {
    return this.#form === 'whole'
  }

  replace(bytes: Uint8Array): void {
    this.#buffer = bytes
    this.#length = bytes.length
    this.#form = 'whole'
  }

  /** As `replace`, with the result of a command that does not look whether it is an integer (INCRBYFLOAT). */
  replaceWithText(bytes: Uint8Array): void {
    this.replace(bytes)
    this.#form = 'text'
  }

  /** As `replace`, with what was edited as bytes: it is `raw` from now on. */
  replaceEdited(bytes: Uint8Array): void {
    this.replace(bytes)
    this.#form = 'edited'
  }

  /** Overwrites from `offset` on; a gap before it is filled with zeros. `offset` at the end appends. */
  write(offset: number, bytes: Uint8Array): void {
    const length = Math.max(this.#length, offset + bytes.length)
    if (length > this.#buffer.length) {
      // As much room again, up to 1 MiB, as the reference's strings take.
      const grown = new Uint8Array(this.#length === 0 ? length : Math.min(length * 2, length + 1_048_576))
      grown.set(this.bytes)
      this.#buffer = grown
    }
    this.#buffer.set(bytes, offset)
    this.#length = length
    this.#form = 'edited'
  }

  /** As `string2ll`; undefined when this is not a 64-bit integer in canonical form. */
  integer(): number | bigint | undefined {
    return this.#length <= 20 ? parseInteger(this.bytes) : undefined
  }

  /** A copy that shares nothing. */
  copy(): StringValue {
    const copy = new StringValue(this.bytes.slice())
    copy.#form = this.#form
    return copy
  }

  /**
   * What OBJECT ENCODING says. A value that was edited in place is `raw`; else an integer is `int`, and what fits into 128
   * bytes together with key, headers and deadline is `embstr` (`shouldEmbedStringObject`).
   */
  encodingUnder(key: Uint8Array, hasDeadline: boolean): 'int' | 'embstr' | 'raw' {
    if (this.#form === 'edited') return 'raw'
    if (this.#form === 'whole' && this.integer() !== undefined) return 'int'
    const room = (key.length < 32 ? 113 : 111) - (hasDeadline ? 8 : 0)
    return key.length + this.#length <= room ? 'embstr' : 'raw'
  }
}
