import type { ByteBuffer } from '../../byte-buffer.ts'
import { ID_BYTES, isPlainWord, readCounter, readId, readText, readUint16, readUint32 } from './fields.ts'

/**
 * What does not fit into the fixed header, after the gossip of PING, PONG and MEET. A value that is absent is not set: the
 * receiver clears what it knew, but for the shard id.
 */
export type Extensions = {
  readonly hostname: string
  readonly humanName: string
  readonly clientIpv4: string
  readonly clientIpv6: string
  /** 0: none. */
  readonly clientPort: number
  readonly clientTlsPort: number
  readonly availabilityZone: string
  /** Nodes that the sender was told to forget, and for how long. */
  readonly forgotten: readonly { readonly id: string; readonly ttlS: number }[]
  /** '' when absent: an old node. */
  readonly shardId: string
}

/** An extension's own header: length u32 (a multiple of 8, this header included), type u16, zero u16. */
const EXTENSION_HEADER_BYTES = 8

const ExtensionType = {
  hostname: 0,
  humanName: 1,
  forgotten: 2,
  shardId: 3,
  clientIpv4: 4,
  clientIpv6: 5,
  clientPort: 6,
  clientTlsPort: 7,
  availabilityZone: 8
} as const

/** Writes the extensions that are set, in the reference's order, and returns how many there are. */
export function encodeExtensions(out: ByteBuffer, extensions: Extensions): number {
  let count = 0
  const text = (type: number, value: string) => {
    if (value === '') return
    const length = padded(value.length + 1)
    begin(out, type, EXTENSION_HEADER_BYTES + length)
    out.fixed(value, length)
    count++
  }
  const port = (type: number, value: number) => {
    if (value === 0) return
    begin(out, type, 16)
    out.uint16(value)
    out.zeros(6)
    count++
  }
  text(ExtensionType.hostname, extensions.hostname)
  text(ExtensionType.humanName, extensions.humanName)
  text(ExtensionType.clientIpv4, extensions.clientIpv4)
  text(ExtensionType.clientIpv6, extensions.clientIpv6)
  port(ExtensionType.clientPort, extensions.clientPort)
  port(ExtensionType.clientTlsPort, extensions.clientTlsPort)
  text(ExtensionType.availabilityZone, extensions.availabilityZone)
  for (const { id, ttlS } of extensions.forgotten) {
    begin(out, ExtensionType.forgotten, 56)
    out.fixed(id, ID_BYTES)
    out.uint64(ttlS)
    count++
  }
  if (extensions.shardId !== '') {
    begin(out, ExtensionType.shardId, 48)
    out.fixed(extensions.shardId, ID_BYTES)
    count++
  }
  return count
}

function begin(out: ByteBuffer, type: number, length: number): void {
  out.uint32(length)
  out.uint16(type)
  out.uint16(0)
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Reads `count` extensions that must fill `bytes[at..]` exactly; a text says what is wrong. Unknown types are passed over,
 * as a 9.0 node passes over a 9.1 node's zone.
 */
export function decodeExtensions(bytes: Uint8Array, at: number, count: number): Extensions | string {
  const forgotten: { id: string; ttlS: number }[] = []
  const found: Mutable<Extensions> = {
    hostname: '',
    humanName: '',
    clientIpv4: '',
    clientIpv6: '',
    clientPort: 0,
    clientTlsPort: 0,
    availabilityZone: '',
    forgotten,
    shardId: ''
  }
  for (let i = 0; i < count; i++) {
    if (bytes.length - at < EXTENSION_HEADER_BYTES) return 'extension past the end of the packet'
    const length = readUint32(bytes, at)
    if (length < EXTENSION_HEADER_BYTES || length % 8 !== 0 || length > bytes.length - at) return `extension of length ${length}`
    const problem = decodeOne(found, forgotten, readUint16(bytes, at + 4), bytes.subarray(at + EXTENSION_HEADER_BYTES, at + length))
    if (problem) return problem
    at += length
  }
  return at === bytes.length ? found : 'packet longer than its parts'
}

function decodeOne(
  found: Mutable<Extensions>,
  forgotten: { id: string; ttlS: number }[],
  type: number,
  data: Uint8Array
): string | undefined {
  switch (type) {
    case ExtensionType.hostname:
      found.hostname = readText(data, 0, data.length)
      return isPlainWord(found.hostname) ? undefined : 'hostname with characters that host names do not have'
    case ExtensionType.humanName:
      found.humanName = readText(data, 0, data.length)
      return isPlainWord(found.humanName) ? undefined : 'node name with characters that are refused'
    case ExtensionType.clientIpv4:
      found.clientIpv4 = readText(data, 0, data.length)
      return isPlainWord(found.clientIpv4) ? undefined : 'client address is no address'
    case ExtensionType.clientIpv6:
      found.clientIpv6 = readText(data, 0, data.length)
      return isPlainWord(found.clientIpv6) ? undefined : 'client address is no address'
    case ExtensionType.availabilityZone:
      // The reference lets a zone be any text. One that cannot stand in nodes.conf is no reason to drop the packet.
      found.availabilityZone = readText(data, 0, data.length)
      if (!isPlainWord(found.availabilityZone)) found.availabilityZone = ''
      return undefined
    case ExtensionType.clientPort:
    case ExtensionType.clientTlsPort: {
      if (data.length !== 8) return `port extension of ${data.length} bytes`
      if (type === ExtensionType.clientPort) found.clientPort = readUint16(data, 0)
      else found.clientTlsPort = readUint16(data, 0)
      return undefined
    }
    case ExtensionType.forgotten: {
      if (data.length !== 48) return `forgotten node in ${data.length} bytes`
      const id = readId(data, 0)
      const ttlS = readCounter(data, ID_BYTES)
      if (!id || ttlS === undefined) return 'forgotten node is no node id'
      forgotten.push({ id, ttlS })
      return undefined
    }
    case ExtensionType.shardId: {
      const id = data.length === ID_BYTES ? readId(data, 0) : undefined
      if (!id) return 'shard id is no id'
      found.shardId = id
      return undefined
    }
    default:
      return undefined
  }
}
