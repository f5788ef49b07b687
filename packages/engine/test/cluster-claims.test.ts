import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../src/core/byte-buffer.ts'
import { latin1Text } from '../src/core/bytes.ts'
import type { Header } from '../src/core/cluster/bus/header.ts'
import { type Body, encodePacket } from '../src/core/cluster/bus/message.ts'
import { type BusNetwork, seededNetwork, topologyOf } from './bus-network.ts'

const [A, B, C] = [7000, 7001, 7002]
const idOf = (port: number) => topologyOf(3, 1)[port - 7000]?.id as string

/** Ranges that `port` holds for the node of `of`'s. */
function slotsOf(network: BusNetwork, port: number, of: number): string {
  const line = network.nodeLines(port).find((text) => text.startsWith(network.node(of).id)) ?? ''
  return line.split(' ').slice(8).join(' ')
}

/** A packet as the node of `port` would send it, with changes: forged, old or repeated ones. */
function packetOf(network: BusNetwork, port: number, change: Partial<Header>, body?: Body): Uint8Array {
  const out = new ByteBuffer()
  const header = network.node(port).cluster.gossip.header()
  encodePacket(out, { header: { ...header, ...change }, body: body ?? { type: 'ping', gossip: [], extensions: undefined } })
  return out.copy()
}

/** Slots and epochs as every node tells them: equal when the cluster agrees. */
function beliefs(network: BusNetwork): string[] {
  return [...network.members.values()]
    .filter((member) => member.up)
    .map((member) =>
      network
        .nodeLines(member.port)
        .map((line) => line.split(' '))
        .map((words) => [words[0], words[2]?.replace('myself,', ''), words[3], words[6], ...words.slice(8)].join(' '))
        .sort()
        .join('\n')
    )
}

function bitmapOf(...slots: number[]): Uint8Array {
  const bitmap = new Uint8Array(2048)
  for (const slot of slots) (bitmap[slot >> 3] as number) |= 1 << (slot & 7)
  return bitmap
}

/** What DUMP gives for `v`. */
const DUMPED_STRING = '\x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a'

describe('claims', () => {
  test('[SLOT5] claimSlots saves before it sends, takes a new epoch, and everybody believes it', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    const { node, files } = network.at(A)
    expect(node.cluster.myself.configEpoch).toBe(1)
    network.during(A, () => node.cluster.claimSlots([6000, 6001]))
    // In one step: the durable save stands before every packet.
    const step = network.lastEffects(A)
    const saved = step.findIndex((effect) => effect.type === 'save' && effect.durable)
    const sent = step.findIndex((effect) => effect.type === 'send')
    expect(saved).toBeGreaterThanOrEqual(0)
    expect(sent).toBeGreaterThan(saved)
    expect(latin1Text(files.get('nodes.conf') as Uint8Array)).toContain('myself,master - 0 0 4 connected 0-5461 6000-6001')
    network.run(5)
    for (const port of network.members.keys()) {
      expect(slotsOf(network, port, A)).toBe('0-5461 6000-6001')
      expect(slotsOf(network, port, B)).toBe('5462-5999 6002-10922')
      expect(network.node(port).cluster.view.currentEpoch).toBe(4)
    }
    // The greatest epoch already: it is kept.
    network.during(A, () => node.cluster.claimSlots([6002]))
    expect(node.cluster.myself.configEpoch).toBe(4)
    network.run(5)
    expect(slotsOf(network, C, A)).toBe('0-5461 6000-6002')
  })

  test('[SLOT1] an equal or lower epoch takes nothing', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    // B claims a slot of C's under its own epoch 2, and under C's own.
    for (const configEpoch of [2, 3]) {
      const forged = packetOf(network, B, { configEpoch, slots: bitmapOf(12_000) })
      for (const port of [A, C]) network.sendRaw(port, network.bus(port), forged)
    }
    for (const port of [A, C]) expect(network.node(port).cluster.view.ownerOf(12_000)?.id).toBe(idOf(C))
  })

  test('[SLOT1] what this node granted to the claimant is taken under any epoch', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const { migrations } = network.node(C)
    migrations.coversGrantedExport = (slot, claimant) => slot === 12_000 && claimant.id === idOf(B)
    for (const port of [A, B]) {
      const claimed = bitmapOf(12_000, 12_001)
      network.sendRaw(C, network.bus(C), packetOf(network, port, { slots: claimed }))
    }
    expect(network.node(C).cluster.view.ownerOf(12_000)?.id).toBe(idOf(B))
    expect(network.node(C).cluster.view.ownerOf(12_001)?.id).toBe(idOf(C))
  })

  test('[SLOT2] a packet older than what is known changes nothing', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    network.during(B, () => network.node(B).cluster.claimSlots([0]))
    network.run(100)
    const before = beliefs(network)
    const link = network.bus(C)
    // B as it was before its claim, and as it would be had it become a replica of A under A's old epoch.
    network.sendRaw(C, link, packetOf(network, B, { configEpoch: 2, slots: bitmapOf(5462) }))
    network.sendRaw(C, link, packetOf(network, A, { configEpoch: 0, slots: new Uint8Array(2048) }))
    network.run(10)
    expect(beliefs(network)).toEqual(before)
  })

  test('[SLOT2] who claims what is outdated is told by UPDATE, and yields', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    network.cut(A, B)
    network.cut(A, C)
    network.during(B, () => network.node(B).cluster.claimSlots([0, 1]))
    network.run(1000)
    expect(slotsOf(network, A, A)).toBe('0-5461')
    network.heal()
    // Only C reaches A: it has heard B's claim, and corrects A's.
    network.cut(A, B)
    network.runUntil(() => slotsOf(network, A, A) === '2-5461')
    expect(slotsOf(network, A, B)).toBe('0-1 5462-10922')
    expect(network.node(C).cluster.counters.sentOf('update')).toBeGreaterThan(0)
  })

  test('[SLOT4] a slot that is no longer claimed keeps its owner until somebody claims it', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    expect(network.command(A, 'CLUSTER', 'DELSLOTS', '100')).toBe('+OK\r\n')
    network.run(3000)
    expect(slotsOf(network, C, A)).toBe('0-5461')
    expect(network.node(C).cluster.view.isUnclaimed(100)).toBe(true)
    // B has a greater epoch than nobody: any claim holds.
    expect(network.command(B, 'CLUSTER', 'DELSLOTS', '100')).toBe('+OK\r\n')
    expect(network.command(B, 'CLUSTER', 'ADDSLOTS', '100')).toBe('+OK\r\n')
    network.run(3000)
    for (const port of [A, B, C]) expect(slotsOf(network, port, B)).toBe('100 5462-10922')
  })

  test('[GOS5] two primaries that claim the same epoch end apart, with everybody agreeing', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    for (const port of [A, B]) {
      const { cluster } = network.node(port)
      cluster.view.currentEpoch = 7
      cluster.myself.configEpoch = 7
    }
    network.run(4000)
    const epochs = [A, B, C].map((port) => network.node(port).cluster.myself.configEpoch)
    // A has the smaller id and moves on.
    expect(epochs).toEqual([8, 7, 3])
    expect(new Set(beliefs(network)).size).toBe(1)
  })

  test('[SLOT6] a primary that loses its last slot becomes a replica of who took it', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    network.during(B, () => network.node(B).cluster.claimSlots(Array.from({ length: 5462 }, (_, slot) => slot)))
    network.run(3000)
    expect(network.node(A).role).toBe('replica')
    expect(network.node(A).cluster.myself.primary?.id).toBe(network.node(B).id)
    expect(network.node(A).cluster.myself.shardId).toBe(network.node(B).cluster.myself.shardId)
    // Its replica follows too, to the primary at the top.
    expect(network.node(7003).cluster.myself.primary?.id).toBe(network.node(B).id)
    expect(new Set(beliefs(network)).size).toBe(1)
  })

  test('[SLOT6] without cluster-allow-replica-migration it stays an empty primary', () => {
    const network = seededNetwork(3, 0, { 'cluster-allow-replica-migration': 'no' })
    network.run(500)
    network.during(B, () => network.node(B).cluster.claimSlots(Array.from({ length: 5462 }, (_, slot) => slot)))
    network.run(3000)
    expect(network.node(A).role).toBe('primary')
    expect(network.nodeLines(C).find((line) => line.startsWith(idOf(A)))).toMatch(/ master - 0 \d+ 1 connected$/)
  })

  test('[SLOT7] a replica speaks of its primary, and takes no slots', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    const header = network.node(7004).cluster.gossip.header()
    expect(header.primaryId).toBe(idOf(B))
    expect(header.configEpoch).toBe(2)
    expect(header.slots).toEqual(network.node(B).cluster.myself.slots)
    network.command(7004, 'CLUSTER', 'DELSLOTS', '5')
    expect(network.command(7004, 'CLUSTER', 'ADDSLOTS', '5')).toBe('-ERR Please use ADDSLOTS only with masters.\r\n')
  })

  test('RESTORE-ASKING reaches a slot that is being imported, RESTORE does not', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    network.command(A, 'CLUSTER', 'SETSLOT', '12182', 'IMPORTING', idOf(C))
    expect(network.command(A, 'RESTORE', 'foo', '0', DUMPED_STRING)).toMatch(/^-MOVED 12182 /)
    expect(network.command(A, 'RESTORE-ASKING', 'foo', '0', DUMPED_STRING)).toBe('+OK\r\n')
    expect(network.command(A, 'CLUSTER', 'COUNTKEYSINSLOT', '12182')).toBe(':1\r\n')
  })

  test('[SLOT3] key by key: the importer ends it under a new epoch, the exporter yields, ASK and TRYAGAIN in between', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    const slot = '12182'
    expect(network.command(C, 'SET', 'foo', '1')).toBe('+OK\r\n')
    expect(network.command(A, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOf(C))).toBe('+OK\r\n')
    expect(network.command(C, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOf(A))).toBe('+OK\r\n')
    expect(network.nodeLines(C).find((line) => line.includes('myself'))).toMatch(` [${slot}->-${idOf(A)}]`)
    expect(network.nodeLines(A).find((line) => line.includes('myself'))).toMatch(` [${slot}-<-${idOf(C)}]`)
    expect(network.command(C, 'GET', 'foo')).toBe('$1\r\n1\r\n')
    expect(network.command(C, 'GET', '{foo}b')).toBe('-ASK 12182 127.0.0.1:7000\r\n')
    expect(network.command(C, 'MGET', 'foo', '{foo}b')).toBe('-TRYAGAIN Multiple keys request during rehashing of slot\r\n')
    // A second database may hold the key on either side, so whatever crosses databases waits.
    expect(network.command(C, 'MOVE', 'foo', '1')).toBe('-TRYAGAIN Multiple keys request during rehashing of slot\r\n')
    expect(network.command(C, 'COPY', 'foo', '{foo}c', 'DB', '1')).toBe('-TRYAGAIN Multiple keys request during rehashing of slot\r\n')
    expect(network.command(C, 'COPY', 'foo', 'foo', 'DB', '0')).toBe('-ERR source and destination objects are the same\r\n')
    const asked = network.client(C)
    for (const words of [['MULTI'], ['GET', 'foo']]) network.ask(C, asked, ...words)
    expect(network.ask(C, asked, 'EXEC')).toBe('*1\r\n$1\r\n1\r\n')
    for (const words of [['WATCH', 'foo'], ['MULTI'], ['DEL', 'foo'], ['SET', 'foo', '1']]) network.ask(C, asked, ...words)
    expect(network.ask(C, asked, 'EXEC')).toBe('*2\r\n:1\r\n+OK\r\n')
    expect(network.command(C, 'CLUSTER', 'SETSLOT', slot, 'NODE', idOf(A))).toBe(
      `-ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.\r\n`
    )
    for (const words of [['MULTI'], ['GET', 'foo']]) network.ask(C, asked, ...words)
    expect(network.command(C, 'DEL', 'foo')).toBe(':1\r\n')
    expect(network.ask(C, asked, 'EXEC')).toBe('-ASK 12182 127.0.0.1:7000\r\n')
    expect(network.command(C, 'SET', 'foo', '1')).toBe('-ASK 12182 127.0.0.1:7000\r\n')
    expect(network.command(A, 'SET', '{foo}b', '2')).toBe('-MOVED 12182 127.0.0.1:7002\r\n')
    const link = network.client(A)
    network.ask(A, link, 'ASKING')
    expect(network.ask(A, link, 'SET', '{foo}b', '2')).toBe('+OK\r\n')
    expect(network.ask(A, link, 'SET', '{foo}b', '2')).toBe('-MOVED 12182 127.0.0.1:7002\r\n')
    expect(network.command(A, 'CLUSTER', 'SETSLOT', slot, 'NODE', idOf(A))).toBe('+OK\r\n')
    network.run(5)
    expect(network.node(A).cluster.myself.configEpoch).toBe(4)
    expect(slotsOf(network, C, C)).toBe('10923-12181 12183-16383')
    expect(slotsOf(network, B, A)).toBe('0-5461 12182')
    expect(network.nodeLines(C).join()).not.toContain('[')
    expect(network.command(C, 'GET', '{foo}b')).toBe('-MOVED 12182 127.0.0.1:7000\r\n')
  })

  test('[SLOT3] the exporter may be told first: the importer takes the slot when nobody claims it', () => {
    const network = seededNetwork(3, 0)
    network.run(500)
    network.command(A, 'CLUSTER', 'SETSLOT', '12182', 'IMPORTING', idOf(C))
    network.command(C, 'CLUSTER', 'SETSLOT', '12182', 'MIGRATING', idOf(A))
    expect(network.command(C, 'CLUSTER', 'SETSLOT', '12182', 'NODE', idOf(A))).toBe('+OK\r\n')
    network.runUntil(() => slotsOf(network, B, A) === '0-5461 12182')
    expect(network.node(A).cluster.view.importingFrom.size).toBe(0)
    expect(network.node(A).cluster.myself.configEpoch).toBe(4)
  })

  test('[SLOT10] an open slot follows a failover of its peer, and ends when another shard takes the slot', () => {
    const network = seededNetwork(3, 1)
    network.run(500)
    network.command(A, 'CLUSTER', 'SETSLOT', '6000', 'IMPORTING', idOf(B))
    network.command(A, 'CLUSTER', 'SETSLOT', '1', 'MIGRATING', idOf(B))
    // B's replica takes over under epoch 4, as a won election would make it.
    const successor = network.node(7004).cluster
    const link = network.bus(A)
    network.sendRaw(
      A,
      link,
      packetOf(network, 7004, {
        configEpoch: 4,
        currentEpoch: 4,
        primaryId: '',
        flags: 0x1c11,
        slots: network.node(B).cluster.myself.slots
      })
    )
    network.sendRaw(
      A,
      network.bus(A),
      packetOf(network, B, { configEpoch: 4, currentEpoch: 4, primaryId: successor.myself.id, flags: 0x1c12 })
    )
    const { view } = network.node(A).cluster
    expect(view.importingFrom.get(6000)?.id).toBe(successor.myself.id)
    expect(view.migratingTo.get(1)?.id).toBe(successor.myself.id)
    network.sendRaw(A, network.bus(A), packetOf(network, C, { configEpoch: 9, currentEpoch: 9, slots: bitmapOf(1, 6000, 16_383) }))
    expect(view.importingFrom.size).toBe(0)
    expect(view.migratingTo.size).toBe(0)
  })
})
