import type { LinkId } from '../input.ts'
import type { Node } from '../node.ts'
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
export declare class FullSync {
  #private
  /** Takes the picture and sends the beginning. */
  constructor(node: Node, link: LinkId, { streamId, offset, streamDatabase }: FullSyncOptions)
  /** Nothing more will be written: the replica has it all, or soon will. */
  get isOver(): boolean
  /** Goes on with the walk as far as the link takes it; to be called whenever the link has drained. */
  proceed(): void
  /** Sends what was written, also by keys that changed ahead of the walk. */
  flush(): void
  /** The replica is gone, or the data is. */
  close(): void
}
//# sourceMappingURL=full-sync.d.ts.map
