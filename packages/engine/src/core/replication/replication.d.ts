import type { Client } from '../client.ts'
import type { CommandContext } from '../commands/context.ts'
import type { Endpoint } from '../input.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { PrimaryLink } from './primary-link.ts'
import { Replicas } from './replicas.ts'
import { type ReplicatedCommand, ReplicationStream } from './stream.ts'
import { StreamApplier } from './stream-applier.ts'

export type { ReplicatedCommand } from './stream.ts'
/**
 * Replication from both sides: one stream of effective writes, which a primary writes and a replica relays; those who follow us;
 * and, on a replica, the link to the primary that we follow.
 */
export declare class Replication {
  #private
  readonly stream: ReplicationStream
  readonly applier: StreamApplier
  readonly replicas: Replicas
  constructor(node: Node)
  /** Bytes of the stream: produced by a primary, processed by a replica. */
  get offset(): number
  /** The link to our primary; undefined while we follow nobody. */
  get link(): PrimaryLink | undefined
  /** Milliseconds since our primary was last heard; Infinity for a primary. */
  get primarySilentMs(): number
  /** The first dataset of our primary is arriving and there is none to serve meanwhile: LOADING. */
  get loading(): boolean
  /**
   * Our primary has changed: follow this one, or nobody. The address is read each time the link is opened. Calling it again
   * for the same primary opens the link anew, for its address may have changed.
   */
  follow(primary: Endpoint | undefined): void
  /** Appends effective writes to the stream; more than one goes inside MULTI/EXEC. A replica relays, and writes nothing. */
  feed(commands: readonly ReplicatedCommand[]): void
  /** Has any replica everything up to this offset, or is there none that gets the stream? If not, they are asked. */
  acknowledgedBySome(offset: number): boolean
  psync(ctx: CommandContext, args: Args): void
  sync(ctx: CommandContext): void
  /** WAIT: replies now, or later when enough replicas have what was written so far. */
  wait(client: Client, replicas: number, timeoutMs: number, mayBlock: boolean, reply: ReplyWriter): void
  /** The lines of INFO's section, without line ends. */
  infoLines(): string[]
  /** FLUSHDB or FLUSHALL: pictures that are being read have lost their subject. */
  flushed(): void
  cron(run: number): void
  beforeSleep(): void
  beforeInstall(): void
  goesOn(id: string): void
}
//# sourceMappingURL=replication.d.ts.map
