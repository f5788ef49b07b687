import type { Value } from '../keyspace/entry.ts'
import type { StreamValue } from '../keyspace/values/stream.ts'

/**
 * What things cost in the heap of V8 on a 64-bit machine, in bytes, besides the content: measured on Node 20 by making
 * 20,000 of each. `bytes` is a Uint8Array, `place` a place in a table with its share of free ones, `cell` the same in the directory of a
 * slot, `hash` a hash without what is packed, `small` a set or sorted set that is one array of bytes, without that array, `directory` the 16,384
 * places of a database.
 */
export const COSTS = {
  bytes: 190,
  value: 56,
  place: 40,
  cell: 12,
  directory: 131_072,
  hash: 400,
  chunk: 250,
  rank: 24,
  small: 100,
  stream: 370,
  node: 900,
  group: 600,
  consumer: 420,
  pending: 150
} as const

/**
 * Estimated bytes of a value in memory. Elements of a collection are weighed up to `samples` of them (0: all), and the rest
 * counted at their average.
 */
export function valueBytes(value: Value, samples: number): number {
  switch (value.type) {
    case 'string':
      return COSTS.value + COSTS.bytes + value.length
    case 'list':
      return COSTS.value + value.chunkCount * COSTS.chunk + value.bytes(samples)
    case 'set':
      if (value.arrayBytes !== undefined) return COSTS.small + COSTS.bytes + value.arrayBytes
      return COSTS.value + extrapolate(value.members(), value.size, samples, (member) => COSTS.place + COSTS.bytes + member.length)
    case 'hash':
      return COSTS.hash + value.bytes
    case 'zset':
      if (value.encoding === 'listpack') return COSTS.small + COSTS.bytes + value.bytes
      return COSTS.hash + value.bytes + value.size * COSTS.rank
    case 'stream':
      return COSTS.stream + streamBytes(value, samples)
  }
}

/** Nodes are weighed up to `samples` of them; what is pending costs the same everywhere. */
function streamBytes(stream: StreamValue, samples: number): number {
  const nodes = extrapolate(stream.nodes.ascending(), stream.nodes.size, samples, ([, node]) => COSTS.node + node.packBytes)
  let groups = 0
  for (const group of stream.groups) {
    groups += COSTS.group + group.name.length + group.pending.size * COSTS.pending
    for (const { name } of group.consumers) groups += COSTS.consumer + name.length
  }
  return nodes + groups
}

function extrapolate<T>(items: Iterable<T>, count: number, samples: number, bytesOf: (item: T) => number): number {
  let seen = 0
  let bytes = 0
  for (const item of items) {
    bytes += bytesOf(item)
    if (++seen === samples) break
  }
  return seen === 0 ? 0 : Math.round((bytes / seen) * count)
}
