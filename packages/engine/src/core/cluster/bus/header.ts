import type { ByteBuffer } from '../../byte-buffer.ts'
import { GREATEST_COUNTER, ID_BYTES, isPlainWord, readCounter, readId, readText, readUint16, SLOT_BITMAP_BYTES } from './fields.ts'

/** Bytes before the data of a packet, in the full and in the light form. */
export const HEADER_BYTES = 2256
export const LIGHT_HEADER_BYTES = 16

/** Set in the type of a packet with a light header. */
export const LIGHT_BIT = 0x8000

export const PROTOCOL_VERSION = 1

/** Byte 0 of `mflags`. */
export const MessageFlag = {
  /** The primary has paused writes for a manual failover. */
  paused: 1,
  /** Vote even though the primary is up. */
  forceAck: 2,
  /** The sender understands extensions. */
  extensions: 4
} as const

/**
 * What every full packet says about its sender (cluster bus specification, section 2).
 *
 * ```
 * RCmb totlen ver port type count | currentEpoch configEpoch offset | sender 40 | slots 2048 | primary 40 | ip 46
 * extensions zero(30) pport cport flags state mflags
 * ```
 */
export type Header = {
  /** Client port. */
  readonly port: number
  readonly currentEpoch: number
  /** A replica sends its primary's, and its primary's slots. */
  readonly configEpoch: number
  readonly replicationOffset: number
  readonly senderId: string
  /** 2048 bytes: slot s is bit s & 7 of byte s >> 3. Decoded headers give a view that is valid while the packet is. */
  readonly slots: Uint8Array
  /** '' for a primary. */
  readonly primaryId: string
  /** Announced address; '' means the one that the socket shows. */
  readonly ip: string
  /** The client port of the other kind, plain or TLS; 0: none. */
  readonly otherPort: number
  readonly busPort: number
  readonly flags: number
  readonly state: 'ok' | 'fail'
  readonly messageFlags: number
}

/** Writes a full header; `length` is that of the whole packet, `type` the wire's number. */
export function encodeHeader(
  out: ByteBuffer,
  header: Header,
  packet: { readonly length: number; readonly type: number; readonly gossipCount: number; readonly extensionCount: number }
): void {
  out.latin1('RCmb')
  out.uint32(packet.length)
  out.uint16(PROTOCOL_VERSION)
  out.uint16(header.port)
  out.uint16(packet.type)
  out.uint16(packet.gossipCount)
  out.uint64(header.currentEpoch)
  out.uint64(header.configEpoch)
  out.uint64(header.replicationOffset)
  out.fixed(header.senderId, ID_BYTES)
  out.bytes(header.slots)
  out.fixed(header.primaryId, ID_BYTES)
  out.fixed(header.ip, IP_BYTES)
  out.uint16(packet.extensionCount)
  out.zeros(30)
  out.uint16(header.otherPort)
  out.uint16(header.busPort)
  out.uint16(header.flags)
  out.byte(header.state === 'ok' ? 0 : 1)
  out.byte(header.messageFlags)
  out.uint16(0)
}

export const IP_BYTES = 46

/** Reads a full header from at least `HEADER_BYTES` bytes whose signature is checked; a text says what is wrong with it. */
export function decodeHeader(bytes: Uint8Array): Header | string {
  const currentEpoch = readCounter(bytes, 16)
  const configEpoch = readCounter(bytes, 24)
  const replicationOffset = readCounter(bytes, 32)
  if (currentEpoch === undefined || configEpoch === undefined) return `epoch above ${GREATEST_COUNTER}`
  if (replicationOffset === undefined) return `replication offset above ${GREATEST_COUNTER}`
  const senderId = readId(bytes, 40)
  if (!senderId) return 'sender is no node id'
  const primaryId = readId(bytes, 2128)
  if (primaryId === undefined) return 'primary is no node id'
  const ip = readText(bytes, 2168, IP_BYTES)
  if (!isPlainWord(ip)) return 'announced address is no address'
  return {
    port: readUint16(bytes, 10),
    currentEpoch,
    configEpoch,
    replicationOffset,
    senderId,
    slots: bytes.subarray(80, 80 + SLOT_BITMAP_BYTES),
    primaryId,
    ip,
    otherPort: readUint16(bytes, 2246),
    busPort: readUint16(bytes, 2248),
    flags: readUint16(bytes, 2250),
    state: bytes[2252] === 0 ? 'ok' : 'fail',
    messageFlags: bytes[2253] as number
  }
}

/** Number of extensions that a full header announces. */
export function extensionCountOf(bytes: Uint8Array): number {
  return readUint16(bytes, 2214)
}
