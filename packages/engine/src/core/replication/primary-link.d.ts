import type { Endpoint } from '../input.ts'
import type { LinkHandler } from '../link.ts'
import type { Node } from '../node.ts'
import type { ReplicationStream } from './stream.ts'
import type { StreamApplier } from './stream-applier.ts'
/** The words of ROLE. `connect`: waits before it tries again. `sync`: a full sync is arriving. */
export type PrimaryLinkState = 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected'
/** What the link must tell the rest of replication. */
export interface PrimaryLinkOwner {
  readonly stream: ReplicationStream
  readonly applier: StreamApplier
  /** The dataset and the history are about to be replaced: whoever reads them must end. */
  beforeInstall(): void
  /** The history goes on, perhaps under another name. */
  goesOn(id: string): void
}
/**
 * A replica's link to its primary: finds out whether it can go on where it stands, loads everything anew if not, applies the
 * stream, and comes back when the link is lost (replication specification, sections 1 and 2).
 */
export declare class PrimaryLink implements LinkHandler {
  #private
  /** Its address may change while we follow it. */
  readonly primary: Endpoint
  constructor(node: Node, owner: PrimaryLinkOwner, primary: Endpoint)
  get state(): PrimaryLinkState
  /** A full sync is arriving. */
  get loading(): boolean
  /** ... and there is nothing else to serve meanwhile. */
  get loadingFirst(): boolean
  /** Bytes of the payload read so far. */
  get loadedBytes(): number
  /** Milliseconds since the primary was heard. */
  get silentMs(): number
  /** Milliseconds without the stream; undefined while it flows. */
  get downMs(): number | undefined
  /** Tries to reach the primary; comes back by itself until `close`. */
  open(): void
  /** We follow somebody else from now on, or nobody. */
  close(): void
  cron(run: number): void
  /** Tells the primary how far we are. */
  acknowledge(): void
  connected(): void
  receive(bytes: Uint8Array): void
  drained(): void
  closed(reason: string): void
}
//# sourceMappingURL=primary-link.d.ts.map
