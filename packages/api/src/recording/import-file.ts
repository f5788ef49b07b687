import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { RECORDING_VERSION, type RecordedClusterName, type RecordedLine, STREAM_VERSION } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { OptionError } from '../errors.ts'
import { headOf } from './recorded-range.ts'
import type { RecordingFolder } from './recording-folder.ts'

/** A state of a large cluster; what is longer was not written by us, and must not fill the memory. */
const MOST_LINE_BYTES = 64 * 1024 * 1024
const NEWLINE = 0x0a

const kind = Type.Union([Type.Literal('embedded'), Type.Literal('connected'), Type.Literal('recorded')])
const instant = Type.Number({ minimum: 0, maximum: 8.64e15 })
const cluster = Type.Object({ id: Type.String(), name: Type.String(), kind })
const stretch = Type.Object({ fromMs: instant, toMs: instant })
const header = Type.Object({
  type: Type.Literal('recording'),
  format: Type.Literal('slotscope-recording'),
  formatVersion: Type.Integer({ minimum: 1 }),
  streamVersion: Type.Integer({ minimum: 1 }),
  cluster,
  fromMs: instant,
  toMs: instant,
  gaps: Type.Array(stretch),
  events: Type.Array(Type.Object({ atMs: instant, kind: Type.String(), text: Type.String() }))
})

const jsonTopic = Type.Union(['core', 'databases', 'expiry', 'traffic'].map((topic) => Type.Literal(topic)))
const slotsTopic = Type.Union(['keys', 'cpu', 'bytes-in', 'bytes-out'].map((figure) => Type.Literal(`slots:${figure}`)))
const version = Type.Integer({ minimum: 0 })
const value = Type.Union([Type.Number(), Type.Null()])
const path = Type.Array(Type.String())
const op = Type.Union([
  Type.Object({ op: Type.Literal('set'), path, value: Type.Unknown() }),
  Type.Object({ op: Type.Literal('merge'), path, values: Type.Record(Type.String(), Type.Unknown()) }),
  Type.Object({ op: Type.Literal('remove'), path }),
  Type.Object({ op: Type.Literal('push'), path, values: Type.Array(Type.Unknown()), keep: version })
])
const figures = { topic: slotsTopic, atMs: instant, perSecond: Type.Boolean() }

/** What may stand between the first line and the last. */
const shapes: Readonly<Partial<Record<RecordedLine['type'], ReturnType<typeof Type.Object>>>> = {
  segment: Type.Object({ atMs: instant, continues: Type.Boolean(), cluster, capabilities: Type.Array(Type.String()) }),
  snapshot: Type.Object({ topic: jsonTopic, version, atMs: instant, state: Type.Record(Type.String(), Type.Unknown()) }),
  patch: Type.Object({ topic: jsonTopic, base: version, version, atMs: instant, ops: Type.Array(op) }),
  'slots-snapshot': Type.Object({ ...figures, values: Type.Array(value, { minItems: 16_384, maxItems: 16_384 }) }),
  'slots-patch': Type.Object({
    ...figures,
    slots: Type.Array(Type.Integer({ minimum: 0, maximum: 16_383 })),
    values: Type.Array(value)
  }),
  absent: Type.Object({ topic: Type.Union([jsonTopic, slotsTopic]), atMs: instant }),
  mark: Type.Object({ atMs: instant })
}

/**
 * Reads an exported recording into a folder, from which it can be played, looked up and exported again. Throws `OptionError` in words for a
 * file that is none, of a later version, damaged or cut off.
 */
export async function importRecording(file: string, folder: RecordingFolder): Promise<RecordedClusterName> {
  try {
    return await read(file, folder)
  } finally {
    folder.end(0)
    await folder.settled()
  }
}

async function read(file: string, folder: RecordingFolder): Promise<RecordedClusterName> {
  let head: Extract<RecordedLine, { type: 'recording' }> | undefined
  let count = 0
  let atMs = 0
  let ended = false
  for await (const bytes of linesOfFile(file)) {
    const text = bytes.toString()
    const line = parsed(text)
    if (head === undefined) {
      head = headerOf(line, file)
      for (const event of head.events) folder.events.add(event)
      continue
    }
    if (ended) throw new OptionError(`${file}: there is more after its end`)
    if (line?.type === 'end') {
      if (line.lines !== count) throw new OptionError(`${file}: it should have ${line.lines} lines and has ${count}`)
      ended = true
      continue
    }
    count++
    const shape = line && shapes[line.type]
    if (line === undefined || shape === undefined || !Check(shape, line) || !('atMs' in line) || headOf(text) === undefined)
      throw new OptionError(`${file}, line ${count + 1}: not a line of a recording`)
    if (line.type === 'segment') {
      folder.end(line.continues ? line.atMs : atMs)
      await folder.settled()
      folder.begin(line.atMs)
    } else if (folder.writing === undefined) throw new OptionError(`${file}, line ${count + 1}: nothing says what it belongs to`)
    atMs = line.atMs
    folder.append(bytes, atMs)
  }
  if (head === undefined) throw new OptionError(`${file} is empty`)
  if (!ended) throw new OptionError(`${file} is cut off: it has no end`)
  if (count === 0) throw new OptionError(`${file} holds no moment at all`)
  folder.end(atMs)
  return head.cluster
}

function headerOf(line: RecordedLine | undefined, file: string): Extract<RecordedLine, { type: 'recording' }> {
  const { format, formatVersion, streamVersion } = (line ?? {}) as Partial<Extract<RecordedLine, { type: 'recording' }>>
  if (format !== 'slotscope-recording') throw new OptionError(`${file} is not a recording of Slotscope`)
  const newer = Number(formatVersion) > RECORDING_VERSION || Number(streamVersion) > STREAM_VERSION
  if (newer)
    throw new OptionError(
      `${file} was made by a later version of Slotscope: this one reads format ${RECORDING_VERSION} with stream ${STREAM_VERSION}`
    )
  if (!Check(header, line)) throw new OptionError(`${file}: its first line cannot be understood`)
  if (formatVersion !== RECORDING_VERSION || streamVersion !== STREAM_VERSION)
    throw new OptionError(`${file} was made by an earlier version of Slotscope, which this one does not read`)
  return line as Extract<RecordedLine, { type: 'recording' }>
}

function parsed(text: string): RecordedLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RecordedLine) : undefined
  } catch {
    return undefined
  }
}

/** The lines of a compressed file, one after another. */
async function* linesOfFile(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file)
  const plain = createGunzip()
  source.on('error', (error) => plain.destroy(error))
  let parts: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of source.pipe(plain) as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...parts, chunk.subarray(start, end)])
        parts = []
        length = 0
        start = end + 1
      }
      if (start === chunk.length) continue
      parts.push(chunk.subarray(start))
      length += chunk.length - start
      if (length > MOST_LINE_BYTES) throw new OptionError(`${file}: a line is longer than any of a recording`)
    }
  } catch (error) {
    throw error instanceof OptionError ? error : new OptionError(`${file} ${whyUnreadable(error)}`)
  } finally {
    source.destroy()
  }
  if (length > 0) throw new OptionError(`${file} is cut off in the middle of a line`)
}

function whyUnreadable(error: unknown): string {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  if (code === 'Z_BUF_ERROR') return 'is cut off: its compressed data has no end'
  if (message === 'incorrect header check') return 'is not a recording of Slotscope'
  if (code.startsWith('Z_')) return `is damaged: ${message}`
  return `cannot be read: ${message}`
}
