/**
 * Pairs of byte strings, packed into pages of 32 KiB: no object for a pair, and half of what it takes is not overhead. Pairs are known by
 * their number, which stays; where a pair lies may change.
 *
 *   pair: number i32 | size in words i32 | field length i32 | value length i32 | field | value
 *   (short pairs have both lengths in one word: field length u16, value length u16)
 *
 * A pair that goes, or grows out of its place, leaves a gap. When more than half of all is gaps, each change moves what is left of one
 * page elsewhere and lets go of the page: nothing is ever tidied up as a whole.
 */
export class PackedPairs {
  readonly #pages: Page[] = []
  /** Pages that were let go of. */
  readonly #vacant: number[] = []
  /** The page to which pairs are added. */
  #open = -1
  /** Where each pair lies, by its number: page << 13 | word; -1 for numbers that are not in use. */
  #places = new Int32Array(4).fill(-1)
  #numbers = 0
  readonly #freeNumbers: number[] = []
  #reservedWords = 0
  #usedWords = 0
  #liveWords = 0
  /** The page that is looked at next for gaps. */
  #hand = 0

  /** Numbers are below this; not all of them are in use. */
  get numbers(): number {
    return this.#numbers
  }

  /** Bytes of all pages, and of the places. */
  get bytes(): number {
    return (this.#places.length + this.#reservedWords) * 4
  }

  /** Where the pair of a number lies; negative for numbers that are not in use. */
  placeOf(number: number): number {
    return this.#places[number] as number
  }

  /** The first word at a place where a pair lies. */
  wordAt(place: number): number {
    return (this.#pages[place >>> WORD_BITS] as Page).words[place & WORD_MASK] as number
  }

  isUsed(number: number): boolean {
    return (this.#places[number] as number) >= 0
  }

  /** Keeps a copy of a pair; returns its number. Field and value are each a part of some bytes, as everywhere here. */
  add(fields: Uint8Array, fieldStart: number, fieldLength: number, values: Uint8Array, valueStart: number, valueLength: number): number {
    const number = this.#freeNumbers.pop() ?? this.#numbers++
    if (number >= this.#places.length) {
      const places = new Int32Array(this.#places.length * 2).fill(-1)
      places.set(this.#places)
      this.#places = places
    }
    this.#write(number, fields, fieldStart, fieldLength, values, valueStart, valueLength)
    return number
  }

  /** Replaces the value of a pair. */
  replace(number: number, values: Uint8Array, valueStart: number, valueLength: number): void {
    const place = this.#places[number] as number
    const { words, bytes } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    const isShort = (words[at + 1] as number) >= 0
    const fieldLength = isShort ? (words[at + 2] as number) >>> 16 : (words[at + 2] as number)
    const start = (at + (isShort ? SHORT_HEADER : LONG_HEADER)) << 2
    const fits = start + fieldLength + valueLength <= (at + Math.abs(words[at + 1] as number)) << 2
    if (fits && (!isShort || valueLength <= SHORT)) {
      if (isShort) words[at + 2] = (fieldLength << 16) | valueLength
      else words[at + 3] = valueLength
      copyInto(bytes, start + fieldLength, values, valueStart, valueLength)
      return
    }
    this.#write(number, bytes, start, fieldLength, values, valueStart, valueLength)
    this.#vacate(place)
  }

  remove(number: number): void {
    const place = this.#places[number] as number
    this.#places[number] = -1
    this.#freeNumbers.push(number)
    this.#vacate(place)
  }

  /** Is this the pair of `field`? */
  isOf(number: number, source: Uint8Array, from: number, fieldLength: number): boolean {
    const place = this.#places[number] as number
    const { words, bytes } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    const isShort = (words[at + 1] as number) >= 0
    const length = isShort ? (words[at + 2] as number) >>> 16 : (words[at + 2] as number)
    if (length !== fieldLength) return false
    const start = (at + (isShort ? SHORT_HEADER : LONG_HEADER)) << 2
    for (let i = 0; i < length; i++) if (bytes[start + i] !== source[from + i]) return false
    return true
  }

  /** The order of the fields of two pairs, as `compareBytes`. */
  compare(number: number, other: number): number {
    const [bytes, otherBytes] = [this.pageOf(number), this.pageOf(other)]
    const [start, otherStart] = [this.fieldStart(number), this.fieldStart(other)]
    const [length, otherLength] = [this.valueStart(number) - start, this.valueStart(other) - otherStart]
    const shared = Math.min(length, otherLength)
    for (let i = 0; i < shared; i++) {
      const difference = (bytes[start + i] as number) - (otherBytes[otherStart + i] as number)
      if (difference !== 0) return difference
    }
    return length - otherLength
  }

  /** A view of the field, valid until something changes. */
  field(number: number): Uint8Array {
    const place = this.#places[number] as number
    const { words, bytes } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    const isShort = (words[at + 1] as number) >= 0
    const start = (at + (isShort ? SHORT_HEADER : LONG_HEADER)) << 2
    return bytes.subarray(start, start + (isShort ? (words[at + 2] as number) >>> 16 : (words[at + 2] as number)))
  }

  /** A view of the value, valid until something changes. */
  value(number: number): Uint8Array {
    const place = this.#places[number] as number
    const { words, bytes } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    if ((words[at + 1] as number) >= 0) {
      const start = ((at + SHORT_HEADER) << 2) + ((words[at + 2] as number) >>> 16)
      return bytes.subarray(start, start + ((words[at + 2] as number) & 0xffff))
    }
    const start = ((at + LONG_HEADER) << 2) + (words[at + 2] as number)
    return bytes.subarray(start, start + (words[at + 3] as number))
  }

  /** Where the field of a pair begins; it ends where the value begins. */
  fieldStart(number: number): number {
    const place = this.#places[number] as number
    const { words } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    return (at + ((words[at + 1] as number) >= 0 ? SHORT_HEADER : LONG_HEADER)) << 2
  }

  /** The bytes in which a pair lies; `valueStart` and `valueLength` say where its value is. */
  pageOf(number: number): Uint8Array {
    return (this.#pages[(this.#places[number] as number) >>> WORD_BITS] as Page).bytes
  }

  valueStart(number: number): number {
    const place = this.#places[number] as number
    const { words } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    if ((words[at + 1] as number) >= 0) return ((at + SHORT_HEADER) << 2) + ((words[at + 2] as number) >>> 16)
    return ((at + LONG_HEADER) << 2) + (words[at + 2] as number)
  }

  valueLength(number: number): number {
    const place = this.#places[number] as number
    const { words } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    return (words[at + 1] as number) >= 0 ? (words[at + 2] as number) & 0xffff : (words[at + 3] as number)
  }

  #write(
    number: number,
    fields: Uint8Array,
    fieldStart: number,
    fieldLength: number,
    values: Uint8Array,
    valueStart: number,
    valueLength: number
  ): void {
    const isShort = fieldLength <= SHORT && valueLength <= SHORT
    const header = isShort ? SHORT_HEADER : LONG_HEADER
    const size = header + ((fieldLength + valueLength + 3) >>> 2)
    const place = this.#allocate(size)
    const { words, bytes } = this.#pages[place >>> WORD_BITS] as Page
    const at = place & WORD_MASK
    words[at] = number
    // The sign tells the form.
    words[at + 1] = isShort ? size : -size
    if (isShort) words[at + 2] = (fieldLength << 16) | valueLength
    else {
      words[at + 2] = fieldLength
      words[at + 3] = valueLength
    }
    copyInto(bytes, (at + header) << 2, fields, fieldStart, fieldLength)
    copyInto(bytes, ((at + header) << 2) + fieldLength, values, valueStart, valueLength)
    this.#places[number] = place
  }

  #allocate(size: number): number {
    let page = this.#pages[this.#open]
    if (size > PAGE_WORDS / 4) return this.#addPage(size, size) << WORD_BITS
    if (page && page.used + size > page.words.length && page.words.length < PAGE_WORDS) {
      // The page of a small table grows; large ones have many of the full size.
      this.#resize(page, Math.min(PAGE_WORDS, Math.max(page.words.length * 2, page.used + size)))
    }
    if (!page || page.used + size > page.words.length) {
      this.#open = this.#addPage(Math.min(PAGE_WORDS, FIRST_PAGE_WORDS + this.#liveWords * 2), 0)
      page = this.#pages[this.#open] as Page
      if (size > page.words.length) this.#resize(page, size)
    }
    const at = page.used
    page.used += size
    page.live += size
    this.#usedWords += size
    this.#liveWords += size
    return (this.#open << WORD_BITS) | at
  }

  #resize(page: Page, words: number): void {
    this.#reservedWords += words - page.words.length
    page.resize(words)
  }

  #addPage(words: number, used: number): number {
    this.#reservedWords += words
    const index = this.#vacant.pop() ?? this.#pages.length
    const page = new Page(words)
    page.used = used
    page.live = used
    this.#usedWords += used
    this.#liveWords += used
    this.#pages[index] = page
    return index
  }

  /** Makes a gap of what lies at a place. */
  #vacate(place: number): void {
    const index = place >>> WORD_BITS
    const page = this.#pages[index] as Page
    const size = Math.abs(page.words[(place & WORD_MASK) + 1] as number)
    page.words[place & WORD_MASK] = -1
    page.live -= size
    this.#liveWords -= size
    if (page.live === 0) this.#letGo(index, page)
    else if (this.#usedWords > 2 * this.#liveWords + FIRST_PAGE_WORDS * 4) this.#tidy()
  }

  #letGo(index: number, page: Page): void {
    this.#usedWords -= page.used
    page.used = 0
    if (index === this.#open) return
    this.#reservedWords -= page.words.length
    this.#pages[index] = NO_PAGE
    this.#vacant.push(index)
  }

  /** Moves what is left of one page that is half gaps or more, if one is among the next few. */
  #tidy(): void {
    for (let tries = 0; tries < 8; tries++) {
      this.#hand = (this.#hand + 1) % this.#pages.length
      const page = this.#pages[this.#hand] as Page
      if (page.used === 0 || page.live * 2 > page.used) continue
      if (this.#hand === this.#open) this.#open = -1
      const index = this.#hand
      for (let at = 0; at < page.used; ) {
        const size = Math.abs(page.words[at + 1] as number)
        const number = page.words[at] as number
        if (number >= 0) {
          const place = this.#allocate(size)
          const target = this.#pages[place >>> WORD_BITS] as Page
          target.words.set(page.words.subarray(at, at + size), place & WORD_MASK)
          this.#places[number] = place
        }
        at += size
      }
      this.#liveWords -= page.live
      page.live = 0
      this.#letGo(index, page)
      return
    }
  }
}

class Page {
  words: Int32Array
  bytes: Uint8Array
  /** Words that are written, and those of them that belong to a pair. */
  used = 0
  live = 0

  constructor(words: number) {
    this.words = new Int32Array(words)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  resize(words: number): void {
    const old = this.words
    this.words = new Int32Array(words)
    this.words.set(old)
    this.bytes = new Uint8Array(this.words.buffer)
  }
}

const WORD_BITS = 13
const WORD_MASK = (1 << WORD_BITS) - 1
const PAGE_WORDS = 1 << WORD_BITS
const FIRST_PAGE_WORDS = 16
const SHORT_HEADER = 3
const LONG_HEADER = 4
/** The longest field and value of a short pair; half of what 16 bits hold, so that the word is never negative. */
const SHORT = 32_767
const NO_PAGE = new Page(0)

function copyInto(target: Uint8Array, at: number, source: Uint8Array, start: number, length: number): void {
  if (length > 32) target.set(source.subarray(start, start + length), at)
  else for (let i = 0; i < length; i++) target[at + i] = source[start + i] as number
}
