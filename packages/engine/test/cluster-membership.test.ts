import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../src/core/byte-buffer.ts'
import { latin1Bytes } from '../src/core/bytes.ts'
import { readUint32 } from '../src/core/cluster/bus/fields.ts'
import type { Header } from '../src/core/cluster/bus/header.ts'
import { type Body, decodePacket, encodePacket } from '../src/core/cluster/bus/message.ts'
import { BusNetwork, seededNetwork, topologyOf } from './bus-network.ts'

const [A, B, C, D] = [7000, 7001, 7002, 7003]
const idOf = (port: number) => topologyOf(4, 0)[port - 7000]?.id as string

function packetOf(header: Header, body: Body): Uint8Array {
  const out = new ByteBuffer()
  encodePacket(out, { header, body })
  return out.copy()
}

function knows(network: BusNetwork, port: number, id: string): boolean {
  return network.node(port).cluster.view.nodes.has(id)
}

describe('forgetting', () => {
  test('[GOS10] FORGET reaches everybody, and gossip does not bring the node back', () => {
    const network = seededNetwork(4, 0)
    network.run(1000)
    network.kill(D)
    expect(network.command(A, 'CLUSTER', 'FORGET', idOf(D))).toBe('+OK\r\n')
    expect(knows(network, A, idOf(D))).toBe(false)
    network.runUntil(() => [A, B, C].every((port) => !knows(network, port, idOf(D))), 5000)
    network.run(10_000)
    for (const port of [A, B, C]) expect(network.nodeLines(port)).toHaveLength(3)
  })

  test('[GOS10] a forgotten node that is still there stays out, until its time is over or an operator meets it', () => {
    const network = seededNetwork(4, 0)
    network.run(1000)
    network.command(A, 'CLUSTER', 'FORGET', idOf(D))
    for (let i = 0; i < 50; i++) {
      network.run(1000)
      expect(knows(network, A, idOf(D))).toBe(false)
    }
    const whole = () => [A, B, C].every((port) => knows(network, port, idOf(D)))
    network.runUntil(whole)
    network.command(A, 'CLUSTER', 'FORGET', idOf(D))
    network.run(500)
    network.command(A, 'CLUSTER', 'MEET', '127.0.0.1', String(D))
    network.run(100)
    expect(knows(network, A, idOf(D))).toBe(true)
  })

  test('[GOS10] what cannot be forgotten', () => {
    const network = seededNetwork(2, 1)
    network.run(500)
    const [id0, id1] = topologyOf(2, 1).map((node) => node.id) as [string, string]
    expect(network.command(A, 'CLUSTER', 'FORGET', id0)).toBe("-ERR I tried hard but I can't forget myself...\r\n")
    expect(network.command(C, 'CLUSTER', 'FORGET', id0)).toBe("-ERR Can't forget my master!\r\n")
    expect(network.command(A, 'CLUSTER', 'FORGET', 'x')).toBe('-ERR Unknown node x\r\n')
    expect(network.command(A, 'CLUSTER', 'FORGET', id1)).toBe('+OK\r\n')
  })
})

describe('heartbeats', () => {
  test('[GOS11] every pair pings at least each half timeout, and no more than it must', () => {
    const network = seededNetwork(4, 0)
    network.run(2000)
    const sent = () => network.node(A).cluster.counters.sentOf('ping')
    const before = sent()
    let worstMs = 0
    for (let i = 0; i < 100; i++) {
      network.run(100)
      for (const port of [B, C, D]) {
        const node = network.node(A).cluster.view.nodes.get(idOf(port))
        worstMs = Math.max(worstMs, network.nowMs - (node?.pongReceivedAtMs ?? 0))
      }
    }
    // Half of 2 s, a cron period, and the whole seconds of gossiped times.
    expect(worstMs).toBeLessThanOrEqual(1000 + 100 + 10)
    // Ten seconds, three peers: at most one for each half timeout and one per second at random.
    expect(sent() - before).toBeLessThanOrEqual(3 * 10 + 10)
  })

  test('[GOS11] a packet mentions a tenth of the nodes, each once, and never its receiver or its sender', () => {
    const network = seededNetwork(50, 0, { 'cluster-node-timeout': '30000' })
    network.run(1000)
    const { cluster } = network.node(A)
    const receiver = cluster.view.list[7]
    const link = receiver?.outbound
    if (!receiver || !link) throw new Error('no link to the receiver')
    const mentioned = new Set<string>()
    for (let i = 0; i < 100; i++) {
      network.during(A, () => cluster.gossip.send(link, 'ping'))
      const ids: string[] = []
      for (const effect of network.lastEffects(A)) {
        if (effect.type !== 'send' || effect.link !== link.id) continue
        const first = effect.bytes.subarray(0, readUint32(effect.bytes, 4))
        const packet = decodePacket(first)
        if ('malformed' in packet || !('gossip' in packet.body)) throw new Error('no heartbeat')
        ids.push(...packet.body.gossip.map((entry) => entry.id))
      }
      expect(ids.length).toBeGreaterThanOrEqual(3)
      expect(ids.length).toBeLessThanOrEqual(5)
      expect(new Set(ids).size).toBe(ids.length)
      for (const id of ids) mentioned.add(id)
    }
    expect(mentioned.size).toBe(48)
    expect([mentioned.has(receiver.id), mentioned.has(cluster.myself.id)]).toEqual([false, false])
  })
})

describe('addresses', () => {
  test('[GOS13] a node that comes back on another port is found by its own packets', () => {
    const network = seededNetwork(3, 0)
    network.run(1000)
    network.kill(C)
    const conf = network.fileOf(C).replaceAll(`127.0.0.1:${C}@${C + 10_000}`, `127.0.0.1:${D}@${D + 10_000}`)
    network.start(D, conf)
    network.runUntil(() =>
      [A, B].every((port) =>
        network.nodeLines(port).some((line) => line.startsWith(`${idOf3(C)} 127.0.0.1:${D}@${D + 10_000} `) && line.includes(' connected'))
      )
    )
    expect(network.nodeLines(A)).toHaveLength(3)
  })

  const idOf3 = (port: number) => topologyOf(3, 0)[port - 7000]?.id as string
})

describe('strangers', () => {
  const stranger: Header = {
    port: 7999,
    currentEpoch: 999,
    configEpoch: 999,
    replicationOffset: 0,
    senderId: 'f'.repeat(40),
    slots: new Uint8Array(2048).fill(255),
    primaryId: '',
    ip: '127.0.0.1',
    otherPort: 0,
    busPort: 17_999,
    flags: 0x1c11,
    state: 'ok',
    messageFlags: 4
  }
  const gossip = [{ id: 'e'.repeat(40), pingSentS: 0, pongReceivedS: 0, ip: '127.0.0.1', port: 1, busPort: 2, flags: 1, otherPort: 0 }]

  test('[GOS12] a PING of nobody we know is answered and teaches nothing; silence ends the link', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const link = network.bus(A)
    network.sendRaw(A, link, packetOf(stranger, { type: 'ping', gossip, extensions: undefined }))
    expect(network.heard(A, link).slice(0, 4)).toBe('RCmb')
    network.sendRaw(A, link, packetOf(stranger, { type: 'update', nodeId: network.node(B).id, configEpoch: 99, slots: stranger.slots }))
    network.sendRaw(A, link, packetOf(stranger, { type: 'fail', nodeId: network.node(B).id }))
    const { view } = network.node(A).cluster
    expect(view.list).toHaveLength(3)
    expect(view.currentEpoch).toBe(3)
    expect(view.myself.slotCount).toBe(5462)
    network.run(29_000)
    expect(network.isOpen(A, link)).toBe(true)
    network.run(2000)
    expect(network.isOpen(A, link)).toBe(false)
  })

  test('[GOS8] a light packet on a link that is nobody’s ends it', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const link = network.bus(A)
    const out = new ByteBuffer()
    encodePacket(out, { header: undefined, body: { type: 'publish', channel: latin1Bytes('a'), message: latin1Bytes('b') } })
    network.sendRaw(A, link, out.copy())
    expect(network.isOpen(A, link)).toBe(false)
  })

  test('[GOS3] bytes that are no packets end the link, and nothing else', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const link = network.bus(A)
    network.sendRaw(A, link, latin1Bytes('GET / HTTP/1.1\r\n\r\n'))
    expect(network.isOpen(A, link)).toBe(false)
    network.run(3000)
    expect(network.node(A).cluster.state).toBe('ok')
  })

  test('[GOS12] a flood of MEETs is bounded', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const link = network.bus(A)
    for (let i = 0; i < 1200; i++) {
      const header = { ...stranger, senderId: String(i).padStart(40, 'f'), busPort: 30_000 + i }
      network.sendRaw(A, link, packetOf(header, { type: 'meet', gossip: [], extensions: undefined }))
    }
    expect(network.node(A).cluster.view.list.length).toBeLessThanOrEqual(1003)
    network.run(3000)
    expect(network.node(A).cluster.view.list).toHaveLength(3)
    expect(network.node(A).cluster.state).toBe('ok')
  })

  test('[GOS2] hostile packets of a known node leave the node standing', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    const header = network.node(B).cluster.gossip.header()
    const bodies: Body[] = [
      { type: 'ping', gossip, extensions: undefined },
      { type: 'update', nodeId: network.node(C).id, configEpoch: 50, slots: stranger.slots },
      { type: 'fail', nodeId: network.node(C).id },
      { type: 'auth-req' },
      { type: 'auth-ack' },
      { type: 'mfstart' },
      { type: 'meet', gossip, extensions: undefined }
    ]
    const change: fc.Arbitrary<Partial<Header>> = fc.record(
      {
        currentEpoch: fc.integer({ min: 0, max: 2 ** 48 }),
        configEpoch: fc.integer({ min: 0, max: 2 ** 48 }),
        replicationOffset: fc.integer({ min: 0, max: 2 ** 48 }),
        senderId: fc.constantFrom(...[A, B, C, D].map((port) => network.node(port).id), 'f'.repeat(40)),
        primaryId: fc.constantFrom('', ...[A, B, C, D].map((port) => network.node(port).id), 'f'.repeat(40)),
        slots: fc.constantFrom(new Uint8Array(2048), stranger.slots),
        ip: fc.constantFrom('', '127.0.0.1', '203.0.113.1'),
        flags: fc.integer({ min: 0, max: 65_535 })
      },
      { requiredKeys: [] }
    )
    fc.assert(
      fc.property(fc.array(fc.record({ change, body: fc.constantFrom(...bodies) }), { maxLength: 20 }), (packets) => {
        const target = new BusNetwork()
        const topology = topologyOf(3, 1)
        target.start(A, network.fileOf(A))
        const link = target.bus(A)
        for (const packet of packets) target.sendRaw(A, link, packetOf({ ...header, ...packet.change }, packet.body))
        target.run(300)
        const { view } = target.node(A).cluster
        expect(target.nodeLines(A).length).toBeGreaterThanOrEqual(topology.length - 1)
        // Whatever was believed, it is consistent in itself.
        let owned = 0
        for (const node of view.list) owned += node.slotCount
        expect(owned).toBe(view.assignedSlots)
        for (const node of view.list) if (node.isReplica) expect(node.slotCount).toBe(0)
        expect(view.myself.primary).not.toBe(view.myself)
      }),
      { numRuns: 60 }
    )
  })
})

describe('publishing', () => {
  test('[GOS8] a message reaches listeners at every node, one on a shard channel those of the shard', () => {
    const network = seededNetwork(2, 1)
    network.run(1000)
    const links = [A, B, C, D].map((port) => [port, network.client(port)] as const)
    for (const [port, link] of links) {
      network.ask(port, link, 'SUBSCRIBE', 'news')
      network.heard(port, link)
    }
    network.command(D, 'PUBLISH', 'news', 'hello')
    network.run(5)
    for (const [port, link] of links) {
      if (port !== D) expect(network.heard(port, link)).toBe('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n')
    }
    expect(network.node(D).cluster.counters.pubsubBytesSent).toBe(3 * (24 + 9))
  })
})
