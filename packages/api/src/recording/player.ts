import { JsonChannel, SlotsChannel } from '@slotscope/observer'
import {
  type Capability,
  type ExpiryState,
  type Frame,
  type JsonTopic,
  type PlaybackRequest,
  type PlaybackState,
  RecordedFold,
  type RecordedLine,
  SLOTS,
  type SlotsTopic,
  STREAM_VERSION,
  type Topic
} from '@slotscope/observer/stream'
import { type EncodedUpdate, encodeFrame } from '../viewers/encoded-update.ts'
import { headOf, segmentAfter, segmentAt } from './recorded-range.ts'
import type { RecordingFolder } from './recording-folder.ts'
import type { Segment } from './segment.ts'

export type PlayerOptions = {
  readonly folder: RecordingFolder
  readonly clusterId: string
  readonly feedId: string
  readonly now: () => number
  readonly onUpdate: (update: EncodedUpdate) => void
  readonly onError: (error: unknown) => void
}

/** Frames are told at most so often, however fast it plays. */
const STEP_MS = 40
/** The position is told so often while it moves. */
const POSITION_MS = 1_000

/** A line that waits for its instant. */
type Waiting = { readonly atMs: number; readonly text: string }

/**
 * Plays a recording through the stream: virtual time runs from its beginning, and the frames of that time are told as if they came from a
 * cluster. Gaps are skipped. States go through the channels of a feed, so that viewers resume, come late and fall behind as they do live.
 */
export class Player {
  readonly #options: PlayerOptions
  readonly #json = new Map<JsonTopic, JsonChannel<JsonTopic>>()
  readonly #slots = new Map<SlotsTopic, SlotsChannel>()
  readonly #playback = new JsonChannel('playback')
  #fold = new RecordedFold()
  #lines: Waiting[] = []
  /** The first of `#lines` that was not folded. */
  #next = 0
  #segment: Segment | undefined
  #positionMs: number
  /** Clock of the host when the position was taken. */
  #takenAtMs: number
  #speed = 1
  #paused = false
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #toldAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: PlayerOptions) {
    this.#options = options
    this.#positionMs = this.#fromMs
    this.#takenAtMs = options.now()
  }

  /** Shows the beginning and goes on from there. */
  async start(): Promise<void> {
    await this.#do(() => this.#seek(this.#fromMs))
    this.#takenAtMs = this.#options.now()
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  get state(): PlaybackState {
    return {
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      positionMs: Math.round(this.#positionNow()),
      speed: this.#speed,
      paused: this.#paused
    }
  }

  /** Goes to an instant, changes the speed, pauses or goes on. Resolves with what is then played. */
  async control({ positionMs, speed, paused }: PlaybackRequest): Promise<PlaybackState> {
    await this.#do(async () => {
      this.#take(this.#positionNow())
      if (speed !== undefined) this.#speed = speed
      if (paused !== undefined) this.#paused = paused
      if (positionMs !== undefined) await this.#seek(Math.min(this.#toMs, Math.max(this.#fromMs, positionMs)))
      // From the end it goes on from the beginning: there is nothing else to be played.
      else if (paused === false && this.#positionMs >= this.#toMs) await this.#seek(this.#fromMs)
      this.#takenAtMs = this.#options.now()
      this.#tellPosition()
    })
    this.#schedule()
    return this.state
  }

  hello(): Frame {
    const { feedId, clusterId } = this.#options
    const capabilities: Capability[] = [...(this.#fold.segment?.capabilities ?? []), 'recorded']
    return { type: 'hello', streamVersion: STREAM_VERSION, feedId, clusterId, capabilities, atMs: this.#positionMs }
  }

  snapshot(topic: Topic): Frame | Uint8Array | undefined {
    return this.#channel(topic)?.snapshot(this.#positionMs)
  }

  resume(topic: Topic, version: number): readonly (Frame | Uint8Array)[] {
    return this.#channel(topic)?.resume(version, this.#positionMs) ?? []
  }

  /** Plays up to where virtual time is now. Called by itself; a test calls it when it has moved its clock. */
  advance(): Promise<void> {
    return this.#do(async () => {
      if (this.#paused) return
      await this.#playTo(this.#positionNow())
      if (this.#options.now() - this.#toldAtMs >= POSITION_MS) this.#tellPosition()
    })
  }

  get #fromMs(): number {
    return this.#options.folder.segments[0]?.fromMs ?? 0
  }

  get #toMs(): number {
    return this.#options.folder.segments.at(-1)?.toMs ?? 0
  }

  #positionNow(): number {
    if (this.#paused) return this.#positionMs
    return Math.min(this.#toMs, this.#positionMs + Math.max(0, this.#options.now() - this.#takenAtMs) * this.#speed)
  }

  #take(positionMs: number): void {
    this.#positionMs = positionMs
    this.#takenAtMs = this.#options.now()
  }

  /** One thing after another: reading a segment takes a moment. */
  #do(what: () => Promise<void>): Promise<void> {
    const done = this.#work.then(what)
    this.#work = done.catch(this.#options.onError)
    return done
  }

  #schedule(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    if (this.#paused) return
    const waitMs = ((this.#lines[this.#next]?.atMs ?? this.#positionMs) - this.#positionNow()) / this.#speed
    this.#timer = setTimeout(
      () => {
        this.advance().then(
          () => this.#schedule(),
          () => this.#schedule()
        )
      },
      Math.min(POSITION_MS, Math.max(STEP_MS, waitMs))
    )
    this.#timer.unref()
  }

  /** Shows the state of an instant, read anew from the snapshots before it. In a gap, what comes after it. */
  async #seek(positionMs: number): Promise<void> {
    const segment = segmentAt(this.#options.folder, positionMs)
    if (segment === undefined) return
    this.#fold = new RecordedFold()
    await this.#open(segment)
    this.#take(Math.max(positionMs, segment.fromMs))
    this.#foldUpTo(this.#positionMs)
    this.#tellStates()
  }

  async #playTo(targetMs: number): Promise<void> {
    let positionMs = targetMs
    for (;;) {
      this.#foldUpTo(positionMs)
      if (this.#segment === undefined || this.#next < this.#lines.length) break
      const next = segmentAfter(this.#options.folder, this.#segment)
      // Nothing is known of a gap: what comes after it is shown at once.
      if (next === undefined || (next.fromMs > positionMs && positionMs < this.#segment.toMs)) break
      await this.#open(next)
      positionMs = Math.max(positionMs, next.fromMs)
    }
    this.#take(positionMs)
    this.#tellStates()
    const ended = positionMs >= this.#toMs
    if (ended) this.#paused = true
    if (ended || positionMs > targetMs) this.#tellPosition()
  }

  async #open(segment: Segment): Promise<void> {
    const lines = (await this.#options.folder.lines(segment)) ?? []
    this.#segment = segment
    this.#next = 0
    this.#lines = lines.flatMap((text) => {
      const head = headOf(text)
      return head ? [{ atMs: head.atMs, text }] : []
    })
  }

  #foldUpTo(positionMs: number): void {
    for (let line = this.#lines[this.#next]; line !== undefined && line.atMs <= positionMs; line = this.#lines[++this.#next])
      this.#fold.fold(JSON.parse(line.text) as RecordedLine)
  }

  /** Tells what differs from what was told; topics that nobody asked for then are told as unknown. */
  #tellStates(): void {
    const atMs = this.#positionMs
    for (const topic of ['core', 'databases', 'traffic', 'expiry'] as const) {
      const state = this.#fold.state(topic) ?? (topic === 'expiry' && this.#json.has(topic) ? unknownExpiry : undefined)
      if (state === undefined) continue
      const channel = this.#json.get(topic) ?? new JsonChannel<JsonTopic>(topic)
      this.#json.set(topic, channel)
      this.#tell(channel.publish(state, atMs))
    }
    for (const topic of ['slots:keys', 'slots:cpu', 'slots:bytes-in', 'slots:bytes-out'] as const) {
      const values = this.#fold.figure(topic)?.values ?? (this.#slots.has(topic) ? new Float64Array(SLOTS).fill(Number.NaN) : undefined)
      if (values === undefined) continue
      const channel = this.#slots.get(topic) ?? new SlotsChannel(topic, topic !== 'slots:keys')
      this.#slots.set(topic, channel)
      this.#tell(channel.publish(values, atMs))
    }
  }

  #tellPosition(): void {
    this.#toldAtMs = this.#options.now()
    this.#tell(this.#playback.publish(this.state, this.#positionMs))
  }

  #tell(frame: Frame | Uint8Array | undefined): void {
    const encoded = frame && encodeFrame(frame)
    if (encoded) this.#options.onUpdate(encoded)
  }

  #channel(topic: Topic): JsonChannel<JsonTopic> | SlotsChannel | undefined {
    if (topic === 'playback') return this.#playback as JsonChannel<JsonTopic>
    return this.#json.get(topic as JsonTopic) ?? this.#slots.get(topic as SlotsTopic)
  }
}

const unknownExpiry: ExpiryState = {
  expiredFieldsPerSecond: null,
  expiredKeysPerSecond: null,
  hashesWithVolatileFields: 0,
  keysWithExpiry: 0,
  soonest: [],
  sampledHashes: 0,
  sampledKeys: 0,
  sampledAtMs: null,
  forecast: null
}
