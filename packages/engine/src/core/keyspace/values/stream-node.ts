import { ByteBuffer } from '../../byte-buffer.ts'
import { parseInteger, sameBytes } from '../../bytes.ts'
import { appendElement, appendInteger, elementBytes, elementEnd, elementInteger, elementStart, integerElementBytes } from './listpack.ts'
import { msOf, type StreamId, sequenceOf, shiftId } from './stream-id.ts'

/** Where an entry is in its node, and as much of it as deciding needs. */
export type StreamItem = { readonly id: StreamId; readonly isDeleted: boolean; readonly at: number }

const DELETED = 1
const SAME_FIELDS = 2
/** Header and end mark of a listpack, in bytes. */
const FRAME_BYTES = 7
/** What a listpack writes when its elements are no longer counted. */
const UNCOUNTED = 65_535

/**
 * Neighbouring entries of a stream, packed as the reference packs them (`streamAppendItem`):
 *
 * ```
 *   live  deleted | fields  name ... 0 | flags  ms  sequence  [fields  name  value ... | value ...]  elements | ...
 *   counts        | head               | one item per entry
 * ```
 *
 * `ms` and `sequence` are differences to the id by which the node is found, that of its first entry. An item with the field names
 * of the head leaves them out. `elements` tells how far back an item begins. A deleted item keeps its place under a flag.
 *
 * Head and items are kept as these bytes, the two counts beside them, since those change.
 */
export class StreamNode {
  readonly first: StreamId
  /** The id of the last item, deleted or not. */
  #last: StreamId
  readonly #head: Uint8Array
  readonly #names: readonly Uint8Array[]
  #items = new ByteBuffer()
  /** Elements of head and items. */
  #elements: number
  #live = 0
  #deleted = 0

  /** An empty node for entries from `first` on, that are expected to have these fields. */
  constructor(first: StreamId, names: readonly Uint8Array[]) {
    this.first = first
    this.#last = first
    const head = new ByteBuffer()
    appendInteger(head, names.length)
    for (const name of names) appendElement(head, name)
    appendInteger(head, 0)
    this.#head = head.copy()
    this.#names = names.map((name) => name.slice())
    this.#elements = names.length + 2
  }

  get last(): StreamId {
    return this.#last
  }

  get live(): number {
    return this.#live
  }

  /** Entries, deleted ones included. */
  get count(): number {
    return this.#live + this.#deleted
  }

  /** Size of the packed form. */
  get packBytes(): number {
    return FRAME_BYTES + integerElementBytes(this.#live) + integerElementBytes(this.#deleted) + this.#head.length + this.#items.length
  }

  /** Adds an entry at the end. `fields` holds names and values in turn; its bytes are copied. */
  append(id: StreamId, fields: readonly Uint8Array[]): void {
    const names = this.#names
    const hasSame = fields.length === names.length * 2 && names.every((name, index) => sameBytes(name, fields[index * 2] as Uint8Array))
    this.#append(id, fields, hasSame ? SAME_FIELDS : 0)
  }

  #append(id: StreamId, fields: readonly Uint8Array[], flags: number): void {
    const items = this.#items
    const hasSame = (flags & SAME_FIELDS) !== 0
    const elements = 3 + (hasSame ? fields.length / 2 : fields.length + 1)
    appendInteger(items, flags)
    appendInteger(items, BigInt.asIntN(64, msOf(id) - msOf(this.first)))
    appendInteger(items, BigInt.asIntN(64, sequenceOf(id) - sequenceOf(this.first)))
    if (!hasSame) appendInteger(items, fields.length / 2)
    for (const [index, field] of fields.entries()) if (!hasSame || index % 2 === 1) appendElement(items, field)
    appendInteger(items, elements)
    this.#elements += elements + 1
    this.#last = id
    if (flags & DELETED) this.#deleted++
    else this.#live++
  }

  /** Nothing more will be appended: room for growth is given back. */
  seal(): void {
    const items = new ByteBuffer(this.#items.length)
    items.bytes(this.#items.view())
    this.#items = items
  }

  /** Items that are not deleted, from the first on. */
  *ascending(): Generator<StreamItem> {
    for (const item of this.#all()) if (!item.isDeleted) yield item
  }

  /** Items that are not deleted, from the last back. */
  *descending(): Generator<StreamItem> {
    const bytes = this.#items.view()
    let end = bytes.length
    while (end > 0) {
      let at = elementStart(bytes, end)
      for (let elements = Number(elementInteger(bytes, at)); elements > 0; elements--) at = elementStart(bytes, at)
      const item = this.#itemAt(bytes, at)
      if (!item.isDeleted) yield item
      end = at
    }
  }

  /** Names and values of an item in turn: views, which stay as they are, since items are only marked. */
  fieldsOf({ at }: StreamItem): Uint8Array[] {
    const bytes = this.#items.view()
    const hasSame = (elementInteger(bytes, at) as number) & SAME_FIELDS
    let next = this.#afterId(bytes, at)
    const count = hasSame ? this.#names.length : Number(elementInteger(bytes, next)) * 2
    if (!hasSame) next = elementEnd(bytes, next)
    const fields: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      if (hasSame) fields.push(this.#names[i] as Uint8Array)
      fields.push(elementBytes(bytes, next))
      next = elementEnd(bytes, next)
    }
    return fields
  }

  /** Marks an entry as deleted; true if it was there. */
  delete(id: StreamId): boolean {
    for (const item of this.ascending()) {
      if (item.id < id) continue
      if (item.id === id) this.#markDeleted(item)
      return item.id === id
    }
    return false
  }

  /** Marks entries as deleted, from the first on, while `mayGo`; how many they were. */
  deleteWhile(mayGo: (id: StreamId) => boolean): number {
    let count = 0
    for (const item of this.#all()) {
      if (!mayGo(item.id)) break
      if (item.isDeleted) continue
      this.#markDeleted(item)
      count++
    }
    return count
  }

  /** The packed form, byte for byte the reference's. */
  writePack(out: ByteBuffer): void {
    const little = (value: number, bytes: number) => {
      for (let i = 0; i < bytes; i++) out.byte((value >>> (8 * i)) & 255)
    }
    little(this.packBytes, 4)
    little(Math.min(this.#elements + 2, UNCOUNTED), 2)
    appendInteger(out, this.#live)
    appendInteger(out, this.#deleted)
    out.bytes(this.#head)
    out.bytes(this.#items.view())
    out.byte(0xff)
  }

  /** A node of the elements of a packed form; undefined when they do not make one. */
  static ofElements(first: StreamId, elements: readonly Uint8Array[]): StreamNode | undefined {
    let at = 0
    const integer = () => {
      const element = elements[at++]
      return element && parseInteger(element)
    }
    const count = () => {
      const value = integer()
      return typeof value === 'number' && value >= 0 && value <= elements.length ? value : undefined
    }
    const [live, deleted, nameCount] = [count(), count(), count()]
    if (live === undefined || deleted === undefined || nameCount === undefined) return undefined
    const names = elements.slice(at, at + nameCount)
    at += nameCount
    if (integer() !== 0) return undefined
    const node = new StreamNode(first, names)
    for (let i = live + deleted; i > 0; i--) {
      const start = at
      const [flags, ms, sequence] = [integer(), integer(), integer()]
      if (typeof flags !== 'number' || ms === undefined || sequence === undefined) return undefined
      const hasSame = (flags & SAME_FIELDS) !== 0
      const fieldCount = hasSame ? nameCount : count()
      if (fieldCount === undefined || at + fieldCount > elements.length) return undefined
      const fields = hasSame
        ? names.flatMap((name, index) => [name, elements[at + index] as Uint8Array])
        : elements.slice(at, at + fieldCount * 2)
      at += hasSame ? fieldCount : fieldCount * 2
      if (integer() !== at - 1 - start) return undefined
      node.#append(shiftId(first, ms, sequence), fields, flags & (DELETED | SAME_FIELDS))
    }
    if (at !== elements.length || node.#live !== live) return undefined
    node.seal()
    return node
  }

  /** A node that shares nothing that changes. */
  copy(): StreamNode {
    const copy = new StreamNode(this.first, this.#names)
    copy.#items.bytes(this.#items.view())
    copy.#last = this.#last
    copy.#elements = this.#elements
    copy.#live = this.#live
    copy.#deleted = this.#deleted
    return copy
  }

  *#all(): Generator<StreamItem> {
    const bytes = this.#items.view()
    for (let at = 0; at < bytes.length; at = this.#endOf(bytes, at)) yield this.#itemAt(bytes, at)
  }

  #itemAt(bytes: Uint8Array, at: number): StreamItem {
    const msAt = elementEnd(bytes, at)
    const id = shiftId(this.first, elementInteger(bytes, msAt), elementInteger(bytes, elementEnd(bytes, msAt)))
    return { id, isDeleted: ((elementInteger(bytes, at) as number) & DELETED) !== 0, at }
  }

  #afterId(bytes: Uint8Array, at: number): number {
    return elementEnd(bytes, elementEnd(bytes, elementEnd(bytes, at)))
  }

  #endOf(bytes: Uint8Array, at: number): number {
    let next = this.#afterId(bytes, at)
    let elements = this.#names.length
    if (!((elementInteger(bytes, at) as number) & SAME_FIELDS)) {
      elements = Number(elementInteger(bytes, next)) * 2
      next = elementEnd(bytes, next)
    }
    for (; elements > 0; elements--) next = elementEnd(bytes, next)
    return elementEnd(bytes, next)
  }

  /** Flags are one byte, whatever they are. */
  #markDeleted({ at }: StreamItem): void {
    ;(this.#items.view()[at] as number) |= DELETED
    this.#live--
    this.#deleted++
  }
}
