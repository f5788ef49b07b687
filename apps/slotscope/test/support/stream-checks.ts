import type { CoreState, Topic } from '@slotscope/observer/stream'

/** What may not happen. */
export type Breach = {
  readonly kind: 'gap' | 'not-the-state' | 'epoch-back' | 'stale-as-live' | 'event-lost' | 'picture-lost'
  readonly words: string
}

type Version = { readonly atMs: number; readonly state: unknown }

/** What one run of the api has told: the state behind each version, as of its telling. */
export class Truth {
  readonly feedId: string
  readonly startedAtMs: number
  readonly #versions = new Map<Topic, Map<number, Version>>()
  readonly #latest = new Map<Topic, number>()

  constructor(feedId: string, startedAtMs: number) {
    this.feedId = feedId
    this.startedAtMs = startedAtMs
  }

  /** States are never changed in place, so they are kept as they are; of figures only the last. */
  note(topic: Topic, version: number, state: unknown, atMs: number): void {
    const versions = this.#versions.get(topic) ?? new Map<number, Version>()
    this.#versions.set(topic, versions)
    versions.set(version, { atMs, state })
    this.#latest.set(topic, version)
    if (topic.startsWith('slots:')) versions.delete(version - 300)
  }

  stateAt(topic: Topic, version: number): unknown {
    return this.#versions.get(topic)?.get(version)?.state
  }

  latest(topic: Topic): number {
    return this.#latest.get(topic) ?? 0
  }

  /** The newest version that was told before `atMs`; 0: none. */
  versionBefore(topic: Topic, atMs: number): number {
    let version = this.latest(topic)
    while (version > 0 && (this.#versions.get(topic)?.get(version)?.atMs ?? 0) >= atMs) version--
    return version
  }
}

/** What one viewer has held so far, and what of it must never happen again. */
export class ViewerChecks {
  readonly #breach: (breach: Breach) => void
  #highestEpoch = 0
  readonly #slotEpochs = new Float64Array(16_384)
  #seenShards = new WeakMap<object, number>()
  #hadNodes = false
  #lastEvent: { readonly feedId: string; readonly sequence: number } | null = null

  constructor(breach: (breach: Breach) => void) {
    this.#breach = breach
  }

  /** A frame of `topic` was applied: from version `before` to `after`. `base`: what a patch said it follows; null: a snapshot. */
  applied(topic: Topic, before: number, after: number, base: number | null): void {
    if (base === null) {
      if (after < before) this.#breach({ kind: 'gap', words: `${topic}: a snapshot took ${before} back to ${after}` })
    } else if (base !== before || after !== before + 1)
      this.#breach({ kind: 'gap', words: `${topic}: the patch ${base} -> ${after} was applied to ${before}` })
  }

  /** What is held of `topic` is what the api held at that version. */
  holds(truth: Truth, topic: Topic, version: number, held: unknown): void {
    const state = truth.stateAt(topic, version)
    const same = topic.startsWith('slots:') ? sameFigures(state, held) : isSame(held, state)
    if (!same) this.#breach({ kind: 'not-the-state', words: `${topic}@${version} of ${truth.feedId} is not what the api held` })
  }

  /** Owners and epochs only go forward, also over restarts; a picture that was there stays until there is a new one. */
  core(core: CoreState, feedId: string): void {
    const nodes = Object.keys(core.nodes).length
    if (this.#hadNodes && nodes === 0) this.#breach({ kind: 'picture-lost', words: 'a picture with nodes became an empty one' })
    if (nodes === 0) return
    this.#hadNodes = true
    const { currentEpoch } = core.cluster
    if (currentEpoch < this.#highestEpoch)
      this.#breach({ kind: 'epoch-back', words: `currentEpoch ${this.#highestEpoch} -> ${currentEpoch}` })
    this.#highestEpoch = Math.max(this.#highestEpoch, currentEpoch)
    for (const shard of Object.values(core.shards)) {
      const epoch = shard.primary === null ? undefined : core.nodes[shard.primary]?.configEpoch
      // Nobody in charge is no epoch that is shown; and what was looked at already is not looked at again.
      if (epoch === undefined || this.#seenShards.get(shard) === epoch) continue
      this.#seenShards.set(shard, epoch)
      for (const [first, last] of shard.slots)
        for (let slot = first; slot <= last; slot++) {
          const known = this.#slotEpochs[slot] ?? 0
          if (epoch < known) this.#breach({ kind: 'epoch-back', words: `slot ${slot}: the owner's epoch ${known} -> ${epoch}` })
          this.#slotEpochs[slot] = epoch
        }
    }
    this.#events(core, feedId)
  }

  /** An event that is not in the list any more was in it before. */
  #events({ events }: CoreState, feedId: string): void {
    const [first, last] = [events[0]?.sequence ?? 0, events.at(-1)?.sequence ?? 0]
    const known = this.#lastEvent?.feedId === feedId ? this.#lastEvent.sequence : null
    const whole = events.every(({ sequence }, index) => sequence === first + index)
    if (!whole || (known !== null && (last < known || (first > known + 1 && events.length < 200))))
      this.#breach({ kind: 'event-lost', words: `events ${first} to ${last} after ${known ?? 'none'}` })
    this.#lastEvent = { feedId, sequence: last }
  }

  /** A viewer that says `live` holds what was told `allowedMs` ago. */
  live(truth: Truth, heldFeedId: string | null, version: (topic: Topic) => number, topics: readonly Topic[], allowedMs: number): void {
    const thenMs = Date.now() - allowedMs
    if (truth.startedAtMs > thenMs) return
    for (const topic of topics) {
      const due = truth.versionBefore(topic, thenMs)
      const held = heldFeedId === truth.feedId ? version(topic) : 0
      if (held < due)
        this.#breach({
          kind: 'stale-as-live',
          words: `${topic}: ${held} is shown as live, ${due} was told ${allowedMs} ms ago (${heldFeedId})`
        })
    }
  }
}

function sameFigures(told: unknown, held: unknown): boolean {
  if (!(told instanceof Float64Array) || !(held instanceof Float64Array)) return false
  for (let slot = 0; slot < told.length; slot++) if (!Object.is(told[slot], held[slot])) return false
  return told.length === held.length
}

/** What was compared and found equal: states share what did not change, on both sides. */
const compared = new WeakMap<object, unknown>()

/** Whether `held` is `told` after a way over the wire, which leaves out what is undefined. */
function isSame(held: unknown, told: unknown): boolean {
  if (typeof held !== 'object' || held === null || typeof told !== 'object' || told === null) return Object.is(held, told)
  if (compared.get(held) === told) return true
  if (Array.isArray(held) !== Array.isArray(told)) return false
  const [mine, theirs] = [held as Record<string, unknown>, told as Record<string, unknown>]
  const names = Object.keys(theirs).filter((name) => theirs[name] !== undefined)
  if (Object.keys(mine).length !== names.length) return false
  if (!names.every((name) => Object.hasOwn(mine, name) && isSame(mine[name], theirs[name]))) return false
  compared.set(held, told)
  return true
}
