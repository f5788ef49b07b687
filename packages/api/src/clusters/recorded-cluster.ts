import { randomBytes } from 'node:crypto'
import type { RecordedClusterName } from '@slotscope/observer/stream'
import { importRecording } from '../recording/import-file.ts'
import { Player } from '../recording/player.ts'
import { RecordingFolder } from '../recording/recording-folder.ts'
import { removeFolder, temporaryFolder } from '../recording/recordings.ts'
import type { Session } from '../security/sessions.ts'
import { Audience } from '../viewers/audience.ts'
import type { ViewerSocket } from '../viewers/viewer.ts'

export type RecordedClusterOptions = {
  readonly id: string
  /** An exported recording. */
  readonly file: string
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** Between two looks at who heard nothing lately. */
const BEATS_MS = 1_000

/** A cluster that is past: a recording from a file, played through the same stream. There is nobody to be asked or told anything. */
export class RecordedCluster {
  readonly id: string
  readonly name: string
  readonly kind = 'recorded'
  readonly whyReadOnly = 'this is a recording'
  readonly player: Player
  readonly recording: { readonly folder: RecordingFolder; readonly problem: null }
  readonly #path: string
  readonly #audience = new Audience(() => undefined)
  readonly #now: () => number
  #beats: NodeJS.Timeout | undefined

  private constructor(options: RecordedClusterOptions, cluster: RecordedClusterName, folder: RecordingFolder, path: string) {
    const { id, now, onError } = options
    this.id = id
    this.name = cluster.name
    this.recording = { folder, problem: null }
    this.#path = path
    this.#now = now
    this.player = new Player({
      folder,
      clusterId: id,
      feedId: randomBytes(8).toString('hex'),
      now,
      onUpdate: (update) => this.#audience.tell(update),
      onError
    })
  }

  /** Reads the whole file before anything is shown. Throws `OptionError` for a file that cannot be played. */
  static async open(options: RecordedClusterOptions): Promise<RecordedCluster> {
    const path = await temporaryFolder()
    try {
      const limits = { hours: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
      // A disk that cannot hold it is no recording with a gap, but one that cannot be played.
      let failure: unknown
      const folder = await RecordingFolder.open(path, {
        limits,
        // Nothing in it is too old, and nothing is thinned again.
        now: () => 0,
        note: options.onError,
        onFailure: (error) => {
          failure = error
        }
      })
      const cluster = await importRecording(options.file, folder)
      if (failure !== undefined) throw failure
      return new RecordedCluster(options, cluster, folder, path)
    } catch (error) {
      removeFolder(path)
      throw error
    }
  }

  /** Begins to play. */
  async start(): Promise<void> {
    this.#audience.start()
    await this.player.start()
    this.#beats = setInterval(() => this.#audience.beat(this.player.state.positionMs), BEATS_MS)
    this.#beats.unref()
  }

  close(reason: 'cluster-removed' | 'server-stopping'): void {
    clearInterval(this.#beats)
    this.player.close()
    this.#audience.close(reason)
    removeFolder(this.#path)
  }

  join(socket: ViewerSocket, session: Session): void {
    const { player } = this
    this.#audience.join(socket, session, { cluster: this.id, feed: player, hello: player.hello(), now: this.#now })
  }

  viewersOf(session: Session): number {
    return this.#audience.countOf(session)
  }

  leave(session: Session): void {
    this.#audience.leave(session)
  }
}
