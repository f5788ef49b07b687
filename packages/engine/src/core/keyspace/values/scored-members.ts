/**
 * Members with scores, ordered by score, then bytes: what both forms of a sorted set can do. A member is known by a number that holds
 * until the next change; ranks begin with 0 for the lowest score.
 */
export interface ScoredMembers {
  readonly size: number
  /** Bytes of the arrays in which all this lies. */
  readonly bytes: number
  /** The number of the member `source[start .. start + length)`, -1 if it is not there. */
  locate(source: Uint8Array, start: number, length: number): number
  scoreOf(number: number): number
  /** A member, valid until the next change. */
  member(number: number): Uint8Array
  /** Where a member lies: `pageOf(number)[memberStart(number) .. memberStart(number) + memberLength(number))`. */
  pageOf(number: number): Uint8Array
  memberStart(number: number): number
  memberLength(number: number): number
  rankOf(number: number): number
  /** How many of the first members satisfy `claim`, which must hold for a beginning of the order and for nothing after it. */
  rankWhere(claim: (score: number, number: number) => boolean): number
  /** Visits up to `count` members from rank `from` on, upwards, or downwards when `reverse`, until `visit` returns false. */
  visit(from: number, count: number, reverse: boolean, visit: (number: number, score: number) => boolean | undefined): void
  /** The numbers of all members in no promised order. */
  numbers(): Iterable<number>
  /** The number of a random member, -1 when there is none. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): number
  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (number: number) => void): number
  /** Adds a member that is not there; its bytes are copied. */
  add(source: Uint8Array, start: number, length: number, score: number): void
  /** Gives a member another score. */
  move(number: number, score: number): void
  remove(number: number): void
  /** Removes the members of ranks `from` up to but not including `to`. */
  removeRanks(from: number, to: number): void
}
