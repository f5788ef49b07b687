import { ByteBuffer } from '../../byte-buffer.ts'
import type { Endpoint, LinkId } from '../../input.ts'
import type { LinkHandler } from '../../link.ts'
import type { Node } from '../../node.ts'
import type { ClusterNode } from '../view.ts'
import type { BusCounters } from './counters.ts'
import { PacketFramer } from './framing.ts'
import { encodePacket, type MessageType, type Packet } from './message.ts'

/** What a link tells its cluster. */
export type BusLinkOwner = {
  /** An outbound link is open: the first packet is due. */
  opened(link: BusLink): void
  /** One whole packet, valid during the call only. */
  received(link: BusLink, packet: Uint8Array): void
  /** The link is gone, by the other side or because it could not be used any longer. Not called after `close`. */
  lost(link: BusLink, reason: string): void
  readonly counters: BusCounters
}

/** A peer that takes nothing more than this is cut off rather than fed from memory (reliability section 7). */
const MAX_UNSENT_BYTES = 67_108_864

/**
 * One TCP connection of the bus. Two nodes have two: each pings on the one it opened (`to`) and answers on the one that it
 * accepted (`from`). Everything else that is not an answer goes out on `to`.
 */
export class BusLink implements LinkHandler {
  readonly direction: 'to' | 'from'
  readonly createdAtMs: number
  /** Unix milliseconds, for CLUSTER LINKS. */
  readonly createdAtWallMs: number
  readonly id: LinkId
  /** Who is at the other end: known from the start on `to`, after the first packet on `from`. */
  peer: ClusterNode | undefined
  /** Addresses of both ends, once open. */
  local: Endpoint | undefined
  remote: Endpoint | undefined
  open = false
  /** No more use; `open` says whether it can be used now. */
  ended = false
  /** The peer has shown that it understands extensions. */
  takesExtensions = false
  /** Packets that broke the rules. */
  malformed = 0
  readonly #node: Node
  readonly #owner: BusLinkOwner
  readonly #framer: PacketFramer

  private constructor(node: Node, owner: BusLinkOwner, direction: 'to' | 'from', id: (handler: BusLink) => LinkId) {
    this.#node = node
    this.#owner = owner
    this.direction = direction
    this.createdAtMs = node.now.monotonicMs
    this.createdAtWallMs = node.now.wallMs
    this.#framer = new PacketFramer(2 * node.config.number('proto-max-bulk-len'))
    this.id = id(this)
  }

  /** Opens a link to a node; `opened` or `lost` follows. */
  static to(node: Node, owner: BusLinkOwner, peer: ClusterNode): BusLink {
    const link = new BusLink(node, owner, 'to', (handler) =>
      node.links.connect(handler, 'bus', { host: peer.host, port: peer.busPort }, true)
    )
    link.peer = peer
    return link
  }

  /** Takes a link that a peer opened. */
  static from(node: Node, owner: BusLinkOwner, id: LinkId, remote: Endpoint, local: Endpoint): BusLink {
    const link = new BusLink(node, owner, 'from', (handler) => {
      node.links.adopt(id, handler)
      node.links.pace(id)
      return id
    })
    link.open = true
    link.local = local
    link.remote = remote
    return link
  }

  /** Bytes that wait to leave. */
  get unsentBytes(): number {
    return this.ended ? 0 : this.#node.links.unsentBytes(this.id)
  }

  /** Sends a packet, unless the link is not open. */
  send(packet: Packet): void {
    if (!this.open || this.ended) return
    const out = this.#node.links.output(this.id)
    const before = out.length
    encodePacket(out, packet)
    this.#sent(packet.body.type, out.length - before)
  }

  /** Sends a packet that was encoded once for many links. */
  sendEncoded(type: MessageType, bytes: Uint8Array): void {
    if (!this.open || this.ended) return
    this.#node.links.output(this.id).bytes(bytes)
    this.#sent(type, bytes.length)
  }

  #sent(type: Packet['body']['type'], bytes: number): void {
    if (type !== 'unknown') this.#owner.counters.sent(type, bytes)
    if (this.unsentBytes <= MAX_UNSENT_BYTES) return
    this.#owner.counters.bufferLimitExceeded++
    this.#node.links.output(this.id).clear()
    this.close()
    this.#owner.lost(this, 'the peer does not take what we send')
  }

  /** Ends the link after what was sent; `lost` does not follow. */
  close(): void {
    if (this.ended) return
    this.ended = true
    this.open = false
    this.#node.links.close(this.id)
  }

  connected(local: Endpoint, remote: Endpoint): void {
    this.open = true
    this.local = local
    this.remote = remote
    this.#owner.opened(this)
  }

  receive(bytes: Uint8Array): void {
    const problem = this.#framer.push(bytes, (packet) => {
      this.#owner.received(this, packet)
      return !this.ended
    })
    if (problem === undefined || this.ended) return
    this.close()
    this.#owner.lost(this, problem)
  }

  drained(_unsentBytes: number): void {}

  closed(reason: string): void {
    this.ended = true
    this.open = false
    this.#owner.lost(this, reason)
  }
}

/** Encodes a packet for several links. */
export function encodeOnce(packet: Packet): Uint8Array {
  const out = new ByteBuffer()
  encodePacket(out, packet)
  return out.copy()
}
