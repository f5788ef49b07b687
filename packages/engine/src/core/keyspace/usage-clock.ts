/** A key begins with so many uses, so that it is not the first to go (`LFU_INIT_VAL`). */
const FIRST_USES = 5
const MOST_USES = 255
/** It must fit into 32 bits, with a sign. */
const LONGEST_IDLE_SECONDS = 2 ** 31

type Used = { readonly usage: number }

/**
 * How a key is used, in one number: the second of its last use, or, when uses are counted, the minute of the last count and
 * the count itself (0..255), which grows with a chance that falls the greater it is, and shrinks with time.
 */
export class UsageClock {
  readonly #chance: () => number
  #seconds = 0
  #minutes = 0
  /** An LFU policy is in force. */
  countsUses = false
  /** `lfu-log-factor`: the greater, the more uses it takes to reach 255. */
  growthFactor = 10
  /** `lfu-decay-time`: minutes for a count to fall by one; 0: never. */
  decayMinutes = 1

  /** `chance` draws from [0, 1). */
  constructor(chance: () => number = () => 0) {
    this.#chance = chance
  }

  /** `elapsedMs`: since the node began. */
  advance(elapsedMs: number): void {
    this.#seconds = Math.floor(elapsedMs / 1000)
    this.#minutes = Math.floor(elapsedMs / 60_000)
  }

  /** For a key that is made now. */
  get fresh(): number {
    return this.countsUses ? this.#minutes * 256 + FIRST_USES : this.#seconds
  }

  /** What `usage` becomes when the key is used now. */
  noted(usage: number): number {
    if (!this.countsUses) return this.#seconds
    const uses = this.usesOf({ usage })
    const grows = uses < MOST_USES && this.#chance() < 1 / (Math.max(0, uses - FIRST_USES) * this.growthFactor + 1)
    return this.#minutes * 256 + (grows ? uses + 1 : uses)
  }

  /** Seconds since the last use; means nothing while uses are counted. */
  idleSecondsOf({ usage }: Used): number {
    return Math.max(0, this.#seconds - usage)
  }

  /** Uses as of now; means nothing while they are not counted. */
  usesOf({ usage }: Used): number {
    const uses = usage & 255
    if (this.decayMinutes === 0) return uses
    return Math.max(0, uses - Math.floor(Math.max(0, this.#minutes - (usage >> 8)) / this.decayMinutes))
  }

  /** RESTORE may tell how a key was used elsewhere; undefined when it does not say what counts here. */
  restored(idleSeconds: number | undefined, uses: number | undefined): number | undefined {
    if (this.countsUses) return uses === undefined ? undefined : this.#minutes * 256 + uses
    return idleSeconds === undefined ? undefined : Math.max(this.#seconds - idleSeconds, -LONGEST_IDLE_SECONDS)
  }
}
