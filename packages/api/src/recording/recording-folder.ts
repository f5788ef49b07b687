import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordingGap } from '@slotscope/observer/stream'
import { EventLog } from './event-log.ts'
import { mendSegment, readSegment, rewriteSegment, type Segment, segmentOf } from './segment.ts'
import { SegmentWriter } from './segment-writer.ts'

/** The oldest segments are dropped beyond these. */
export type RecordingLimits = { readonly hours: number; readonly bytes: number }

export type RecordingFolderOptions = {
  readonly limits: RecordingLimits
  readonly now: () => number
  /** Something that whoever runs the api should read in the log. */
  readonly note: (words: string) => void
  /** What is being written could not be written: nothing more is taken for this segment. */
  readonly onFailure?: (error: unknown) => void
}

const HOUR_MS = 3_600_000
/** Slot figures of the last hour stand every 10 s, older ones once a minute. */
const THIN_AFTER_MS = HOUR_MS

/**
 * The recording of one cluster on disk: segments of about a minute, the newest being written. Whoever records never waits: compressing,
 * thinning and dropping go on behind, one after another.
 */
export class RecordingFolder {
  readonly events: EventLog
  readonly limits: RecordingLimits
  readonly #path: string
  readonly #options: RecordingFolderOptions
  /** Oldest first. */
  readonly #segments: Segment[]
  #open: { readonly segment: Segment; readonly writer: SegmentWriter } | undefined
  #work: Promise<void> = Promise.resolve()
  #noted: string | undefined

  private constructor(path: string, options: RecordingFolderOptions, segments: Segment[], events: EventLog) {
    this.#path = path
    this.#options = options
    this.#segments = segments
    this.limits = options.limits
    this.events = events
  }

  /** Takes over what an earlier run left: a torn end is cut off, and a line says so. Rejects when the folder cannot be used. */
  static async open(path: string, options: RecordingFolderOptions): Promise<RecordingFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const segments: Segment[] = []
    for (const name of await readdir(path)) {
      if (name.endsWith('.new')) await unlink(join(path, name))
      const segment = segmentOf(name, (await stat(join(path, name)).catch(() => undefined))?.size ?? 0)
      if (segment !== undefined) segments.push(segment)
    }
    // Of a segment that was being rewritten the compressed file is whole, and the other one is left over.
    const forms = { open: 0, closed: 1, thinned: 2 }
    segments.sort((a, b) => a.fromMs - b.fromMs || forms[b.form] - forms[a.form])
    const whole = segments.filter((segment, index) => segments[index - 1]?.fromMs !== segment.fromMs)
    for (const segment of segments) if (!whole.includes(segment)) await unlink(join(path, segment.name))
    const folder = new RecordingFolder(path, options, whole, await EventLog.open(join(path, 'events.jsonl')))
    for (const segment of whole) if (segment.form === 'open') await folder.#mend(segment)
    void folder.#maintain()
    return folder
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  /** What is being written; undefined: nothing is. */
  get writing(): Segment | undefined {
    return this.#open?.segment
  }

  /** Stretches between segments of which nothing is known, oldest first. */
  get gaps(): readonly RecordingGap[] {
    return this.#segments.flatMap((segment, index) => {
      const before = this.#segments[index - 1]
      return before !== undefined && segment.fromMs > before.toMs ? [{ fromMs: before.toMs, toMs: segment.fromMs }] : []
    })
  }

  /** Begins the next segment. */
  begin(atMs: number): void {
    // A name is used once, even when a clock was set back to the millisecond.
    let fromMs = atMs
    while (this.#segments.some((segment) => segment.fromMs === fromMs)) fromMs++
    const segment = segmentOf(`${fromMs}.ndjson`, 0) as Segment
    const writer = new SegmentWriter(join(this.#path, segment.name), (error) => this.#failed(segment, error))
    this.#open = { segment, writer }
    this.#segments.push(segment)
    this.#segments.sort((a, b) => a.fromMs - b.fromMs)
  }

  /** Takes a line of the segment that was begun; `atMs` is its instant. */
  append(line: Uint8Array, atMs: number): void {
    if (this.#open === undefined) return
    const { segment, writer } = this.#open
    segment.toMs = Math.max(segment.toMs, atMs)
    writer.append(line)
    segment.bytes = writer.bytes
  }

  /** Nothing new until this instant: the segment goes so far. */
  reach(atMs: number): void {
    if (this.#open) this.#open.segment.toMs = Math.max(this.#open.segment.toMs, atMs)
  }

  /** Ends the segment at this instant: it is compressed, and what is too old or too much is dropped. */
  end(atMs: number): void {
    if (this.#open === undefined) return
    const { segment, writer } = this.#open
    this.#open = undefined
    segment.toMs = Math.max(segment.toMs, atMs)
    this.#work = this.#work.then(() => writer.close())
    void this.#maintain()
  }

  /** Brings what was taken to disk. */
  async flush(): Promise<void> {
    await this.#open?.writer.flush()
  }

  /** The lines of a segment; undefined when it was dropped meanwhile or cannot be read, which is noted. */
  async lines(segment: Segment): Promise<readonly string[] | undefined> {
    if (this.#open?.segment === segment) await this.flush()
    for (;;) {
      const { name } = segment
      try {
        const text = await readSegment(this.#path, segment)
        return text === '' ? [] : text.slice(0, -1).split('\n')
      } catch (error) {
        // Rewritten in between: there under its new name.
        if (isMissing(error) && segment.name !== name) continue
        if (!isMissing(error)) this.#note(`${join(this.#path, name)} cannot be read: ${wordsOf(error)}`)
        return undefined
      }
    }
  }

  /** Resolves when everything behind is done. */
  async settled(): Promise<void> {
    await this.#work
  }

  async close(atMs: number): Promise<void> {
    this.end(atMs)
    await this.settled()
  }

  #failed(segment: Segment, error: unknown): void {
    if (this.#open?.segment === segment) {
      const { writer } = this.#open
      this.#open = undefined
      this.#work = this.#work.then(() => writer.close()).then(() => this.#mend(segment))
      void this.#maintain()
    }
    this.#options.onFailure?.(error)
  }

  async #mend(segment: Segment): Promise<void> {
    try {
      const { cut, empty } = await mendSegment(this.#path, segment)
      if (cut > 0) this.#note(`${join(this.#path, segment.name)}: ${cut} bytes of a torn line were cut off`)
      if (empty) await this.#drop(segment)
    } catch (error) {
      this.#remove(segment)
      this.#note(`${join(this.#path, segment.name)} cannot be mended: ${wordsOf(error)}`)
    }
  }

  #maintain(): Promise<void> {
    this.#work = this.#work.then(async () => {
      try {
        await this.#dropOld()
        for (const segment of this.#segments.slice()) await this.#settle(segment)
        await this.#dropOld()
        const first = this.#segments[0]
        if (first) this.events.dropBefore(first.fromMs)
        await this.events.save()
        this.#noted = undefined
      } catch (error) {
        this.#note(`keeping the recording in order failed: ${wordsOf(error)}`)
      }
    })
    return this.#work
  }

  /** Brings a segment into the form that its age wants. */
  async #settle(segment: Segment): Promise<void> {
    if (segment === this.#open?.segment || segment.form === 'thinned') return
    const old = segment.toMs < this.#options.now() - THIN_AFTER_MS
    if (segment.form === 'closed' && !old) return
    const text = await readSegment(this.#path, segment)
    await rewriteSegment(this.#path, segment, old ? 'thinned' : 'closed', old ? thinned(text) : text)
  }

  async #dropOld(): Promise<void> {
    const oldestMs = this.#options.now() - this.limits.hours * HOUR_MS
    for (;;) {
      const first = this.#segments[0]
      if (first === undefined || first === this.#open?.segment) return
      if (first.toMs >= oldestMs && this.bytes <= this.limits.bytes) return
      await this.#drop(first)
    }
  }

  async #drop(segment: Segment): Promise<void> {
    this.#remove(segment)
    await unlink(join(this.#path, segment.name))
  }

  #remove(segment: Segment): void {
    const index = this.#segments.indexOf(segment)
    if (index >= 0) this.#segments.splice(index, 1)
  }

  /** The same again and again is said once. */
  #note(words: string): void {
    if (this.#noted !== words) this.#options.note(words)
    this.#noted = words
  }
}

/** Without the figures between beginning and end: those at its beginning are one a minute. */
function thinned(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('{"type":"slots-patch"'))
    .join('\n')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
