import { describe, expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { ghostsOf } from './ghost.ts'
import { targetsOf } from './targets.ts'

/** Eleven shards: A has most slots, K least. */
const labels = [...'ABCDEFGHIJK']
const core = clusterOf(
  Object.fromEntries(labels.map((label, index) => [label, [[index * 1_000, index * 1_000 + 900 - index * 50]] as const]))
)
const ghosts = ghostsOf(core, { kind: 'exact', slots: [[0, 9]] }, null, 'slots', true)
const labelsOf = (targets: ReturnType<typeof targetsOf>) => targets.shown.map((ghost) => core.shards[ghost.shard]?.label).join('')

describe('targets', () => {
  test('of few shards are all, in the order of their letters', () => {
    expect(labelsOf(targetsOf(ghosts, core.shards, '', 'slots', false))).toBe('BCDEFGHIJK')
  })

  test('of many are the five that have least, until a letter is typed', () => {
    const targets = targetsOf(ghosts, core.shards, '', 'slots', true)
    expect(labelsOf(targets)).toBe('KJIHG')
    expect(targets.legal).toBe(10)
    expect(labelsOf(targetsOf(ghosts, core.shards, 'c', 'slots', true))).toBe('C')
    expect(labelsOf(targetsOf(ghosts, core.shards, 'x', 'slots', true))).toBe('')
  })

  test('that cannot take it are told apart, whatever was typed', () => {
    expect(targetsOf(ghosts, core.shards, 'c', 'slots', true).illegal).toEqual([
      { legal: false, shard: 'shard-A', reason: '10 already on A' }
    ])
  })
})
