import { compareBytes } from '../../bytes.ts'
import { ByteTable } from '../byte-table.ts'
import { RankedTree } from './ranked-tree.ts'

/** A range of scores; `low` and `high` may be infinite. */
export type ScoreRange = { readonly low: number; readonly lowExcluded: boolean; readonly high: number; readonly highExcluded: boolean }

/** One end of a range of members: `-`, `+`, or a member that is included or not. */
export type LexBound = '-' | '+' | { readonly member: Uint8Array; readonly excluded: boolean }

/** Ranks `from` up to but not including `to`. */
export type RankRange = { readonly from: number; readonly to: number }

/** Members with scores, ordered by score, then bytes. */
export class SortedSetValue {
  readonly type = 'zset'
  readonly #scores = new ByteTable<number>()
  readonly #order = new RankedTree()
  #packed = true

  get size(): number {
    return this.#scores.size
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
    const zeros: Uint8Array[] = []
    for (const [member, score] of this.entries()) {
      if (member.length > PACKED_BYTES) return
      if (Object.is(score, -0)) zeros.push(member)
    }
    this.#packed = true
    for (const member of zeros) {
      this.delete(member)
      this.set(member, 0)
    }
  }

  score(member: Uint8Array): number | undefined {
    return this.#scores.get(member)
  }

  /** Adds a member or moves it to another score; true if it is new. `member` is kept as it is: pass a copy. */
  set(member: Uint8Array, score: number): boolean {
    const old = this.#scores.get(member)
    if (this.#packed && (this.size - (old === undefined ? 0 : 1) >= PACKED_MEMBERS || member.length > PACKED_BYTES)) this.#packed = false
    // A listpack holds an integral score as an integer, which has no negative zero.
    const kept = this.#packed && score === 0 ? 0 : score
    if (old === undefined) {
      this.#scores.set(member, kept)
      this.#order.insert(kept, member)
      return true
    }
    if (old === kept) return false
    const stored = this.#scores.storedKey(member) as Uint8Array
    this.#order.remove(old, stored)
    this.#order.insert(kept, stored)
    this.#scores.set(stored, kept)
    return false
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    const score = this.#scores.delete(member)
    if (score === undefined) return false
    this.#order.remove(score, member)
    return true
  }

  /** 0 for the lowest score; undefined when there is no such member. */
  rank(member: Uint8Array): number | undefined {
    const score = this.#scores.get(member)
    return score === undefined ? undefined : this.#order.rankOf(score, member)
  }

  /** The ranks of the members whose scores lie in a range. */
  ranksByScore({ low, lowExcluded, high, highExcluded }: ScoreRange): RankRange {
    const from = this.#order.rankWhere(lowExcluded ? (score) => score <= low : (score) => score < low)
    const to = this.#order.rankWhere(highExcluded ? (score) => score < high : (score) => score <= high)
    return { from, to: Math.max(from, to) }
  }

  /** The ranks of the members in a range of bytes. It makes sense only when all scores are equal. */
  ranksByMember(low: LexBound, high: LexBound): RankRange {
    const from = this.#order.rankWhere((_, member) => isBelow(member, low))
    const to = this.#order.rankWhere((_, member) => !isAbove(member, high))
    return { from, to: Math.max(from, to) }
  }

  /**
   * Visits up to `count` members from rank `from` on, upwards, or downwards when `reverse`, until `visit` returns false. The
   * set must not change meanwhile.
   */
  visit(from: number, count: number, reverse: boolean, visit: (member: Uint8Array, score: number) => boolean | undefined): void {
    this.#order.visit(from, count, reverse, visit)
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
  entries(): Generator<[member: Uint8Array, score: number]> {
    return this.#scores.entries()
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [member: Uint8Array, score: number] | undefined {
    return this.#scores.random(pick)
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
    return this.#scores.walk(position, visit)
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
