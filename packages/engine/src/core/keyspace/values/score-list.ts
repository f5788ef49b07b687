import { EMPTY_BYTES } from '../../bytes.ts'
import { WALK_END, walkPosition } from '../byte-table.ts'
import type { ScoredMembers } from './scored-members.ts'

/**
 * The small form of a sorted set: one array of bytes that is searched from the front, in order of score, then member.
 *
 *   entry: score, 8 bytes | length of the member, 1 byte | member
 *
 * The bytes of a score are those of its double, most significant first, with the sign bit turned, and all bits of negative ones: their
 * order as bytes is that of the numbers, so a place is found without making numbers of them. The number of a member is the offset of
 * its entry. Members have at most 255 bytes, and no score is a negative zero.
 *
 * No view of the array is ever made: V8 keeps arrays of up to 64 bytes inside the object, until somebody asks for their buffer.
 */
export class ScoreList implements ScoredMembers {
  #bytes = EMPTY_BYTES
  #used = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes.length
  }

  locate(source: Uint8Array, start: number, length: number): number {
    const bytes = this.#bytes
    const used = this.#used
    for (let at = 0; at < used; ) {
      const itsLength = bytes[at + SCORE_BYTES] as number
      const next = at + HEADER_BYTES + itsLength
      if (itsLength === length) {
        // From the back, where names that are alike differ.
        let left = length - 1
        while (left >= 0 && bytes[at + HEADER_BYTES + left] === source[start + left]) left--
        if (left < 0) return at
      }
      at = next
    }
    return -1
  }

  scoreOf(number: number): number {
    const high = wordAt(this.#bytes, number)
    const low = wordAt(this.#bytes, number + 4)
    // The sign bit is set in what was positive.
    scratch.setInt32(0, high < 0 ? high ^ SIGN : ~high)
    scratch.setInt32(4, high < 0 ? low : ~low)
    return scratch.getFloat64(0)
  }

  member(number: number): Uint8Array {
    const bytes = this.#bytes
    const length = this.memberLength(number)
    const member = new Uint8Array(length)
    for (let i = 0; i < length; i++) member[i] = bytes[number + HEADER_BYTES + i] as number
    return member
  }

  pageOf(_number: number): Uint8Array {
    return this.#bytes
  }

  memberStart(number: number): number {
    return number + HEADER_BYTES
  }

  memberLength(number: number): number {
    return this.#bytes[number + SCORE_BYTES] as number
  }

  rankOf(number: number): number {
    let rank = 0
    for (let at = 0; at < number; at = this.#after(at)) rank++
    return rank
  }

  rankWhere(claim: (score: number, number: number) => boolean): number {
    let at = 0
    let rank = 0
    // In strides first: a claim costs more than some steps.
    for (let next = this.#ahead(at, STRIDE); next < this.#used && claim(this.scoreOf(next), next); next = this.#ahead(at, STRIDE)) {
      at = next
      rank += STRIDE
    }
    for (; at < this.#used && claim(this.scoreOf(at), at); at = this.#after(at)) rank++
    return rank
  }

  visit(from: number, count: number, reverse: boolean, visit: (number: number, score: number) => boolean | undefined): void {
    if (from < 0 || from >= this.#size || count <= 0) return
    if (reverse) {
      const numbers = this.#numbersOf(Math.max(0, from - count + 1), from + 1)
      for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
        if (visit(number, this.scoreOf(number)) === false) return
      }
      return
    }
    for (let at = this.#at(from), left = count; at < this.#used && left > 0; at = this.#after(at), left--) {
      if (visit(at, this.scoreOf(at)) === false) return
    }
  }

  *numbers(): Generator<number> {
    for (let at = 0; at < this.#used; at = this.#after(at)) yield at
  }

  random(pick: (bound: number) => number): number {
    return this.#size === 0 ? -1 : this.#at(pick(this.#size))
  }

  walk(position: number, visit: (number: number) => void): number {
    for (let at = 0; at < this.#used; at = this.#after(at)) {
      if (position === 0 || walkPosition(this.member(at)) >= position) visit(at)
    }
    return WALK_END
  }

  add(source: Uint8Array, start: number, length: number, score: number): void {
    scratch.setFloat64(0, score)
    const high = highWord()
    const low = lowWord()
    const at = this.#placeFor(0, this.#used, high, low, source, start, length)
    this.#write(this.#open(at, HEADER_BYTES + length), at, high, low, source, start, length)
    this.#size++
  }

  move(number: number, score: number): void {
    const bytes = this.#bytes
    const length = this.memberLength(number)
    for (let i = 0; i < length; i++) moved[i] = bytes[number + HEADER_BYTES + i] as number
    const behind = number + HEADER_BYTES + length
    const isUp = score > this.scoreOf(number)
    scratch.setFloat64(0, score)
    const high = highWord()
    const low = lowWord()
    const place = this.#placeFor(isUp ? behind : 0, isUp ? this.#used : number, high, low, moved, 0, length)
    // Only what stands between the two places makes way.
    if (isUp) bytes.copyWithin(number, behind, place)
    else bytes.copyWithin(place + HEADER_BYTES + length, place, number)
    this.#write(bytes, isUp ? number + place - behind : place, high, low, moved, 0, length)
  }

  remove(number: number): void {
    this.#close(number, this.#after(number))
    this.#size--
    this.#shrink()
  }

  removeRanks(from: number, to: number): void {
    const end = Math.min(to, this.#size)
    if (from >= end) return
    this.#close(this.#at(from), this.#at(end))
    this.#size -= end - from
    this.#shrink()
  }

  copy(): ScoreList {
    const copy = new ScoreList()
    copy.#bytes = resized(this.#bytes, this.#used)
    copy.#used = this.#used
    copy.#size = this.#size
    return copy
  }

  /** The entry behind one. */
  #after(at: number): number {
    return at + HEADER_BYTES + (this.#bytes[at + SCORE_BYTES] as number)
  }

  /** The entry of a rank; behind the last one for a rank that is not there. */
  #at(rank: number): number {
    return this.#ahead(0, rank)
  }

  #ahead(from: number, steps: number): number {
    const bytes = this.#bytes
    const used = this.#used
    let at = from
    for (let left = steps; left > 0 && at < used; left--) at += HEADER_BYTES + (bytes[at + SCORE_BYTES] as number)
    return at
  }

  /** The entries of ranks `from` up to but not including `to`. */
  #numbersOf(from: number, to: number): number[] {
    const numbers: number[] = []
    for (let at = this.#at(from), rank = from; rank < to; at = this.#after(at), rank++) numbers.push(at)
    return numbers
  }

  /** The first entry from `from` on, before `to`, that does not stand before a score, given as its two words, and a member; else `to`. */
  #placeFor(from: number, to: number, high: number, low: number, source: Uint8Array, start: number, length: number): number {
    const bytes = this.#bytes
    let at = from
    for (; at < to; at += HEADER_BYTES + (bytes[at + SCORE_BYTES] as number)) {
      const itsHigh = wordAt(bytes, at)
      if (itsHigh !== high) {
        if (itsHigh >>> 0 > high >>> 0) return at
        continue
      }
      const itsLow = wordAt(bytes, at + 4)
      if (itsLow !== low) {
        if (itsLow >>> 0 > low >>> 0) return at
      } else if (this.#compare(at, source, start, length) > 0) return at
    }
    return at
  }

  /** The order of the member of an entry and another, as `compareBytes`. */
  #compare(at: number, source: Uint8Array, start: number, length: number): number {
    const bytes = this.#bytes
    const itsLength = bytes[at + SCORE_BYTES] as number
    const shared = Math.min(itsLength, length)
    for (let i = 0; i < shared; i++) {
      const difference = (bytes[at + HEADER_BYTES + i] as number) - (source[start + i] as number)
      if (difference !== 0) return difference
    }
    return itsLength - length
  }

  #write(bytes: Uint8Array, at: number, high: number, low: number, source: Uint8Array, start: number, length: number): void {
    putWord(bytes, at, high)
    putWord(bytes, at + 4, low)
    bytes[at + SCORE_BYTES] = length
    for (let i = 0; i < length; i++) bytes[at + HEADER_BYTES + i] = source[start + i] as number
  }

  /** Makes room for `size` bytes at an offset. */
  #open(at: number, size: number): Uint8Array {
    const used = this.#used + size
    if (used > this.#bytes.length) this.#bytes = resized(this.#bytes, this.#size === 0 ? used : used + (used >>> 2))
    this.#bytes.copyWithin(at + size, at, this.#used)
    this.#used = used
    return this.#bytes
  }

  #close(from: number, to: number): void {
    this.#bytes.copyWithin(from, to, this.#used)
    this.#used -= to - from
  }

  /** Gives back what is free when that is more than half. */
  #shrink(): void {
    if (this.#bytes.length > SMALLEST_BYTES && this.#used * 2 < this.#bytes.length) this.#bytes = resized(this.#bytes, this.#used)
  }
}

const SCORE_BYTES = 8
const HEADER_BYTES = SCORE_BYTES + 1
const STRIDE = 8
const SIGN = 0x8000_0000 | 0
/** Arrays that are no longer than this are not made smaller. */
const SMALLEST_BYTES = 64

/** A score on its way. */
const scratch = new DataView(new ArrayBuffer(SCORE_BYTES))
/** A member on its way to another place. */
const moved = new Uint8Array(255)

/** What is kept of the score in `scratch`, in two words. */
function highWord(): number {
  const word = scratch.getInt32(0)
  return word < 0 ? ~word : word ^ SIGN
}

function lowWord(): number {
  return scratch.getInt32(0) < 0 ? ~scratch.getInt32(4) : scratch.getInt32(4)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

/** The first `length` bytes in an array of that length. */
function resized(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(length)
  if (bytes.length <= length) next.set(bytes)
  else for (let i = 0; i < length; i++) next[i] = bytes[i] as number
  return next
}
