import type { Database } from '../keyspace/database.ts'
import { valueBytes } from './value-bytes.ts'

/** Averages over the keys of a database. */
export type KeyAverages = {
  /** Estimated bytes per key of the objects that hold values; what lies in the store is counted there. */
  readonly objectBytesPerKey: number
  /** Milliseconds to the deadline, over keys that have one; 0 when none was seen. */
  readonly averageTtlMs: number
}

type Round = { keys: number; bytes: number; withDeadline: number; deadlineMs: number }

type Walk = { cursor: number; round: Round; lastRound: Round | undefined }

/** Keys looked at per question, and elements per collection (the reference's MEMORY USAGE looks at five). */
const KEYS_PER_LOOK = 64
const ELEMENTS_PER_KEY = 5

/**
 * Figures that would need every key: learnt by walking a few keys per question and going on where the last one stopped.
 * Of a database with less than that many keys the figures are of now; of a larger one they are of the last whole round,
 * or of what has been seen of the first.
 */
export class KeyspaceSampler {
  readonly #walks = new WeakMap<Database, Walk>()

  look(database: Database, nowMs: number): KeyAverages {
    const walk = this.#walks.get(database) ?? { cursor: 0, round: emptyRound(), lastRound: undefined }
    this.#walks.set(database, walk)
    if (database.size > 0) this.#goOn(database, walk)
    const round = walk.lastRound ?? walk.round
    return {
      objectBytesPerKey: round.keys === 0 ? 0 : round.bytes / round.keys,
      averageTtlMs: round.withDeadline === 0 ? 0 : Math.max(0, Math.round(round.deadlineMs / round.withDeadline - nowMs))
    }
  }

  #goOn(database: Database, walk: Walk): void {
    let left = KEYS_PER_LOOK
    while (left > 0) {
      const { round } = walk
      // A bucket may be empty; it counts as a look too, so that a sparse table ends a question as well.
      left--
      walk.cursor = database.walkFootprints(walk.cursor, ({ object }, deadlineMs) => {
        left--
        round.keys++
        if (object) round.bytes += valueBytes(object, ELEMENTS_PER_KEY)
        if (deadlineMs === Number.POSITIVE_INFINITY) return
        round.withDeadline++
        round.deadlineMs += deadlineMs
      })
      if (walk.cursor !== 0) continue
      walk.lastRound = round
      walk.round = emptyRound()
      return
    }
  }
}

function emptyRound(): Round {
  return { keys: 0, bytes: 0, withDeadline: 0, deadlineMs: 0 }
}
