import { describe, expect, test } from 'vitest'
import { latin1Text } from '../src/core/bytes.ts'
import { BusNetwork, seededNetwork } from './bus-network.ts'

const PORTS = [7000, 7001, 7002]

describe('joining', () => {
  test('[GOS4] MEET joins two nodes, and gossip spreads the rest', () => {
    const network = new BusNetwork()
    for (const port of [7000, 7001, 7002, 7003]) network.start(port)
    expect(network.command(7000, 'CLUSTER', 'MEET', '127.0.0.1', '7001')).toBe('+OK\r\n')
    expect(network.command(7001, 'CLUSTER', 'MEET', '127.0.0.1', '7002')).toBe('+OK\r\n')
    expect(network.command(7003, 'CLUSTER', 'MEET', '127.0.0.1', '7002')).toBe('+OK\r\n')
    const everybodyKnowsEverybody = () =>
      [...network.members.keys()].every((port) => {
        const lines = network.nodeLines(port)
        return lines.length === 4 && lines.every((line) => / connected/.test(line) && !/handshake/.test(line))
      })
    expect(network.runUntil(everybodyKnowsEverybody)).toBeLessThan(5000)
    // Ids are those that the nodes have, not those that the handshakes made up.
    for (const port of network.members.keys()) {
      const known = network
        .nodeLines(port)
        .map((line) => line.slice(0, 40))
        .sort()
      expect(known).toEqual([...network.members.values()].map((member) => member.node.id).sort())
    }
  })

  test('[GOS5] fresh primaries with equal epochs end with distinct ones', () => {
    const network = new BusNetwork()
    for (const port of PORTS) network.start(port)
    for (const port of [7001, 7002]) network.command(7000, 'CLUSTER', 'MEET', '127.0.0.1', String(port))
    const epochs = () => PORTS.map((port) => network.node(port).cluster.myself.configEpoch)
    network.runUntil(() => network.nodeLines(7002).length === 3 && new Set(epochs()).size === 3)
    network.run(5000)
    expect(new Set(epochs()).size).toBe(3)
  })

  test('[GOS4] a MEET to nobody ends after the node timeout, one to myself at once', () => {
    const network = new BusNetwork()
    network.start(7000)
    network.command(7000, 'CLUSTER', 'MEET', '127.0.0.1', '7009')
    network.command(7000, 'CLUSTER', 'MEET', '127.0.0.1', '7000')
    expect(network.nodeLines(7000)).toHaveLength(3)
    network.run(500)
    expect(network.nodeLines(7000)).toHaveLength(2)
    expect(network.nodeLines(7000).join('\n')).toMatch(/ 127\.0\.0\.1:7009@17009 handshake - /)
    network.run(2000)
    expect(network.nodeLines(7000)).toHaveLength(1)
  })
})

describe('a cluster from seeds', () => {
  test('[SLOT9] three primaries and three replicas serve within 300 ms of their start, without MEET', () => {
    const network = seededNetwork(3, 1)
    const tookMs = network.runUntil(() => [...network.members.values()].every((member) => member.node.cluster.state === 'ok'))
    expect(tookMs).toBeLessThanOrEqual(300)
    expect(network.command(7000, 'CLUSTER', 'INFO')).toContain(
      'cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\n'
    )
    expect(network.command(7001, 'SET', '{06S}a', '1')).toBe('-MOVED 0 127.0.0.1:7000\r\n')
    expect(network.node(7003).role).toBe('replica')
  })

  test('[SLOT9] one node missing, the others wait the usual two seconds', () => {
    const network = seededNetwork(3, 0)
    network.kill(7002)
    for (const port of [7000, 7001]) network.restart(port)
    network.run(1800)
    expect(network.node(7000).cluster.state).toBe('fail')
    network.run(400)
    expect(network.node(7000).cluster.state).toBe('ok')
  })

  test('[GOS6] nodes.conf names everything again after a restart', () => {
    const network = seededNetwork(3, 1)
    network.run(1000)
    const before = network.node(7001).cluster
    network.kill(7001)
    network.restart(7001)
    network.run(1000)
    const after = network.node(7001).cluster
    expect(after.myself.id).toBe(before.myself.id)
    expect(after.myself.configEpoch).toBe(2)
    expect(after.myself.slotCount).toBe(5461)
    expect(latin1Text(network.at(7001).files.get('nodes.conf') as Uint8Array)).toMatch(/vars currentEpoch 3 lastVoteEpoch 0\n$/)
    expect(after.state).toBe('ok')
  })

  test('[GOS6] a node does not start from a file that it does not understand', () => {
    const network = new BusNetwork()
    const member = network.start(7000, 'garbage\n')
    expect(member.exitCode).toBe(1)
    expect(member.log).toContain('The cluster configuration file nodes.conf cannot be used: line 1: "garbage" is no node id')
  })
})
