import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../src/core/byte-buffer.ts'
import { latin1Text } from '../src/core/bytes.ts'
import { decodePacket, encodePacket } from '../src/core/cluster/bus/message.ts'
import { NodeFlag } from '../src/core/cluster/view.ts'
import { type BusNetwork, seededNetwork, topologyOf } from './bus-network.ts'

const [A, B, C, REPLICA_OF_A, REPLICA_OF_B] = [7000, 7001, 7002, 7003, 7004]
/** `cluster-node-timeout` of these networks, in ms. */
const TIMEOUT = 2000
const idOf = (port: number) => topologyOf(3, 1)[port - 7000]?.id as string

function flagsOf(network: BusNetwork, port: number, of: number): string {
  return (
    network
      .nodeLines(port)
      .find((line) => line.startsWith(idOf(of)))
      ?.split(' ')[2] ?? 'unknown'
  )
}

describe('failure detection', () => {
  test('[FAIL1] [FAIL2] a dead primary is suspected after the timeout, failed by majority, and everybody knows', () => {
    const network = seededNetwork(3, 1)
    network.run(2000)
    network.kill(B)
    network.run(TIMEOUT - 200)
    expect(flagsOf(network, A, B)).toBe('master')
    const seen = new Set<string>()
    const tookMs = network.runUntil(() => {
      for (const port of [A, C]) seen.add(flagsOf(network, port, B))
      return [A, C, REPLICA_OF_A, REPLICA_OF_B, 7005].every((port) => flagsOf(network, port, B) === 'master,fail')
    })
    expect(seen).toContain('master,fail?')
    expect(tookMs).toBeLessThan(TIMEOUT + 1500)
    expect(network.node(A).cluster.state).toBe('fail')
    const info = network.command(A, 'CLUSTER', 'INFO')
    for (const line of ['cluster_slots_fail:5461', 'cluster_nodes_fail:1', 'cluster_voting_nodes_fail:1'])
      expect(info).toContain(`\r\n${line}\r\n`)
    expect(network.command(A, 'GET', '{06S}')).toBe('-CLUSTERDOWN The cluster is down\r\n')
  })

  test('[FAIL4] a voting primary that comes back waits for two timeouts, a replica does not wait', () => {
    const network = seededNetwork(3, 1)
    network.run(2000)
    network.kill(B)
    network.kill(REPLICA_OF_A)
    network.runUntil(() => flagsOf(network, A, B) === 'master,fail' && flagsOf(network, C, REPLICA_OF_A) === 'slave,fail')
    const failedAtMs = network.nowMs
    network.restart(REPLICA_OF_A)
    expect(network.runUntil(() => flagsOf(network, A, REPLICA_OF_A) === 'slave')).toBeLessThan(1500)
    network.restart(B)
    network.run(1500)
    expect(flagsOf(network, A, B)).toBe('master,fail')
    network.runUntil(() => flagsOf(network, A, B) === 'master')
    expect(network.nowMs - failedAtMs).toBeGreaterThan(2 * TIMEOUT - 1000)
    network.runUntil(() => [A, B, C].every((port) => network.node(port).cluster.state === 'ok'))
  })

  test('[FAIL3] one broken path makes a suspect, never a failure', () => {
    const network = seededNetwork(3, 0)
    network.run(2000)
    network.cut(A, B)
    network.run(3 * TIMEOUT)
    expect(flagsOf(network, A, B)).toBe('master,fail?')
    expect(flagsOf(network, C, B)).toBe('master')
    expect(flagsOf(network, C, A)).toBe('master')
    expect(network.node(A).cluster.state).toBe('ok')
    network.heal()
    network.runUntil(() => flagsOf(network, A, B) === 'master')
  })

  test('[FAIL3] a replica has no say, and reports grow old', () => {
    const network = seededNetwork(3, 1)
    network.run(2000)
    const suspicion = (from: number) => {
      const out = new ByteBuffer()
      const entry = { id: idOf(B), pingSentS: 1, pongReceivedS: 1, ip: '127.0.0.1', port: B, busPort: B + 10_000, otherPort: 0 }
      const gossip = [{ ...entry, flags: NodeFlag.primary | NodeFlag.pfail }]
      encodePacket(out, { header: network.node(from).cluster.gossip.header(), body: { type: 'ping', gossip, extensions: undefined } })
      network.sendRaw(A, network.bus(A), out.copy())
    }
    const count = () => network.command(A, 'CLUSTER', 'COUNT-FAILURE-REPORTS', idOf(B))
    suspicion(REPLICA_OF_A)
    expect(count()).toBe(':0\r\n')
    suspicion(C)
    expect(count()).toBe(':1\r\n')
    // C says nothing of it again: killed, so that its next packets do not take the report back either.
    network.kill(C)
    network.run(2 * TIMEOUT + 1100)
    expect(count()).toBe(':0\r\n')
  })

  test('[FAIL3] a primary that is cut off suspects everybody and fails nobody; it stops serving, and waits when it is back', () => {
    const network = seededNetwork(3, 0)
    network.run(2000)
    for (const port of [B, C]) network.cut(A, port)
    network.runUntil(() => network.node(A).cluster.state === 'fail')
    for (const port of [B, C]) expect(flagsOf(network, A, port)).toBe('master,fail?')
    expect(network.command(A, 'SET', '{06S}', '1')).toBe('-CLUSTERDOWN The cluster is down\r\n')
    network.runUntil(() => flagsOf(network, B, A) === 'master,fail')
    network.heal()
    // With one of the others it is in the majority again.
    network.runUntil(() => [B, C].some((port) => flagsOf(network, A, port) === 'master'))
    expect(network.node(A).cluster.state).toBe('fail')
    // [SLOT8] One node timeout, so that a newer claim reaches it first.
    const waitedMs = network.runUntil(() => network.node(A).cluster.state === 'ok')
    expect(waitedMs).toBeGreaterThan(TIMEOUT - 300)
    expect(waitedMs).toBeLessThan(TIMEOUT + 300)
  })

  test('[FAIL2] nobody is believed about myself, and strangers about nobody', () => {
    const network = seededNetwork(3, 0)
    network.run(1000)
    const told = (about: string, senderId?: string) => {
      const out = new ByteBuffer()
      const header = network.node(C).cluster.gossip.header()
      encodePacket(out, { header: { ...header, senderId: senderId ?? header.senderId }, body: { type: 'fail', nodeId: about } })
      network.sendRaw(A, network.bus(A), out.copy())
    }
    told(idOf(A))
    told(idOf(B), 'f'.repeat(40))
    expect([flagsOf(network, A, A), flagsOf(network, A, B)]).toEqual(['myself,master', 'master'])
    told(idOf(B))
    expect(flagsOf(network, A, B)).toBe('master,fail')
  })
})

describe('state', () => {
  test('[SLOT8] without full coverage a failed primary takes only its own slots down', () => {
    const network = seededNetwork(3, 0, { 'cluster-require-full-coverage': 'no' })
    network.run(2000)
    network.kill(B)
    network.runUntil(() => flagsOf(network, A, B) === 'master,fail')
    expect(network.node(A).cluster.state).toBe('ok')
    expect(network.command(A, 'SET', '{06S}', '1')).toBe('+OK\r\n')
  })

  test('[SLOT8] reads of a downed cluster only where that is allowed', () => {
    const network = seededNetwork(3, 0, { 'cluster-allow-reads-when-down': 'yes' })
    network.run(2000)
    expect(network.command(A, 'SET', '{06S}', '1')).toBe('+OK\r\n')
    network.command(A, 'CLUSTER', 'DELSLOTS', '5')
    network.run(200)
    expect(network.command(A, 'GET', '{06S}')).toBe('$1\r\n1\r\n')
    expect(network.command(A, 'SET', '{06S}', '2')).toBe('-CLUSTERDOWN The cluster is down and only accepts read commands\r\n')
  })
})

describe('votes', () => {
  /** What A answers to a request for its vote by B's replica. */
  function ask(
    network: BusNetwork,
    change: { epoch: number; force?: boolean; configEpoch?: number }
  ): { granted: boolean; savedFirst: boolean } {
    const before = network.node(A).cluster.counters.sentOf('auth-ack')
    const out = new ByteBuffer()
    const header = network.node(REPLICA_OF_B).cluster.gossip.header(change.force ? 2 : 0)
    encodePacket(out, {
      header: { ...header, currentEpoch: change.epoch, configEpoch: change.configEpoch ?? header.configEpoch },
      body: { type: 'auth-req' }
    })
    network.sendRaw(A, network.bus(A), out.copy())
    const effects = network.lastEffects(A)
    const granted = network.node(A).cluster.counters.sentOf('auth-ack') > before
    const sent = effects.findIndex((effect) => {
      if (effect.type !== 'send') return false
      const packet = decodePacket(effect.bytes)
      return !('malformed' in packet) && packet.body.type === 'auth-ack'
    })
    const saved = effects.findIndex((effect) => effect.type === 'save' && effect.durable)
    return { granted, savedFirst: saved >= 0 && saved < sent }
  }

  test('[ELEC1] one vote per epoch, saved before it leaves, for the replica of a failed primary', () => {
    const network = seededNetwork(3, 1)
    network.run(1000)
    expect(ask(network, { epoch: 4 }).granted).toBe(false)
    network.kill(B)
    network.runUntil(() => flagsOf(network, A, B) === 'master,fail')
    expect(ask(network, { epoch: 5 })).toEqual({ granted: true, savedFirst: true })
    expect(latin1Text(network.at(A).files.get('nodes.conf') as Uint8Array)).toMatch(/vars currentEpoch 5 lastVoteEpoch 5\n$/)
    expect(ask(network, { epoch: 5 }).granted).toBe(false)
    expect(ask(network, { epoch: 4 }).granted).toBe(false)
    expect(ask(network, { epoch: 6 }).granted).toBe(true)
    // The slots are held under epoch 2: who asks with an older one is behind.
    expect(ask(network, { epoch: 7, configEpoch: 1 }).granted).toBe(false)
    expect(ask(network, { epoch: 7 }).granted).toBe(true)
  })

  test('[ELEC1] in a manual failover the primary may be well', () => {
    const network = seededNetwork(3, 1)
    network.run(1000)
    expect(ask(network, { epoch: 4, force: true })).toEqual({ granted: true, savedFirst: true })
  })
})
