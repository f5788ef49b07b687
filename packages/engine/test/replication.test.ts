import { expect, test } from 'vitest'
import { describeKeyspace } from './keyspace-digest.ts'
import { SimulatedShard } from './simulated-shard.ts'

test('[REP2] a replica gets everything of every database, then the stream', () => {
  const shard = new SimulatedShard({ seed: 1, replicas: 1 })
  shard.call(0, 'SET', 'a', '1')
  shard.catchUp()
  expect(describeKeyspace(shard.nodes[1]!.keyspace)).toEqual(describeKeyspace(shard.primary.keyspace))
  expect(describeKeyspace(shard.primary.keyspace)).toEqual(['0 "a" Infinity string "1"'])
})
