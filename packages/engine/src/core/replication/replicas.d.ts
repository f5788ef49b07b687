import type { CommandContext } from '../commands/context.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { AttachedReplica } from './attached-replica.ts'
import type { ReplicationStream } from './stream.ts'
/** The primary's half of replication: who follows us, how far they are, and what they are sent. */
export declare class Replicas {
  #private
  /** `streamDatabase`: selected by the last SELECT of a stream that we relay; 0 while we write our own. */
  constructor(node: Node, stream: ReplicationStream, streamDatabase: () => number)
  get count(): number
  /** In the order in which they came. */
  all(): IterableIterator<AttachedReplica>
  /** Online replicas that have processed the stream up to this offset. */
  countAt(offset: number): number
  /** Is there any replica that gets the stream? */
  get anyOnline(): boolean
  /** Replicas are asked, with the bytes of this step, how far they are. */
  askForAcks(): void
  /** `REPLCONF option value ...`: what a replica says of itself, and how far it is. ACK has no reply. */
  replconf(ctx: CommandContext, args: Args): void
  /** `PSYNC id offset`: goes on where the replica stands if the backlog holds what it misses, else sends everything. */
  psync(ctx: CommandContext, args: Args, refusal: string | undefined): void
  /** `SYNC`, the old form: the payload without a word before it. */
  sync(ctx: CommandContext, refusal: string | undefined): void
  /** Sends what was written in this step. */
  beforeSleep(): void
  cron(run: number, isPrimary: boolean): void
  /** FLUSH*: a picture that is being read has lost its subject. Those replicas come again. */
  flushed(): void
  /** Our history is not theirs any more: they must ask again. */
  dropAll(why: string): void
}
//# sourceMappingURL=replicas.d.ts.map
