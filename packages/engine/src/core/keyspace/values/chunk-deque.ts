import { CHUNK_BYTES, type ElementChunk } from './element-chunk.ts'

/** Chunks of a list in order. There is room at the front, so that taking the first away, or putting one before it, moves nothing. */
export class ChunkDeque {
  #chunks: (ElementChunk | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#chunks.length - this.#start
  }

  get first(): ElementChunk | undefined {
    return this.#chunks[this.#start]
  }

  get last(): ElementChunk | undefined {
    return this.#chunks.at(-1)
  }

  at(number: number): ElementChunk {
    return this.#chunks[this.#start + number] as ElementChunk
  }

  push(chunk: ElementChunk): ElementChunk {
    this.#chunks.push(chunk)
    return chunk
  }

  unshift(chunk: ElementChunk): ElementChunk {
    if (this.length === 0) return this.push(chunk)
    if (this.#start === 0) {
      // Room as large as the content, so that a list fed at its head moves each chunk a constant number of times.
      const room = Math.max(4, this.#chunks.length)
      this.#chunks = [...new Array<undefined>(room).fill(undefined), ...this.#chunks]
      this.#start = room
    }
    this.#start--
    this.#chunks[this.#start] = chunk
    return chunk
  }

  shift(): void {
    this.#chunks[this.#start] = undefined
    this.#start++
    if (this.#start > 64 && this.#start > this.#chunks.length / 2) {
      this.#chunks = this.#chunks.slice(this.#start)
      this.#start = 0
    }
  }

  pop(): void {
    this.#chunks.pop()
    if (this.length === 0) {
      this.#chunks = []
      this.#start = 0
    }
  }

  /** Makes two chunks of one. */
  split(number: number): void {
    this.#chunks.splice(this.#start + number + 1, 0, this.at(number).split())
  }

  /** After removals anywhere: drops empty chunks and joins small neighbours. */
  dropEmpty(): void {
    const kept: ElementChunk[] = []
    for (let number = 0; number < this.length; number++) {
      const chunk = this.at(number)
      if (chunk.count === 0) continue
      const before = kept.at(-1)
      if (before && before.usedBytes + chunk.usedBytes <= CHUNK_BYTES / 2) before.append(chunk)
      else kept.push(chunk)
    }
    this.#chunks = kept
    this.#start = 0
  }
}
