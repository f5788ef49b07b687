import { JsonChannel, SlotsChannel } from '@slotscope/observer'
import type {
  ClusterEvent,
  CoreState,
  DatabasesState,
  ExpiryState,
  Frame,
  JsonTopic,
  SlotFigure,
  Topic,
  TopicState,
  TrafficState
} from '@slotscope/observer/stream'
import { SLOTS, STREAM_VERSION } from '@slotscope/observer/stream'
import { type EncodedUpdate, encodeFrame } from '../../src/viewers/encoded-update.ts'

/** A feed that publishes what a test says, as the real one does: states through channels, figures in a new array each time. */
export class ModelFeed {
  nowMs: number
  asleep = false
  watched: ReadonlySet<Topic> = new Set()
  readonly problems = new Map<string, string>()
  readonly #json = new Map<JsonTopic, JsonChannel<JsonTopic>>()
  readonly #slots = new Map<SlotFigure, SlotsChannel>()
  #listener: (update: EncodedUpdate) => void = () => undefined
  #core: CoreState = { events: [] as ClusterEvent[] } as unknown as CoreState

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  listen(listener: (update: EncodedUpdate) => void): void {
    this.#listener = listener
  }

  /** `text` stands for all that can change in a core. */
  publishCore(text: string, event?: string): CoreState {
    const sequence = (this.#core.events.at(-1)?.sequence ?? 0) + 1
    const events =
      event === undefined ? this.#core.events : [...this.#core.events, { sequence, atMs: this.nowMs, kind: 'node' as const, text: event }]
    this.#core = { ...this.#core, cluster: { ...this.#core.cluster, name: text }, events: events.slice(-200) }
    this.#publish('core', this.#core)
    return this.#core
  }

  publishDatabases(keys: number): void {
    const cell = { keys, withExpiry: 0, withVolatileFields: 0, averageTtlMs: 0, atMs: this.nowMs }
    this.#publish('databases', { limit: 16, shards: { a: { 0: cell } } } satisfies DatabasesState)
  }

  publishTraffic(operations: number): void {
    const before = (this.state('traffic') as TrafficState | undefined)?.servers ?? []
    const point = { atMs: this.nowMs, intervalMs: 1_000, operationsPerSecond: operations, errorsPerSecond: {}, p99Us: null, pausedNodes: 0 }
    this.#publish('traffic', { servers: [...before, point].slice(-300), probe: [], probeSource: null } satisfies TrafficState)
  }

  publishExpiry(fields: number, key: string): void {
    this.#publish('expiry', {
      expiredFieldsPerSecond: fields,
      expiredKeysPerSecond: null,
      hashesWithVolatileFields: fields,
      keysWithExpiry: 0,
      soonest: [{ database: 0, shard: 'a', key, field: null, deadlineMs: this.nowMs }],
      sampledHashes: 0,
      sampledKeys: 0,
      sampledAtMs: null,
      forecast: null
    } satisfies ExpiryState)
  }

  publishFigure(figure: SlotFigure, change: (values: Float64Array) => unknown): void {
    const channel = this.#slots.get(figure) ?? new SlotsChannel(`slots:${figure}`, figure !== 'keys')
    this.#slots.set(figure, channel)
    const values = channel.values?.slice() ?? new Float64Array(SLOTS).fill(Number.NaN)
    change(values)
    this.#tell(channel.publish(values, this.nowMs))
  }

  core(): CoreState {
    return this.#core
  }

  state<T extends JsonTopic>(topic: T): TopicState<T> | undefined {
    return this.#json.get(topic)?.state as TopicState<T> | undefined
  }

  figure(figure: SlotFigure): Float64Array | undefined {
    return this.#slots.get(figure)?.values
  }

  snapshot(topic: Topic): Frame | Uint8Array | undefined {
    return this.#json.get(topic as JsonTopic)?.snapshot(this.nowMs)
  }

  hello(): Frame {
    return {
      type: 'hello',
      streamVersion: STREAM_VERSION,
      feedId: 'f',
      clusterId: 'main',
      capabilities: ['atomic-migration'],
      atMs: this.nowMs
    }
  }

  hostProblem(id: string, problem: { readonly evidence: string } | null): void {
    if (problem === null) this.problems.delete(id)
    else this.problems.set(id, problem.evidence)
  }

  #publish(topic: JsonTopic, state: TopicState): void {
    const channel = this.#json.get(topic) ?? new JsonChannel(topic)
    this.#json.set(topic, channel)
    this.#tell(channel.publish(state, this.nowMs))
  }

  #tell(frame: Frame | Uint8Array | undefined): void {
    const encoded = frame && encodeFrame(frame)
    if (encoded) this.#listener(encoded)
  }
}
