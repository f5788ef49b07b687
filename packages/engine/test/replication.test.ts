import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import type { SeedNode } from '../src/core/cluster/nodes-conf.ts'
import { keySlot } from '../src/core/cluster/slot.ts'
import type { Node } from '../src/core/node.ts'
import { Random } from '../src/core/prng.ts'
import { describeKeyspace } from '../src/hosts/sim/checkers/keyspace-digest.ts'
import { isError, SimulatedClusterClient } from '../src/hosts/sim/client.ts'
import { keyOf, randomWrite } from './random-writes.ts'
import { SimulatedShard } from './simulated-shard.ts'

/** What a node serves, and what its unfinished imports have built aside. */
function digestOf(node: Node): string[] {
  const staged = node.migrations.stagedImports().flatMap((job) => describeKeyspace(job.staged).map((line) => `${job.name} ${line}`))
  return [...describeKeyspace(node.keyspace), ...staged.sort()]
}

const digest = (shard: SimulatedShard, index: number) => digestOf(shard.nodes[index]!)

/** Clients that write without a pause, in several databases, sometimes several writes at once. */
function work(shard: SimulatedShard, clients: number, random: Random): { stop(): void; writes: number } {
  const state = { stop: () => {}, writes: 0 }
  let working = true
  state.stop = () => {
    working = false
  }
  for (let client = 0; client < clients; client++) {
    const connection = shard.connect(0)
    const next = () => {
      if (!working) return
      const write = () => {
        state.writes++
        return randomWrite(random, shard.primary.now.wallMs)
      }
      const dice = random.below(12)
      if (dice === 0) connection.send(['SELECT', random.below(4)], next)
      else if (dice === 1) {
        connection.send(['MULTI'], () => {})
        // One slot: the first write's key decides.
        const first = write()
        connection.send(first, () => {})
        connection.send(['SET', `${keyOf(first).slice(0, 3)}multi`, String(state.writes)], () => {})
        connection.send(['EXEC'], next)
      } else connection.send(write(), next)
    }
    next()
  }
  return state
}

/** Equal names and offsets say that two datasets are equal: holds at every instant, expired things included. */
function watchEquality(shard: SimulatedShard, everyBytes = 2_000): { compared: number; staged: number } {
  const state = { compared: 0, staged: 0 }
  const last = new Map<Node, number>()
  shard.simulator.check(() => {
    for (const [index, replica] of shard.nodes.entries()) {
      if (shard.endpoints[index]!.role === 'primary' || !shard.hasCaughtUp(index)) continue
      const { offset } = replica.replication
      if (offset < (last.get(replica) ?? -1) + everyBytes) continue
      last.set(replica, offset)
      state.compared++
      const held = digestOf(replica)
      if (replica.migrations.importInProgress && held.length > describeKeyspace(replica.keyspace).length) state.staged++
      expect(held).toEqual(digestOf(shard.primaryOf(index)))
    }
  })
  return state
}

describe("[REP12] a replica at its primary's offset has its primary's data", () => {
  test.each([1, 2, 3])('under writes of every type, expiry and cut links: seed %i', (seed) => {
    const shard = new SimulatedShard({ seed, replicas: 2, delayMs: [0.1, 4], config: { 'repl-backlog-size': '16384' } })
    const random = new Random(seed)
    const writers = work(shard, 4, random)
    const equality = watchEquality(shard)
    for (let round = 0; round < 6; round++) {
      shard.simulator.run(100 + random.below(1_500))
      shard.call(0, 'CLIENT', 'KILL', 'TYPE', 'replica')
    }
    shard.simulator.run(1_500)
    writers.stop()
    for (const index of [1, 2]) {
      shard.catchUp(index)
      expect(digest(shard, index)).toEqual(digest(shard, 0))
    }
    expect(writers.writes).toBeGreaterThan(1_000)
    expect(equality.compared).toBeGreaterThan(10)
    const { stats } = shard.primary
    expect(stats.partialSyncs).toBeGreaterThan(0)
    expect(stats.fullSyncs).toBeGreaterThan(1)
    for (const replica of shard.nodes.slice(1)) expect(replica.stats.unexpectedErrorReplies).toBe(0)
  })
})

/** Answers to writes that meet a key in another state than they need. */
const EXPECTED = /^(WRONGTYPE|NOGROUP|BUSYGROUP|ERR (value|hash value|no such key|The ID specified|The XGROUP subcommand))/

test('[REP10] [REP12] replicas of both sides of a slot migration, whose links are cut again and again', () => {
  const shard = new SimulatedShard({ seed: 3, shards: 2, replicas: 1, delayMs: [0.2, 4], config: { 'repl-backlog-size': '16384' } })
  const random = new Random(3)
  const [first, second] = shard.endpoints as [SeedNode, SeedNode]
  const clients = [0, 1, 2, 3].map(() => new SimulatedClusterClient(shard.simulator, first))
  let working = true
  const errors: string[] = []
  clients.forEach((client, database) => {
    const next = () => {
      if (!working) return
      const write = randomWrite(random, shard.primary.now.wallMs)
      client.send(keySlot(latin1Bytes(keyOf(write))), database, write, (reply) => {
        if (isError(reply) && !EXPECTED.test(reply.error)) errors.push(reply.error)
        next()
      })
    }
    next()
  })
  const equality = watchEquality(shard, 1_000)
  const slots = [0, 1, 2].map((tag) => keySlot(latin1Bytes(`{${tag}}`)))
  for (let round = 0; round < 6; round++) {
    const [from, to] = shard.nodes[0]!.cluster.view.ownerOf(slots[0]!)?.id === first.id ? ([0, second] as const) : ([1, first] as const)
    const { view, myself } = shard.nodes[from]!.cluster
    const owned = slots.filter((slot) => view.ownerOf(slot) === myself)
    expect(shard.call(from, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', ...owned.flatMap((slot) => [slot, slot]), 'NODE', to.id)).toBe('OK')
    shard.simulator.run(random.below(30))
    for (const index of [0, 1]) if (random.below(3) > 0) shard.call(index, 'CLIENT', 'KILL', 'TYPE', 'replica')
    shard.until(
      () => shard.nodes.every((node) => !node.migrations.exportInProgress && !node.migrations.importInProgress),
      'the job has ended'
    )
    shard.simulator.run(500)
  }
  working = false
  shard.simulator.run(3_000)
  for (const index of [2, 3]) {
    shard.catchUp(index)
    expect(digest(shard, index)).toEqual(digestOf(shard.primaryOf(index)))
  }
  expect(errors).toEqual([])
  expect(equality.compared).toBeGreaterThan(20)
  expect(equality.staged).toBeGreaterThan(0)
  expect(shard.nodes.slice(2).map((node) => node.stats.unexpectedErrorReplies)).toEqual([0, 0])
})

test('[REP2] a full sync of a large dataset under writes, keys ahead of the walk included', () => {
  const shard = new SimulatedShard({ seed: 11, replicas: 1, delayMs: [1, 3] })
  const filler = 'x'.repeat(500)
  for (let i = 0; i < 2_000; i += 100) {
    shard.call(0, 'SELECT', i % 500 === 0 ? 0 : 3)
    for (let j = i; j < i + 100; j++) shard.call(0, 'SET', `big${j}`, filler + j)
  }
  shard.catchUp()
  const writers = work(shard, 6, new Random(11))
  const equality = watchEquality(shard, 20_000)
  // More is written than the backlog holds before the replica can come back.
  shard.call(0, 'CLIENT', 'KILL', 'TYPE', 'replica')
  const fullSyncs = shard.primary.stats.fullSyncs
  shard.primary.config.set('repl-backlog-size', '16384')
  shard.primary.replication.stream.forget()
  shard.until(() => shard.primary.stats.fullSyncs > fullSyncs, 'another full sync')
  shard.simulator.run(2_000)
  writers.stop()
  shard.catchUp()
  expect(digest(shard, 1)).toEqual(digest(shard, 0))
  expect(equality.compared).toBeGreaterThan(0)
})

test('[REP9] keys and fields go on replicas when the primary says so, at the same offset', () => {
  const shard = new SimulatedShard({ seed: 5, replicas: 1 })
  shard.catchUp()
  for (let i = 0; i < 50; i++) shard.call(0, 'SET', `k${i}`, '1', 'PX', String(500 + i * 20))
  for (let i = 0; i < 50; i++) shard.call(0, 'HSETEX', `h${i}`, 'PX', String(500 + i * 20), 'FIELDS', '1', 'f', 'v')
  const equality = watchEquality(shard)
  shard.simulator.run(3_000)
  expect(digest(shard, 0)).toEqual([])
  shard.catchUp()
  expect(digest(shard, 1)).toEqual([])
  expect(equality.compared).toBeGreaterThan(2)
  expect(shard.nodes[1]!.stats.expiredKeys).toBe(0)
})

test('what a replica applied stands in its log of commands with the address of the primary', () => {
  const shard = new SimulatedShard({ seed: 5, replicas: 1, config: { 'commandlog-execution-slower-than': '0' } })
  shard.call(0, 'SET', 'a', '1')
  shard.catchUp()
  const { host, port } = shard.endpoints[0] as SeedNode
  const entries = shard.call(1, 'COMMANDLOG', 'GET', '-1', 'slow') as readonly (readonly unknown[])[]
  const set = entries.find((entry) => String(entry[3]).startsWith('SET,a'))
  expect(set?.slice(4)).toEqual([`${host}:${port}`, ''])
})

test('[REP6] WAIT counts the replicas that have everything', () => {
  const shard = new SimulatedShard({ seed: 6, replicas: 2, delayMs: [2, 4] })
  shard.catchUp(1)
  shard.catchUp(2)
  shard.until(() => [...shard.primary.replication.replicas.all()].filter((one) => one.state === 'online').length === 2, 'both are online')
  shard.call(0, 'SET', 'a', '1')
  const begun = shard.simulator.nowMs
  expect(shard.call(0, 'WAIT', 2, 0)).toBe(2)
  // There and back, asked at once: not at the next second.
  expect(shard.simulator.nowMs - begun).toBeLessThan(30)
  shard.call(0, 'SET', 'a', '2')
  expect(shard.call(0, 'WAIT', 3, 100)).toBe(2)
})

test('[REP13] the ends of a migration ask replicas, and do not wait for their next ACK', () => {
  expect(new SimulatedShard({ seed: 7, replicas: 0 }).primary.replication.acknowledgedBySome(1_000_000)).toBe(true)
  const shard = new SimulatedShard({ seed: 7, replicas: 1, delayMs: [1, 2] })
  const { replication } = shard.primary
  shard.catchUp()
  shard.until(() => replication.replicas.anyOnline, 'the replica is online')
  shard.call(0, 'SET', 'a', '1')
  const { offset } = replication
  const begun = shard.simulator.nowMs
  shard.simulator.check(() => void replication.acknowledgedBySome(offset))
  shard.until(() => replication.replicas.countAt(offset) === 1, 'the replica has acknowledged')
  expect(shard.simulator.nowMs - begun).toBeLessThan(120)
})
