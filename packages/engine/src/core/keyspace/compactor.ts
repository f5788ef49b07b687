import { WALK_END } from './byte-table.ts'
import type { KeyStore } from './key-store.ts'
import type { Keyspace } from './keyspace.ts'

/**
 * Gives memory back when many keys have gone: what is left of sparse slabs is moved together, a few keys at a time, and the slabs go back
 * to the system. One way round goes over all keys; what came from elsewhere meanwhile (a quarantined slot, a dropped one) stays where it is.
 */
export class Compactor {
  readonly #store: KeyStore
  #underWay: Generator<void> | undefined

  constructor(store: KeyStore) {
    this.#store = store
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined
  }

  /** Goes on for so many steps; begins anew when there is enough to gain. */
  run(keyspaces: () => Iterable<Keyspace>, steps: number): void {
    const { arena } = this.#store.records
    if (!this.#underWay) {
      if (!arena.thinOut()) return
      this.#underWay = moveAll(keyspaces())
    }
    for (let left = steps; left > 0; left--) {
      if (!this.#underWay.next().done) continue
      this.#underWay = undefined
      arena.keepTheRest()
      return
    }
  }
}

function* moveAll(keyspaces: Iterable<Keyspace>): Generator<void> {
  for (const keyspace of keyspaces) {
    for (const database of keyspace.used()) {
      for (const slot of database.occupiedSlots()) {
        for (let position = 0; position < WALK_END; ) {
          position = database.relocate(slot, position)
          yield
        }
      }
    }
  }
}
