import { KeyRecords } from './key-records.ts'
import { pagesUnder, recordsOn, type SlotPages } from './slot-directory.ts'

/** One slot of one database, taken out of its directories: to be attached elsewhere or discarded. */
export type DetachedSlot = {
  readonly keys: SlotPages
  readonly expiring: SlotPages
  readonly volatile: SlotPages
  readonly dueKeysMs: number
  readonly dueFieldsMs: number
}

/**
 * What all keyspaces of a node share: the memory of their keys. So a slot can change its keyspace by changing hands, and what is dropped
 * leaves the directories at once and gives its memory back bit by bit, since to free a key is to touch it.
 */
export class KeyStore {
  readonly records = new KeyRecords()
  /** Pages of dropped slots whose records are still to be freed, and what is under way of the last of them. */
  readonly #doomed: SlotPages[] = []
  #underWay: Generator<void> | undefined
  #doomedKeys = 0

  /** Bytes that keys and directories of all databases take, those of dropped keys included until they are given back. */
  get usedBytes(): number {
    return this.records.arena.liveBytes
  }

  /** Bytes that were given back to the system, since the start. */
  get releasedBytes(): number {
    return this.records.arena.releasedBytes
  }

  discard(slots: readonly DetachedSlot[]): void {
    for (const { keys } of slots) this.#doomedKeys += keys.count
    if (this.#doomedKeys === this.records.count) {
      // Nothing else is there: everything goes at once.
      this.records.reset()
      this.#doomed.length = 0
      this.#underWay = undefined
      this.#doomedKeys = 0
      return
    }
    for (const { keys, expiring, volatile } of slots) {
      if (keys.count > 0) this.#doomed.push(keys)
      this.#freePages(expiring)
      this.#freePages(volatile)
    }
  }

  /** Does memory of dropped keys wait to be given back? */
  get hasDropped(): boolean {
    return this.#doomed.length > 0 || this.#underWay !== undefined
  }

  /** Gives back the memory of up to `keys` dropped keys. */
  reclaim(keys: number): void {
    for (let left = keys; left > 0; left--) {
      if (!this.#underWay) {
        const pages = this.#doomed.pop()
        if (!pages) return
        this.#underWay = this.#freeAll(pages)
      }
      if (this.#underWay.next().done) this.#underWay = undefined
    }
  }

  *#freeAll(slot: SlotPages): Generator<void> {
    const { arena } = this.records
    for (const page of pagesUnder(arena, slot.root, slot.depth)) {
      for (const record of recordsOn(arena, page)) {
        this.records.free(record)
        this.#doomedKeys--
        yield
      }
      arena.free(page)
    }
    if (slot.depth > 0) arena.free(slot.root)
  }

  #freePages({ root, depth, count }: SlotPages): void {
    if (count === 0) return
    const { arena } = this.records
    for (const page of pagesUnder(arena, root, depth)) arena.free(page)
    if (depth > 0) arena.free(root)
  }
}
