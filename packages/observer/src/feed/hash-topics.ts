import type { Frame, JsonTopic, Topic } from '../stream/frames.ts'
import type { Asker } from './asker.ts'
import { JsonChannel } from './channel.ts'
import { HashWatch, hashTopicOf } from './hash-watch.ts'
import type { Topology } from './topology.ts'

const PERIOD_MS = 1_000
/** Of many that are looked at, so many are read side by side, the longest unread first: what a node rests for is then never much. */
const MOST_AT_ONCE = 16

/** The hashes that somebody looks at, each a topic of its own that lives as long as it is watched. */
export class HashTopics {
  readonly #asker: Asker
  readonly #topology: Topology
  readonly #tell: (topic: JsonTopic, frame: Frame) => void
  readonly #open = new Map<Topic, { readonly channel: JsonChannel<JsonTopic>; readonly watch: HashWatch }>()
  /** Version that the next topic begins with: higher than any that a viewer may still hold of the same name. */
  #firstVersion = 1

  constructor(asker: Asker, topology: Topology, tell: (topic: JsonTopic, frame: Frame) => void) {
    this.#asker = asker
    this.#topology = topology
    this.#tell = tell
  }

  channel(topic: JsonTopic): JsonChannel<JsonTopic> | undefined {
    return this.#open.get(topic)?.channel
  }

  watch(topics: ReadonlySet<Topic>): void {
    for (const topic of this.#open.keys()) if (!topics.has(topic)) this.#open.delete(topic)
    for (const topic of topics) {
      if (this.#open.has(topic)) continue
      const parts = hashTopicOf(topic)
      if (parts) this.#open.set(topic, { channel: new JsonChannel(topic as JsonTopic, this.#firstVersion), watch: new HashWatch(parts) })
    }
  }

  dueAtMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { watch } of this.#open.values()) if (!watch.running) next = Math.min(next, this.#watchDueAtMs(watch))
    return next
  }

  ask(): void {
    const nowMs = this.#asker.now()
    let running = 0
    for (const { watch } of this.#open.values()) if (watch.running) running++
    if (running >= MOST_AT_ONCE) return
    const due = [...this.#open].filter(([, { watch }]) => !watch.running && nowMs >= this.#watchDueAtMs(watch))
    due.sort(([, a], [, b]) => a.watch.startedAtMs - b.watch.startedAtMs)
    for (const [topic, { watch }] of due.slice(0, MOST_AT_ONCE - running)) {
      watch.running = true
      watch.startedAtMs = nowMs
      this.#asker.run(() => this.#poll(topic as JsonTopic))
    }
  }

  /** However many hashes are looked at, a node that we asked for its share of time rests. */
  #watchDueAtMs({ slot, startedAtMs }: HashWatch): number {
    const owner = this.#topology.owners()[slot]
    const restUntilMs = owner === undefined ? 0 : (this.#asker.records.get(owner)?.link.restUntilMs ?? 0)
    return Math.max(startedAtMs + PERIOD_MS, restUntilMs)
  }

  async #poll(topic: JsonTopic): Promise<void> {
    const open = this.#open.get(topic)
    if (!open) return
    try {
      const node = this.#topology.owners()[open.watch.slot]
      const owner = node === undefined ? undefined : { node, shard: this.#topology.shardOf(node) }
      const state = await open.watch.read(owner, this.#asker.byId, () => this.#asker.now())
      // Nobody may look any more, or somebody looks anew.
      if (!state || this.#open.get(topic) !== open) return
      const frame = open.channel.publish(state, this.#asker.now())
      this.#firstVersion = Math.max(this.#firstVersion, open.channel.version + 1)
      if (frame) this.#tell(topic, frame)
    } finally {
      open.watch.running = false
    }
  }
}
