import { EMPTY_BYTES, latin1Bytes } from '../bytes.ts'
import { Crc64 } from './crc64.ts'
import { decompressLzf } from './lzf.ts'

/** Bounds of what a file or a peer may make us hold. */
export type RdbLimits = {
  /** Bytes of one string, unpacked: `proto-max-bulk-len`. */
  readonly maxStringBytes: number
}

/**
 * Bytes of an RDB as they arrive, and the primitives of the format read from them.
 *
 * Reading is by trial: what could not be read for want of bytes sets `short`, what makes no sense sets `problem`; the
 * primitives then return zeros and empty strings. So a parser reads one element straight through, looks at the two once, and then
 * either commits, or rewinds and comes again when more has arrived.
 */
export class RdbInput {
  #bytes: Uint8Array = EMPTY_BYTES
  #at = 0
  #end = 0
  #owned = false
  /** Where the uncommitted element begins. */
  #mark = 0
  /** Bytes committed and dropped: the offset of `#bytes[0]` in the whole. */
  #dropped = 0
  /** Bytes after the mark that the last try is known to need. */
  #wanted = 0
  readonly #crc = new Crc64()
  readonly #limits: RdbLimits
  short = false
  problem: string | undefined

  constructor(limits: RdbLimits) {
    this.#limits = limits
  }

  /** Takes what arrived; `keep` must follow before the bytes become invalid. */
  push(bytes: Uint8Array): void {
    if (this.#at === this.#end) {
      this.#dropped += this.#at
      this.#bytes = bytes
      this.#at = 0
      this.#mark = 0
      this.#end = bytes.length
      this.#owned = false
      return
    }
    this.#own(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Copies what is left into our own memory: the giver's bytes end with the step. */
  keep(): void {
    if (!this.#owned) this.#own(0)
  }

  /** Offset of the next uncommitted byte from the beginning. */
  get offset(): number {
    return this.#dropped + this.#mark
  }

  /** Is it worth trying: are there as many bytes as the last failed try wanted? */
  get mayHold(): boolean {
    return this.#end - this.#mark >= Math.max(this.#wanted, 1)
  }

  /** Bytes that are here and not committed. */
  get pending(): number {
    return this.#end - this.#mark
  }

  /** What was read stands. */
  commit(): void {
    this.#crc.update(this.#bytes.subarray(this.#mark, this.#at))
    this.#mark = this.#at
    this.#wanted = 0
  }

  /** Back to the last commit. */
  rewind(): void {
    this.#at = this.#mark
    this.short = false
  }

  /** The sum of everything committed, 8 bytes little endian. */
  checksum(): Uint8Array {
    return this.#crc.bytes()
  }

  /** Hands out everything uncommitted and forgets it; a view, valid as long as what was pushed. */
  takeRest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#mark, this.#end)
    this.#at = this.#mark = this.#end
    return rest
  }

  /** Notes the first problem; what was made up for want of bytes is none. */
  fail(text: string): undefined {
    if (!this.short) this.problem ??= text
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  /** The next `count` bytes: a view, valid until the next `push` or `keep`. Empty when they are not here. */
  take(count: number): Uint8Array {
    const next = this.#at + count
    if (this.short || next > this.#end) {
      // Only the first shortage says what is wanted: what is read after it is made up.
      if (!this.short) this.#wanted = next - this.#mark
      this.short = true
      return EMPTY_BYTES
    }
    const taken = this.#bytes.subarray(this.#at, next)
    this.#at = next
    return taken
  }

  /** Little endian, unsigned. */
  uint32(): number {
    const bytes = this.take(4)
    return this.short
      ? 0
      : ((bytes[0] as number) | ((bytes[1] as number) << 8) | ((bytes[2] as number) << 16) | ((bytes[3] as number) << 24)) >>> 0
  }

  /** Little endian, signed: milliseconds. Beyond the safe integers it is rounded. */
  int64(): number {
    const low = this.uint32()
    const high = this.uint32() | 0
    return high * 4_294_967_296 + low
  }

  /** A little-endian double. */
  double(): number {
    const bytes = this.take(8)
    return this.short ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
  }

  /** A length; an encoded string here is a problem. */
  length(): number {
    const value = this.#lengthOrEncoding()
    if (value >= 0) return value
    this.fail('a string encoding stands where a length is due')
    return 0
  }

  /** A length in any of its forms, which may be any unsigned number of 64 bits: parts of stream ids, counters. */
  wideLength(): bigint {
    const first = this.take(1)[0] ?? 0
    if (first === 0x81) return (BigInt(this.#bigEndian32()) << 32n) | BigInt(this.#bigEndian32())
    if (!this.short) this.#at--
    return BigInt(this.length())
  }

  /** A string in any encoding; bytes of its own. */
  string(): Uint8Array {
    const length = this.#lengthOrEncoding()
    if (length >= 0) return this.#raw(length)
    switch (-length - 1) {
      case 0:
        return latin1Bytes(String((this.byte() << 24) >> 24))
      case 1: {
        const bytes = this.take(2)
        return latin1Bytes(String((((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)) << 16) >> 16))
      }
      case 2:
        return latin1Bytes(String(this.uint32() | 0))
      case 3:
        return this.#compressed()
      default:
        this.fail(`unknown string encoding ${-length - 1}`)
        return EMPTY_BYTES
    }
  }

  #raw(length: number): Uint8Array {
    return this.#allows(length) ? this.take(length).slice() : EMPTY_BYTES
  }

  #compressed(): Uint8Array {
    const packedLength = this.length()
    const length = this.length()
    if (this.short || this.problem || !this.#allows(packedLength) || !this.#allows(length)) return EMPTY_BYTES
    const packed = this.take(packedLength)
    if (this.short) return EMPTY_BYTES
    const bytes = decompressLzf(packed, length)
    if (!bytes) this.fail('damaged LZF string')
    return bytes ?? EMPTY_BYTES
  }

  #allows(length: number): boolean {
    if (length > this.#limits.maxStringBytes) this.fail(`a string of ${length} bytes is beyond the limit of ${this.#limits.maxStringBytes}`)
    return this.problem === undefined
  }

  /** A length >= 0, or -1 - encoding. */
  #lengthOrEncoding(): number {
    const first = this.byte()
    switch (first >>> 6) {
      case 0:
        return first
      case 1:
        return ((first & 63) << 8) | this.byte()
      case 2: {
        const high = first === 0x80 ? 0 : this.#bigEndian32()
        const low = this.#bigEndian32()
        if (first > 0x81) this.fail(`unknown length encoding ${first}`)
        const value = high * 4_294_967_296 + low
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a length beyond 2^53')
        return this.problem ? 0 : value
      }
      default:
        return -1 - (first & 63)
    }
  }

  #bigEndian32(): number {
    const bytes = this.take(4)
    return (((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) >>> 0
  }

  /** Moves what is uncommitted to the start of a buffer of our own with room for `extra` more bytes. */
  #own(extra: number): void {
    if (this.#owned && this.#bytes.length - this.#end >= extra) return
    const pending = this.#end - this.#mark
    if (pending + extra === 0) {
      this.#dropped += this.#mark
      this.#bytes = EMPTY_BYTES
      this.#at = this.#mark = this.#end = 0
      return
    }
    const fits = this.#owned && this.#bytes.length >= pending + extra && this.#bytes.length <= 4 * (pending + extra) + 4096
    const target = fits ? this.#bytes : new Uint8Array(pending + extra + Math.max(pending, 1024))
    if (fits) target.copyWithin(0, this.#mark, this.#end)
    else target.set(this.#bytes.subarray(this.#mark, this.#end))
    this.#dropped += this.#mark
    this.#at -= this.#mark
    this.#mark = 0
    this.#end = pending
    this.#bytes = target
    this.#owned = true
  }
}
