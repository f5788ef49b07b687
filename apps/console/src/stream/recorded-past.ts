import { RecordedFold, type RecordedLine } from '@slotscope/observer/stream'

/** Asks for lines between two instants, and the snapshots before them. */
export type FetchLines = (fromMs: number, toMs: number) => Promise<readonly RecordedLine[]>

/** Fetched at once: looking around an instant asks no second time. */
const CHUNK_MS = 60_000
/** Kept, so that dragging to and fro asks no second time. */
const CHUNKS_KEPT = 8

type Chunk = { readonly fromMs: number; readonly toMs: number; readonly lines: readonly RecordedLine[] }

/**
 * The recorded states of one cluster, fetched as they are looked at. Going forwards folds what is between; going back begins
 * again at the snapshots before.
 */
export class RecordedPast {
  readonly #fetch: FetchLines
  readonly #chunks: Chunk[] = []
  #open: { readonly chunk: Chunk; readonly fold: RecordedFold; next: number } | null = null

  constructor(fetch: FetchLines) {
    this.#fetch = fetch
  }

  /** The state at an instant; null when nothing is known of it. `nowMs`: what comes after it is not recorded yet. */
  async at(atMs: number, nowMs: number): Promise<RecordedFold | null> {
    const chunk = this.#held(atMs) ?? (await this.#load(atMs, nowMs))
    const fold = this.#foldTo(chunk, atMs)
    return fold.state('core') === undefined ? null : fold
  }

  #held(atMs: number): Chunk | undefined {
    return this.#chunks.find((chunk) => atMs >= chunk.fromMs && atMs <= chunk.toMs)
  }

  async #load(atMs: number, nowMs: number): Promise<Chunk> {
    const toMs = Math.min(atMs + CHUNK_MS, Math.max(nowMs, atMs))
    const lines = await this.#fetch(atMs, toMs)
    const first = lines.find((line) => line.type === 'segment')
    const last = lines.at(-1)
    const chunk: Chunk = {
      fromMs: Math.min(atMs, first?.atMs ?? atMs),
      // What is still being written may get further lines for the last second or two.
      toMs: last?.type === 'cut' ? last.atMs : Math.min(toMs, nowMs - UNSETTLED_MS),
      lines
    }
    this.#chunks.unshift(chunk)
    this.#chunks.length = Math.min(this.#chunks.length, CHUNKS_KEPT)
    return chunk
  }

  #foldTo(chunk: Chunk, atMs: number): RecordedFold {
    if (this.#open?.chunk !== chunk || this.#open.fold.atMs > atMs) this.#open = { chunk, fold: new RecordedFold(), next: 0 }
    const open = this.#open
    for (let line = chunk.lines[open.next]; line && 'atMs' in line && line.atMs <= atMs; line = chunk.lines[++open.next])
      open.fold.fold(line)
    return open.fold
  }
}

const UNSETTLED_MS = 2_000
