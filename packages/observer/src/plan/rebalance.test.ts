import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countSlots, eachSlot, SLOTS, toRanges } from '../stream/moves.ts'
import { drain, type RebalanceMove, type RebalanceShard, rebalance } from './rebalance.ts'

const ones = new Float64Array(SLOTS).fill(1)

/** Shards over all slots, cut at random places, some with several ranges. */
const shardsOf = (count: number, cuts: readonly number[], weights: readonly number[]): RebalanceShard[] => {
  const bounds = [...new Set([0, ...cuts])].sort((a, b) => a - b)
  const slots = Array.from({ length: count }, (): [number, number][] => [])
  for (const [index, first] of bounds.entries()) slots[index % count]?.push([first, (bounds[index + 1] ?? SLOTS) - 1])
  return slots.map((ranges, index) => ({ key: `s${index}`, slots: ranges, weight: weights[index] ?? 1 }))
}

const scenes = fc.integer({ min: 2, max: 8 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: SLOTS - 1 }), { minLength: count - 1, maxLength: 24 }),
    weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: count, maxLength: count }),
    seed: fc.integer({ min: 1, max: 1_000_000 })
  })
)

/** Loads between 0 and 100 with some hot slots. */
function loadsOf(seed: number): Float64Array {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
  return Float64Array.from({ length: SLOTS }, () => (next() < 0.3 ? 0 : next() < 0.001 ? 20_000 * next() : Math.floor(100 * next())))
}

const sum = (slots: Iterable<number>, load: ArrayLike<number>) => [...slots].reduce((total, slot) => total + (load[slot] ?? 0), 0)

function after(shards: readonly RebalanceShard[], moves: readonly RebalanceMove[]): Map<string, Set<number>> {
  const owned = new Map(shards.map((shard) => [shard.key, new Set(eachSlot(shard.slots))]))
  let foreign = 0
  for (const move of moves)
    for (const slot of eachSlot(move.slots)) {
      if (!owned.get(move.source)?.delete(slot)) foreign++
      owned.get(move.target)?.add(slot)
    }
  expect(foreign, 'each is moved by its owner, once').toBe(0)
  return owned
}

describe('rebalancing', () => {
  test('by slots: every shard gets its share to within a slot per giver, nothing moves that need not', () => {
    fc.assert(
      fc.property(scenes, ({ count, cuts, weights }) => {
        const shards = shardsOf(count, cuts, weights)
        const moves = rebalance(shards, ones, 0)
        const owned = after(shards, moves)
        const whole = shards.reduce((total, shard) => total + shard.weight, 0)
        const needed = shards.reduce((total, shard) => total + Math.max(0, countSlots(shard.slots) - (SLOTS * shard.weight) / whole), 0)
        expect(moves.reduce((total, move) => total + countSlots(move.slots), 0)).toBeLessThanOrEqual(needed + 1e-6)
        for (const shard of shards) {
          const off = (owned.get(shard.key)?.size ?? 0) - (SLOTS * shard.weight) / whole
          // A pair exchanges eight ranges at most; pieces of a shard that is cut very small may not add up.
          if (shards.every((one) => one.slots.length <= 2)) expect(Math.abs(off), shard.key).toBeLessThanOrEqual(count)
        }
      }),
      { numRuns: 100, seed: 9 }
    )
  })

  test('by a load: no giver falls below its share, no taker rises above it, ranges and jobs are few', () => {
    fc.assert(
      fc.property(scenes, ({ count, cuts, weights, seed }) => {
        const shards = shardsOf(count, cuts, weights)
        const load = loadsOf(seed)
        const moves = rebalance(shards, load, 0.02)
        const owned = after(shards, moves)
        const total = sum(
          Array.from({ length: SLOTS }, (_, slot) => slot),
          load
        )
        const whole = shards.reduce((all, shard) => all + shard.weight, 0)
        const worst = (of: (shard: RebalanceShard) => Iterable<number>) =>
          Math.max(...shards.map((shard) => Math.abs(sum(of(shard), load) / ((total * shard.weight) / whole) - 1)))
        expect(worst((shard) => owned.get(shard.key) ?? [])).toBeLessThanOrEqual(worst((shard) => eachSlot(shard.slots)) + 1e-6)
        for (const shard of shards) {
          const share = (total * shard.weight) / whole
          const [before, now] = [sum(eachSlot(shard.slots), load), sum(owned.get(shard.key) ?? [], load)]
          if (before > share) expect(now).toBeGreaterThanOrEqual(share * (1 - 1e-6))
          else expect(now).toBeLessThanOrEqual(share * (1 + 1e-6))
          expect(owned.get(shard.key)?.size).toBeGreaterThan(0)
        }
        for (const move of moves) expect(move.slots.length).toBeLessThanOrEqual(8)
      }),
      { numRuns: 60, seed: 9 }
    )
  })

  test('an even load is reached to within 2 % although slots are of many sizes', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const load = Float64Array.from(loadsOf(seed), (value) => Math.min(value, 100))
      const shards = shardsOf(3, [1_000, 4_000], [])
      const owned = after(shards, rebalance(shards, load, 0.02))
      const mean =
        sum(
          Array.from({ length: SLOTS }, (_, slot) => slot),
          load
        ) / 3
      for (const slots of owned.values()) expect(Math.abs(sum(slots, load) / mean - 1)).toBeLessThan(0.02)
    }
  })

  test('a new shard is filled from the others by one range each; what is even stays', () => {
    const shards = [...shardsOf(3, [5_461, 10_923], []), { key: 'new', slots: [], weight: 1 }]
    const moves = rebalance(shards, ones, 0.02)
    expect(moves.map((move) => [move.source, move.target, move.slots.length, countSlots(move.slots)])).toEqual([
      ['s1', 'new', 1, 1_366],
      ['s0', 'new', 1, 1_365],
      ['s2', 'new', 1, 1_365]
    ])
    const owned = after(shards, moves)
    const even = shards.map((shard) => ({ ...shard, slots: toRanges([...(owned.get(shard.key) ?? [])].sort((a, b) => a - b)) }))
    expect(rebalance(even, ones, 0.02)).toEqual([])
    expect(rebalance(shards, new Float64Array(SLOTS), 0.02)).toEqual([])
  })

  test('shards of weight 0 give every slot, and the others end at their shares', () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 3 }), ({ count, cuts, weights, seed }, empty) => {
        const shards = shardsOf(count, cuts, weights).map((shard, index) =>
          index < Math.min(empty, count - 1) ? { ...shard, weight: 0 } : shard
        )
        for (const load of [ones, loadsOf(seed)]) {
          const moves = rebalance(shards, load, 0.02)
          const owned = after(shards, moves)
          for (const shard of shards) if (shard.weight === 0) expect(owned.get(shard.key)?.size).toBe(0)
          const takers = new Set(moves.map((move) => move.target))
          expect(moves.filter((move) => takers.has(move.source))).toEqual([])
        }
      }),
      { numRuns: 60, seed: 9 }
    )
    const [a, b, c] = shardsOf(3, [5_461, 10_923], [0, 1, 3])
    const owned = after([a!, b!, c!], rebalance([a!, b!, c!], ones, 0))
    expect([a!, b!, c!].map((shard) => owned.get(shard.key)?.size)).toEqual([0, 4_096, 12_288])
  })

  test('draining takes every slot, also the empty ones, and evens out the others', () => {
    fc.assert(
      fc.property(scenes, ({ count, cuts, weights, seed }) => {
        const [first, ...others] = shardsOf(count, cuts, weights)
        if (!first) return
        for (const load of [ones, loadsOf(seed), new Float64Array(SLOTS)]) {
          const moves = drain(first, others, load)
          const owned = after([first, ...others], moves)
          expect(owned.get(first.key)?.size).toBe(0)
          expect(moves.length).toBeLessThanOrEqual(others.length)
          expect(moves.reduce((ranges, move) => ranges + move.slots.length, 0)).toBeLessThanOrEqual(first.slots.length + others.length - 1)
        }
      }),
      { numRuns: 40, seed: 9 }
    )
    const [a, ...others] = shardsOf(3, [5_461, 10_923], [])
    if (!a) throw new Error('no shard')
    expect(drain(a, others, ones).map((move) => countSlots(move.slots))).toEqual([2_730, 2_731])
    expect(drain(a, [], ones)).toEqual([])
  })
})
