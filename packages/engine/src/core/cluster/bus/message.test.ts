import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../byte-buffer.ts'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { type Extensions, encodeExtensions } from './extensions.ts'
import { MAX_PACKET_BYTES, PacketFramer } from './framing.ts'
import type { GossipEntry } from './gossip-section.ts'
import { HEADER_BYTES, type Header } from './header.ts'
import { type Body, decodePacket, encodePacket, type Packet } from './message.ts'

const NONE: Extensions = {
  hostname: '',
  humanName: '',
  clientIpv4: '',
  clientIpv6: '',
  clientPort: 0,
  clientTlsPort: 0,
  availabilityZone: '',
  forgotten: [],
  shardId: ''
}
const SHARD = 'ab'.repeat(20)

const plainHeader: Header = {
  port: 21_720,
  currentEpoch: 0,
  configEpoch: 0,
  replicationOffset: 0,
  senderId: 'e'.repeat(40),
  slots: new Uint8Array(2048),
  primaryId: '',
  ip: '127.0.0.1',
  otherPort: 0,
  busPort: 31_720,
  flags: 0x1c11,
  state: 'fail',
  messageFlags: 4
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function unhex(text: string): Uint8Array {
  const digits = text.replaceAll(' ', '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16))
}

function encoded(packet: Packet): Uint8Array {
  const out = new ByteBuffer()
  encodePacket(out, packet)
  return out.copy()
}

function decodedOk(bytes: Uint8Array): Packet {
  const packet = decodePacket(bytes)
  if ('malformed' in packet) throw new Error(packet.malformed)
  return packet
}

describe('golden vectors (cluster bus specification, section 18)', () => {
  const extension = (extensions: Partial<Extensions>) => {
    const out = new ByteBuffer()
    expect(encodeExtensions(out, { ...NONE, ...extensions })).toBe(1)
    return hex(out.view())
  }

  test('[GOS1] extensions are written as the reference writes them', () => {
    expect(extension({ humanName: 'nodeA' })).toBe('00000010000100006e6f646541000000')
    expect(extension({ hostname: 'host-a.example' })).toBe('0000001800000000686f73742d612e6578616d706c650000')
    expect(extension({ clientIpv4: '10.1.2.3' })).toBe('000000180004000031302e312e322e330000000000000000')
    expect(extension({ clientPort: 7777 })).toBe('00000010000600001e61000000000000')
    expect(extension({ availabilityZone: 'zone-1' })).toBe('00000010000800007a6f6e652d310000')
    expect(extension({ shardId: SHARD })).toBe(`0000003000030000${hex(latin1Bytes(SHARD))}`)
    expect(extension({ forgotten: [{ id: SHARD, ttlS: 60 }] })).toBe(`0000003800020000${hex(latin1Bytes(SHARD))}000000000000003c`)
  })

  test('[GOS1] light PUBLISH and PUBLISHSHARD are 31 bytes for these words', () => {
    const publish = encoded({ header: undefined, body: { type: 'publish', channel: latin1Bytes('ch'), message: latin1Bytes('hello') } })
    expect(hex(publish)).toBe(hex(unhex('52436d62 0000001f 0001 0000 8004 0000 00000002 00000005 6368 68656c6c6f')))
    const shard = unhex('52436d62 0000001f 0001 0000 800a 0000 00000003 00000004 736332 6d736732')
    const { header, body } = decodedOk(shard)
    expect(header).toBeUndefined()
    expect(body.type === 'publishshard' && [latin1Text(body.channel), latin1Text(body.message)]).toEqual(['sc2', 'msg2'])
    expect(hex(encoded({ header, body }))).toBe(hex(shard))
  })

  test('[GOS1] a PING with only a shard id is 2304 bytes, with two gossip entries 2512', () => {
    const entry: GossipEntry = {
      id: SHARD,
      pingSentS: 0,
      pongReceivedS: 1_795_444_757,
      ip: '127.0.0.1',
      port: 1,
      busPort: 2,
      flags: 7169,
      otherPort: 0
    }
    const extensions = { ...NONE, shardId: SHARD }
    expect(encoded({ header: plainHeader, body: { type: 'ping', gossip: [], extensions } }).length).toBe(2304)
    expect(encoded({ header: plainHeader, body: { type: 'ping', gossip: [entry, entry], extensions } }).length).toBe(2512)
  })

  test('[GOS1] header fields stand where the table says', () => {
    const slots = new Uint8Array(2048)
    slots[0] = 0b0000_0101
    slots[2047] = 0b1000_0000
    const bytes = encoded({
      header: {
        ...plainHeader,
        currentEpoch: 2 ** 33 + 5,
        configEpoch: 4,
        replicationOffset: 110,
        slots,
        primaryId: 'c'.repeat(40),
        otherPort: 6380,
        state: 'ok',
        messageFlags: 2
      },
      body: { type: 'auth-req' }
    })
    expect(bytes.length).toBe(2256)
    expect(hex(bytes.subarray(0, 40))).toBe('52436d62000008d0000154d8000500000000000200000005' + '0000000000000004' + '000000000000006e')
    expect(latin1Text(bytes.subarray(40, 80))).toBe('e'.repeat(40))
    expect([bytes[80], bytes[2127]]).toEqual([5, 128])
    expect(latin1Text(bytes.subarray(2128, 2168))).toBe('c'.repeat(40))
    expect(hex(bytes.subarray(2168, 2178))).toBe('3132372e302e302e3100')
    expect(hex(bytes.subarray(2214, 2256))).toBe(`0000${'00'.repeat(30)}18ec7be81c11000200 00`.replaceAll(' ', ''))
  })
})

const hexId = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 40, maxLength: 40 }).map((digits) => digits.join(''))
const port = fc.integer({ min: 0, max: 65_535 })
const counter = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 2 ** 48 }))
const bitmap = fc.oneof(fc.constant(new Uint8Array(2048)), fc.uint8Array({ minLength: 2048, maxLength: 2048 }))
const host = fc.constantFrom('', '127.0.0.1', '::1', 'fd00::1', 'host-a.example', '203.0.113.250')
const name = fc.constantFrom('', 'node-A', 'zone-1', 'a')

const header: fc.Arbitrary<Header> = fc.record({
  port,
  currentEpoch: counter,
  configEpoch: counter,
  replicationOffset: counter,
  senderId: hexId,
  slots: bitmap,
  primaryId: fc.oneof(fc.constant(''), hexId),
  ip: host,
  otherPort: port,
  busPort: port,
  flags: port,
  state: fc.constantFrom('ok' as const, 'fail' as const),
  messageFlags: fc.constantFrom(4, 5, 6, 7)
})

const gossip: fc.Arbitrary<GossipEntry> = fc.record({
  id: hexId,
  pingSentS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  pongReceivedS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ip: host,
  port,
  busPort: port,
  flags: port,
  otherPort: port
})

const extensions: fc.Arbitrary<Extensions> = fc.record({
  hostname: host,
  humanName: name,
  clientIpv4: host,
  clientIpv6: host,
  clientPort: port,
  clientTlsPort: port,
  availabilityZone: name,
  forgotten: fc.array(fc.record({ id: hexId, ttlS: counter }), { maxLength: 3 }),
  shardId: fc.oneof(fc.constant(''), hexId)
})

const payload = fc.uint8Array({ maxLength: 200 })
const lightBody: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ type: fc.constantFrom('publish' as const, 'publishshard' as const), channel: payload, message: payload }),
  fc.record({
    type: fc.constant('module' as const),
    moduleId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    messageType: fc.integer({ min: 0, max: 255 }),
    payload
  })
)
const fullBody: fc.Arbitrary<Body> = fc.oneof(
  lightBody,
  fc.record({
    type: fc.constantFrom('ping' as const, 'pong' as const, 'meet' as const),
    gossip: fc.array(gossip, { maxLength: 5 }),
    extensions
  }),
  fc.record({ type: fc.constant('fail' as const), nodeId: hexId }),
  fc.record({ type: fc.constantFrom('auth-req' as const, 'auth-ack' as const, 'mfstart' as const) }),
  fc.record({ type: fc.constant('update' as const), nodeId: hexId, configEpoch: counter, slots: bitmap }),
  fc.record({ type: fc.constant('unknown' as const), code: fc.integer({ min: 11, max: 0x7fff }), data: payload })
)
const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ header, body: fullBody }),
  fc.record({ header: fc.constant(undefined), body: lightBody })
)

test('[GOS1] every packet reads back as it was written', () => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const bytes = encoded(packet)
      const back = decodedOk(bytes)
      expect(back).toEqual(packet)
      expect(hex(encoded(back))).toBe(hex(bytes))
    }),
    { numRuns: 300 }
  )
})

test('[GOS2] a broken packet is an answer, never an exception', () => {
  const mutation = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(anyPacket, mutation, fc.option(fc.nat()), (packet, changes, cut) => {
      let bytes = encoded(packet)
      // Most of a full packet is bitmap; aim half of the changes at the words that carry structure.
      for (const { at, value } of changes) bytes[at % 2 ? at % bytes.length : STRUCTURE[at % STRUCTURE.length]! % bytes.length] = value
      if (cut !== null) bytes = bytes.slice(0, cut % bytes.length)
      const result = decodePacket(bytes)
      if ('malformed' in result) expect(result.malformed).not.toBe('')
      else if (result.body.type !== 'unknown') encoded(result)
    }),
    { numRuns: 2000 }
  )
})

/** Offsets of lengths, counts and types, in the header, in a first gossip entry and in first extensions. */
const STRUCTURE = [
  0, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 24, 40, 2128, 2168, 2214, 2215, 2253, 2256, 2257, 2258, 2259, 2260, 2261, 2264, 2304, 2360
]

describe('[GOS2] named attacks (reliability M15)', () => {
  const ping = () =>
    encoded({ header: plainHeader, body: { type: 'ping', gossip: [], extensions: { ...NONE, shardId: SHARD, hostname: 'a.b' } } })
  const broken = (change: (bytes: Uint8Array) => Uint8Array | undefined) => {
    const bytes = ping()
    const result = decodePacket(change(bytes) ?? bytes)
    return 'malformed' in result ? result.malformed : 'accepted'
  }
  const set =
    (at: number, ...values: number[]) =>
    (bytes: Uint8Array) => {
      bytes.set(values, at)
      return undefined
    }

  test.each([
    ['bad magic', set(0, 0), 'no bus signature'],
    ['length below the header', (bytes: Uint8Array) => bytes.subarray(0, 12), 'shorter than any header'],
    ['length 0xffffffff', set(4, 255, 255, 255, 255), 'length differs from its own word'],
    ['65,535 gossip entries', set(14, 255, 255), '65535 gossip entries in 64 bytes'],
    ['65,535 extensions', set(2214, 255, 255), 'extension past the end of the packet'],
    ['extension of length 0', set(2256, 0, 0, 0, 0), 'extension of length 0'],
    ['extension not a multiple of 8', set(2259, 17), 'extension of length 17'],
    ['extension past the end', set(2256, 255), 'extension of length 4278190096'],
    ['one extension too few', set(2215, 1), 'packet longer than its parts'],
    ['hostname with markup', set(2264, 60, 98, 62), 'hostname with characters that host names do not have'],
    ['version 2', set(8, 0, 2), 'version 2'],
    ['epoch 2^64 - 1', set(16, 255, 255, 255, 255, 255, 255, 255, 255), 'epoch above 281474976710656'],
    ['sender id with a newline', set(50, 10), 'sender is no node id'],
    ['a light header for a PING', set(12, 0x80, 0), 'type 0 with a light header']
  ])('%s', (_, change, expected) => {
    expect(broken(change)).toBe(expected)
  })

  test('an extension of a later version is passed over', () => {
    expect(broken(set(2260, 0, 99))).toBe('accepted')
  })
})

describe('[GOS3] framing', () => {
  const packets = [
    encoded({ header: undefined, body: { type: 'publish', channel: latin1Bytes('a'), message: latin1Bytes('b') } }),
    encoded({ header: plainHeader, body: { type: 'fail', nodeId: SHARD } }),
    encoded({ header: plainHeader, body: { type: 'mfstart' } })
  ]
  const stream = Uint8Array.from(packets.flatMap((packet) => [...packet]))

  test('packets come out whole, however the link cut them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), (cuts) => {
        const framer = new PacketFramer()
        const seen: string[] = []
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] as number
          expect(framer.push(stream.slice(at, at + size), (packet) => seen.push(hex(packet)) > 0)).toBeUndefined()
          at += size
        }
        expect(seen).toEqual(packets.map(hex))
      }),
      { numRuns: 100 }
    )
  })

  test('a length that is only announced costs nothing, and too much ends the link', () => {
    const framer = new PacketFramer()
    const begin = new ByteBuffer()
    begin.latin1('RCmb')
    begin.uint32(MAX_PACKET_BYTES + 1)
    expect(framer.push(begin.copy(), () => true)).toBeUndefined()
    expect(framer.push(Uint8Array.of(0, 1, 0, 0, 0, 0), () => true)).toBe(`packet of ${MAX_PACKET_BYTES + 1} bytes`)
    expect(new PacketFramer().push(latin1Bytes('GET / HTTP/1.1'), () => true)).toBe('no bus signature')
    expect(new PacketFramer().push(Uint8Array.from([...latin1Bytes('RCmb'), 0, 0, 0, 15]), () => true)).toBe('packet of 15 bytes')
  })

  test('a publication may be longer than other packets, up to its own limit', () => {
    const long = new ByteBuffer()
    long.latin1('RCmb')
    long.uint32(MAX_PACKET_BYTES + HEADER_BYTES)
    long.bytes(Uint8Array.of(0, 1, 0, 0, 0x80, 4, 0, 0))
    expect(new PacketFramer(MAX_PACKET_BYTES * 2).push(long.copy(), () => true)).toBeUndefined()
    expect(new PacketFramer().push(long.copy(), () => true)).toBe(`packet of ${MAX_PACKET_BYTES + HEADER_BYTES} bytes`)
  })
})
