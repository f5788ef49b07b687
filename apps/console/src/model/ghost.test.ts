import { SLOTS, type SlotRange, splitMove } from '@slotscope/observer/stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clusterOf, jobOf } from './core.fixture.ts'
import { evenCount, type Ghost, ghostsOf, ghostWords, type LegalGhost, leftOutWords } from './ghost.ts'
import { readSums } from './slot-sums.ts'

const core = clusterOf({ A: [[0, 5_460]], B: [[5_461, 10_922]], C: [[10_923, 15_999]] }, { unassigned: [[16_000, 16_383]] })
const sums = readSums(new Float64Array(SLOTS).fill(10))
const legal = (ghost: Ghost | undefined): LegalGhost => {
  if (!ghost?.legal) throw new Error(`not legal: ${ghost?.reason}`)
  return ghost
}

describe('a selection in the hand', () => {
  test('every lane that may take it shows the result, with keys', () => {
    const ghosts = ghostsOf(core, { kind: 'exact', slots: [[0, 511]] }, sums, 'slots', true)
    expect(ghostWords(legal(ghosts.get('shard-C')))).toBe('5,077 → 5,589 slots, +5,120 keys')
  })

  test('its own lane says why not', () => {
    const ghosts = ghostsOf(core, { kind: 'exact', slots: [[0, 511]] }, sums, 'slots', true)
    expect(ghosts.get('shard-A')).toEqual({ legal: false, shard: 'shard-A', reason: '512 already on A' })
  })

  test('what stays is counted with the reason', () => {
    const busy = { ...core, jobs: { j: jobOf('j', 'A', 'B', [[100, 111]]) } }
    const ghosts = ghostsOf(
      busy,
      {
        kind: 'exact',
        slots: [
          [0, 511],
          [10_923, 10_942]
        ]
      },
      sums,
      'slots',
      true
    )
    expect(leftOutWords(legal(ghosts.get('shard-C')))).toBe('500 of 532 will move: 12 already migrating and 20 already on C')
    expect(legal(ghosts.get('shard-B')).sources).toEqual([
      { shard: 'shard-A', slotCount: 500 },
      { shard: 'shard-C', slotCount: 20 }
    ])
  })

  test('slots without an owner are given to a shard, also by a server that moves none', () => {
    const ghosts = ghostsOf(core, { kind: 'exact', slots: [[16_000, 16_010]] }, sums, 'slots', false)
    expect(ghosts.get('shard-B')).toMatchObject({ legal: true, gives: true, moving: [[16_000, 16_010]], sources: [], leftOut: [] })
    expect(ghostWords(legal(ghosts.get('shard-B')))).toBe('5,462 → 5,473 slots, the new ones empty')
  })

  test('with others they stay, since those are moved; with what cannot move they go', () => {
    const slots: SlotRange[] = [[15_990, 16_010]]
    const mixed = legal(ghostsOf(core, { kind: 'exact', slots }, sums, 'slots', true).get('shard-B'))
    expect([mixed.gives, leftOutWords(mixed)]).toEqual([false, '10 of 21 will move: 11 owned by no node'])
    const busy = { ...core, jobs: { j: jobOf('j', 'C', 'A', [[15_000, 15_999]]) } }
    const rest = legal(ghostsOf(busy, { kind: 'exact', slots }, sums, 'slots', true).get('shard-B'))
    expect([rest.gives, leftOutWords(rest)]).toEqual([true, '11 of 21 will be given: 10 already migrating'])
  })

  test('it agrees with the rule of the server for every target', () => {
    const busy = { ...core, jobs: { j: jobOf('j', 'A', 'B', [[2_000, 2_999]]) } }
    const ranges = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: SLOTS - 1 }), fc.integer({ min: 0, max: 900 }))
        .map(([first, size]): SlotRange => [first, Math.min(SLOTS - 1, first + size)]),
      { minLength: 1, maxLength: 4 }
    )
    fc.assert(
      fc.property(ranges, (slots) => {
        const ghosts = ghostsOf(busy, { kind: 'exact', slots }, sums, 'slots', true)
        for (const [shard, ghost] of ghosts) {
          const split = splitMove(busy, slots, shard)
          expect(ghost.legal && !ghost.gives ? ghost.slotCount : 0).toBe(split.slotCount)
          if (!ghost.legal || ghost.gives) continue
          const stays = (list: LegalGhost['leftOut']) => list.map((each) => [each.reason, each.slotCount]).sort()
          expect(stays(ghost.leftOut)).toEqual(stays(split.leftOut))
        }
      }),
      { numRuns: 30 }
    )
  })
})

describe('a lane that cannot take anything says why', () => {
  const lift = { kind: 'exact', slots: [[0, 9]] } as const
  const reason = (change: Parameters<typeof clusterOf>[1], atomic = true) => {
    const ghost = ghostsOf({ ...core, ...change }, lift, sums, 'slots', atomic).get('shard-B')
    return ghost?.legal === false ? ghost.reason : null
  }

  test('a failed, silent or missing primary, and a server without the commands', () => {
    const node = core.nodes['node-B']!
    expect(reason({ nodes: { ...core.nodes, 'node-B': { ...node, health: 'fail' } } })).toBe('node-2 has failed')
    expect(reason({ nodes: { ...core.nodes, 'node-B': { ...node, health: 'unreachable' } } })).toBe('node-2 does not answer')
    expect(reason({ shards: { ...core.shards, 'shard-B': { ...core.shards['shard-B']!, primary: null } } })).toBe('no primary is in charge')
    expect(reason({}, false)).toBe('this server has no atomic slot migration (Valkey 9)')
  })
})

describe('a press on a lane lifts what evens two shards', () => {
  const uneven = clusterOf({ A: [[0, 9_999]], B: [[10_000, 13_999]], C: [[14_000, 16_383]] })
  const pool: SlotRange[] = [[0, 9_999]]

  test('half of the difference by slots, from the end that was pressed', () => {
    const ghosts = ghostsOf(uneven, { kind: 'even', source: 'shard-A', pool, end: 'last' }, sums, 'slots', true)
    expect(legal(ghosts.get('shard-B'))).toMatchObject({ slots: [[7_000, 9_999]], slotsAfter: 7_000 })
    expect(legal(ghosts.get('shard-C')).slots).toEqual([[6_192, 9_999]])
    expect(ghosts.get('shard-A')).toMatchObject({ legal: false, reason: 'lifted from here' })
  })

  test('by keys it stops where half of the difference in keys is carried', () => {
    const heavy = new Float64Array(SLOTS).fill(10)
    heavy.fill(100, 9_000, 10_000)
    const shards = {
      ...uneven.shards,
      'shard-A': { ...uneven.shards['shard-A']!, keys: 190_000 },
      'shard-B': { ...uneven.shards['shard-B']!, keys: 90_000 }
    }
    const count = evenCount(shards['shard-A'], shards['shard-B'], { pool, end: 'last' }, readSums(heavy), 'keys')
    expect(count).toBe(500)
  })

  test('shards that are even already give a tenth, 512 slots at most', () => {
    const [a, b] = [core.shards['shard-A']!, core.shards['shard-B']!]
    expect(evenCount(a, b, { pool: a.slots, end: 'first' }, null, 'slots')).toBe(512)
    expect(evenCount(a, b, { pool: [[0, 99]], end: 'first' }, null, 'slots')).toBe(10)
  })

  test('it is never the whole block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16_000 }), fc.integer({ min: 0, max: 300 }), (have, has) => {
        const cluster = clusterOf({ A: [[0, have - 1]], B: has === 0 ? [] : [[16_000, 16_000 + has - 1]] })
        const count = evenCount(
          cluster.shards['shard-A']!,
          cluster.shards['shard-B']!,
          { pool: [[0, have - 1]], end: 'first' },
          null,
          'slots'
        )
        expect(count).toBeGreaterThanOrEqual(1)
        expect(count).toBeLessThan(have)
      })
    )
  })
})
