import { ByteBuffer } from '../../byte-buffer.ts'
import { decodeExtensions, type Extensions, encodeExtensions } from './extensions.ts'
import { ID_BYTES, readCounter, readId, readUint16, readUint32, SLOT_BITMAP_BYTES } from './fields.ts'
import { decodeGossipEntry, encodeGossipEntry, GOSSIP_ENTRY_BYTES, type GossipEntry } from './gossip-section.ts'
import {
  decodeHeader,
  encodeHeader,
  extensionCountOf,
  HEADER_BYTES,
  type Header,
  LIGHT_BIT,
  LIGHT_HEADER_BYTES,
  MessageFlag,
  PROTOCOL_VERSION
} from './header.ts'

/** Names as CLUSTER INFO counts them, by their number on the wire. */
export const MESSAGE_TYPES = [
  'ping',
  'pong',
  'meet',
  'fail',
  'publish',
  'auth-req',
  'auth-ack',
  'update',
  'mfstart',
  'module',
  'publishshard'
] as const

export type MessageType = (typeof MESSAGE_TYPES)[number]

/** What a packet carries after its header. Bytes are views that are valid while the packet is. */
export type Body =
  | { readonly type: 'ping' | 'pong' | 'meet'; readonly gossip: readonly GossipEntry[]; readonly extensions: Extensions | undefined }
  | { readonly type: 'fail'; readonly nodeId: string }
  | { readonly type: 'publish' | 'publishshard'; readonly channel: Uint8Array; readonly message: Uint8Array }
  | { readonly type: 'auth-req' | 'auth-ack' | 'mfstart' }
  | { readonly type: 'update'; readonly nodeId: string; readonly configEpoch: number; readonly slots: Uint8Array }
  | { readonly type: 'module'; readonly moduleId: Uint8Array; readonly messageType: number; readonly payload: Uint8Array }
  /** A type of a later version: accepted, and nothing is done. */
  | { readonly type: 'unknown'; readonly code: number; readonly data: Uint8Array }

/** One packet; without a header it is a light one, whose sender is known from the link. */
export type Packet = { readonly header: Header | undefined; readonly body: Body }

/** A packet that breaks the rules: dropped, and why. */
export type Malformed = { readonly malformed: string }

/** Types that may come with a light header. */
const LIGHT_TYPES: ReadonlySet<number> = new Set([4, 9, 10])

/** Appends one packet. `body` must fit `header`: only publish, publishshard and module go without. */
export function encodePacket(out: ByteBuffer, packet: Packet): void {
  const { header, body } = packet
  const code = body.type === 'unknown' ? body.code : MESSAGE_TYPES.indexOf(body.type)
  const data = SCRATCH
  data.clear()
  const gossipCount = 'gossip' in body ? body.gossip.length : 0
  const extensionCount = encodeBody(data, body)
  const dataBytes = data.view()
  if (header) {
    const messageFlags = 'gossip' in body ? header.messageFlags | MessageFlag.extensions : header.messageFlags
    const length = HEADER_BYTES + dataBytes.length
    encodeHeader(out, messageFlags === header.messageFlags ? header : { ...header, messageFlags }, {
      length,
      type: code,
      gossipCount,
      extensionCount
    })
  } else {
    out.latin1('RCmb')
    out.uint32(LIGHT_HEADER_BYTES + dataBytes.length)
    out.uint16(PROTOCOL_VERSION)
    out.uint16(0)
    out.uint16(code | LIGHT_BIT)
    out.uint16(0)
  }
  out.bytes(dataBytes)
}

const SCRATCH = new ByteBuffer(4096)

/** Appends what follows the header; the number of extensions comes back, since the header tells it. */
function encodeBody(out: ByteBuffer, body: Body): number {
  switch (body.type) {
    case 'ping':
    case 'pong':
    case 'meet':
      for (const entry of body.gossip) encodeGossipEntry(out, entry)
      return body.extensions ? encodeExtensions(out, body.extensions) : 0
    case 'fail':
      out.fixed(body.nodeId, ID_BYTES)
      return 0
    case 'publish':
    case 'publishshard':
      out.uint32(body.channel.length)
      out.uint32(body.message.length)
      out.bytes(body.channel)
      out.bytes(body.message)
      return 0
    case 'update':
      out.uint64(body.configEpoch)
      out.fixed(body.nodeId, ID_BYTES)
      out.bytes(body.slots)
      return 0
    case 'module':
      out.bytes(body.moduleId)
      out.uint32(body.payload.length)
      out.byte(body.messageType)
      out.bytes(body.payload)
      return 0
    case 'unknown':
      out.bytes(body.data)
      return 0
    case 'auth-req':
    case 'auth-ack':
    case 'mfstart':
      return 0
  }
}

/**
 * Reads one whole packet, framed by its own length. Never throws: whatever is wrong with it comes back as a text
 * (reliability M15). The packet's views end with `bytes`.
 */
export function decodePacket(bytes: Uint8Array): Packet | Malformed {
  if (bytes.length < LIGHT_HEADER_BYTES) return { malformed: 'shorter than any header' }
  if (readUint32(bytes, 0) !== 0x52436d62) return { malformed: 'no bus signature' }
  if (readUint32(bytes, 4) !== bytes.length) return { malformed: 'length differs from its own word' }
  const version = readUint16(bytes, 8)
  if (version !== PROTOCOL_VERSION) return { malformed: `version ${version}` }
  const type = readUint16(bytes, 12)
  if (type & LIGHT_BIT) {
    const code = type & ~LIGHT_BIT
    if (!LIGHT_TYPES.has(code)) return { malformed: `type ${code} with a light header` }
    const body = decodeBody(code, bytes.subarray(LIGHT_HEADER_BYTES), 0, 0)
    return typeof body === 'string' ? { malformed: body } : { header: undefined, body }
  }
  if (bytes.length < HEADER_BYTES) return { malformed: 'shorter than its header' }
  const header = decodeHeader(bytes)
  if (typeof header === 'string') return { malformed: header }
  const extensionCount = header.messageFlags & MessageFlag.extensions ? extensionCountOf(bytes) : NO_EXTENSIONS
  const body = decodeBody(type, bytes.subarray(HEADER_BYTES), readUint16(bytes, 14), extensionCount)
  return typeof body === 'string' ? { malformed: body } : { header, body }
}

/** The sender does not understand extensions and sends none. */
const NO_EXTENSIONS = -1

function decodeBody(code: number, data: Uint8Array, gossipCount: number, extensionCount: number): Body | string {
  const type = MESSAGE_TYPES[code]
  switch (type) {
    case 'ping':
    case 'pong':
    case 'meet':
      return decodeGossip(type, data, gossipCount, extensionCount)
    case 'fail': {
      if (data.length !== ID_BYTES) return `fail of ${data.length} bytes`
      const nodeId = readId(data, 0)
      return nodeId ? { type, nodeId } : 'fail about no node id'
    }
    case 'publish':
    case 'publishshard': {
      if (data.length < 8) return `${type} of ${data.length} bytes`
      const channelLength = readUint32(data, 0)
      if (8 + channelLength + readUint32(data, 4) !== data.length) return `${type} with lengths that do not fit`
      return { type, channel: data.subarray(8, 8 + channelLength), message: data.subarray(8 + channelLength) }
    }
    case 'auth-req':
    case 'auth-ack':
    case 'mfstart':
      return data.length === 0 ? { type } : `${type} with ${data.length} bytes of data`
    case 'update': {
      if (data.length !== 8 + ID_BYTES + SLOT_BITMAP_BYTES) return `update of ${data.length} bytes`
      const configEpoch = readCounter(data, 0)
      const nodeId = readId(data, 8)
      if (configEpoch === undefined) return 'update with an epoch out of range'
      return nodeId ? { type, nodeId, configEpoch, slots: data.subarray(8 + ID_BYTES) } : 'update about no node id'
    }
    case 'module': {
      if (data.length < 13 || data.length !== 13 + readUint32(data, 8)) return 'module message with lengths that do not fit'
      return { type, moduleId: data.subarray(0, 8), messageType: data[12] as number, payload: data.subarray(13) }
    }
    default:
      return { type: 'unknown', code, data }
  }
}

function decodeGossip(type: 'ping' | 'pong' | 'meet', data: Uint8Array, gossipCount: number, extensionCount: number): Body | string {
  const gossipBytes = gossipCount * GOSSIP_ENTRY_BYTES
  if (gossipBytes > data.length) return `${gossipCount} gossip entries in ${data.length} bytes`
  let extensions: Extensions | undefined
  if (extensionCount === NO_EXTENSIONS) {
    if (gossipBytes !== data.length) return 'packet longer than its parts'
  } else {
    const decoded = decodeExtensions(data, gossipBytes, extensionCount)
    if (typeof decoded === 'string') return decoded
    extensions = decoded
  }
  const gossip: GossipEntry[] = []
  for (let i = 0; i < gossipCount; i++) {
    const entry = decodeGossipEntry(data, i * GOSSIP_ENTRY_BYTES)
    if (typeof entry === 'string') return entry
    gossip.push(entry)
  }
  return { type, gossip, extensions }
}
