/** Per-slot questions that one node may be asked in a second (interaction rules, section 4). */
const PER_SECOND = 2_000

/** Holds back per-slot questions, so that plans never load a node: a bucket per node that fills at the allowed pace. */
export class Pace {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Resolves when the node may be asked so many questions. At most `PER_SECOND` at once. */
  async take(node: string, questions: number): Promise<void> {
    const nowMs = this.#now()
    const bucket = this.#buckets.get(node) ?? { tokens: PER_SECOND, atMs: nowMs }
    bucket.tokens = Math.min(PER_SECOND, bucket.tokens + ((nowMs - bucket.atMs) * PER_SECOND) / 1_000) - questions
    bucket.atMs = nowMs
    this.#buckets.set(node, bucket)
    // A debt is slept off; the next one who asks waits behind us.
    if (bucket.tokens < 0) await new Promise((resolve) => setTimeout(resolve, (-bucket.tokens * 1_000) / PER_SECOND))
  }
}
