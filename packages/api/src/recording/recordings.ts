import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { OptionError } from '../errors.ts'
import { Recorder } from './recorder.ts'
import { RecordingFolder, type RecordingLimits } from './recording-folder.ts'

/** What is kept of the past, per cluster. */
export type RecordingOptions = {
  /** Without one it is a temporary folder, which goes when the api closes. */
  readonly folder?: string | undefined
  /** Default 24; 2 in a temporary folder. */
  readonly hours?: number | undefined
  /** Default 1 GiB; 128 MiB in a temporary folder. */
  readonly bytes?: number | undefined
}

const MEBIBYTE = 1024 * 1024
const TICK_MS = 1_000

/** The recorders of all clusters of an api, and what drives them. Clusters come and go. */
export class Recordings {
  readonly #recorders = new Map<string, Recorder>()
  readonly #root: string
  readonly #temporary: boolean
  readonly #limits: RecordingLimits
  readonly #parts: RecordingParts
  readonly #timer: NodeJS.Timeout
  /** By cluster: what must be over before its folder is opened again. */
  readonly #ending = new Map<string, Promise<void>>()

  private constructor(root: string, temporary: boolean, limits: RecordingLimits, parts: RecordingParts) {
    this.#root = root
    this.#temporary = temporary
    this.#limits = limits
    this.#parts = parts
    this.#timer = setInterval(() => {
      for (const recorder of this.#recorders.values()) recorder.tick()
    }, TICK_MS)
    this.#timer.unref()
  }

  static async open(options: RecordingOptions, parts: RecordingParts): Promise<Recordings> {
    const temporary = options.folder === undefined
    const limits: RecordingLimits = {
      hours: options.hours ?? (temporary ? 2 : 24),
      bytes: options.bytes ?? (temporary ? 128 : 1024) * MEBIBYTE
    }
    return new Recordings(options.folder ?? (await temporaryFolder()), temporary, limits, parts)
  }

  /** Records a cluster from now on. Throws `OptionError` when its folder cannot be used. */
  async add(cluster: WatchedCluster): Promise<void> {
    const { id, name, kind, feed } = cluster
    const { now } = this.#parts
    const note = (words: string) => this.#parts.note(id, words)
    await this.#ending.get(id)
    let recorder: Recorder | undefined
    const onFailure = (error: unknown) => recorder?.failed(error)
    const opened = RecordingFolder.open(join(this.#root, id), { limits: this.#limits, now, note, onFailure })
    const folder = await opened.catch((error: Error) => {
      throw new OptionError(`the recording of "${id}" cannot be kept: ${error.message}`)
    })
    recorder = new Recorder({ feed, folder, cluster: { id, name, kind }, now, note })
    cluster.record(recorder)
    this.#recorders.set(id, recorder)
  }

  /** Ends the recording of a cluster. What is kept of one that was removed goes with it. */
  end(id: string, removed: boolean): void {
    const recorder = this.#recorders.get(id)
    if (recorder === undefined) return
    this.#recorders.delete(id)
    const ended = recorder.close().then(() => {
      if (removed) removeFolder(join(this.#root, id))
    })
    this.#ending.set(id, ended)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const id of [...this.#recorders.keys()]) this.end(id, false)
    await Promise.all(this.#ending.values())
    if (this.#temporary) removeFolder(this.#root)
  }
}

type RecordingParts = { readonly now: () => number; readonly note: (cluster: string, words: string) => void }

/** A folder of our own that only this user can read. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'slotscope-recording-'))
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
