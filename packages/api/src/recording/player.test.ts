import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { decodeSlotsFrame, type Frame, type JsonTopic, STREAM_VERSION, Viewer } from '@slotscope/observer/stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ModelRecording, RECORDED_FROM_MS } from '../../test/support/model-recording.ts'
import { OptionError } from '../errors.ts'
import { importRecording } from './import-file.ts'
import { Player } from './player.ts'
import { RecordingFolder } from './recording-folder.ts'

const HOUR_MS = 3_600_000

let recorded: ModelRecording
/** What a live viewer held, by instant. */
let held: Map<number, Readonly<Record<string, unknown>>>
let gap: { fromMs: number; toMs: number }
let file: string
let path: string
let folder: RecordingFolder

/** Three minutes, a gap of ten, two minutes. */
beforeAll(async () => {
  recorded = await ModelRecording.start()
  held = new Map()
  const { feed } = recorded
  feed.watched = new Set(['expiry', 'slots:keys'])
  const work = (second: number) => {
    feed.publishCore(`core ${feed.nowMs}`, second === 100 ? 'a node failed' : undefined)
    feed.publishTraffic(second)
    feed.publishExpiry(second, 'a name')
    if (second % 3 === 0) feed.publishDatabases(second)
    feed.publishFigure('keys', (values) => values.fill(second, second, second + 1))
    held.set(feed.nowMs, Object.fromEntries((['core', 'databases', 'traffic'] as const).map((topic) => [topic, feed.state(topic)])))
  }
  recorded.pass(180, work)
  feed.asleep = true
  recorded.pass(600, () => undefined)
  feed.asleep = false
  // Figures are not asked for any more.
  feed.watched = new Set()
  recorded.pass(120, work)
  await recorded.folder.settled()
  gap = recorded.folder.gaps[0] as typeof gap
  file = await recorded.export()
})
afterAll(() => recorded.close())
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
  folder = await open()
})
afterEach(async () => {
  await folder.settled()
  await rm(path, { recursive: true, force: true })
})

function open(): Promise<RecordingFolder> {
  const limits = { hours: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
  return RecordingFolder.open(path, { limits, now: () => 0, note: (words) => Promise.reject(new Error(words)) })
}

/** A player over the imported file in a time of its own, and a viewer that folds everything it tells. */
class Watching {
  nowMs = 5_000
  readonly viewer = new Viewer()
  readonly player: Player
  readonly told: Frame[] = []

  constructor() {
    this.player = new Player({
      folder,
      clusterId: 'past',
      feedId: 'f',
      now: () => this.nowMs,
      onUpdate: ({ data, binary }) => {
        if (binary) {
          expect(this.viewer.receiveBinary(data).kind).toBe('applied')
          return
        }
        const frame = JSON.parse(Buffer.from(data).toString()) as Frame
        this.told.push(frame)
        expect(this.viewer.receive(frame).kind).toBe('applied')
      },
      onError: (error) => {
        throw error
      }
    })
  }

  async play(ms: number): Promise<void> {
    this.nowMs += ms
    await this.player.advance()
  }

  /** Compares with what was live at the instant that is shown. */
  compare(): void {
    const { positionMs } = this.player.state
    const live = [...held].findLast(([atMs]) => atMs <= positionMs)?.[1]
    for (const topic of ['core', 'databases', 'traffic'] as const) expect(this.viewer.state(topic as JsonTopic)).toEqual(live?.[topic])
    expect(this.viewer.state('expiry')?.soonest ?? []).toEqual([])
  }
}

describe('a recording that is exported and played', () => {
  let watching: Watching
  beforeEach(async () => {
    expect(await importRecording(file, folder)).toEqual({ id: 'main', name: 'Main', kind: 'connected' })
    watching = new Watching()
    await watching.player.start()
  })
  afterEach(() => watching.player.close())

  test('says in hello that it is one, with what the cluster could do', () => {
    expect(watching.player.hello()).toMatchObject({ type: 'hello', clusterId: 'past', capabilities: ['atomic-migration', 'recorded'] })
  })

  test('has the same gaps and events', () => {
    expect(folder.gaps).toEqual(recorded.folder.gaps)
    expect(folder.events.all).toEqual(recorded.folder.events.all)
    expect(folder.events.all.map(({ text }) => text)).toEqual(['a node failed', 'a node failed'])
  })

  test('runs from its beginning at the pace at which it happened, skips the gap, and stops at its end', async () => {
    expect(watching.player.state).toMatchObject({ positionMs: RECORDED_FROM_MS + 1_000, speed: 1, paused: false })
    for (let second = 0; second < 178; second++) {
      await watching.play(1_000)
      watching.compare()
    }
    expect(watching.player.state.positionMs).toBe(RECORDED_FROM_MS + 179_000)
    expect(watching.viewer.figure('slots:keys')?.values[100]).toBe(100)
    await watching.play(2_000)
    expect(watching.player.state.positionMs).toBe(gap.toMs)
    watching.compare()
    expect(watching.viewer.figure('slots:keys')?.values.every(Number.isNaN)).toBe(true)
    expect(watching.viewer.state('expiry')?.hashesWithVolatileFields).toBe(0)
    await watching.play(60_000)
    watching.compare()
    await watching.play(HOUR_MS)
    expect(watching.player.state).toMatchObject({ positionMs: folder.segments.at(-1)?.toMs, paused: true })
    watching.compare()
    expect(watching.told.every((frame) => !('atMs' in frame) || frame.atMs <= (folder.segments.at(-1)?.toMs ?? 0))).toBe(true)
    await watching.player.control({ paused: false })
    expect(watching.player.state).toMatchObject({ positionMs: RECORDED_FROM_MS + 1_000, paused: false })
  })

  test('goes to any instant, forwards and back', async () => {
    const instants = [...held.keys()]
    for (let step = 0; step < 60; step++) {
      const positionMs = instants[(step * 97) % instants.length] as number
      await watching.player.control({ positionMs })
      expect(watching.player.state.positionMs).toBe(positionMs)
      watching.compare()
      await watching.play(700)
      watching.compare()
    }
    await watching.player.control({ positionMs: gap.fromMs + 30_000 })
    expect(watching.player.state.positionMs).toBe(gap.toMs)
    await watching.player.control({ positionMs: 0 })
    expect(watching.player.state.positionMs).toBe(RECORDED_FROM_MS + 1_000)
  })

  test('pauses, goes on, slows down and speeds up', async () => {
    const position = () => watching.player.state.positionMs - RECORDED_FROM_MS - 1_000
    await watching.player.control({ speed: 0.1 })
    await watching.play(10_000)
    expect(position()).toBe(1_000)
    await watching.player.control({ paused: true })
    const words = watching.told.length
    await watching.play(10_000)
    expect([position(), watching.told.length]).toEqual([1_000, words])
    expect(watching.viewer.state('playback')).toMatchObject({ paused: true, speed: 0.1 })
    await watching.player.control({ paused: false, speed: 20 })
    await watching.play(5_000)
    expect(position()).toBe(101_000)
    watching.compare()
  })

  test('a viewer that comes late begins with snapshots, and one that was away resumes', async () => {
    await watching.play(60_000)
    const late = new Viewer()
    late.receive(watching.player.hello())
    for (const topic of ['core', 'databases', 'traffic', 'expiry'] as const) late.receive(watching.player.snapshot(topic) as Frame)
    expect(late.state('core')).toEqual(watching.viewer.state('core'))
    const version = late.version('core')
    await watching.play(3_000)
    for (const frame of watching.player.resume('core', version)) late.receive(frame as Frame)
    expect(late.state('core')).toEqual(watching.viewer.state('core'))
    const keys = decodeSlotsFrame(watching.player.snapshot('slots:keys') as Uint8Array)
    expect(keys.values).toEqual(watching.viewer.figure('slots:keys')?.values)
    expect(watching.player.snapshot('slots:cpu')).toBeUndefined()
  })

  test('can be exported again, and is the same', async () => {
    const again = gunzipSync(await readFile(file))
      .toString()
      .split('\n')
      .slice(1)
    const { linesOfExport } = await import('./export-file.ts')
    const lines: string[] = []
    const cluster = { id: 'main', name: 'Main', kind: 'recorded' } as const
    for await (const line of linesOfExport(folder, { cluster, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, nowMs: 0 })) lines.push(line)
    expect(lines.slice(1).join('')).toBe(again.join('\n'))
  })
})

describe('a file that cannot be played is refused in words', () => {
  const edited = async (edit: (text: string) => string | Buffer) => {
    const text = gunzipSync(await readFile(file)).toString()
    const changed = join(path, 'changed.gz')
    await writeFile(changed, gzipSync(edit(text)))
    return changed
  }
  const refusal = async (name: string) => {
    const error = await importRecording(name, folder).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OptionError)
    return (error as OptionError).message.replace(name, 'FILE')
  }

  test.each([
    ['of another kind', () => '{"hello":1}\n', 'FILE is not a recording of Slotscope'],
    ['no JSON', () => 'abc\n', 'FILE is not a recording of Slotscope'],
    ['empty', () => '', 'FILE is empty'],
    [
      'of a later format',
      (text: string) => text.replace('"formatVersion":1', '"formatVersion":2'),
      `FILE was made by a later version of Slotscope: this one reads format 1 with stream ${STREAM_VERSION}`
    ],
    [
      'of a later stream',
      (text: string) => text.replace(`"streamVersion":${STREAM_VERSION}`, '"streamVersion":99'),
      `FILE was made by a later version of Slotscope: this one reads format 1 with stream ${STREAM_VERSION}`
    ],
    ['without its end', (text: string) => text.replace(/\{"type":"end".*\n$/, ''), 'FILE is cut off: it has no end'],
    ['cut within a line', (text: string) => text.slice(0, -5), 'FILE is cut off in the middle of a line'],
    ['with a line taken out', (text: string) => text.replace(/\{"type":"patch".*\n/, ''), /^FILE: it should have \d+ lines and has \d+$/],
    [
      'with a foreign line',
      (text: string) => text.replace('"type":"patch"', '"type":"batch"'),
      /^FILE, line \d+: not a line of a recording$/
    ],
    [
      'with a patch of another shape',
      (text: string) => text.replace('"ops":[', '"ops":[{"op":"eval"},'),
      /^FILE, line \d+: not a line of a recording$/
    ],
    [
      'with a key of a hash',
      (text: string) => text.replace('"topic":"core"', '"topic":"hash:0:aa"'),
      /^FILE, line \d+: not a line of a recording$/
    ],
    ['with more behind its end', (text: string) => `${text}{"type":"mark","atMs":1}\n`, 'FILE: there is more after its end'],
    [
      'that begins in the middle',
      (text: string) => text.replace(/\{"type":"segment".*\n/, ''),
      'FILE, line 2: nothing says what it belongs to'
    ]
  ])('%s', async (_what, edit, words) => {
    const message = await refusal(await edited(edit))
    if (typeof words === 'string') expect(message).toBe(words)
    else expect(message).toMatch(words)
  })

  test('cut off at any place, or damaged', async () => {
    const whole = await readFile(file)
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
      const cut = join(path, 'cut.gz')
      await writeFile(cut, whole.subarray(0, length))
      expect(await refusal(cut)).toMatch(/FILE (is cut off|is empty)/)
    }
    const damaged = Buffer.from(whole)
    damaged[Math.floor(whole.length / 2)] = (damaged[Math.floor(whole.length / 2)] as number) ^ 0xff
    await writeFile(join(path, 'damaged.gz'), damaged)
    expect(await refusal(join(path, 'damaged.gz'))).toMatch(/is damaged|is cut off|not a line/)
    await writeFile(join(path, 'plain.json'), '{"type":"recording"}\n')
    expect(await refusal(join(path, 'plain.json'))).toBe('FILE is not a recording of Slotscope')
    expect(await refusal(join(path, 'none.gz'))).toMatch(/^FILE cannot be read: ENOENT/)
    expect(await refusal(path)).toMatch(/^FILE cannot be read: EISDIR/)
  })
})
