import type { Dice } from './random.ts'

/** A command of the sample world; `hashTag` decides the slot. */
export type Operation = {
  readonly database: number
  readonly key: string
  readonly command: string
  readonly args: readonly (string | number)[]
}

/** Where creators publish. */
export const NETWORKS = [
  'Douyin',
  'Kwai',
  'WeChat',
  'Bilibili',
  'Rednote',
  'Facebook',
  'Instagram',
  'LinkedIn',
  'Threads',
  'YouTube',
  'Pinterest',
  'X'
] as const

export const CREATORS = 1_500
const MINUTE_MS = 60_000

/**
 * A publishing platform: creators publish to a dozen networks. Database 0 has creators, access tokens (fields with deadlines)
 * and sessions, 1 the publish queues, 2 rankings and analytics, 3 drafts. With fewer databases the rest falls into the last.
 */
export class Publishing {
  readonly #dice: Dice
  readonly #databases: number

  constructor(dice: Dice, databases: number) {
    this.#dice = dice
    this.#databases = databases
  }

  /** What is there before the first visitor comes. */
  *foundation(): Generator<Operation> {
    for (let creator = 0; creator < CREATORS; creator++) {
      yield this.#on(0, `creator:{${creator}}:profile`, 'HSET', [
        'name',
        `Creator ${creator}`,
        'joined',
        `202${this.#dice.below(6)}`,
        ...NETWORKS.flatMap((network) => [network, `@${this.#dice.text(8)}`])
      ])
      const linked = NETWORKS.filter(() => this.#dice.fraction() < 0.5)
      for (const network of linked) yield this.#token(creator, network)
      yield this.#on(3, `draft:{${creator}}:${this.#dice.below(9)}`, 'HSET', [
        'title',
        this.#dice.text(20),
        'body',
        this.#dice.text(120),
        'network',
        this.#dice.of(NETWORKS)
      ])
      for (let i = this.#dice.below(4); i > 0; i--) yield this.#queued(creator)
      for (const network of linked.slice(0, 2)) yield this.#ranked(creator, network)
    }
  }

  /** What happens next. */
  next(): Operation {
    const creator = this.#dice.popular(CREATORS)
    const network = this.#dice.of(NETWORKS)
    const roll = this.#dice.below(100)
    if (roll < 22) return this.#on(0, `creator:{${creator}}:tokens`, 'HGET', [network])
    if (roll < 34) return this.#on(0, `creator:{${creator}}:profile`, 'HGETALL', [])
    if (roll < 42) return this.#token(creator, network)
    if (roll < 52) {
      // A session holds a short-lived field of its own beside the key's expiry.
      const session = this.#dice.below(4_000)
      return this.#on(0, `session:{${session}}`, 'HSETEX', [
        'PX',
        20_000 + this.#dice.below(10 * MINUTE_MS),
        'FIELDS',
        2,
        'creator',
        creator,
        'csrf',
        this.#dice.text(16)
      ])
    }
    if (roll < 58)
      return this.#on(0, `rate:{${creator}}:${network}:${Math.floor(Date.now() / MINUTE_MS)}`, 'SET', [
        this.#dice.below(60),
        'PX',
        2 * MINUTE_MS
      ])
    if (roll < 66) return this.#queued(creator)
    if (roll < 75) return this.#on(1, `queue:{${creator}}`, 'LPOP', [])
    if (roll < 83) return this.#ranked(creator, network)
    if (roll < 88) return this.#on(2, `ranking:{${network}}`, 'ZREVRANGE', [0, 9, 'WITHSCORES'])
    if (roll < 93) return this.#on(2, `analytics:{${creator}}`, 'HINCRBY', [network, 1 + this.#dice.below(50)])
    if (roll < 97)
      return this.#on(3, `draft:{${creator}}:${this.#dice.below(9)}`, 'HSET', [
        'title',
        this.#dice.text(20),
        'body',
        this.#dice.text(120),
        'network',
        network
      ])
    return this.#on(3, `draft:{${creator}}:${this.#dice.below(9)}`, 'DEL', [])
  }

  /** An access token with its own deadline, from half a minute to a few hours. */
  #token(creator: number, network: string): Operation {
    const lifeMs = Math.round(30_000 * 2 ** (this.#dice.fraction() * 9))
    return this.#on(0, `creator:{${creator}}:tokens`, 'HSETEX', ['PX', lifeMs, 'FIELDS', 1, network, this.#dice.text(32)])
  }

  #queued(creator: number): Operation {
    return this.#on(1, `queue:{${creator}}`, 'RPUSH', [JSON.stringify({ network: this.#dice.of(NETWORKS), post: this.#dice.text(24) })])
  }

  #ranked(creator: number, network: string): Operation {
    return this.#on(2, `ranking:{${network}}`, 'ZINCRBY', [1 + this.#dice.below(100), `creator:${creator}`])
  }

  #on(database: number, key: string, command: string, args: readonly (string | number)[]): Operation {
    return { database: Math.min(database, this.#databases - 1), key, command, args }
  }
}
