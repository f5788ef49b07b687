import { compareBytes } from '../../bytes.ts'
import type { FieldTable } from './field-table.ts'
import { ScoreList } from './score-list.ts'
import { ScoreTable } from './score-table.ts'
import type { ScoredMembers } from './scored-members.ts'

/** A range of scores; `low` and `high` may be infinite. */
export type ScoreRange = { readonly low: number; readonly lowExcluded: boolean; readonly high: number; readonly highExcluded: boolean }

/** One end of a range of members: `-`, `+`, or a member that is included or not. */
export type LexBound = '-' | '+' | { readonly member: Uint8Array; readonly excluded: boolean }

/** Ranks `from` up to but not including `to`. */
export type RankRange = { readonly from: number; readonly to: number }

/**
 * Members with scores, ordered by score, then bytes. What is given is copied; members that come out are valid until the set changes.
 *
 * It has two forms, which are what OBJECT ENCODING tells: a listpack is one array of bytes (`score-list.ts`), a skiplist a hash table
 * with a tree (`score-table.ts`).
 */
export class SortedSetValue {
  readonly type = 'zset'
  #members: ScoreList | ScoreTable = new ScoreList()

  get size(): number {
    return this.#members.size
  }

  /** Where members are found, for those who look ahead; undefined while there is nothing to look ahead for. */
  get fields(): FieldTable | undefined {
    return this.#members instanceof ScoreTable ? this.#members.fields : undefined
  }

  /** What members and scores take, without the order of a skiplist. */
  get bytes(): number {
    return this.#members.bytes
  }

  /** What OBJECT ENCODING says; but for `pack`, it never goes back. */
  get encoding(): 'listpack' | 'skiplist' {
    return this.#members instanceof ScoreList ? 'listpack' : 'skiplist'
  }

  /** Tells how many members, of which length at most, are about to be given: the reference chooses its form by that, before it knows which of them come in (`zsetTypeMaybeConvert`). True if it has another form now. */
  expect(count: number, longestBytes: number): boolean {
    const turns = this.#members instanceof ScoreList && (count > PACKED_MEMBERS || longestBytes > PACKED_BYTES)
    if (turns) this.#unpack()
    return turns
  }

  /** Goes back to a listpack when there is little in it, as the reference does with results (`zsetConvertToListpackIfNeeded`). */
  pack(): void {
    const table = this.#members
    if (table instanceof ScoreList || table.size > PACKED_MEMBERS) return
    for (const number of table.numbers()) if (table.memberLength(number) > PACKED_BYTES) return
    const list = new ScoreList()
    fill(list, table)
    this.#members = list
  }

  score(member: Uint8Array): number | undefined {
    return this.scoreAt(this.locate(member, 0, member.length))
  }

  /** The number of the member `source[start .. start + length)`, -1 if it is not there; it holds until the set changes. */
  locate(source: Uint8Array, start: number, length: number): number {
    return this.#members.locate(source, start, length)
  }

  /** The score of a member by its number; undefined for -1. */
  scoreAt(number: number): number | undefined {
    return number < 0 ? undefined : this.#members.scoreOf(number)
  }

  /** Adds a member or moves it to another score; true if it is new. */
  set(member: Uint8Array, score: number): boolean {
    return this.setAt(this.locate(member, 0, member.length), member, 0, member.length, score)
  }

  /** As `set`, right after `locate` of the member gave `number`. */
  setAt(number: number, source: Uint8Array, start: number, length: number, score: number): boolean {
    const members = this.#members
    if (number < 0) {
      if (members instanceof ScoreList && (members.size >= PACKED_MEMBERS || length > PACKED_BYTES)) this.#unpack()
      this.#members.add(source, start, length, storedScore(this.#members, score))
      return true
    }
    if (members.scoreOf(number) !== score) members.move(number, storedScore(members, score))
    return false
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    const number = this.locate(member, 0, member.length)
    if (number < 0) return false
    this.#members.remove(number)
    return true
  }

  /** Removes the members of some ranks. */
  deleteRanks({ from, to }: RankRange): void {
    this.#members.removeRanks(from, to)
  }

  /** 0 for the lowest score; undefined when there is no such member. */
  rank(member: Uint8Array): number | undefined {
    const number = this.locate(member, 0, member.length)
    return number < 0 ? undefined : this.#members.rankOf(number)
  }

  /** The ranks of the members whose scores lie in a range. */
  ranksByScore({ low, lowExcluded, high, highExcluded }: ScoreRange): RankRange {
    const from = this.#members.rankWhere(lowExcluded ? (score) => score <= low : (score) => score < low)
    const to = this.#members.rankWhere(highExcluded ? (score) => score < high : (score) => score <= high)
    return { from, to: Math.max(from, to) }
  }

  /** The ranks of the members in a range of bytes. It makes sense only when all scores are equal. */
  ranksByMember(low: LexBound, high: LexBound): RankRange {
    const members = this.#members
    const from = members.rankWhere((_, number) => isBelow(members.member(number), low))
    const to = members.rankWhere((_, number) => !isAbove(members.member(number), high))
    return { from, to: Math.max(from, to) }
  }

  /**
   * Visits up to `count` members from rank `from` on, upwards, or downwards when `reverse`, until `visit` returns false. The
   * set must not change meanwhile.
   */
  visit(from: number, count: number, reverse: boolean, visit: (member: Uint8Array, score: number) => boolean | undefined): void {
    const members = this.#members
    members.visit(from, count, reverse, (number, score) => visit(members.member(number), score))
  }

  /** As `visit`, without views: `tell` gets the bytes in which a member lies, where it begins, its length and its score. */
  tell(
    from: number,
    count: number,
    reverse: boolean,
    tell: (bytes: Uint8Array, start: number, length: number, score: number) => void
  ): void {
    const members = this.#members
    members.visit(from, count, reverse, (number, score) => {
      tell(members.pageOf(number), members.memberStart(number), members.memberLength(number), score)
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
    const members = this.#members
    for (const number of members.numbers()) yield [members.member(number), members.scoreOf(number)]
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): [member: Uint8Array, score: number] | undefined {
    const number = this.#members.random(pick)
    return number < 0 ? undefined : [this.#members.member(number), this.#members.scoreOf(number)]
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue()
    if (this.#members instanceof ScoreList) copy.#members = this.#members.copy()
    else {
      copy.#unpack()
      fill(copy.#members, this.#members)
    }
    return copy
  }

  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (member: Uint8Array, score: number) => void): number {
    const members = this.#members
    return members.walk(position, (number) => visit(members.member(number), members.scoreOf(number)))
  }

  #unpack(): void {
    if (this.#members instanceof ScoreTable) return
    const table = new ScoreTable()
    fill(table, this.#members)
    this.#members = table
  }
}

/** Adds all members of another form. */
function fill(target: ScoredMembers, source: ScoredMembers): void {
  source.visit(0, source.size, false, (number, score) => {
    const start = source.memberStart(number)
    target.add(source.pageOf(number), start, source.memberLength(number), storedScore(target, score))
    return true
  })
}

/** A listpack of the reference holds an integral score as an integer, which has no negative zero. */
function storedScore(members: ScoredMembers, score: number): number {
  return score === 0 && members instanceof ScoreList ? 0 : score
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
