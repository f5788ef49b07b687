import type { LinkId } from '../input.ts'
import { SnapshotCursor } from '../keyspace/snapshot-cursor.ts'
import type { Node } from '../node.ts'
import { RdbWriter } from '../persistence/rdb-writer.ts'
import { VALKEY_VERSION } from '../version.ts'

/** Bytes on their way to the replica above which the walk waits for the link: the dataset is never held as a whole. */
const WINDOW_BYTES = 262_144
/** A slice of the walk ends after so long, so that clients are served in between. */
const SLICE_US = 2_000

export type FullSyncOptions = {
  /** The stream that follows the picture. */
  readonly streamId: string
  readonly offset: number
  /** Selected by the last SELECT of a stream that we only relay; 0 for our own, which selects first. */
  readonly streamDatabase: number
}

/**
 * Sends one replica a picture of everything as of now, while writes go on: an RDB between `$EOF:<mark>` and the same mark,
 * read off cursors in slices. What is written meanwhile is in the stream that follows.
 */
export class FullSync {
  readonly #node: Node
  readonly #link: LinkId
  readonly #writer = new RdbWriter()
  /** What we serve, and what unfinished imports have built aside. */
  readonly #cursors: SnapshotCursor[]
  readonly #mark: string
  #isOver = false

  /** Takes the picture and sends the beginning. */
  constructor(node: Node, link: LinkId, { streamId, offset, streamDatabase }: FullSyncOptions) {
    this.#node = node
    this.#link = link
    this.#mark = node.random.hex(40)
    node.links.output(link).latin1(`$EOF:${this.#mark}\r\n`)
    const writer = this.#writer
    writer.auxiliary('valkey-ver', VALKEY_VERSION)
    writer.auxiliary('redis-bits', '64')
    writer.auxiliary('ctime', String(Math.floor(node.now.wallMs / 1000)))
    writer.auxiliary('repl-stream-db', String(streamDatabase))
    writer.auxiliary('repl-id', streamId)
    writer.auxiliary('repl-offset', String(offset))
    writer.auxiliary('aof-base', '0')
    const imports = node.migrations.stagedImports()
    for (const { name, ranges } of imports) writer.slotImport(name, ranges)
    this.#cursors = [node.keyspace, ...imports.map((job) => job.staged)].map(
      (keyspace) => new SnapshotCursor(keyspace, 'all', (database, _slot, key, entry) => writer.key(database, key, entry))
    )
  }

  /** Nothing more will be written: the replica has it all, or soon will. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Goes on with the walk as far as the link takes it; to be called whenever the link has drained. */
  proceed(): void {
    if (this.#isOver) return
    const node = this.#node
    const startedUs = node.options.meter()
    const roomBytes = WINDOW_BYTES - node.links.unsentBytes(this.#link)
    const shouldStop = () => this.#writer.pending >= roomBytes || node.options.meter() - startedUs > SLICE_US
    if (!shouldStop() && this.#cursors.every((cursor) => cursor.advance(shouldStop))) {
      this.#writer.end()
      this.#isOver = true
    }
    this.flush()
    if (this.#isOver) node.links.output(this.#link).latin1(this.#mark)
  }

  /** Sends what was written, also by keys that changed ahead of the walk. */
  flush(): void {
    if (this.#writer.pending > 0) this.#writer.take(this.#node.links.output(this.#link))
  }

  /** The replica is gone, or the data is. */
  close(): void {
    for (const cursor of this.#cursors) cursor.close()
  }
}
