import type { ClusterEvent } from './core-state.ts'
import { applyOps, FoldError } from './fold.ts'
import type { Capability, Frame, JsonTopic, SlotsTopic, TopicState } from './frames.ts'
import { SLOTS } from './moves.ts'
import type { HeldFigure } from './viewer.ts'

/**
 * A recording is the stream kept: lines of JSON, each a frame or what follows here. The same lines stand on the api's disk, in the answer to
 * a question for a range, and in an exported file.
 */

/** Raised whenever a line means something else than before. */
export const RECORDING_VERSION = 1

/** What is recorded. Topics of single hashes are not: they hold somebody's data. */
export type RecordedTopic = Exclude<JsonTopic, `hash:${string}` | 'playback'> | SlotsTopic

/** Of which cluster a recording is. */
export type RecordedClusterName = { readonly id: string; readonly name: string; readonly kind: 'embedded' | 'connected' | 'recorded' }

export type RecordingGap = { readonly fromMs: number; readonly toMs: number }
export type RecordedEvent = Pick<ClusterEvent, 'atMs' | 'kind' | 'text'>

/** `atMs` is the wall clock of the api that recorded, in milliseconds; it never falls from one line of a segment to the next. */
export type RecordedLine =
  /** The first line of an exported file. */
  | {
      readonly type: 'recording'
      readonly format: 'slotscope-recording'
      readonly formatVersion: number
      readonly streamVersion: number
      readonly cluster: RecordedClusterName
      readonly fromMs: number
      readonly toMs: number
      readonly madeAtMs: number
      readonly gaps: readonly RecordingGap[]
      readonly events: readonly RecordedEvent[]
    }
  /** A stretch begins with snapshots of all that is known. `continues`: it follows the one before without a gap. */
  | {
      readonly type: 'segment'
      readonly atMs: number
      readonly continues: boolean
      readonly streamVersion: number
      readonly cluster: RecordedClusterName
      readonly capabilities: readonly Capability[]
    }
  | Extract<Frame, { type: 'snapshot' | 'patch' }>
  /** All 16,384 values of a figure; null: not known. */
  | {
      readonly type: 'slots-snapshot'
      readonly topic: SlotsTopic
      readonly atMs: number
      readonly perSecond: boolean
      readonly values: readonly (number | null)[]
    }
  | {
      readonly type: 'slots-patch'
      readonly topic: SlotsTopic
      readonly atMs: number
      readonly perSecond: boolean
      readonly slots: readonly number[]
      readonly values: readonly (number | null)[]
    }
  /** From here on nobody asked for this topic. */
  | { readonly type: 'absent'; readonly topic: RecordedTopic; readonly atMs: number }
  /** Nothing changed until here. */
  | { readonly type: 'mark'; readonly atMs: number }
  /** The answer was cut here because it is long enough: ask again from here. */
  | { readonly type: 'cut'; readonly atMs: number }
  /** The last line: what ends without it was cut off on the way. `lines`: how many came before. */
  | { readonly type: 'end'; readonly atMs: number; readonly lines: number }

/** The state of every recorded topic at one instant: the fold of the lines up to it. It never guesses: what does not fit is dropped. */
export class RecordedFold {
  readonly #states = new Map<JsonTopic, { readonly state: TopicState; readonly version: number; readonly atMs: number }>()
  readonly #figures = new Map<SlotsTopic, HeldFigure>()
  #atMs = Number.NEGATIVE_INFINITY
  #segment: Extract<RecordedLine, { type: 'segment' }> | undefined

  /** Instant of the last line that was folded. */
  get atMs(): number {
    return this.#atMs
  }

  /** What the cluster could do, and which it was. */
  get segment(): Extract<RecordedLine, { type: 'segment' }> | undefined {
    return this.#segment
  }

  state<T extends JsonTopic>(topic: T): TopicState<T> | undefined {
    return this.#states.get(topic)?.state as TopicState<T> | undefined
  }

  /** Instant of the frame that made the state of a topic. */
  readAtMs(topic: JsonTopic): number | undefined {
    return this.#states.get(topic)?.atMs
  }

  figure(topic: SlotsTopic): HeldFigure | undefined {
    return this.#figures.get(topic)
  }

  /** Topics with a state, in the order in which they came. */
  get topics(): readonly RecordedTopic[] {
    return [...(this.#states.keys() as Iterable<RecordedTopic>), ...this.#figures.keys()]
  }

  /** Folds the next line. */
  fold(line: RecordedLine): void {
    if ('atMs' in line) this.#atMs = line.atMs
    switch (line.type) {
      case 'segment':
        this.#segment = line
        if (!line.continues) this.#forget()
        break
      case 'snapshot':
        // The same state told again at the seam of two segments: what is drawn from it need not change.
        if (this.#segment?.continues && this.#states.get(line.topic)?.version === line.version) break
        this.#states.set(line.topic, { state: line.state, version: line.version, atMs: line.atMs })
        break
      case 'patch':
        this.#patch(line)
        break
      case 'slots-snapshot':
        this.#setFigure(line, Float64Array.from(line.values, numberOf))
        break
      case 'slots-patch': {
        const values = this.#figures.get(line.topic)?.values.slice()
        if (values === undefined) break
        line.slots.forEach((slot, index) => {
          values[slot] = numberOf(line.values[index] ?? null)
        })
        this.#setFigure(line, values)
        break
      }
      case 'absent':
        this.#states.delete(line.topic as JsonTopic)
        this.#figures.delete(line.topic as SlotsTopic)
        break
      case 'recording':
      case 'mark':
      case 'cut':
      case 'end':
        break
    }
  }

  #patch(line: Extract<Frame, { type: 'patch' }>): void {
    const held = this.#states.get(line.topic)
    if (held === undefined) return
    try {
      if (held.version !== line.base) throw new FoldError('a patch in between is missing')
      this.#states.set(line.topic, { state: applyOps(held.state, line.ops), version: line.version, atMs: line.atMs })
    } catch (error) {
      if (!(error instanceof FoldError)) throw error
      this.#states.delete(line.topic)
    }
  }

  #setFigure(line: { readonly topic: SlotsTopic; readonly atMs: number; readonly perSecond: boolean }, values: Float64Array): void {
    const version = (this.#figures.get(line.topic)?.version ?? 0) + 1
    this.#figures.set(line.topic, { values, version, atMs: line.atMs, perSecond: line.perSecond })
  }

  #forget(): void {
    this.#states.clear()
    this.#figures.clear()
  }
}

/** A figure as it stands in a line. */
export function recordedValues(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null))
}

/** Which slots have another value, and which. */
export function recordedChange(
  before: Float64Array,
  after: Float64Array
): { readonly slots: number[]; readonly values: (number | null)[] } {
  const slots: number[] = []
  for (let slot = 0; slot < SLOTS; slot++) if (!Object.is(before[slot], after[slot])) slots.push(slot)
  return { slots, values: slots.map((slot) => (Number.isFinite(after[slot]) ? (after[slot] as number) : null)) }
}

function numberOf(value: number | null): number {
  return value ?? Number.NaN
}
