import type { Database } from '../keyspace/database.ts'

type Round = { withDeadline: number; deadlineMs: number }

type Walk = { cursor: number; round: Round; lastRound: Round | undefined }

/** Keys looked at per question. */
const KEYS_PER_LOOK = 64

/**
 * A figure that would need every key: learnt by walking a few keys per question and going on where the last one stopped.
 * Of a database with less than that many keys it is of now; of a larger one it is of the last whole round,
 * or of what has been seen of the first.
 */
export class KeyspaceSampler {
  readonly #walks = new WeakMap<Database, Walk>()

  /** Milliseconds to the deadline, over keys that have one; 0 when none was seen. */
  averageTtlMs(database: Database, nowMs: number): number {
    const walk = this.#walks.get(database) ?? { cursor: 0, round: emptyRound(), lastRound: undefined }
    this.#walks.set(database, walk)
    if (database.size > 0) this.#goOn(database, walk)
    const { withDeadline, deadlineMs } = walk.lastRound ?? walk.round
    return withDeadline === 0 ? 0 : Math.max(0, Math.round(deadlineMs / withDeadline - nowMs))
  }

  #goOn(database: Database, walk: Walk): void {
    let left = KEYS_PER_LOOK
    while (left > 0) {
      const { round } = walk
      // A bucket may be empty; it counts as a look too, so that a sparse table ends a question as well.
      left--
      walk.cursor = database.walkDeadlines(walk.cursor, (deadlineMs) => {
        left--
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
  return { withDeadline: 0, deadlineMs: 0 }
}
