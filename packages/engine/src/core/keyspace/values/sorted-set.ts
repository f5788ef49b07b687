import { compareBytes, EMPTY_BYTES } from '../../bytes.ts'
import { FieldTable } from './field-table.ts'
import { RankedTree } from './ranked-tree.ts'

/** A range of scores; `low` and `high` may be infinite. */
export type ScoreRange = { readonly low: number; readonly lowExcluded: boolean; readonly high: number; readonly highExcluded: boolean }

/** One end of a range of members: `-`, `+`, or a member that is included or not. */
export type LexBound = '-' | '+' | { readonly member: Uint8Array; readonly excluded: boolean }

/** Ranks `from` up to but not including `to`. */
export type RankRange = { readonly from: number; readonly to: number }

/**
 * Members with scores, ordered by score, then bytes. The bytes of members are packed, and known by a number; scores and order are arrays
 * of numbers. What is given is copied; members that come out are views, valid until the set changes.
 */
export class SortedSetValue {
  readonly type = 'zset'
  readonly #members = new FieldTable()
  /** By number of the member. */
  #scores = new Float64Array(4)
  readonly #order = new RankedTree(this.#members)
  #packed = true

  get size(): number {
    return this.#members.size
  }

  /** Where members are found, for those who look ahead. */
  get fields(): FieldTable {
    return this.#members
  }

  /** What members and scores take, without the order. */
  get bytes(): number {
    return this.#members.bytes + this.#scores.length * 8
  }

  /** What OBJECT ENCODING says; it never goes back. */
  get encoding(): 'listpack' | 'skiplist' {
    return this.#packed ? 'listpack' : 'skiplist'
  }

  /** Tells how many members, of which length at most, are about to be given: the reference chooses its form by that, before it knows which of them come in (`zsetTypeMaybeConvert`). */
  expect(count: number, longestBytes: number): void {
    if (count > PACKED_MEMBERS || longestBytes > PACKED_BYTES) this.#packed = false
  }

  /** Goes back to a listpack when there is little in it, as the reference does with results (`zsetConvertToListpackIfNeeded`). */
  pack(): void {
    if (this.#packed || this.size > PACKED_MEMBERS) return
    const zeros: number[] = []
    for (const number of this.#members.numbers()) {
      if (this.#members.field(number).length > PACKED_BYTES) return
      if (Object.is(this.#scores[number], -0)) zeros.push(number)
    }
    this.#packed = true
    // It is equal to the other zero, so the order stays.
    for (const number of zeros) this.#move(number, -0, 0)
  }

  score(member: Uint8Array): number | undefined {
    return this.scoreAt(this.locate(member, 0, member.length))
  }

  /** The number of the member `source[start .. start + length)`, -1 if it is not there; it holds until the set changes. */
  locate(source: Uint8Array, start: number, length: number): number {
    return this.#members.find(source, start, length)
  }

  /** The score of a member by its number; undefined for -1. */
  scoreAt(number: number): number | undefined {
    return number < 0 ? undefined : this.#scores[number]
  }

  /** Adds a member or moves it to another score; true if it is new. */
  set(member: Uint8Array, score: number): boolean {
    return this.setAt(this.locate(member, 0, member.length), member, 0, member.length, score)
  }

  /** As `set`, right after `locate` of the member gave `number`. */
  setAt(number: number, source: Uint8Array, start: number, length: number, score: number): boolean {
    const isNew = number < 0
    if (this.#packed && (this.size - (isNew ? 0 : 1) >= PACKED_MEMBERS || length > PACKED_BYTES)) this.#packed = false
    // A listpack holds an integral score as an integer, which has no negative zero.
    const kept = this.#packed && score === 0 ? 0 : score
    if (isNew) {
      this.#add(source, start, length, kept)
      return true
    }
    const old = this.#scores[number] as number
    if (old !== kept) this.#move(number, old, kept)
    return false
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    const number = this.locate(member, 0, member.length)
    if (number < 0) return false
    this.#order.remove(this.#scores[number] as number, number)
    this.#members.remove(number)
    return true
  }

  /** Removes the members of some ranks. */
  deleteRanks({ from, to }: RankRange): void {
    const numbers: number[] = []
    this.#order.visit(from, to - from, false, (number) => numbers.push(number) > 0)
    for (const number of numbers) {
      this.#order.remove(this.#scores[number] as number, number)
      this.#members.remove(number)
    }
  }

  /** 0 for the lowest score; undefined when there is no such member. */
  rank(member: Uint8Array): number | undefined {
    const number = this.locate(member, 0, member.length)
    return number < 0 ? undefined : this.#order.rankOf(this.#scores[number] as number, number)
  }

  /** The ranks of the members whose scores lie in a range. */
  ranksByScore({ low, lowExcluded, high, highExcluded }: ScoreRange): RankRange {
    const from = this.#order.rankWhere(lowExcluded ? (score) => score <= low : (score) => score < low)
    const to = this.#order.rankWhere(highExcluded ? (score) => score < high : (score) => score <= high)
    return { from, to: Math.max(from, to) }
  }

  /** The ranks of the members in a range of bytes. It makes sense only when all scores are equal. */
  ranksByMember(low: LexBound, high: LexBound): RankRange {
    const from = this.#order.rankWhere((_, number) => isBelow(this.#members.field(number), low))
    const to = this.#order.rankWhere((_, number) => !isAbove(this.#members.field(number), high))
    return { from, to: Math.max(from, to) }
  }

  /**
   * Visits up to `count` members from rank `from` on, upwards, or downwards when `reverse`, until `visit` returns false. The
   * set must not change meanwhile.
   */
  visit(from: number, count: number, reverse: boolean, visit: (member: Uint8Array, score: number) => boolean | undefined): void {
    this.#order.visit(from, count, reverse, (number, score) => visit(this.#members.field(number), score))
  }

  /** As `visit`, without views: `tell` gets the bytes in which a member lies, where it begins, its length and its score. */
  tell(
    from: number,
    count: number,
    reverse: boolean,
    tell: (bytes: Uint8Array, start: number, length: number, score: number) => void
  ): void {
    const members = this.#members
    this.#order.visit(from, count, reverse, (number, score) => {
      const start = members.fieldStart(number)
      tell(members.pageOf(number), start, members.valueStart(number) - start, score)
      return true
    })
  }

  /** The members of some ranks with their scores, ascending; descending when `reverse`. */
  slice({ from, to }: RankRange, reverse = false): [member: Uint8Array, score: number][] {
    const slice: [Uint8Array, number][] = []
    this.visit(reverse ? to - 1 : from, to - from, reverse, (member, score) => {
      slice.push([member, score])
      return true
    })
    return slice
  }

  /** All members with their scores in no promised order; the set must not change meanwhile. */
  *entries(): Generator<[member: Uint8Array, score: number]> {
    for (const number of this.#members.numbers()) yield [this.#members.field(number), this.#scores[number] as number]
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [member: Uint8Array, score: number] | undefined {
    const number = this.#members.random(pick)
    return number < 0 ? undefined : [this.#members.field(number), this.#scores[number] as number]
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue()
    copy.#packed = this.#packed
    this.visit(0, this.size, false, (member, score) => {
      copy.set(member, score)
      return true
    })
    return copy
  }

  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (member: Uint8Array, score: number) => void): number {
    return this.#members.walk(position, (number) => visit(this.#members.field(number), this.#scores[number] as number))
  }

  #add(source: Uint8Array, start: number, length: number, score: number): void {
    const number = this.#members.add(source, start, length, EMPTY_BYTES, 0, 0)
    if (number >= this.#scores.length) {
      const scores = new Float64Array(this.#scores.length * 2)
      scores.set(this.#scores)
      this.#scores = scores
    }
    this.#scores[number] = score
    this.#order.insert(score, number)
  }

  #move(number: number, old: number, score: number): void {
    this.#order.remove(old, number)
    this.#scores[number] = score
    this.#order.insert(score, number)
  }
}

/** Defaults of `zset-max-listpack-entries` and `zset-max-listpack-value`. */
const PACKED_MEMBERS = 128
const PACKED_BYTES = 64

function isBelow(member: Uint8Array, bound: LexBound): boolean {
  if (bound === '-') return false
  if (bound === '+') return true
  const order = compareBytes(member, bound.member)
  return bound.excluded ? order <= 0 : order < 0
}

function isAbove(member: Uint8Array, bound: LexBound): boolean {
  if (bound === '+') return false
  if (bound === '-') return true
  const order = compareBytes(member, bound.member)
  return bound.excluded ? order >= 0 : order > 0
}
