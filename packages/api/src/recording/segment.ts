import { open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

const compress = promisify(gzip)
const uncompress = promisify(gunzip)

/** A segment of the largest clusters; what is larger was not written by us. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * `open`: lines as text, being written or left by a crash. `closed`: compressed. `thinned`: compressed, with slot figures only as they
 * stood at its beginning.
 */
export type SegmentForm = 'open' | 'closed' | 'thinned'

/** About a minute of a recording: one file, which begins with snapshots, so that it can be read alone. Its name says its stretch. */
export class Segment {
  readonly fromMs: number
  toMs: number
  form: SegmentForm
  /** On disk. */
  bytes: number

  constructor(fromMs: number, toMs: number, form: SegmentForm, bytes: number) {
    this.fromMs = fromMs
    this.toMs = toMs
    this.form = form
    this.bytes = bytes
  }

  get name(): string {
    if (this.form === 'open') return `${this.fromMs}.ndjson`
    return `${this.fromMs}-${this.toMs}${this.form === 'thinned' ? '.thin' : ''}.ndjson.gz`
  }
}

/** Reads a name of a file; undefined when it is not one of a segment. An open one ends where it begins until it has been read. */
export function segmentOf(name: string, bytes: number): Segment | undefined {
  const match = /^(\d{1,15})(?:-(\d{1,15})(\.thin)?)?\.ndjson(\.gz)?$/.exec(name)
  if (match === null || (match[2] === undefined) !== (match[4] === undefined)) return undefined
  const fromMs = Number(match[1])
  if (match[2] === undefined) return new Segment(fromMs, fromMs, 'open', bytes)
  return new Segment(fromMs, Number(match[2]), match[3] === undefined ? 'closed' : 'thinned', bytes)
}

/** The lines of a segment as text, each with its newline. What comes after the last one is being written just now. */
export async function readSegment(folder: string, segment: Segment): Promise<string> {
  const { form } = segment
  const bytes = await readFile(join(folder, segment.name))
  const text = form === 'open' ? bytes : await uncompress(bytes, { maxOutputLength: MOST_BYTES })
  return text.toString('utf8', 0, text.lastIndexOf(0x0a) + 1)
}

/** Writes the lines in another form: aside first and synced, so that a crash leaves the old file or the new one. */
export async function rewriteSegment(folder: string, segment: Segment, form: 'closed' | 'thinned', text: string): Promise<void> {
  const old = segment.name
  const bytes = await compress(text)
  const next = new Segment(segment.fromMs, segment.toMs, form, bytes.length)
  const aside = join(folder, `${next.name}.new`)
  try {
    await writeFile(aside, bytes, { mode: 0o600, flush: true })
    await rename(aside, join(folder, next.name))
  } catch (error) {
    await unlink(aside).catch(() => undefined)
    throw error
  }
  // Whoever reads meanwhile finds the file under one of both names.
  segment.form = form
  segment.bytes = bytes.length
  if (old !== segment.name) await unlink(join(folder, old))
}

/**
 * Cuts off what a crash tore from the end of an open segment and finds out how far it goes. Answers how many bytes were cut off; a segment
 * without a whole line is `empty`.
 */
export async function mendSegment(folder: string, segment: Segment): Promise<{ readonly cut: number; readonly empty: boolean }> {
  const file = await open(join(folder, segment.name), 'r+')
  try {
    const bytes = await file.readFile()
    let kept = bytes.lastIndexOf(0x0a) + 1
    let atMs: number | undefined
    // Space that was claimed and not written reads as zeros: no line of ours.
    while (kept > 0) {
      const start = bytes.lastIndexOf(0x0a, kept - 2) + 1
      atMs = instantOf(bytes.toString('utf8', start, kept - 1))
      if (atMs !== undefined) break
      kept = start
    }
    if (kept < bytes.length) await file.truncate(kept)
    segment.toMs = Math.max(segment.fromMs, atMs ?? segment.fromMs)
    segment.bytes = kept
    return { cut: bytes.length - kept, empty: kept === 0 }
  } finally {
    await file.close()
  }
}

/** The instant of a whole line; undefined for anything else. */
function instantOf(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'atMs' in value && typeof value.atMs === 'number' ? value.atMs : undefined
  } catch {
    return undefined
  }
}
