/** A loop copies so few bytes faster than `set` does. */
const LOOP_BELOW = 32
/** The same where `set` needs a view to be made first. */
const LONG_LOOP_BELOW = 96

/** A buffer that has anything has room for so much. */
const LEAST_CAPACITY = 256

/** A growing run of bytes that is written at its end. `view()` is valid until the next write or `clear()`. */
export class ByteBuffer {
  #bytes: Uint8Array
  #length = 0
  #view: Uint8Array

  constructor(capacity = LEAST_CAPACITY) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = this.#bytes
  }

  get length(): number {
    return this.#length
  }

  view(): Uint8Array {
    // What is written is often as long as the last time.
    if (this.#view.length !== this.#length) this.#view = this.#bytes.subarray(0, this.#length)
    return this.#view
  }

  /** A copy that outlives this buffer's next write. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Forgets the content; a buffer that had to grow beyond `keepCapacity` bytes gives the memory back. */
  clear(keepCapacity = 65_536): void {
    this.#length = 0
    if (this.#bytes.length > keepCapacity) this.#moveTo(new Uint8Array(LEAST_CAPACITY))
  }

  /** Drops the first `count` bytes. */
  consume(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length)
    this.#length -= count
  }

  /** Cuts the content to its first `length` bytes: takes back what a failed writer appended. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length++] = value
  }

  bytes(source: Uint8Array): void {
    const count = source.length
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    if (count > LOOP_BELOW) this.#bytes.set(source, this.#length)
    else {
      const bytes = this.#bytes
      const at = this.#length
      for (let i = 0; i < count; i++) bytes[at + i] = source[i] as number
    }
    this.#length += count
  }

  /** Appends `source[start .. end)`. */
  part(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    const bytes = this.#bytes
    let at = this.#length
    if (count > LONG_LOOP_BELOW) bytes.set(source.subarray(start, end), at)
    else for (let i = start; i < end; i++) bytes[at++] = source[i] as number
    this.#length += count
  }

  /** `$<length>\r\n`, `length` bytes of `source` from `start` on, `\r\n`: a bulk string as the protocol has it. */
  bulk(source: Uint8Array, start: number, length: number): void {
    if (this.#length + length + 16 > this.#bytes.length) this.#grow(length + 16)
    this.line(36, length)
    const bytes = this.#bytes
    let at = this.#length
    if (length > LOOP_BELOW) {
      bytes.set(source.subarray(start, start + length), at)
      at += length
    } else for (let i = start; i < start + length; i++) bytes[at++] = source[i] as number
    bytes[at] = 13
    bytes[at + 1] = 10
    this.#length = at + 2
  }

  /** One byte, a decimal number from 0 to 2^31 - 1, `\r\n`. */
  line(type: number, value: number): void {
    if (this.#length + 16 > this.#bytes.length) this.#grow(16)
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = type
    at += value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : digitsOf(value)
    this.#length = at + 2
    bytes[at] = 13
    bytes[at + 1] = 10
    let rest = value
    do {
      const tenth = (rest / 10) | 0
      bytes[--at] = 48 + rest - tenth * 10
      rest = tenth
    } while (rest > 0)
  }

  /** Appends text whose units are all below 256. */
  latin1(text: string): void {
    const count = text.length
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    const bytes = this.#bytes
    let at = this.#length
    for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i)
    this.#length = at
  }

  uint16(value: number): void {
    this.byte((value >>> 8) & 255)
    this.byte(value & 255)
  }

  uint32(value: number): void {
    this.uint16((value >>> 16) & 65_535)
    this.uint16(value & 65_535)
  }

  /** Big endian; `value` is a safe integer >= 0. */
  uint64(value: number): void {
    this.uint32(Math.floor(value / 4_294_967_296))
    this.uint32(value % 4_294_967_296)
  }

  uint64le(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    for (let i = 0; i < 8; i++) {
      this.byte(Number(rest & 255n))
      rest >>= 8n
    }
  }

  zeros(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    this.#bytes.fill(0, this.#length, this.#length + count)
    this.#length += count
  }

  /** `text` cut or padded with zeros to `width` bytes: fixed fields of the cluster bus. */
  fixed(text: string, width: number): void {
    if (this.#length + width > this.#bytes.length) this.#grow(width)
    const bytes = this.#bytes
    const end = this.#length + width
    const textEnd = Math.min(end, this.#length + text.length)
    let at = this.#length
    for (let i = 0; at < textEnd; i++) bytes[at++] = text.charCodeAt(i)
    while (at < end) bytes[at++] = 0
    this.#length = end
  }

  #grow(count: number): void {
    const next = new Uint8Array(Math.max(LEAST_CAPACITY, this.#bytes.length * 2, this.#length + count))
    next.set(this.#bytes.subarray(0, this.#length))
    this.#moveTo(next)
  }

  #moveTo(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = bytes
  }
}

function digitsOf(value: number): number {
  let digits = 4
  for (let bound = 10_000; value >= bound; bound *= 10) digits++
  return digits
}
