import { expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { keySlot } from '../src/core/cluster/slot.ts'
import { tagOfSlot } from '../src/core/cluster/slot-tags.ts'
import { SimulatedShard } from './simulated-shard.ts'

/** Follows the cursors through the cluster, each to the node that has its slot. */
function scan(shard: SimulatedShard, between: () => void, ...options: string[]): string[] {
  const keys: string[] = []
  let cursor = '0'
  for (let calls = 0; calls < 10_000; calls++) {
    const owner = shard.nodes.findIndex((node) => node.cluster.view.ownerOf(keySlot(latin1Bytes(cursor))) === node.cluster.myself)
    const [next, page] = shard.call(owner, 'CLUSTERSCAN', cursor, ...options) as [string, string[]]
    keys.push(...page)
    if (next === '0') return keys
    cursor = next
    between()
  }
  throw new Error('the walk has no end')
}

function filled(seed: number, count: number): { shard: SimulatedShard; names: string[] } {
  const shard = new SimulatedShard({ seed, shards: 3, replicas: 0 })
  const names = Array.from({ length: count }, (_, index) => (index % 3 === 0 ? `{big}${index}` : `key:${index}`))
  for (const name of names) {
    const owner = shard.nodes.findIndex((node) => node.cluster.view.ownerOf(keySlot(latin1Bytes(name))) === node.cluster.myself)
    shard.call(owner, 'SET', name, '1')
  }
  return { shard, names }
}

test('[DB2] CLUSTERSCAN meets every key of the cluster once while nobody writes', () => {
  const { shard, names } = filled(31, 300)
  expect(scan(shard, () => {}, 'COUNT', '7').sort()).toEqual(names.sort())
  expect(scan(shard, () => {}, 'COUNT', '7', 'MATCH', '{big}*').length).toBe(100)
})

test('[DB2] and every key that stays, while slots move', () => {
  const { shard, names } = filled(32, 150)
  const big = keySlot(latin1Bytes('big'))
  let calls = 0
  const found = scan(
    shard,
    () => {
      if (++calls !== 5) return
      const from = shard.nodes.findIndex((node) => node.cluster.view.ownerOf(big) === node.cluster.myself)
      const to = (from + 1) % 3
      shard.call(from, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', String(big), String(big), 'NODE', shard.endpoints[to]?.id ?? '')
      shard.until(() => shard.nodes.every((node) => node.cluster.view.ownerOf(big)?.id === shard.endpoints[to]?.id), 'the slot has moved')
    },
    'COUNT',
    '5'
  )
  expect([...new Set(found)].sort()).toEqual(names.sort())
})

test('every slot has a tag of its own', () => {
  for (let slot = 0; slot < 16_384; slot++) expect(keySlot(latin1Bytes(tagOfSlot(slot)))).toBe(slot)
  expect([tagOfSlot(0), tagOfSlot(12_182)]).toEqual(['06S', '9Le'])
})
