import { describe, expect, test } from 'vitest'
import { clusterOf } from './core.fixture.ts'
import { compareLabels, readOwners } from './shard-order.ts'

test('letters come in turns', () => {
  expect(['A2', 'B', 'Z', 'A', 'Z2', 'A10', 'A3'].sort(compareLabels)).toEqual(['A', 'B', 'Z', 'A2', 'Z2', 'A3', 'A10'])
})

describe('owners', () => {
  const { shards } = clusterOf({ B: [[100, 199]], A: [[0, 99]] }) // the order of arrival does not matter

  test('are read in the order of their letters', () => {
    const owners = readOwners(shards)
    expect(owners.order.map(({ label }) => label)).toEqual(['A', 'B'])
    expect([owners.of[0], owners.of[100], owners.of[200]]).toEqual([0, 1, -1])
  })

  test('stay the same objects while only figures change', () => {
    const before = readOwners(shards)
    const busier = { ...shards, 'shard-A': { ...shards['shard-A']!, keys: 7 } }
    const after = readOwners(busier, before)
    expect(after.of).toBe(before.of)
    expect(after.ground).toBe(before.ground)
    expect(after.order[0]!.keys).toBe(7)
  })

  test('are read anew when a slot, a label or a shard changes', () => {
    const before = readOwners(shards)
    const moved = { ...shards, 'shard-A': { ...shards['shard-A']!, slots: [[0, 98]] as const } }
    expect(readOwners(moved, before).of[99]).toBe(-1)
    const { 'shard-B': _, ...fewer } = shards
    expect(readOwners(fewer, before).order).toHaveLength(1)
    const renamed = { ...shards, 'shard-A': { ...shards['shard-A']!, label: 'C' } }
    expect(readOwners(renamed, before).order.map(({ label }) => label)).toEqual(['B', 'C'])
  })
})
