import { parseInteger } from '../../bytes.ts'
import { ByteTable } from '../byte-table.ts'
import { MemberList } from './member-list.ts'

/**
 * A set of byte strings: one array of bytes (`member-list.ts`) up to the 128 members of 64 bytes that the reference would keep in a
 * listpack, integers or not, then a hash table, and never back.
 */
export class SetValue {
  readonly type = 'set'
  #members: MemberList | ByteTable<true>
  #encoding: SetEncoding

  /** A set may begin in a larger form than it needs, as the result of some commands does. */
  constructor(encoding: SetEncoding = 'intset') {
    this.#encoding = encoding
    this.#members = encoding === 'hashtable' ? new ByteTable() : new MemberList()
  }

  get size(): number {
    return this.#members.size
  }

  /** Bytes of the array, when that is all there is. */
  get arrayBytes(): number | undefined {
    return this.#members instanceof MemberList ? this.#members.bytes : undefined
  }

  /** What OBJECT ENCODING says. It goes from intset to listpack to hashtable, as `t_set.c` does. */
  get encoding(): SetEncoding {
    return this.#encoding
  }

  /**
   * Tells how many members, and which one first, a command is about to add: the reference chooses its form by that, before
   * it knows how many of them are new (`setTypeCreate`, `setTypeMaybeConvert`). A loader does not know the first one.
   * True if it has another form now.
   */
  expect(count: number, first?: Uint8Array): boolean {
    const isIntset = this.#encoding === 'intset' && (this.size > 0 || first === undefined || isInteger(first))
    const limit = isIntset ? INTSET_MEMBERS_LIMIT : LISTPACK_MEMBERS_LIMIT
    if (count > limit) {
      this.#encoding = 'hashtable'
      return this.#makeTable()
    }
    if (this.size === 0) this.#encoding = isIntset ? 'intset' : 'listpack'
    return false
  }

  /** Goes back to an intset when all members are integers and few enough (`maybeConvertToIntset`). */
  packIntegers(): void {
    if (this.size > INTSET_MEMBERS_LIMIT) return
    for (const member of this.members()) if (!isInteger(member)) return
    this.#encoding = 'intset'
  }

  /** True if it is new. `member` may be kept as it is: pass a copy that nobody changes. */
  add(member: Uint8Array): boolean {
    const isOver = this.size >= LISTPACK_MEMBERS_LIMIT || member.length > LISTPACK_MEMBER_BYTES
    if (isOver && this.#members instanceof MemberList && !this.#members.has(member)) this.#makeTable()
    const isNew = this.#members instanceof MemberList ? this.#members.add(member) : this.#members.set(member, true)
    if (!isNew) return false
    if (this.#encoding !== 'hashtable') this.#encoding = this.#after(member)
    return true
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    // A table gives what it held of the member, a list tells whether it was there: `true` both times.
    return this.#members.delete(member) === true
  }

  has(member: Uint8Array): boolean {
    return this.#members.has(member)
  }

  /** All members, in no promised order; the set must not change meanwhile. */
  members(): Generator<Uint8Array> {
    return this.#members instanceof MemberList ? this.#members.members() : this.#members.keys()
  }

  /** Tells all members without copies, in no promised order; `bytes` are valid during the call only. */
  tell(visit: (bytes: Uint8Array, start: number, length: number) => void): void {
    if (this.#members instanceof MemberList) this.#members.tell(visit)
    else for (const member of this.#members.keys()) visit(member, 0, member.length)
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): Uint8Array | undefined {
    return this.#members instanceof MemberList ? this.#members.random(pick) : this.#members.random(pick)?.[0]
  }

  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (member: Uint8Array) => void): number {
    return this.#members.walk(position, visit)
  }

  copy(): SetValue {
    const copy = new SetValue(this.#encoding)
    if (this.#members instanceof MemberList) copy.#members = this.#members.copy()
    else copy.#members = tableOf(this.members())
    return copy
  }

  /** False: it was one. */
  #makeTable(): boolean {
    if (!(this.#members instanceof MemberList)) return false
    this.#members = tableOf(this.#members.members())
    return true
  }

  #after(member: Uint8Array): SetEncoding {
    if (this.#encoding === 'intset' && isInteger(member)) return this.size <= INTSET_MEMBERS_LIMIT ? 'intset' : 'hashtable'
    return this.size <= LISTPACK_MEMBERS_LIMIT && member.length <= LISTPACK_MEMBER_BYTES ? 'listpack' : 'hashtable'
  }
}

function tableOf(members: Iterable<Uint8Array>): ByteTable<true> {
  const table = new ByteTable<true>()
  for (const member of members) table.set(member, true)
  return table
}

function isInteger(member: Uint8Array): boolean {
  return member.length <= 20 && parseInteger(member) !== undefined
}

export type SetEncoding = 'intset' | 'listpack' | 'hashtable'

/** Defaults of `set-max-intset-entries`, `set-max-listpack-entries` and `set-max-listpack-value`. */
const INTSET_MEMBERS_LIMIT = 512
const LISTPACK_MEMBERS_LIMIT = 128
const LISTPACK_MEMBER_BYTES = 64
