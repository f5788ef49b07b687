import { isWord, latin1Text, parseDigits, parseDouble, parseInteger, parseIntegerBetween } from '../bytes.ts'
import { keySlot } from '../cluster/slot.ts'
import { hashBytes } from '../keyspace/byte-table.ts'

/**
 * The arguments of one command, name included, as offsets into the bytes that carried them. Nothing is copied: views are
 * valid only while the command runs, so whatever is kept must come from `copy`.
 */
export class Args {
  #source: Uint8Array
  #offsets: Int32Array
  #lengths: Int32Array
  #count = 0
  /** Where the whole request lies in the source, in its plain form; -1 when it does not. */
  #requestStart = -1
  #requestEnd = -1
  /** Slot and hash of the argument where most commands have their key; a slot of -1 while nobody has worked them out. */
  #slot = -1
  #position = 0

  constructor() {
    this.#source = new Uint8Array(0)
    this.#offsets = new Int32Array(16)
    this.#lengths = new Int32Array(16)
  }

  /** Arguments of our own making: rewritten commands, tests. */
  static of(parts: readonly Uint8Array[]): Args {
    const args = new Args()
    let length = 0
    for (const part of parts) length += part.length
    const source = new Uint8Array(length)
    let at = 0
    args.begin()
    for (const part of parts) {
      source.set(part, at)
      args.push(at, part.length)
      at += part.length
    }
    args.#source = source
    return args
  }

  /** The decoder's side: forget the last command, then name each argument, then the bytes they lie in. */
  begin(): void {
    this.#count = 0
    this.#requestEnd = -1
    this.#slot = -1
  }

  push(offset: number, length: number): void {
    if (this.#count === this.#offsets.length) {
      const offsets = new Int32Array(this.#count * 2)
      offsets.set(this.#offsets)
      this.#offsets = offsets
      const lengths = new Int32Array(this.#count * 2)
      lengths.set(this.#lengths)
      this.#lengths = lengths
    }
    this.#offsets[this.#count] = offset
    this.#lengths[this.#count] = length
    this.#count++
  }

  over(source: Uint8Array): void {
    this.#source = source
  }

  /** The whole request is `source[start .. end)`, an array of bulk strings with nothing unusual about it: others may get those bytes. */
  lieAt(start: number, end: number): void {
    this.#requestStart = start
    this.#requestEnd = end
  }

  /** Somebody has worked out the slot and the hash of argument 1, a slot of -1 for not. */
  located(slot: number, position: number): void {
    this.#slot = slot
    this.#position = position
  }

  /** Number of arguments, the command's name included. */
  get length(): number {
    return this.#count
  }

  /** The bytes in which the arguments lie, for whoever reads them where they are. */
  get source(): Uint8Array {
    return this.#source
  }

  /** Where an argument begins in `source`. */
  offset(index: number): number {
    return this.#offsets[index] as number
  }

  /** Where the header of an argument behind the first begins in `source`, when the whole request lies there. */
  header(index: number): number {
    return (this.#offsets[index - 1] as number) + (this.#lengths[index - 1] as number) + 2
  }

  /** A view, valid while the command runs. */
  bytes(index: number): Uint8Array {
    const offset = this.#offsets[index] as number
    return this.#source.subarray(offset, offset + (this.#lengths[index] as number))
  }

  /** Where the request begins in `source`, if `requestEnd` says that it lies there. */
  get requestStart(): number {
    return this.#requestStart
  }

  /** Where the request, as it came, ends in `source`; -1 when it is not there in one piece. */
  get requestEnd(): number {
    return this.#requestEnd
  }

  /** The slot of an argument that is a key. */
  slot(index: number): number {
    if (index === 1 && this.#slot >= 0) return this.#slot
    const offset = this.#offsets[index] as number
    return keySlot(this.#source, offset, offset + (this.#lengths[index] as number))
  }

  /** The hash of an argument that is a key, which is its position in the directory of its slot. */
  position(index: number): number {
    if (index === 1 && this.#slot >= 0) return this.#position
    const offset = this.#offsets[index] as number
    return hashBytes(this.#source, offset, offset + (this.#lengths[index] as number))
  }

  /** A copy that may be kept. */
  copy(index: number): Uint8Array {
    const offset = this.#offsets[index] as number
    return this.#source.slice(offset, offset + (this.#lengths[index] as number))
  }

  /** Length of one argument in bytes; 0 when there is no such argument. */
  size(index: number): number {
    return index < this.#count ? (this.#lengths[index] as number) : 0
  }

  /** Lossless, one unit per byte: for names, patterns and messages. */
  text(index: number): string {
    return latin1Text(this.bytes(index))
  }

  /** Is this argument the word `upper`, whatever its case? */
  is(index: number, upper: string): boolean {
    if (index >= this.#count || this.#lengths[index] !== upper.length) return false
    const offset = this.#offsets[index] as number
    return isWord(this.#source, upper, offset, offset + upper.length)
  }

  /** A 64-bit integer: a number where exact, else a bigint; undefined if it is none. */
  integer(index: number): number | bigint | undefined {
    const offset = this.#offsets[index] as number
    return parseInteger(this.#source, offset, offset + (this.#lengths[index] as number))
  }

  /** An integer within [low, high], else undefined. */
  integerBetween(index: number, low: number, high: number): number | undefined {
    return parseIntegerBetween(this.bytes(index), low, high)
  }

  /** Distance in bytes from the first argument to the end of the last: the size of the request, give or take its headers. */
  get extent(): number {
    const last = this.#count - 1
    return last < 0 ? 0 : (this.#offsets[last] as number) + (this.#lengths[last] as number) - (this.#offsets[0] as number)
  }

  /** Size of the request as an array of bulk strings, in bytes. */
  get wireBytes(): number {
    let bytes = 3 + digits(this.#count)
    for (let i = 0; i < this.#count; i++) {
      const length = this.#lengths[i] as number
      bytes += length + 5 + digits(length)
    }
    return bytes
  }

  double(index: number): number | undefined {
    const offset = this.#offsets[index] as number
    return parseDigits(this.#source, offset, offset + (this.#lengths[index] as number)) ?? parseDouble(this.bytes(index))
  }

  /** Copies of all arguments: MULTI's queue, propagation, logs. */
  copies(): Uint8Array[] {
    return Array.from({ length: this.#count }, (_, index) => this.copy(index))
  }

  /** Views of all arguments, valid while the command runs. */
  views(): Uint8Array[] {
    const views: Uint8Array[] = []
    for (let i = 0; i < this.#count; i++) views.push(this.bytes(i))
    return views
  }

  /** Copies that stand on their own, for a command that runs later. */
  kept(): Args {
    return Args.of(Array.from({ length: this.#count }, (_, index) => this.bytes(index)))
  }
}

function digits(count: number): number {
  return String(count).length
}
