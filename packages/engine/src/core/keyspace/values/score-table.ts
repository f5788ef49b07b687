import { EMPTY_BYTES } from '../../bytes.ts'
import { FieldTable } from './field-table.ts'
import { RankedTree } from './ranked-tree.ts'
import type { ScoredMembers } from './scored-members.ts'

/**
 * The large form of a sorted set: the bytes of members are packed and found by hash; scores and order are arrays of numbers. A member
 * keeps its number as long as it is there.
 */
export class ScoreTable implements ScoredMembers {
  readonly fields = new FieldTable()
  /** By number of the member. */
  #scores = new Float64Array(4)
  readonly #order = new RankedTree(this.fields)

  get size(): number {
    return this.fields.size
  }

  /** Without the order. */
  get bytes(): number {
    return this.fields.bytes + this.#scores.length * 8
  }

  locate(source: Uint8Array, start: number, length: number): number {
    return this.fields.find(source, start, length)
  }

  scoreOf(number: number): number {
    return this.#scores[number] as number
  }

  member(number: number): Uint8Array {
    return this.fields.field(number)
  }

  pageOf(number: number): Uint8Array {
    return this.fields.pageOf(number)
  }

  memberStart(number: number): number {
    return this.fields.fieldStart(number)
  }

  memberLength(number: number): number {
    return this.fields.valueStart(number) - this.fields.fieldStart(number)
  }

  rankOf(number: number): number {
    return this.#order.rankOf(this.scoreOf(number), number)
  }

  rankWhere(claim: (score: number, number: number) => boolean): number {
    return this.#order.rankWhere(claim)
  }

  visit(from: number, count: number, reverse: boolean, visit: (number: number, score: number) => boolean | undefined): void {
    this.#order.visit(from, count, reverse, visit)
  }

  numbers(): Iterable<number> {
    return this.fields.numbers()
  }

  random(pick: (bound: number) => number): number {
    return this.fields.random(pick)
  }

  walk(position: number, visit: (number: number) => void): number {
    return this.fields.walk(position, visit)
  }

  add(source: Uint8Array, start: number, length: number, score: number): void {
    const number = this.fields.add(source, start, length, EMPTY_BYTES, 0, 0)
    if (number >= this.#scores.length) {
      const scores = new Float64Array(this.#scores.length * 2)
      scores.set(this.#scores)
      this.#scores = scores
    }
    this.#scores[number] = score
    this.#order.insert(score, number)
  }

  move(number: number, score: number): void {
    this.#order.remove(this.scoreOf(number), number)
    this.#scores[number] = score
    this.#order.insert(score, number)
  }

  remove(number: number): void {
    this.#order.remove(this.scoreOf(number), number)
    this.fields.remove(number)
  }

  removeRanks(from: number, to: number): void {
    const numbers: number[] = []
    this.#order.visit(from, to - from, false, (number) => numbers.push(number) > 0)
    for (const number of numbers) this.remove(number)
  }
}
