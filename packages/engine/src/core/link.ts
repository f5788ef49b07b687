import type { Endpoint } from './input.ts'

/**
 * Whoever speaks on a link: a client, a bus peer, our primary, a migration target. The node routes what a host reports to the
 * handler of the link, and nothing else.
 */
export interface LinkHandler {
  /** The link that was asked for is open. Never called for accepted links. */
  connected(local: Endpoint, remote: Endpoint): void
  /** Bytes, valid during this call only. */
  receive(bytes: Uint8Array): void
  /** All but so many of the bytes sent with `acknowledge` have left. */
  drained(unsentBytes: number): void
  /** The link is gone, or never came to be; it is already forgotten by the node. Not called after the node closed it itself. */
  closed(reason: string): void
}
