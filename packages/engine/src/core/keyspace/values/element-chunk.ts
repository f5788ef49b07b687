/**
 * A run of elements side by side in one piece of memory, that can be read and extended at both ends. There is no object for an element:
 * a list of a million short ones is some thousand chunks, and the garbage collector has nothing to do with what is in them.
 *
 *   room | element | element | ... | room
 *   element: length | content | length again, for who comes from behind
 *   length: u8 below 254; else 254 and a u32 in front of the content, a u32 and 254 behind it
 *
 * An element is known by its offset, which holds until something changes.
 */
export class ElementChunk {
  #bytes: Uint8Array
  #start: number
  #end: number
  #count = 0

  /** With room for so many bytes, at the front or at the back, where its first element will come from. */
  constructor(capacity: number, roomAt: 'front' | 'back') {
    this.#bytes = new Uint8Array(capacity)
    this.#start = roomAt === 'front' ? capacity : 0
    this.#end = this.#start
  }

  /** Elements. */
  get count(): number {
    return this.#count
  }

  /** What the elements take, in bytes. */
  get usedBytes(): number {
    return this.#end - this.#start
  }

  /** What the chunk takes, in bytes. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** The bytes in which the elements lie. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Offset of the first element, if there is one. */
  get first(): number {
    return this.#start
  }

  /** Offset of the last element, of those that there are. */
  get last(): number {
    return this.previous(this.#end)
  }

  /** Where the element behind this one begins; the end of all for the last. */
  next(offset: number): number {
    return offset + elementBytes(this.length(offset))
  }

  /** Where the element begins that ends here. */
  previous(end: number): number {
    const bytes = this.#bytes
    const mark = bytes[end - 1] as number
    return end - elementBytes(mark < LONG ? mark : readLength(bytes, end - 5))
  }

  /** Length of an element, in bytes. */
  length(offset: number): number {
    const mark = this.#bytes[offset] as number
    return mark < LONG ? mark : readLength(this.#bytes, offset + 1)
  }

  /** Where the content of an element begins. */
  content(offset: number): number {
    return offset + ((this.#bytes[offset] as number) < LONG ? 1 : 5)
  }

  /** A view, valid until something changes. */
  view(offset: number): Uint8Array {
    const from = this.content(offset)
    return this.#bytes.subarray(from, from + this.length(offset))
  }

  /** Is this element equal to some bytes? */
  equals(offset: number, element: Uint8Array): boolean {
    const length = this.length(offset)
    if (length !== element.length) return false
    const from = this.content(offset)
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== element[i]) return false
    return true
  }

  /** The offset of the element with this number, 0..count-1. */
  offsetOf(index: number): number {
    if (index <= this.#count >>> 1) {
      let offset = this.#start
      for (let left = index; left > 0; left--) offset = this.next(offset)
      return offset
    }
    let offset = this.#end
    for (let left = this.#count - index; left > 0; left--) offset = this.previous(offset)
    return offset
  }

  /** Adds `source[start .. start + length)` before the first. */
  unshift(source: Uint8Array, start: number, length: number): void {
    const size = elementBytes(length)
    if (this.#start < size) this.#makeRoom(size, 'front')
    this.#start -= size
    writeElement(this.#bytes, this.#start, source, start, length)
    this.#count++
  }

  /** Adds `source[start .. start + length)` behind the last. */
  push(source: Uint8Array, start: number, length: number): void {
    const size = elementBytes(length)
    if (this.#bytes.length - this.#end < size) this.#makeRoom(size, 'back')
    writeElement(this.#bytes, this.#end, source, start, length)
    this.#end += size
    this.#count++
  }

  /** Would one more element of this length at an end still fit into `limit` bytes? */
  takes(length: number, limit: number): boolean {
    return this.#end - this.#start + elementBytes(length) <= limit
  }

  /** Takes the first element away. Its bytes stay as they are until something is added. */
  shift(): void {
    this.#start = this.next(this.#start)
    this.#count--
  }

  /** Takes the last element away. Its bytes stay as they are until something is added. */
  pop(): void {
    this.#end = this.previous(this.#end)
    this.#count--
  }

  /** Adds an element in front of the one at `offset`, or at the end. */
  insert(offset: number, element: Uint8Array): void {
    this.#write(offset, 0, element)
    this.#count++
  }

  /** Replaces the element at `offset`. */
  replace(offset: number, element: Uint8Array): void {
    this.#write(offset, elementBytes(this.length(offset)), element)
  }

  /** Takes away the element at `offset`; the offset of the one behind it is returned. */
  remove(offset: number): number {
    const size = elementBytes(this.length(offset))
    this.#bytes.copyWithin(offset, offset + size, this.#end)
    this.#end -= size
    this.#count--
    return offset
  }

  /** The back half of the elements, which leave this chunk for another. */
  split(): ElementChunk {
    const index = this.#count >>> 1
    const from = this.offsetOf(index)
    const rest = new ElementChunk(this.#end - from, 'back')
    rest.#bytes.set(this.#bytes.subarray(from, this.#end))
    rest.#end = this.#end - from
    rest.#count = this.#count - index
    this.#end = from
    this.#count = index
    return rest
  }

  /** Adds all elements of another. */
  append(other: ElementChunk): void {
    const size = other.usedBytes
    if (this.#bytes.length - this.#end < size) this.#makeRoom(size, 'back')
    this.#bytes.set(other.#bytes.subarray(other.#start, other.#end), this.#end)
    this.#end += size
    this.#count += other.#count
  }

  copy(): ElementChunk {
    const copy = new ElementChunk(this.usedBytes, 'back')
    copy.append(this)
    return copy
  }

  /** Writes an element at `offset` over `room` bytes of others, for which what is behind them moves. */
  #write(offset: number, room: number, element: Uint8Array): void {
    const size = elementBytes(element.length)
    const more = size - room
    let at = offset
    if (this.#bytes.length - this.#end < more) {
      const index = offset - this.#start
      this.#makeRoom(more, 'back')
      at = this.#start + index
    }
    if (more !== 0) this.#bytes.copyWithin(at + size, at + room, this.#end)
    this.#end += more
    writeElement(this.#bytes, at, element, 0, element.length)
  }

  /** Sees to it that so many bytes are free at one end: by moving when half of all is free, else by growing. */
  #makeRoom(size: number, where: 'front' | 'back'): void {
    const used = this.usedBytes
    const capacity = Math.max(used + size, Math.min((used + size) * 2, CHUNK_BYTES))
    const target = capacity <= this.#bytes.length ? this.#bytes : new Uint8Array(capacity)
    const start = where === 'front' ? target.length - used : 0
    if (target === this.#bytes) target.copyWithin(start, this.#start, this.#end)
    else target.set(this.#bytes.subarray(this.#start, this.#end), start)
    this.#bytes = target
    this.#start = start
    this.#end = start + used
  }
}

/** A chunk takes no more elements when they take so many bytes; an element that is longer has one to itself. */
export const CHUNK_BYTES = 4096
const LONG = 254

/** What an element of this length takes in a chunk. */
function elementBytes(length: number): number {
  return length < LONG ? length + 2 : length + 10
}

function readLength(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length >>> 16
  bytes[at + 3] = length >>> 24
}

function writeElement(bytes: Uint8Array, at: number, source: Uint8Array, start: number, length: number): void {
  if (length >= LONG) {
    bytes[at] = LONG
    writeLength(bytes, at + 1, length)
    bytes.set(source.subarray(start, start + length), at + 5)
    writeLength(bytes, at + 5 + length, length)
    bytes[at + 9 + length] = LONG
    return
  }
  bytes[at] = length
  if (length > 32) bytes.set(source.subarray(start, start + length), at + 1)
  else for (let i = 0; i < length; i++) bytes[at + 1 + i] = source[start + i] as number
  bytes[at + 1 + length] = length
}
