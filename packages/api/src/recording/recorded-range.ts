import type { RecordedLine, RecordedTopic } from '@slotscope/observer/stream'
import type { RecordingFolder } from './recording-folder.ts'
import type { Segment } from './segment.ts'

export type RecordedRange = {
  readonly fromMs: number
  readonly toMs: number
  /** Undefined: all. */
  readonly topics?: ReadonlySet<RecordedTopic> | undefined
  /** After so many characters the answer is cut at the end of a segment. */
  readonly most?: number | undefined
}

/** What a line is, without reading the whole of it: a snapshot of a large cluster is megabytes of JSON. */
export type LineHead = { readonly type: RecordedLine['type']; readonly topic: string | undefined; readonly atMs: number }

/** Every line of ours begins with its type, then its topic, and has its instant before what is long. Undefined: not such a line. */
export function headOf(line: string): LineHead | undefined {
  const match = /^\{"type":"([a-z-]+)"(?:,"topic":"([a-z:-]+)")?(?:,"(?:base|version)":\d+)*,"atMs":(\d+(?:\.\d+)?)[,}]/.exec(line)
  if (match === null) return undefined
  return { type: match[1] as RecordedLine['type'], topic: match[2], atMs: Number(match[3]) }
}

/**
 * The lines from the snapshots at or before `fromMs` up to `toMs`, segment by segment: the next is read when the last was taken. Ends with a
 * line `end`, or with `cut` where to ask again. In a gap it begins with what comes after it.
 */
export async function* linesOfRange(folder: RecordingFolder, range: RecordedRange): AsyncGenerator<string> {
  const { fromMs, toMs, topics, most = Number.POSITIVE_INFINITY } = range
  let count = 0
  let length = 0
  let atMs = fromMs
  let expected: number | undefined
  for (let segment = segmentAt(folder, fromMs); segment !== undefined && segment.fromMs <= toMs; segment = segmentAfter(folder, segment)) {
    if (length > most) {
      yield lineOf({ type: 'cut', atMs: segment.fromMs })
      return
    }
    const lines = (await folder.lines(segment)) ?? []
    for (const line of lines) {
      const head = headOf(line)
      if (head === undefined) continue
      if (head.atMs > toMs) break
      if (head.topic !== undefined && topics !== undefined && !topics.has(head.topic as RecordedTopic)) continue
      // One in between could not be read: then this one does not follow the one before.
      const broken = head.type === 'segment' && expected !== undefined && head.atMs !== expected
      yield `${broken ? line.replace('"continues":true', '"continues":false') : line}\n`
      atMs = head.atMs
      count++
      length += line.length
    }
    if (lines.length > 0) expected = segment.toMs
  }
  yield lineOf({ type: 'end', atMs, lines: count })
}

/** The segment that has an instant; in a gap the one after it. */
export function segmentAt(folder: RecordingFolder, atMs: number): Segment | undefined {
  const { segments, writing } = folder
  return (
    segments.findLast((one) => one.fromMs <= atMs && (one.toMs >= atMs || one === writing)) ?? segments.find((one) => one.fromMs > atMs)
  )
}

/** Looked up when it is needed: meanwhile the oldest may have been dropped, and the newest ended. */
export function segmentAfter(folder: RecordingFolder, before: Segment): Segment | undefined {
  return folder.segments.find((one) => one.fromMs > before.fromMs)
}

export function lineOf(line: RecordedLine): string {
  return `${JSON.stringify(line)}\n`
}
