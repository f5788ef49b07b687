/** Hues that people can still tell apart; past them the letter and a pattern do. */
const HUES = 8

/** What a shard is called and which hue it has, for every viewer and for ever. */
export type ShardLabel = { readonly label: string; readonly color: number }

/** Where labels are kept between runs, per cluster. Both calls are synchronous; the host may write later. */
export interface ShardLabels {
  load(): Readonly<Record<string, ShardLabel>>
  save(labels: Readonly<Record<string, ShardLabel>>): void
}

/** Gives each shard key a label once: A..Z, then A2..Z2. The hue is the label's order modulo the number of hues. */
export class LabelBook {
  readonly #store: ShardLabels
  readonly #labels: Map<string, ShardLabel>

  constructor(store: ShardLabels) {
    this.#store = store
    this.#labels = new Map(Object.entries(store.load()))
  }

  /** Labels for these shards, in order for those that have none yet. `formerKeys`: keys that the same shard had before. */
  assign(shards: readonly { readonly key: string; readonly formerKeys: readonly string[] }[]): ReadonlyMap<string, ShardLabel> {
    let changed = false
    for (const { key, formerKeys } of shards) {
      if (this.#labels.has(key)) continue
      const former = formerKeys.find((other) => this.#labels.has(other))
      const label = (former === undefined ? undefined : this.#labels.get(former)) ?? this.#next()
      if (former !== undefined) this.#labels.delete(former)
      this.#labels.set(key, label)
      changed = true
    }
    if (changed) this.#store.save(Object.fromEntries(this.#labels))
    return this.#labels
  }

  /** What a shard is or was called; undefined: it never had a label. */
  get(key: string): ShardLabel | undefined {
    return this.#labels.get(key)
  }

  #next(): ShardLabel {
    const taken = new Set([...this.#labels.values()].map((entry) => entry.label))
    let order = 0
    while (taken.has(labelOf(order))) order++
    return { label: labelOf(order), color: order % HUES }
  }
}

/** 0 -> A, 25 -> Z, 26 -> A2, 52 -> A3. */
export function labelOf(order: number): string {
  const round = Math.floor(order / 26)
  return String.fromCharCode(65 + (order % 26)) + (round === 0 ? '' : String(round + 1))
}
