import { parseInteger } from '../../bytes.ts'
import { ByteTable } from '../byte-table.ts'

/** A set of byte strings. */
export class SetValue {
  readonly type = 'set'
  readonly #members = new ByteTable<true>()
  #encoding: SetEncoding = 'intset'
  /** Members that the command which makes this set is about to add. */
  #expected = 0

  get size(): number {
    return this.#members.size
  }

  /** What OBJECT ENCODING says. It only ever goes from intset to listpack to hashtable, as `t_set.c` does. */
  get encoding(): SetEncoding {
    return this.#encoding
  }

  /**
   * Tells how many members a command is about to put into a new set: the reference chooses the first form by that
   * (`setTypeCreate`).
   */
  expect(count: number): void {
    if (this.size > 0) return
    this.#encoding = count <= INTSET_MEMBERS_LIMIT ? 'intset' : 'hashtable'
    this.#expected = count
  }

  /** True if it is new. `member` is kept as it is: pass a copy that nobody changes. */
  add(member: Uint8Array): boolean {
    if (!this.#members.set(member, true)) return false
    if (this.#encoding !== 'hashtable') this.#encoding = this.#after(member)
    return true
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    return this.#members.delete(member) === true
  }

  has(member: Uint8Array): boolean {
    return this.#members.has(member)
  }

  /** All members, in no promised order; the set must not change meanwhile. */
  members(): Generator<Uint8Array> {
    return this.#members.keys()
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): Uint8Array | undefined {
    return this.#members.random(pick)?.[0]
  }

  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (member: Uint8Array) => void): number {
    return this.#members.walk(position, visit)
  }

  copy(): SetValue {
    const copy = new SetValue()
    for (const member of this.members()) copy.#members.set(member, true)
    copy.#encoding = this.#encoding
    return copy
  }

  #after(member: Uint8Array): SetEncoding {
    const size = this.size
    const isInteger = member.length <= 20 && parseInteger(member) !== undefined
    if (this.#encoding === 'intset' && isInteger) return size <= INTSET_MEMBERS_LIMIT ? 'intset' : 'hashtable'
    const count = size === 1 ? Math.max(size, this.#expected) : size
    return count <= LISTPACK_MEMBERS_LIMIT && member.length <= LISTPACK_MEMBER_BYTES ? 'listpack' : 'hashtable'
  }
}

export type SetEncoding = 'intset' | 'listpack' | 'hashtable'

/** Defaults of `set-max-intset-entries`, `set-max-listpack-entries` and `set-max-listpack-value`. */
const INTSET_MEMBERS_LIMIT = 512
const LISTPACK_MEMBERS_LIMIT = 128
const LISTPACK_MEMBER_BYTES = 64
