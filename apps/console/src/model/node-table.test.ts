import type { NodeReading } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { nodeColumns, nodeFile, nodeRows, unlikeMost } from './node-table.ts'
import { readSort } from './sorted-rows.ts'

const cluster = clusterOf({ A: [[0, 5_460]], B: [[5_461, 10_922]], A2: [[10_923, 16_383]] })
const memory: Record<string, number | null> = { 'node-A': 30, 'node-B': null, 'node-A2': 200 }
const core = {
  shards: cluster.shards,
  nodes: {
    ...Object.fromEntries(Object.entries(cluster.nodes).map(([id, node]) => [id, { ...node, usedMemory: memory[id] ?? null }])),
    replica: { ...cluster.nodes['node-A']!, id: 'replica', name: 'node-10', role: 'replica' as const, lagBytes: 5, version: '9.1.3' }
  }
}
const reading = (node: string, change: Partial<NodeReading> = {}): NodeReading => ({
  node,
  atMs: 1_000,
  uptimeSeconds: 60,
  clients: 3,
  maxClients: 10_000,
  offsetBytes: 42,
  databases: 16,
  ...change
})
const order = (sort: string | null, find = '') =>
  nodeRows(core, [], { sort: readSort(nodeColumns, sort), find }).map(({ node }) => node.name)

describe('the table of nodes', () => {
  test('is by shard with the primary first, or by a column; what is not known stands last', () => {
    expect(order(null)).toEqual(['node-1', 'node-10', 'node-2', 'node-3'])
    expect(order('node')).toEqual(['node-1', 'node-2', 'node-3', 'node-10'])
    expect(order('-shard')).toEqual(['node-3', 'node-2', 'node-1', 'node-10'])
    expect(order('memory')).toEqual(['node-1', 'node-3', 'node-10', 'node-2'])
    expect(order('-memory')).toEqual(['node-3', 'node-1', 'node-10', 'node-2'])
    expect(order('-constructor')).toEqual(order(null))
    expect(order(null, 'REPLICA shard a')).toEqual(['node-10'])
  })

  test('marks who is unlike most others; both where two are equally many', () => {
    const readings = [reading('node-A'), reading('node-B', { databases: 1 }), reading('node-A2')]
    const rows = nodeRows(core, readings, { sort: null, find: '' })
    expect(unlikeMost(rows)).toEqual(
      new Map([
        ['replica', ['version']],
        ['node-B', ['databases']]
      ])
    )
    expect([...unlikeMost(rows.filter(({ node }) => node.shard === 'shard-A')).keys()]).toEqual(['node-A', 'replica'])
    expect(unlikeMost([]).size).toBe(0)
  })

  test('as a file has bare figures, each under its name', () => {
    const { columns, rows } = nodeFile(nodeRows(core, [reading('node-A')], { sort: null, find: 'node-1' }))
    const first = Object.fromEntries(columns.map((name, at) => [name, rows[0]![at]]))
    expect(rows.every((row) => row.length === columns.length)).toBe(true)
    expect(first).toMatchObject({
      name: 'node-1',
      shard: 'A',
      uptimeSeconds: 60,
      usedMemoryBytes: 30,
      clusterDatabases: 16,
      readAt: '1970-01-01T00:00:01.000Z'
    })
  })
})
