import { describe, expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { matching, matchingShards, slotOfTyped, typedRanges } from './palette.ts'

describe('matching', () => {
  const entries = ['Traffic', 'Slots', 'Rebalance the shards', 'Presentation']

  test('takes all words, in any order, whatever their case', () => {
    expect(matching(entries, 'shards REB', (entry) => entry)).toEqual(['Rebalance the shards'])
    expect(matching(entries, 'x', (entry) => entry)).toEqual([])
  })

  test('shows what begins so before what only has it inside', () => {
    expect(matching(entries, 's', (entry) => entry)).toEqual(['Slots', 'Rebalance the shards', 'Presentation'])
  })

  test('shows the first entries while nothing is typed', () => {
    expect(matching(entries, ' ', (entry) => entry, 2)).toEqual(['Traffic', 'Slots'])
  })
})

describe('shards', () => {
  const core = clusterOf({ A: [[0, 99]], B: [[100, 199]], C: [] })

  test('are found by letter, by the name and by the address of a node', () => {
    expect(matchingShards(core, 'b').map(({ label }) => label)).toEqual(['B'])
    expect(matchingShards(core, 'node-3').map(({ label, slots }) => [label, slots])).toEqual([['C', '0 slots']])
    expect(matchingShards(core, ':7001').map(({ label }) => label)).toEqual(['B'])
    expect(matchingShards(core, 'shard').map(({ label }) => label)).toEqual(['A', 'B', 'C'])
  })

  test('wait until something is typed', () => {
    expect(matchingShards(core, ' ')).toEqual([])
  })
})

test('ranges are ranges, and everything else is a key', () => {
  expect(typedRanges('100-220, 300')).toEqual({
    text: '100-220,300',
    ranges: [
      [100, 220],
      [300, 300]
    ]
  }) // as they are typed into the map
  expect(typedRanges('100-99999')).toBeNull()
  expect(typedRanges('user:1')).toBeNull()
  expect(slotOfTyped('123456789')).toBe(12_739)
})
