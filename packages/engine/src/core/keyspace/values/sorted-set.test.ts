import { describe, expect, test } from 'vitest'
import { compareBytes, latin1Bytes, latin1Text } from '../../bytes.ts'
import { Random } from '../../prng.ts'
import { RankedTree } from './ranked-tree.ts'
import { SortedSetValue } from './sorted-set.ts'

const bytes = latin1Bytes

type Pair = readonly [member: string, score: number]

function inOrder(pairs: Iterable<Pair>): Pair[] {
  return [...pairs].sort((a, b) => a[1] - b[1] || compareBytes(bytes(a[0]), bytes(b[0])))
}

const texts = (pairs: readonly (readonly [Uint8Array, number])[]): Pair[] => pairs.map(([member, score]) => [latin1Text(member), score])

describe('[TYPE7] a sorted set orders its members by score, then bytes', () => {
  test.each([1, 2, 3])('as a sorted array under random operations, seed %i', (seed) => {
    const random = new Random(seed)
    const set = new SortedSetValue()
    const model = new Map<string, number>()
    for (let step = 0; step < 6000; step++) {
      const member = `m${random.below(1500)}`
      const score = random.below(40) - 20
      // First mostly growing, then mostly shrinking to almost nothing.
      if (random.below(10) < (step < 3500 ? 7 : 2)) {
        expect(set.set(bytes(member), score)).toBe(!model.has(member))
        model.set(member, score)
      } else expect(set.delete(bytes(member))).toBe(model.delete(member))
      expect(set.size).toBe(model.size)
      expect(set.score(bytes(member))).toBe(model.get(member))
      if (step % 250 !== 0) continue
      const ordered = inOrder(model)
      expect(texts(set.slice({ from: 0, to: set.size }))).toEqual(ordered)
      expect(texts(set.slice({ from: 0, to: set.size }, true))).toEqual([...ordered].reverse())
      const [from, to] = [random.below(set.size + 1), random.below(set.size + 1)].sort((a, b) => a - b) as [number, number]
      expect(texts(set.slice({ from, to }))).toEqual(ordered.slice(from, to))
      for (const [place, [name]] of ordered.entries()) if (place % 37 === 0) expect(set.rank(bytes(name))).toBe(place)
      const [low, high] = [random.below(40) - 20, random.below(40) - 20]
      for (const [lowExcluded, highExcluded] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true]
      ] as const) {
        const inRange = ordered.filter(([, s]) => (lowExcluded ? s > low : s >= low) && (highExcluded ? s < high : s <= high))
        expect(texts(set.slice(set.ranksByScore({ low, lowExcluded, high, highExcluded })))).toEqual(inRange)
      }
    }
    expect(texts(set.copy().slice({ from: 0, to: set.size }))).toEqual(inOrder(model))
    for (const member of [...model.keys()]) set.delete(bytes(member))
    expect([set.size, set.slice({ from: 0, to: 10 })]).toEqual([0, []])
    set.set(bytes('again'), 1)
    expect(set.rank(bytes('again'))).toBe(0)
  })

  test('ranks are removed as a range, and what is popped is not touched by what comes after', () => {
    const set = new SortedSetValue()
    const model: Pair[] = Array.from({ length: 3000 }, (_, index): Pair => [`m${(index * 7) % 3000}`, (index * 7) % 11])
    for (const [member, score] of model) set.set(bytes(member), score)
    const ordered = inOrder(model)
    for (const [from, to] of [
      [0, 1],
      [100, 900],
      [0, 0],
      [2000, 2199]
    ] as const) {
      set.deleteRanks({ from, to })
      ordered.splice(from, to - from)
      expect(texts(set.slice({ from: 0, to: set.size }))).toEqual(ordered)
      const told: Pair[] = []
      set.tell(set.size - 1, set.size, true, (all, start, length, score) => {
        told.push([latin1Text(all.subarray(start, start + length)), score])
      })
      expect(told.reverse()).toEqual(ordered)
    }
    set.deleteRanks({ from: 0, to: set.size })
    expect(set.size).toBe(0)
  })

  test('ranges of bytes when all scores are equal', () => {
    const set = new SortedSetValue()
    for (const member of ['a', 'b', 'c', 'd', '']) set.set(bytes(member), 0)
    const range = (low: Parameters<typeof set.ranksByMember>[0], high: Parameters<typeof set.ranksByMember>[1]) =>
      texts(set.slice(set.ranksByMember(low, high))).map(([member]) => member)
    const at = (member: string, excluded = false) => ({ member: bytes(member), excluded })
    expect(range('-', '+')).toEqual(['', 'a', 'b', 'c', 'd'])
    expect(range(at('b'), at('c'))).toEqual(['b', 'c'])
    expect(range(at('b', true), at('c', true))).toEqual([])
    expect(range(at('b', true), '+')).toEqual(['c', 'd'])
    expect(range('+', '-')).toEqual([])
    expect(range(at('bb'), '+')).toEqual(['c', 'd'])
  })

  test('infinite scores have their places', () => {
    const set = new SortedSetValue()
    for (const [member, score] of [
      ['high', Number.POSITIVE_INFINITY],
      ['low', Number.NEGATIVE_INFINITY],
      ['middle', 0]
    ] as const) {
      set.set(bytes(member), score)
    }
    expect(texts(set.slice({ from: 0, to: 3 })).map(([member]) => member)).toEqual(['low', 'middle', 'high'])
  })
})

describe('both forms of a sorted set, and the turns between them', () => {
  const scores = [0, 1, -1, 0.1, -0.1, 1e300, -1e-300, 2 ** 53, -(2 ** 40) - 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

  /** Everything that a set can be asked, against its members in order. */
  function expectSame(set: SortedSetValue, model: ReadonlyMap<string, number>, random: Random) {
    const ordered = inOrder(model)
    const { length } = ordered
    expect(set.size).toBe(length)
    expect(texts(set.slice({ from: 0, to: length }))).toEqual(ordered)
    expect(inOrder(texts([...set.entries()]))).toEqual(ordered)
    for (const [rank, [member, score]] of ordered.entries()) {
      expect(set.rank(bytes(member))).toBe(rank)
      expect(set.score(bytes(member))).toBe(score)
    }
    const [from, count] = [random.below(length + 1), random.below(length + 1)]
    const told: Pair[] = []
    set.tell(from, count, true, (page, start, size, score) => told.push([latin1Text(page.subarray(start, start + size)), score]))
    expect(told).toEqual(from < length ? ordered.slice(Math.max(0, from - count + 1), from + 1).reverse() : [])
    expect(texts(set.slice({ from, to: Math.min(from + count, length) }))).toEqual(ordered.slice(from, from + count))
    const [low, high] = [scores[random.below(scores.length)] as number, scores[random.below(scores.length)] as number]
    const excluded = random.below(2) === 0
    const inRange = ordered.filter(([, score]) => (excluded ? score > low && score < high : score >= low && score <= high))
    expect(texts(set.slice(set.ranksByScore({ low, lowExcluded: excluded, high, highExcluded: excluded })))).toEqual(inRange)
    const walked: Pair[] = []
    let position = 0
    do position = set.walk(position, (member, score) => walked.push([latin1Text(member), score]))
    while (position < 2 ** 32)
    expect(inOrder(walked)).toEqual(ordered)
    const picked = set.random((bound) => random.below(bound))
    expect(picked && model.get(latin1Text(picked[0]))).toBe(picked?.[1])
  }

  test.each([1, 2, 3, 4])('as a sorted array under random operations, seed %i', (seed) => {
    const random = new Random(seed)
    let set = new SortedSetValue()
    const model = new Map<string, number>()
    let isPacked = true
    const turns = { up: 0, back: 0 }
    for (let step = 0; step < 5000; step++) {
      const number = random.below(180)
      const member = number === 0 ? '' : number > 176 ? `${number}`.padEnd(number === 177 ? 65 : 64, 'x') : `member:${number}`
      const score = random.below(3) === 0 ? (scores[random.below(scores.length)] as number) : (random.below(400) - 200) / 4
      const isGrowing = Math.floor(step / 700) % 2 === 0
      if (random.below(10) < (isGrowing ? 8 : 2)) {
        if (isPacked && !model.has(member) && (model.size === 128 || member.length > 64)) {
          isPacked = false
          turns.up++
        }
        expect(set.set(bytes(member), score)).toBe(!model.has(member))
        model.set(member, score)
      } else if (random.below(30) === 0) {
        const from = random.below(model.size + 1)
        for (const [gone] of inOrder(model).slice(from, from + 5)) model.delete(gone)
        set.deleteRanks({ from, to: Math.min(from + 5, set.size) })
      } else expect(set.delete(bytes(member))).toBe(model.delete(member))
      if (!isPacked && random.below(100) === 0 && model.size <= 128 && ![...model.keys()].some((name) => name.length > 64)) {
        set.pack()
        isPacked = true
        turns.back++
      }
      expect(set.encoding).toBe(isPacked ? 'listpack' : 'skiplist')
      if (step % 250 === 0) {
        expectSame(set, model, random)
        if (step % 1000 === 0) {
          const copy = set.copy()
          set.set(bytes('only in the first'), 1)
          set = copy
          expectSame(set, model, random)
          expect(set.encoding).toBe(isPacked ? 'listpack' : 'skiplist')
        }
      }
    }
    expect(Math.min(turns.up, turns.back)).toBeGreaterThan(0)
  })

  test('a small one takes little more than its members, and gives back what it no longer needs', () => {
    const set = new SortedSetValue()
    for (let i = 0; i < 100; i++) set.set(bytes(`m${i}`), i)
    expect(set.bytes).toBeLessThan(100 * (3 + 9) * 1.3)
    set.deleteRanks({ from: 1, to: 100 })
    expect(set.bytes).toBeLessThan(20)
    for (let i = 0; i < 129; i++) set.set(bytes(`m${i}`), i)
    expect([set.encoding, set.fields?.size]).toEqual(['skiplist', 129])
  })
})

describe('the tree of ranks', () => {
  test.each(['ascending', 'descending', 'inside out'])('takes 20,000 members %s and gives them back', (order) => {
    const tree = new RankedTree({ compare: (a, b) => a - b })
    const count = 20_000
    const scoreOf = (i: number) =>
      order === 'ascending' ? i : order === 'descending' ? count - 1 - i : i % 2 === 0 ? count / 2 + i / 2 : count / 2 - (i + 1) / 2
    const member = 7
    for (let i = 0; i < count; i++) tree.insert(scoreOf(i), member)
    expect(tree.size).toBe(count)
    let expected = 0
    tree.visit(0, count, false, (_, score) => score === expected++)
    expect(expected).toBe(count)
    for (const rank of [0, 1, 127, 128, 12_345, count - 1]) {
      expect(tree.rankOf(rank, member)).toBe(rank)
      const found: number[] = []
      tree.visit(rank, 1, false, (_, score) => found.push(score) > 0)
      expect(found).toEqual([rank])
    }
    for (let i = 0; i < count; i++) expect(tree.remove(scoreOf(i), member)).toBe(true)
    expect([tree.size, tree.remove(0, member)]).toEqual([0, false])
  })
})

describe('[TYPE8] a sorted set is a listpack up to 128 members of 64 bytes, then a skiplist', () => {
  test('and stays one', () => {
    const set = new SortedSetValue()
    for (let i = 0; i < 128; i++) set.set(bytes(`${i}`), i)
    expect(set.encoding).toBe('listpack')
    set.set(bytes('one more'), 1)
    expect(set.encoding).toBe('skiplist')
    set.delete(bytes('one more'))
    expect(set.encoding).toBe('skiplist')
  })

  test('a long member makes it a skiplist', () => {
    const set = new SortedSetValue()
    set.set(bytes('x'.repeat(65)), 0)
    expect(set.encoding).toBe('skiplist')
  })

  test('a small result is packed again, a large one is not', () => {
    const set = new SortedSetValue()
    set.expect(1000, 1)
    set.set(bytes('a'), -0)
    set.set(bytes('b'), 1)
    set.pack()
    expect([set.encoding, set.score(bytes('a')), set.rank(bytes('a')), set.size]).toEqual(['listpack', 0, 0, 2])
    set.set(bytes('x'.repeat(65)), 1)
    set.pack()
    expect(set.encoding).toBe('skiplist')
  })

  test('a listpack has no negative zero', () => {
    const small = new SortedSetValue()
    small.set(bytes('a'), -0)
    expect(Object.is(small.score(bytes('a')), 0)).toBe(true)
    const large = new SortedSetValue()
    large.expect(1000, 1)
    large.set(bytes('a'), -0)
    expect(Object.is(large.score(bytes('a')), -0)).toBe(true)
    expect(Object.is(large.copy().score(bytes('a')), -0)).toBe(true)
  })
})
