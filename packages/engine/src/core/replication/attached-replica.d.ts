import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import { type FullSyncOptions } from './full-sync.ts'
/** What a replica told of itself by REPLCONF before it asked for the stream. */
export type ReplicaAnnouncement = {
  listeningPort: number
  /** Empty: the address that it connects from. */
  host: string
  /** It finds the end of a payload whose length nobody said. */
  findsEnd: boolean
  /** It takes +CONTINUE with another name of the history. */
  takesNewNames: boolean
  version: string
  nodeId: string
  /** It wants the picture only, no stream: a backup tool. */
  pictureOnly: boolean
}
/**
 * `wait_bgsave`: others may come and join. `send_bulk`: the picture is on its way, or all sent and not acknowledged. `online`:
 * it gets the stream. The words are those of INFO.
 */
export type ReplicaState = 'wait_bgsave' | 'send_bulk' | 'online'
export type AttachedReplicaOptions = {
  readonly announced: ReplicaAnnouncement
  readonly state: 'wait_bgsave' | 'online'
  /** When its full sync begins, monotonic ms. */
  readonly startsAtMs: number
  /** It asked by PSYNC and is told the name and the offset of the stream before the payload; not after SYNC. */
  readonly asked: boolean
}
/**
 * One replica on its link. Stream bytes that cannot leave yet, because the picture is not loaded or the link is slow, are
 * held as shared chunks, so that several slow replicas cost the memory of one.
 */
export declare class AttachedReplica {
  #private
  readonly client: Client
  readonly announced: ReplicaAnnouncement
  /** Offset that it has processed, by its last ACK. */
  acknowledged: number
  acknowledgedAtMs: number
  readonly startsAtMs: number
  readonly asked: boolean
  constructor(node: Node, client: Client, { announced, state, startsAtMs, asked }: AttachedReplicaOptions)
  get state(): ReplicaState
  get host(): string
  /** For logs. */
  get name(): string
  get lagMs(): number
  /** Bytes that wait with us or on the link. */
  get unsentBytes(): number
  startSync(options: FullSyncOptions): void
  /** Is the picture still being read? FLUSH* ends such a sync: what it would send is gone. */
  get readsPicture(): boolean
  /** `REPLCONF ACK`: how far it is. The first one after a full sync says that the picture is loaded. */
  acknowledge(offset: number): void
  /** The next bytes of the stream. The chunk is kept as it is and shared. */
  send(chunk: Uint8Array): void
  /** Once per step: what keys that changed ahead of the walk have added to the picture. */
  flushPicture(): void
  /** Waiting replicas hear from us, so that they do not think us dead. */
  keepAlive(): void
  /** Does more wait than `client-output-buffer-limit` allows a replica? */
  exceedsLimit(): boolean
  /** The link is gone: gives the cursors back. */
  detach(): void
}
//# sourceMappingURL=attached-replica.d.ts.map
