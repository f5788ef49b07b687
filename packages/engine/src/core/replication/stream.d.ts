import type { Random } from '../prng.ts'
import { Backlog } from './backlog.ts'
/** One write as it goes to replicas. */
export type ReplicatedCommand = {
  readonly database: number
  readonly slot: number
  readonly parts: readonly (Uint8Array | string)[]
}
/**
 * The stream of effective writes: what it is called, how far it has come, and its last bytes. A primary writes it, its
 * replicas relay the same bytes, so that the name and an offset say everything about a dataset.
 *
 * A history has a random name. Who is promoted goes on under a new name and remembers the old one with the offset up to
 * which it holds, so that those who followed the old primary can go on with the new one.
 */
export declare class ReplicationStream {
  #private
  constructor(random: Random, backlogBytes: () => number)
  get id(): string
  get secondId(): string
  get secondIdEndsAt(): number
  /** Bytes produced, or processed by a replica. */
  get offset(): number
  get backlog(): Backlog | undefined
  /** Is anybody kept up to date? While nobody is, writes are counted and not written. */
  get kept(): boolean
  /** Begins to keep the stream. The history before was not kept, so it gets a new name that nobody can ask for. */
  keep(): void
  /** Nobody has followed for long: forgets the last bytes, and the name with them. */
  forget(): void
  /** The next write selects its database: after a full sync began, since that replica has not seen the last SELECT. */
  forgetDatabase(): void
  /** Appends writes that took effect together; more than one goes as a transaction. */
  write(commands: readonly ReplicatedCommand[]): void
  /** Appends what is no write: PING, REPLCONF GETACK. */
  writeMessage(parts: readonly string[]): void
  /** A replica's side: bytes of the primary's stream that have been applied. */
  relay(bytes: Uint8Array): void
  /** What was appended since the last call, now in the backlog too; undefined for nothing. */
  take(): Uint8Array | undefined
  /** Can a replica that holds this history up to the byte before `wantedByte` go on without a full sync? */
  continuesFrom(id: string, wantedByte: number): boolean
  /** A full sync has replaced everything: another history, at this offset. */
  adopt(id: string, offset: number): void
  /** A replica goes on where it stood: its primary may have got another name meanwhile. */
  goOn(id: string): void
  /** We are promoted: what comes from here on is ours. */
  branch(): void
}
//# sourceMappingURL=stream.d.ts.map
