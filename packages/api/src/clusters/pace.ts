import type { Caller, Command } from '@slotscope/observer'

/** Per-slot questions that one node may be asked in a second (interaction rules, section 4). */
const PER_SECOND = 2_000

/** Holds back per-slot questions, so that no number of plans loads a node: a bucket per node that fills at the allowed pace. */
export class Pace {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()
  readonly #now: () => number
  readonly #sleep: (ms: number) => Promise<unknown>

  /** `now` in milliseconds; `sleep` is for tests. */
  constructor(now: () => number, sleep = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))) {
    this.#now = now
    this.#sleep = sleep
  }

  /** Resolves when the node may be asked so many questions. */
  async take(node: string, questions: number): Promise<void> {
    const nowMs = this.#now()
    const bucket = this.#buckets.get(node) ?? { tokens: PER_SECOND, atMs: nowMs }
    bucket.tokens = Math.min(PER_SECOND, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * PER_SECOND) / 1_000) - questions
    bucket.atMs = nowMs
    this.#buckets.set(node, bucket)
    // A debt is slept off; the next one who asks waits behind us.
    if (bucket.tokens < 0) await this.#sleep((-bucket.tokens * 1_000) / PER_SECOND)
  }

  /** The same caller, with per-slot questions held back. */
  over(caller: Caller): Caller {
    return {
      pipeline: async (node, commands, options) => {
        const questions = commands.filter(isPerSlot).length
        if (questions > 0) await this.take(`${node.host}:${node.port}`, questions)
        return caller.pipeline(node, commands, options)
      }
    }
  }
}

function isPerSlot(command: Command): boolean {
  return command[1] === 'COUNTKEYSINSLOT' || command[1] === 'GETKEYSINSLOT'
}
