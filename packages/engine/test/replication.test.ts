import { describe, expect, test } from 'vitest'
import { Random } from '../src/core/prng.ts'
import { describeKeyspace } from './keyspace-digest.ts'
import { randomWrite } from './random-writes.ts'
import { SimulatedShard } from './simulated-shard.ts'

const digest = (shard: SimulatedShard, index: number) => describeKeyspace(shard.nodes[index]!.keyspace)

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
        connection.send(['SET', `${first[1]!.slice(0, 3)}multi`, String(state.writes)], () => {})
        connection.send(['EXEC'], next)
      } else connection.send(write(), next)
    }
    next()
  }
  return state
}

/** Equal names and offsets say that two datasets are equal: holds at every instant, expired things included. */
function watchEquality(shard: SimulatedShard, everyBytes = 1_000): { compared: number } {
  const state = { compared: 0 }
  let last = -1
  shard.simulator.check(() => {
    for (let index = 1; index < shard.nodes.length; index++) {
      const { offset } = shard.primary.replication
      if (!shard.hasCaughtUp(index) || offset < last + everyBytes) continue
      last = offset
      state.compared++
      expect(digest(shard, index)).toEqual(digest(shard, 0))
    }
  })
  return state
}

describe("[REP12] a replica at its primary's offset has its primary's data", () => {
  test.each([1, 2, 3, 4])('under writes of every type, expiry and cut links: seed %i', (seed) => {
    const shard = new SimulatedShard({ seed, replicas: 2, delayMs: [0.1, 4], config: { 'repl-backlog-size': '16384' } })
    const random = new Random(seed)
    const writers = work(shard, 4, random)
    const equality = watchEquality(shard)
    for (let round = 0; round < 8; round++) {
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
