import type { ByteBuffer } from '../../byte-buffer.ts'
import { ID_BYTES, isPlainWord, readId, readText, readUint16, readUint32 } from './fields.ts'
import { IP_BYTES } from './header.ts'

/** What a sender says about one other node: 104 bytes in PING, PONG and MEET. */
export type GossipEntry = {
  readonly id: string
  /** Unix seconds; 0: none pending, none received. */
  readonly pingSentS: number
  readonly pongReceivedS: number
  readonly ip: string
  readonly port: number
  readonly busPort: number
  readonly flags: number
  readonly otherPort: number
}

export const GOSSIP_ENTRY_BYTES = 104

export function encodeGossipEntry(out: ByteBuffer, entry: GossipEntry): void {
  out.fixed(entry.id, ID_BYTES)
  out.uint32(entry.pingSentS)
  out.uint32(entry.pongReceivedS)
  out.fixed(entry.ip, IP_BYTES)
  out.uint16(entry.port)
  out.uint16(entry.busPort)
  out.uint16(entry.flags)
  out.uint16(entry.otherPort)
  out.uint16(0)
}

/** Reads the entry at `at`, whose 104 bytes are there; a text says what is wrong with it. */
export function decodeGossipEntry(bytes: Uint8Array, at: number): GossipEntry | string {
  const id = readId(bytes, at)
  if (!id) return 'gossip about no node id'
  const ip = readText(bytes, at + 48, IP_BYTES)
  if (!isPlainWord(ip)) return 'gossiped address is no address'
  return {
    id,
    pingSentS: readUint32(bytes, at + 40),
    pongReceivedS: readUint32(bytes, at + 44),
    ip,
    port: readUint16(bytes, at + 94),
    busPort: readUint16(bytes, at + 96),
    flags: readUint16(bytes, at + 98),
    otherPort: readUint16(bytes, at + 100)
  }
}
