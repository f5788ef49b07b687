import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { linesOfExport } from '../../src/recording/export-file.ts'
import { Recorder } from '../../src/recording/recorder.ts'
import { RecordingFolder } from '../../src/recording/recording-folder.ts'
import { ModelFeed } from './model-feed.ts'

export const RECORDED_FROM_MS = 1_800_000_000_000

/** A recording of a model feed, in a folder of the test's own. */
export class ModelRecording {
  readonly feed = new ModelFeed(RECORDED_FROM_MS)
  readonly path: string
  readonly folder: RecordingFolder
  readonly recorder: Recorder

  private constructor(path: string, folder: RecordingFolder) {
    this.path = path
    this.folder = folder
    const now = () => this.feed.nowMs
    const note = (words: string) => {
      throw new Error(words)
    }
    this.recorder = new Recorder({ feed: this.feed, folder, now, note, cluster: { id: 'main', name: 'Main', kind: 'connected' } })
    this.feed.listen((update) => this.recorder.update(update))
  }

  static async start(): Promise<ModelRecording> {
    const path = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
    const quiet = { now: () => RECORDED_FROM_MS, note: () => undefined }
    const folder = await RecordingFolder.open(join(path, 'recording'), { limits: { hours: 24, bytes: 1024 ** 3 }, ...quiet })
    return new ModelRecording(path, folder)
  }

  /** Passes time in steps of a second, as the host does. */
  pass(seconds: number, each: (second: number) => void): void {
    for (let second = 0; second < seconds; second++) {
      this.feed.nowMs += 1_000
      each(second)
      this.recorder.tick()
    }
  }

  /** Writes all of it to a file, and answers its path. */
  async export(): Promise<string> {
    const file = join(this.path, 'exported.slotscope.gz')
    const nowMs = this.feed.nowMs
    const range = { fromMs: RECORDED_FROM_MS, toMs: nowMs }
    const lines = linesOfExport(this.folder, { cluster: { id: 'main', name: 'Main', kind: 'connected' }, ...range, nowMs })
    await pipeline(Readable.from(lines), createGzip(), createWriteStream(file))
    return file
  }

  async close(): Promise<void> {
    await this.recorder.close()
    await rm(this.path, { recursive: true, force: true })
  }
}
