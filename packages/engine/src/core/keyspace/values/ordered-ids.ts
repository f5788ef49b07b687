import type { StreamId } from './stream-id.ts'

type Block<T> = { readonly ids: StreamId[]; readonly values: T[] }

/** Where a block is split in two. Small enough that a change inside moves little, large enough that blocks are few. */
const BLOCK_SIZE = 256

/**
 * Values in the order of their ids, in blocks of sorted arrays: what streams keep (nodes, pending entries) mostly comes in at the
 * end and leaves at the front, is looked for by id and read in ranges. Nothing may be changed while a walk goes on.
 */
export class OrderedIds<T> {
  readonly #blocks: Block<T>[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get firstId(): StreamId | undefined {
    return this.#blocks[0]?.ids[0]
  }

  get lastId(): StreamId | undefined {
    return this.#blocks.at(-1)?.ids.at(-1)
  }

  get first(): T | undefined {
    return this.#blocks[0]?.values[0]
  }

  get last(): T | undefined {
    return this.#blocks.at(-1)?.values.at(-1)
  }

  get(id: StreamId): T | undefined {
    const block = this.#blocks[this.#blockOf(id)]
    if (!block) return undefined
    const at = lowerBound(block.ids, id)
    return block.ids[at] === id ? block.values[at] : undefined
  }

  /** Adds a value or replaces the one with this id; true if the id is new. */
  set(id: StreamId, value: T): boolean {
    const number = this.#blockOf(id)
    const block = this.#blocks[number]
    if (!block) {
      this.#blocks.push({ ids: [id], values: [value] })
      this.#size++
      return true
    }
    const at = lowerBound(block.ids, id)
    if (block.ids[at] === id) {
      block.values[at] = value
      return false
    }
    block.ids.splice(at, 0, id)
    block.values.splice(at, 0, value)
    this.#size++
    if (block.ids.length > BLOCK_SIZE) this.#split(number, block, at)
    return true
  }

  /** True if there was such an id. */
  delete(id: StreamId): boolean {
    const number = this.#blockOf(id)
    const block = this.#blocks[number]
    if (!block) return false
    const at = lowerBound(block.ids, id)
    if (block.ids[at] !== id) return false
    block.ids.splice(at, 1)
    block.values.splice(at, 1)
    if (block.ids.length === 0) this.#blocks.splice(number, 1)
    this.#size--
    return true
  }

  /** From the first id that is not below `from`, upwards. */
  *ascending(from: StreamId = 0n): Generator<[StreamId, T]> {
    let number = this.#blockOf(from)
    let at = lowerBound(this.#blocks[number]?.ids ?? [], from)
    for (; number < this.#blocks.length; number++, at = 0) {
      const { ids, values } = this.#blocks[number] as Block<T>
      for (; at < ids.length; at++) yield [ids[at] as StreamId, values[at] as T]
    }
  }

  /** From the last id that is not above `from`, downwards. */
  *descending(from: StreamId): Generator<[StreamId, T]> {
    let number = this.#blockOf(from)
    let at = lowerBound(this.#blocks[number]?.ids ?? [], from + 1n) - 1
    for (; number >= 0; number--, at = BLOCK_SIZE) {
      const block = this.#blocks[number]
      if (!block) return
      const { ids, values } = block
      for (at = Math.min(at, ids.length - 1); at >= 0; at--) yield [ids[at] as StreamId, values[at] as T]
    }
  }

  /** The last block that begins at or before `id`; the first one if none does. */
  #blockOf(id: StreamId): number {
    let low = 0
    let high = this.#blocks.length - 1
    // Most of what is asked for is the newest.
    if (high > 0 && ((this.#blocks[high] as Block<T>).ids[0] as StreamId) <= id) return high
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (((this.#blocks[middle] as Block<T>).ids[0] as StreamId) <= id) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Ids that come in order fill their blocks; others leave both halves with room. */
  #split(number: number, { ids, values }: Block<T>, changedAt: number): void {
    const isAppend = number === this.#blocks.length - 1 && changedAt === ids.length - 1
    const from = isAppend ? ids.length - 1 : ids.length >>> 1
    this.#blocks.splice(number + 1, 0, { ids: ids.splice(from), values: values.splice(from) })
  }
}

/** Index of the first id that is not below `id`. */
function lowerBound(ids: readonly StreamId[], id: StreamId): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] as StreamId) < id) low = middle + 1
    else high = middle
  }
  return low
}
