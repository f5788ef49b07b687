import { type Feed, JsonChannel } from '@slotscope/observer'
import {
  type ExpiryState,
  type Frame,
  type RecordedClusterName,
  type RecordedLine,
  type RecordedTopic,
  recordedChange,
  recordedValues,
  type SlotFigure,
  type SlotsTopic,
  STREAM_VERSION
} from '@slotscope/observer/stream'
import type { EncodedUpdate } from '../viewers/encoded-update.ts'
import { headOf } from './recorded-range.ts'
import type { RecordingFolder } from './recording-folder.ts'

export type RecorderOptions = {
  readonly feed: Pick<Feed, 'snapshot' | 'state' | 'figure' | 'core' | 'watched' | 'asleep' | 'hello' | 'hostProblem'>
  readonly folder: RecordingFolder
  readonly cluster: RecordedClusterName
  readonly now: () => number
  readonly note: (words: string) => void
}

/** A segment ends after this time or at this size. */
const SEGMENT_MS = 60_000
const SEGMENT_BYTES = 32 * 1024 * 1024
/** The clock was set back, or the machine slept. */
const LEAP_MS = 30_000
const FIGURE_MS = 10_000
/** So long after a topic is watched anew its figures may still be those of before. */
const FIRST_FIGURE_MS = 15_000
const MARK_MS = 5_000
/** After a failure of the disk. */
const RETRY_MS = 30_000
const PROBLEM = 'recording'

const FIGURES: readonly SlotFigure[] = ['keys', 'cpu', 'bytes-in', 'bytes-out']

/**
 * Writes down what a feed tells: every frame of the topics of state, slot figures every 10 s. No key, field or value is recorded: topics of
 * single hashes are left out, and so are the names of what expires soonest. A disk that fails is a problem shown and logged; the watch goes
 * on, and the recording has a gap.
 */
export class Recorder {
  readonly folder: RecordingFolder
  readonly #options: RecorderOptions
  readonly #expiry = new JsonChannel('expiry')
  readonly #figures = new Map<SlotsTopic, { readonly values: Float64Array; readonly atMs: number }>()
  /** Topics of figures and forecasts that are being polled, since when, and whether something new has come since. */
  readonly #watched = new Map<RecordedTopic, { readonly sinceMs: number; fresh: boolean }>()
  #lastAtMs = 0
  #sequence = 0
  #problem: string | null = null
  #retryAtMs = 0
  #closed = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.folder = options.folder
  }

  /** Why nothing is being recorded; null: it is, or nothing has come yet. */
  get problem(): string | null {
    return this.#problem
  }

  /** Takes what the feed just told. */
  update(update: EncodedUpdate): void {
    if (this.#closed || update.topic.startsWith('hash:')) return
    const nowMs = this.#options.now()
    const { writing } = this.folder
    if (writing === undefined) {
      // What was held before may be as old as the gap; the structure is the first that is certain to be new.
      if (update.topic === 'core' && nowMs >= this.#retryAtMs && !this.#options.feed.asleep) this.#begin(instantOf(update, nowMs), false)
    } else if (nowMs < this.#lastAtMs - LEAP_MS || nowMs > this.#lastAtMs + LEAP_MS) this.#leap(nowMs)
    else if (nowMs - writing.fromMs >= SEGMENT_MS || writing.bytes >= SEGMENT_BYTES)
      this.#rotate(Math.max(this.#lastAtMs, instantOf(update, nowMs)))
    else this.#take(update, nowMs)
  }

  /** Called about once a second by whoever drives the feed. */
  tick(): void {
    const nowMs = this.#options.now()
    const { writing } = this.folder
    if (this.#closed || writing === undefined) return
    if (this.#options.feed.asleep) {
      // Nobody asks: what is held grows old from here.
      this.folder.end(this.#lastAtMs)
      return
    }
    if (Math.abs(nowMs - this.#lastAtMs) > LEAP_MS) this.#leap(nowMs)
    else if (nowMs - writing.fromMs >= SEGMENT_MS) this.#rotate(nowMs)
    else {
      this.#followWatched(nowMs)
      this.#sampleFigures(nowMs)
      if (nowMs - this.#lastAtMs >= MARK_MS) this.#line({ type: 'mark', atMs: nowMs }, nowMs)
      this.folder.reach(nowMs)
    }
    void this.folder.flush().then(() => this.#written())
  }

  /** Told by the folder. */
  failed(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    this.#retryAtMs = this.#options.now() + RETRY_MS
    if (this.#problem === null) this.#options.note(`recording stopped: ${words}`)
    this.#problem = words
    this.#options.feed.hostProblem(PROBLEM, { title: 'The past is not being recorded', evidence: words })
  }

  #written(): void {
    if (this.#problem === null || this.folder.writing === undefined) return
    this.#problem = null
    this.#options.feed.hostProblem(PROBLEM, null)
    this.#options.note('recording goes on')
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.folder.close(this.#options.now())
  }

  /** A minute without a word although there is a tick each second: the clock was set, or we did not run. */
  #leap(nowMs: number): void {
    this.folder.end(this.#lastAtMs)
    this.#begin(nowMs, false)
  }

  #rotate(nowMs: number): void {
    this.folder.end(nowMs)
    this.#begin(nowMs, true)
  }

  #begin(nowMs: number, continues: boolean): void {
    const { feed, folder, cluster } = this.#options
    const hello = feed.hello()
    folder.begin(nowMs)
    this.#figures.clear()
    const capabilities = hello.type === 'hello' ? hello.capabilities : []
    this.#line({ type: 'segment', atMs: nowMs, continues, streamVersion: STREAM_VERSION, cluster, capabilities }, nowMs)
    for (const topic of ['core', 'databases', 'traffic'] as const) {
      const frame = feed.snapshot(topic)
      // Of one instant, so that the very first of a segment has all of it.
      if (frame !== undefined && 'type' in frame && frame.type === 'snapshot') this.#line({ ...frame, atMs: nowMs }, nowMs)
    }
    if (!continues) this.#watched.clear()
    this.#followWatched(nowMs)
    if (this.#watched.get('expiry')?.fresh) this.#takeExpiry(nowMs, true)
    this.#sampleFigures(nowMs)
    this.#takeEvents()
  }

  #take(update: EncodedUpdate, nowMs: number): void {
    const watched = this.#watched.get(update.topic as RecordedTopic)
    if (update.topic === 'expiry') this.#takeExpiry(nowMs, watched?.fresh !== true)
    else if (!update.topic.startsWith('slots:')) {
      this.#bytes(update.data, nowMs)
      if (update.topic === 'core') this.#takeEvents()
    }
    if (watched) watched.fresh = true
  }

  #takeExpiry(nowMs: number, whole: boolean): void {
    const state = this.#nameless()
    if (state === undefined || !this.#watched.has('expiry')) return
    const patch = this.#expiry.publish(state, nowMs)
    const frame = whole ? this.#expiry.snapshot(nowMs) : patch
    if (frame?.type === 'snapshot' || frame?.type === 'patch') this.#line(frame, nowMs)
  }

  /** What expires soonest has names of keys and fields: a recording is passed on, and they stay here. */
  #nameless(): ExpiryState | undefined {
    const state = this.#options.feed.state('expiry')
    return state && { ...state, soonest: [] }
  }

  /** Notes which figures are polled from now on, and which are not any more. */
  #followWatched(nowMs: number): void {
    const { watched } = this.#options.feed
    for (const topic of ['expiry', ...FIGURES.map((figure) => `slots:${figure}` as const)] as const) {
      if (watched.has(topic) === this.#watched.has(topic)) continue
      if (watched.has(topic)) this.#watched.set(topic, { sinceMs: nowMs, fresh: false })
      else {
        this.#watched.delete(topic)
        this.#figures.delete(topic as SlotsTopic)
        this.#line({ type: 'absent', topic, atMs: nowMs }, nowMs)
      }
    }
  }

  #sampleFigures(nowMs: number): void {
    for (const figure of FIGURES) {
      const topic: SlotsTopic = `slots:${figure}`
      const watched = this.#watched.get(topic)
      const values = this.#options.feed.figure(figure)
      if (watched === undefined || values === undefined) continue
      if (!watched.fresh && nowMs - watched.sinceMs < FIRST_FIGURE_MS) continue
      const before = this.#figures.get(topic)
      if (before !== undefined && nowMs - before.atMs < FIGURE_MS) continue
      // A feed replaces its array, so this one stays as it is.
      this.#figures.set(topic, { values, atMs: nowMs })
      const head = { topic, atMs: nowMs, perSecond: figure !== 'keys' }
      if (before === undefined) this.#line({ type: 'slots-snapshot', ...head, values: recordedValues(values) }, nowMs)
      else {
        const change = recordedChange(before.values, values)
        if (change.slots.length > 0) this.#line({ type: 'slots-patch', ...head, ...change }, nowMs)
      }
    }
  }

  #takeEvents(): void {
    const { events } = this.#options.feed.core()
    const fresh = events.filter(({ sequence }) => sequence > this.#sequence)
    for (const { atMs, kind, text } of fresh) this.folder.events.add({ atMs, kind, text })
    this.#sequence = events.at(-1)?.sequence ?? this.#sequence
  }

  #line(line: RecordedLine | Frame, atMs: number): void {
    this.#bytes(Buffer.from(JSON.stringify(line)), atMs)
  }

  #bytes(data: Uint8Array, atMs: number): void {
    this.#lastAtMs = atMs
    this.folder.append(data, atMs)
  }
}

/** When the frame was made, a moment before it is written: a segment that begins with what it tells begins with it. */
function instantOf({ data, binary }: EncodedUpdate, nowMs: number): number {
  return (binary ? undefined : headOf(Buffer.from(data.subarray(0, 200)).toString())?.atMs) ?? nowMs
}
