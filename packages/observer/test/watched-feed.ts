import type { ShardLabel } from '../src/feed/labels.ts'
import { type Background, Feed, type FeedUpdate } from '../src/index.ts'
import type { Frame, Topic } from '../src/stream/frames.ts'
import { Viewer } from '../src/stream/viewer.ts'
import type { FakeCluster } from './fake-cluster.ts'

/** A feed over a fake cluster in virtual time, with one viewer that folds everything it is told. */
export class WatchedFeed {
  readonly feed: Feed
  readonly viewer = new Viewer()
  readonly updates: FeedUpdate[] = []
  readonly labels: Record<string, ShardLabel>
  nowMs = 1_000_000

  constructor(
    cluster: FakeCluster,
    options: { seeds?: number[]; labels?: Record<string, ShardLabel>; feedId?: string; background?: Background } = {}
  ) {
    this.labels = { ...options.labels }
    this.feed = new Feed({
      caller: cluster,
      seeds: (options.seeds ?? [1]).map((order) => cluster.node(order).address),
      clusterId: 'c1',
      name: 'fake',
      kind: 'connected',
      labels: { load: () => this.labels, save: (labels) => Object.assign(this.labels, labels) },
      feedId: options.feedId ?? 'f1',
      now: () => this.nowMs,
      background: options.background ?? 'light',
      onFault: (error) => {
        throw error
      }
    })
    this.viewer.receive(this.feed.hello())
    this.#take(this.feed.snapshot('core'))
    this.feed.subscribe((update) => {
      this.updates.push(update)
      this.#take('frame' in update ? update.frame : update.binary)
    })
  }

  #take(frame: Frame | Uint8Array | undefined): void {
    if (!frame) return
    const received = frame instanceof Uint8Array ? this.viewer.receiveBinary(frame) : this.viewer.receive(frame)
    if (received.kind === 'gap') throw new Error(`gap in ${received.ask.topic}`)
  }

  watch(...topics: Topic[]): void {
    this.feed.watch(new Set(topics), this.nowMs)
  }

  /** Lets so much time pass, calling `advance` as a host does. */
  async run(milliseconds: number): Promise<void> {
    const untilMs = this.nowMs + milliseconds
    while (this.nowMs < untilMs) {
      const waitMs = await this.feed.advance(this.nowMs)
      await settle()
      this.nowMs = Math.min(untilMs, this.nowMs + waitMs)
    }
    await this.feed.advance(this.nowMs)
    await settle()
  }

  get core() {
    return this.feed.core()
  }

  problems(): string[] {
    return Object.keys(this.core.health)
  }

  events(): string[] {
    return this.core.events.map((event) => event.text)
  }

  /** Patches of `core` so far. */
  patches(): Extract<Frame, { type: 'patch' }>[] {
    return this.updates.flatMap((update) =>
      'frame' in update && update.topic === 'core' && update.frame.type === 'patch' ? [update.frame] : []
    )
  }
}

/** Lets every reply that is already there be folded. A node that never answers is not waited for. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve()
}
