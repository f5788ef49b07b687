import { ByteBuffer } from '../../byte-buffer.ts'
import { readUint16, readUint32 } from './fields.ts'
import { LIGHT_BIT, LIGHT_HEADER_BYTES } from './header.ts'

/** No packet that says something about nodes is longer: 2,000 nodes gossip in 23 kB. */
export const MAX_PACKET_BYTES = 16_777_216

/**
 * Cuts a link's bytes into packets. Packets that lie whole in a chunk are not copied. Nothing is set aside for a length that
 * is only announced.
 */
export class PacketFramer {
  readonly #rest = new ByteBuffer(0)
  readonly #maxPublishBytes: number

  /** `maxPublishBytes` bounds pub/sub packets, which carry what a client sent. */
  constructor(maxPublishBytes = MAX_PACKET_BYTES) {
    this.#maxPublishBytes = Math.max(MAX_PACKET_BYTES, maxPublishBytes)
  }

  /**
   * Takes a chunk and gives each packet that is complete to `visit`, valid during the call only, until it returns false.
   * A text comes back when the link cannot go on: there is no way to find the next packet.
   */
  push(chunk: Uint8Array, visit: (packet: Uint8Array) => boolean): string | undefined {
    let bytes = chunk
    if (this.#rest.length > 0) {
      this.#rest.bytes(chunk)
      bytes = this.#rest.view()
    }
    let at = 0
    let problem: string | undefined
    while (bytes.length - at >= 8) {
      const length = this.#lengthOf(bytes, at)
      if (typeof length === 'string') {
        problem = length
        break
      }
      if (bytes.length - at < length) break
      at += length
      if (!visit(bytes.subarray(at - length, at))) return undefined
    }
    if (this.#rest.length > 0) {
      if (at === bytes.length) this.#rest.clear()
      else this.#rest.consume(at)
    } else this.#rest.bytes(bytes.subarray(at))
    return problem
  }

  /** The length of the packet that begins at `at`, or infinity while its type is not known and matters. */
  #lengthOf(bytes: Uint8Array, at: number): number | string {
    if (readUint32(bytes, at) !== 0x52436d62) return 'no bus signature'
    const length = readUint32(bytes, at + 4)
    if (length < LIGHT_HEADER_BYTES) return `packet of ${length} bytes`
    if (length <= MAX_PACKET_BYTES) return length
    if (bytes.length - at < 14) return Number.POSITIVE_INFINITY
    const type = readUint16(bytes, at + 12) & ~LIGHT_BIT
    return (type === 4 || type === 10) && length <= this.#maxPublishBytes ? length : `packet of ${length} bytes`
  }
}
