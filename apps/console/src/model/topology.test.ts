import type { NodeDeed, NodeState, QueueState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { clusterOf, nodeOf } from './core.fixture.ts'
import { actionsFor, doubtWords, linkWords, primariesToFollow, shardViews, topologyNote, wrongReplicas } from './topology.ts'

/** Shards A and B with slots, C without; A has a replica. */
function scene(change: Partial<NodeState> = {}) {
  const core = clusterOf({ A: [[0, 8_191]], B: [[8_192, 16_383]], C: [] })
  const replica: NodeState = { ...nodeOf('A', 3), id: 'replica-A', role: 'replica', primaryLink: 'up', lagBytes: 0, ...change }
  const a = core.shards['shard-A']!
  return {
    replica,
    nodes: { ...core.nodes, [replica.id]: replica },
    shards: { ...core.shards, 'shard-A': { ...a, replicas: [replica.id] } }
  }
}
const labels = (actions: readonly { readonly label: string }[]) => actions.map(({ label }) => label)

test('shards go by letter, their primary first', () => {
  expect(shardViews(scene()).map(({ shard, nodes }) => [shard.label, nodes.map((node) => node.id)])).toEqual([
    ['A', ['node-A', 'replica-A']],
    ['B', ['node-B']],
    ['C', ['node-C']]
  ])
  expect(topologyNote(scene({ health: 'fail' }))).toBe('3 primaries · 1 replica · 1 down')
})

describe('words', () => {
  test.each([
    [{ primaryLink: 'up', lagBytes: 0 } as const, 'in sync'],
    [{ primaryLink: 'up', lagBytes: 2_048 } as const, '2.00 KiB behind'],
    [{ primaryLink: 'down' } as const, 'link down'],
    [{ primaryLink: 'syncing' } as const, 'takes its first copy']
  ])('of a link: %j', (change, words) => expect(linkWords(scene(change).replica)).toBe(words))
  test('a primary has no link', () => expect(linkWords(nodeOf('A', 0))).toBeNull())
  test('of doubts name who has them', () => {
    const { replica, nodes } = scene({
      doubts: [
        { by: 'node-A', as: 'failed' },
        { by: 'node-B', as: 'failed' },
        { by: 'gone0000000', as: 'suspected' }
      ]
    })
    expect(doubtWords(replica, nodes)).toBe('failed, say node-1 and node-2; suspected by gone0000')
    expect(doubtWords(nodeOf('A', 0), nodes)).toBeNull()
  })
})

describe('what can be planned', () => {
  test('a replica takes over; without its primary only by force or without votes', () => {
    const { replica, nodes, shards } = scene()
    expect(labels(actionsFor(replica, { nodes, shards }, false))).toEqual([
      'Take over shard A',
      'Take a full copy anew',
      'Forget it',
      'Forget and reset it'
    ])
    const dead = { ...nodes, 'node-A': { ...nodes['node-A']!, health: 'fail' as const } }
    expect(actionsFor(replica, { nodes: dead, shards }, false).map(({ request }) => 'mode' in request && request.mode)).toEqual([
      'force',
      'takeover',
      false,
      false
    ])
  })
  test('nodes of ours are ended and started', () => {
    const { nodes, shards } = scene()
    const a = nodes['node-A']!
    expect(labels(actionsFor(a, { nodes, shards }, true))).toEqual([
      'Stop it',
      'Kill it',
      'Start it again',
      'Forget it',
      'Forget and reset it'
    ])
    expect(labels(actionsFor({ ...a, health: 'unreachable' }, { nodes, shards }, true))).toEqual(['Start it', 'Forget it'])
  })
  test('whoever owns slots follows nobody, and nobody follows its own primary', () => {
    const { nodes, shards, replica } = scene()
    const follow = (node: NodeState) => primariesToFollow(node, { nodes, shards }).map((other) => other.id)
    expect(follow(nodes['node-A']!)).toEqual([])
    expect(follow(nodes['node-C']!)).toEqual(['node-A', 'node-B'])
    expect(follow(replica)).toEqual(['node-B', 'node-C'])
  })
})

test('a replica that differs is named until it took a full copy', () => {
  const comparison = { text: 'node-4 is not like its primary', wrongReplicas: [{ node: 'replica-A', differences: [], repair: null }] }
  const queues = { q: { moves: [{ atMs: 100, comparison }] } } as unknown as Record<string, QueueState>
  const deeds = (endedAtMs: number, status: string) =>
    ({ d: { request: { kind: 'resync', node: 'replica-A' }, status, endedAtMs } }) as unknown as Record<string, NodeDeed>
  expect([...wrongReplicas(queues, undefined)]).toEqual([['replica-A', 'node-4 is not like its primary']])
  expect(wrongReplicas(queues, deeds(50, 'done')).size).toBe(1)
  expect(wrongReplicas(queues, deeds(200, 'failed')).size).toBe(1)
  expect(wrongReplicas(queues, deeds(200, 'done')).size).toBe(0)
})
