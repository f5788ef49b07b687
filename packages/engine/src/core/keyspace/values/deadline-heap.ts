/** What can stand in a `DeadlineHeap`. */
export type Deadlined = {
  /** Unix milliseconds. */
  deadlineMs: number
  /** Its place in the heap; only the heap writes it. */
  heapIndex: number
}

/**
 * Soonest first: a binary heap whose items know their place, so that one can be moved or taken out in O(log n). The index
 * costs one array slot per item.
 */
export class DeadlineHeap<T extends Deadlined> {
  #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  /** The item with the soonest deadline. */
  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    item.heapIndex = this.#items.length
    this.#items.push(item)
    this.#rise(item)
  }

  remove(item: T): void {
    const last = this.#items.pop() as T
    if (last === item) return
    this.#place(last, item.heapIndex)
    this.#rise(last)
    this.#sink(last)
  }

  /** Call it after an item's deadline changed. */
  moved(item: T): void {
    this.#rise(item)
    this.#sink(item)
  }

  /** How many deadlines lie before `nowMs`; costs O(that many). */
  countPassed(nowMs: number): number {
    let count = 0
    const open = [0]
    while (open.length > 0) {
      const at = open.pop() as number
      const item = this.#items[at]
      if (!item || nowMs <= item.deadlineMs) continue
      count++
      open.push(at * 2 + 1, at * 2 + 2)
    }
    return count
  }

  #rise(item: T): void {
    let at = item.heapIndex
    while (at > 0) {
      const parent = this.#items[(at - 1) >>> 1] as T
      if (parent.deadlineMs <= item.deadlineMs) break
      this.#place(parent, at)
      at = (at - 1) >>> 1
    }
    this.#place(item, at)
  }

  #sink(item: T): void {
    const items = this.#items
    let at = item.heapIndex
    while (true) {
      let child = at * 2 + 1
      if (child >= items.length) break
      if (child + 1 < items.length && (items[child + 1] as T).deadlineMs < (items[child] as T).deadlineMs) child++
      const lower = items[child] as T
      if (lower.deadlineMs >= item.deadlineMs) break
      this.#place(lower, at)
      at = child
    }
    this.#place(item, at)
  }

  #place(item: T, at: number): void {
    this.#items[at] = item
    item.heapIndex = at
  }
}
