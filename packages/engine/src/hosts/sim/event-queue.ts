type Event = { readonly atMs: number; readonly order: number; readonly action: () => void }

/** Events by virtual time; those of one time keep the order in which they were added. A binary heap. */
export class EventQueue {
  readonly #heap: Event[] = []
  #order = 0

  add(atMs: number, action: () => void): void {
    const heap = this.#heap
    heap.push({ atMs, order: this.#order++, action })
    let at = heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(heap[at] as Event, heap[parent] as Event)) break
      swap(heap, at, parent)
      at = parent
    }
  }

  peekAtMs(): number | undefined {
    return this.#heap[0]?.atMs
  }

  take(): (() => void) | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last) return undefined
    if (heap.length > 0) {
      heap[0] = last
      let at = 0
      for (;;) {
        const left = at * 2 + 1
        let least = at
        if (left < heap.length && before(heap[left] as Event, heap[least] as Event)) least = left
        if (left + 1 < heap.length && before(heap[left + 1] as Event, heap[least] as Event)) least = left + 1
        if (least === at) break
        swap(heap, at, least)
        at = least
      }
    }
    return first.action
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order
}

function swap(heap: Event[], a: number, b: number): void {
  const held = heap[a] as Event
  heap[a] = heap[b] as Event
  heap[b] = held
}
