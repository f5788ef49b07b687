import { expect, test } from 'vitest'
import { KeyStore } from './key-store.ts'

test('every name once, in the order in which they came, with its words', () => {
  const store = new KeyStore()
  const names = Array.from({ length: 100_000 }, (_, index) => `key-${(index * 7_919) % 100_003}`)
  const added = names.filter((name, index) => store.add(name, index % 2 ? 'hash' : 'string', `shard-${index % 3}`))
  expect(added).toHaveLength(100_000)
  expect(names.filter((name) => store.add(name, 'list', 'elsewhere'))).toEqual([])
  expect(store.count).toBe(100_000)
  for (const index of [0, 1, 999, 1_024, 65_536, 99_999])
    expect([store.keyAt(index), store.typeAt(index), store.shardAt(index)]).toEqual([
      names[index],
      index % 2 ? 'hash' : 'string',
      `shard-${index % 3}`
    ])
  expect(store.slice(99_998, 200_000)).toEqual(names.slice(99_998))
  expect(store.joined(99_990, 200_000)).toBe(names.slice(99_990).join(' '))
})

test('an empty name, and names longer than a block', () => {
  const store = new KeyStore()
  const long = 'x'.repeat(3_000_000)
  expect([store.add('', 'set', 'a'), store.add(long, 'set', 'a'), store.add(`${long}y`, 'set', 'a'), store.add('', 'set', 'a')]).toEqual([
    true,
    true,
    true,
    false
  ])
  expect(store.joined(0, 1)).toBe('')
  expect(store.joined(0, 2)).toBe(` ${long}`)
  expect(store.slice(0, 3).map(({ length }) => length)).toEqual([0, 3_000_000, 3_000_001])
})
