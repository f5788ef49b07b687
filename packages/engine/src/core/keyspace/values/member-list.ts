import { EMPTY_BYTES } from '../../bytes.ts'
import { WALK_END, walkPosition } from '../byte-table.ts'

/**
 * The small form of a set: one array of bytes that is searched from the front, in no promised order.
 *
 *   entry: length of the member, 1 byte | member
 *
 * Members have at most 255 bytes, and come out as copies: no view of the array is ever made, since V8 keeps arrays of up to 64 bytes
 * inside the object until somebody asks for their buffer.
 */
export class MemberList {
  #bytes = EMPTY_BYTES
  #used = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Bytes of the array. */
  get bytes(): number {
    return this.#bytes.length
  }

  has(member: Uint8Array): boolean {
    return this.#find(member) >= 0
  }

  /** Adds a copy; true if it is new. */
  add(member: Uint8Array): boolean {
    if (this.#find(member) >= 0) return false
    const { length } = member
    const at = this.#used
    const used = at + 1 + length
    if (used > this.#bytes.length) this.#resize(this.#size === 0 ? used : used + (used >>> 2))
    this.#bytes[at] = length
    for (let i = 0; i < length; i++) this.#bytes[at + 1 + i] = member[i] as number
    this.#used = used
    this.#size++
    return true
  }

  /** True if it was there. */
  delete(member: Uint8Array): boolean {
    const at = this.#find(member)
    if (at < 0) return false
    const next = at + 1 + member.length
    this.#bytes.copyWithin(at, next, this.#used)
    this.#used -= next - at
    this.#size--
    if (this.#bytes.length > SMALLEST_BYTES && this.#used * 2 < this.#bytes.length) this.#resize(this.#used)
    return true
  }

  *members(): Generator<Uint8Array> {
    for (let at = 0; at < this.#used; at += 1 + (this.#bytes[at] as number)) yield this.#member(at)
  }

  /** Tells every member without a copy: `start` and `length` say where it lies in `bytes`, which nobody may keep. */
  tell(visit: (bytes: Uint8Array, start: number, length: number) => void): void {
    const bytes = this.#bytes
    for (let at = 0; at < this.#used; ) {
      const length = bytes[at] as number
      visit(bytes, at + 1, length)
      at += 1 + length
    }
  }

  /** A random member; undefined when empty. `pick(n)` returns 0..n-1. */
  random(pick: (bound: number) => number): Uint8Array | undefined {
    if (this.#size === 0) return undefined
    let at = 0
    for (let skip = pick(this.#size); skip > 0; skip--) at += 1 + (this.#bytes[at] as number)
    return this.#member(at)
  }

  /** One step of a walk, as `ByteTable.walk`. */
  walk(position: number, visit: (member: Uint8Array) => void): number {
    for (const member of this.members()) if (position === 0 || walkPosition(member) >= position) visit(member)
    return WALK_END
  }

  copy(): MemberList {
    const copy = new MemberList()
    copy.#bytes = this.#bytes
    copy.#used = this.#used
    copy.#size = this.#size
    copy.#resize(this.#used)
    return copy
  }

  #find(member: Uint8Array): number {
    const bytes = this.#bytes
    const used = this.#used
    const { length } = member
    for (let at = 0; at < used; at += 1 + (bytes[at] as number)) {
      if (bytes[at] !== length) continue
      // From the back, where names that are alike differ.
      let left = length - 1
      while (left >= 0 && bytes[at + 1 + left] === member[left]) left--
      if (left < 0) return at
    }
    return -1
  }

  #member(at: number): Uint8Array {
    const bytes = this.#bytes
    const length = bytes[at] as number
    const member = new Uint8Array(length)
    for (let i = 0; i < length; i++) member[i] = bytes[at + 1 + i] as number
    return member
  }

  #resize(length: number): void {
    const next = new Uint8Array(length)
    if (this.#bytes.length <= length) next.set(this.#bytes)
    else for (let i = 0; i < length; i++) next[i] = this.#bytes[i] as number
    this.#bytes = next
  }
}

/** Arrays that are no longer than this are not made smaller. */
const SMALLEST_BYTES = 64
