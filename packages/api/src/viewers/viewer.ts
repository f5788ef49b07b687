import type { Feed } from '@slotscope/observer'
import { type Ask, BEAT_MS, type ByeReason, type Frame, type Topic } from '@slotscope/observer/stream'
import { mayDo } from '../security/authorise.ts'
import type { Session } from '../security/sessions.ts'
import { parseAsk } from './ask.ts'
import { type EncodedUpdate, encodeFrame } from './encoded-update.ts'
import { verbFor } from './topic-rules.ts'

/** What a viewer needs of a WebSocket; that of the package `ws` fits. */
export interface ViewerSocket {
  readonly bufferedAmount: number
  send(data: string | Uint8Array, options: { binary: boolean }, done: (error?: Error) => void): void
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'pong' | 'close', listener: () => void): unknown
}

/** Closing codes by reason. 1001 is the protocol's own "going away"; the others are ours. */
export const closeCodes: Readonly<Record<ByeReason, number>> = {
  'logged-out': 4001,
  forbidden: 4003,
  'cluster-removed': 4004,
  'slow-viewer': 4008,
  'server-stopping': 1001
}

/** Bytes that may wait for a viewer that does not read, beyond the snapshots it asked for. Then it is cut. */
export const QUEUE_LIMIT_BYTES = 1024 * 1024
/** Above that, gauges are held back, and only their latest state is sent once the queue has drained. */
export const COALESCE_BYTES = 64 * 1024
/** What one viewer may send in a second; the frame size is limited by the socket itself. */
export const MESSAGES_PER_SECOND = 100
/** How long a frame that was lost may go unnoticed, when no other of its topic follows. */
const VERSIONS_MS = 10_000
/** After a `bye` the other side has so long to close. */
const CLOSE_GRACE_MS = 500

export type ViewerOptions = {
  readonly socket: ViewerSocket
  readonly session: Session
  readonly cluster: string
  readonly feed: Pick<Feed, 'snapshot' | 'resume'>
  readonly hello: Frame
  readonly now: () => number
  /** The set of topics, or the visibility, has changed. */
  readonly onInterest: () => void
  /** It did not read and is cut; `onClose` follows. */
  readonly onCut: () => void
  readonly onClose: () => void
}

/**
 * One browser at the stream of one cluster: `hello`, then a snapshot per topic it watches, then patches. It holds what the viewer
 * holds (a version per topic), so that a patch is sent only where it fits and a snapshot everywhere else.
 */
export class Viewer {
  readonly session: Session
  readonly #options: ViewerOptions
  readonly #held = new Map<Topic, number>()
  /** Topics whose latest state must be sent when the queue has drained. */
  readonly #behind = new Set<Topic>()
  #topics: ReadonlySet<Topic> = new Set()
  #visible = true
  #snapshotBytesQueued = 0
  #messages = { secondOf: 0, count: 0 }
  #alive = true
  #closed = false
  #sentAtMs: number
  /** When it was last told which versions it has been sent. */
  #beatAtMs: number

  constructor(options: ViewerOptions) {
    this.session = options.session
    this.#options = options
    this.#sentAtMs = options.now()
    this.#beatAtMs = this.#sentAtMs
    const { socket } = options
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('close', () => {
      this.#closed = true
      options.onClose()
    })
    this.#send(JSON.stringify(options.hello), false, 0)
  }

  /** What it costs the cluster to please this viewer. A hidden page is content with `core`. */
  get interest(): ReadonlySet<Topic> {
    if (this.#visible) return this.#topics
    return new Set([...this.#topics].filter((topic) => topic === 'core'))
  }

  /** Passes on an update if this viewer watches its topic. */
  update(update: EncodedUpdate): void {
    const { topic, base, version } = update
    if (this.#closed || !this.#topics.has(topic) || this.#behind.has(topic)) return
    const held = this.#held.get(topic)
    if (held !== undefined && held >= version) return
    if (topic !== 'core' && this.#options.socket.bufferedAmount > COALESCE_BYTES) this.#behind.add(topic)
    else if (base !== null && base !== held) this.#sendSnapshot(topic)
    else this.#sendUpdate(update)
  }

  /** Says why, and closes. */
  bye(reason: ByeReason): void {
    if (this.#closed) return
    this.#closed = true
    const { socket } = this.#options
    const bye: Frame = { type: 'bye', reason }
    socket.send(JSON.stringify(bye), { binary: false }, () => undefined)
    socket.close(closeCodes[reason], reason)
    // A viewer that does not read never sees the closing frame either.
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref()
  }

  /** Called now and then by the host: a viewer that left the last ping without an answer is gone. */
  checkAlive(): void {
    if (this.#closed) return
    if (!this.#alive) {
      this.#options.socket.terminate()
      return
    }
    this.#alive = false
    this.#options.socket.ping()
  }

  /**
   * Called every second while the cluster is being watched: who heard nothing for `BEAT_MS` is told that nothing has changed, since from
   * the other side silence looks like a dead link; and who hears of one topic all the time is told now and then what there is of the others.
   * One that does not read has enough to read already. `atMs`: the instant that is shown.
   */
  beat(atMs: number): void {
    const { now, socket } = this.#options
    const isDue = Math.abs(now() - this.#sentAtMs) >= BEAT_MS || Math.abs(now() - this.#beatAtMs) >= VERSIONS_MS
    if (!this.#closed && isDue && socket.bufferedAmount === 0) this.#sendBeat(atMs)
  }

  #sendBeat(atMs: number): void {
    this.#beatAtMs = this.#options.now()
    const beat: Frame = { type: 'beat', atMs, versions: Object.fromEntries(this.#held) }
    this.#send(JSON.stringify(beat), false, 0)
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closed) return
    const nowMs = this.#options.now()
    if (!this.#withinRate(nowMs)) {
      this.#refuse('more than 100 messages in a second')
      return
    }
    const ask = isBinary ? undefined : parseAsk(data.toString())
    if (ask === undefined) {
      this.#refuse('not an ask of this stream')
      return
    }
    // Pages acknowledge by themselves: from one that nobody looks at this is no sign of life.
    if (ask.type !== 'ack' || this.#visible) this.session.seenAtMs = nowMs
    this.#answer(ask)
  }

  #answer(ask: Ask): void {
    switch (ask.type) {
      case 'watch':
        this.#watch(ask.topics, ask.visible)
        break
      case 'resume':
        this.#resume(ask.topic, ask.version)
        break
      case 'ack':
        // A receipt: nothing to answer.
        break
    }
  }

  #watch(topics: readonly Topic[], visible: boolean): void {
    if (!topics.every((topic) => this.#maySee(topic))) {
      this.bye('forbidden')
      return
    }
    const before = this.#topics
    this.#topics = new Set(topics)
    this.#visible = visible
    for (const topic of before) if (!this.#topics.has(topic)) this.#forget(topic)
    this.#options.onInterest()
    for (const topic of this.#topics) if (!before.has(topic)) this.#sendSnapshot(topic)
  }

  /** Resuming a topic is also watching it: a viewer that comes back first resumes what it holds, then says all that it watches. */
  #resume(topic: Topic, version: number): void {
    if (!this.#maySee(topic)) {
      this.bye('forbidden')
      return
    }
    if (!this.#topics.has(topic)) {
      this.#topics = new Set([...this.#topics, topic])
      this.#options.onInterest()
    }
    if (this.#options.socket.bufferedAmount > COALESCE_BYTES) {
      this.#behind.add(topic)
      return
    }
    this.#behind.delete(topic)
    const frames = this.#options.feed.resume(topic, version)
    // Nothing is missing; or there is no state at all, and whatever comes will be new to the viewer.
    const unchanged = frames.length === 0 ? this.#options.feed.snapshot(topic) : undefined
    if (frames.length === 0 && unchanged === undefined) this.#held.delete(topic)
    else this.#held.set(topic, version)
    for (const frame of frames) {
      const encoded = encodeFrame(frame)
      if (encoded) this.#sendUpdate(encoded)
    }
    // An answer in any case: what is held is what there is.
    if (topic === 'core' && unchanged && 'atMs' in unchanged) this.#sendBeat(unchanged.atMs)
  }

  #forget(topic: Topic): void {
    this.#held.delete(topic)
    this.#behind.delete(topic)
  }

  #maySee(topic: Topic): boolean {
    const verb = verbFor(topic)
    return verb !== undefined && mayDo(this.session, verb, { kind: 'topic', cluster: this.#options.cluster, topic })
  }

  /** The state as it is now, or nothing yet: then the first update of the topic will be a snapshot. */
  #sendSnapshot(topic: Topic): void {
    if (this.#options.socket.bufferedAmount > COALESCE_BYTES) {
      this.#behind.add(topic)
      return
    }
    this.#behind.delete(topic)
    const snapshot = this.#options.feed.snapshot(topic)
    const encoded = snapshot && encodeFrame(snapshot)
    if (encoded) this.#sendUpdate(encoded)
  }

  #sendUpdate(update: EncodedUpdate): void {
    this.#held.set(update.topic, update.version)
    this.#send(update.data, update.binary, update.base === null ? update.data.length : 0)
  }

  #send(data: string | Uint8Array, binary: boolean, snapshotBytes: number): void {
    const { socket } = this.#options
    if (socket.bufferedAmount + data.length > QUEUE_LIMIT_BYTES + this.#snapshotBytesQueued + snapshotBytes) {
      this.#options.onCut()
      this.bye('slow-viewer')
      return
    }
    this.#snapshotBytesQueued += snapshotBytes
    this.#sentAtMs = this.#options.now()
    socket.send(data, { binary }, () => {
      this.#snapshotBytesQueued -= snapshotBytes
      this.#catchUp()
    })
  }

  #catchUp(): void {
    for (const topic of [...this.#behind]) {
      if (this.#closed || this.#options.socket.bufferedAmount > COALESCE_BYTES) return
      this.#sendSnapshot(topic)
    }
  }

  /** Counts per clock second. */
  #withinRate(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000)
    if (this.#messages.secondOf !== second) this.#messages = { secondOf: second, count: 0 }
    return ++this.#messages.count <= MESSAGES_PER_SECOND
  }

  #refuse(why: string): void {
    this.#closed = true
    const { socket } = this.#options
    socket.close(1008, why)
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref()
  }
}
