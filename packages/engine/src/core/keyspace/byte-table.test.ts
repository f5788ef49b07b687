import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { Random } from '../prng.ts'
import { ByteTable, WALK_END, walkPosition } from './byte-table.ts'

const bytes = latin1Bytes

function walkAll(table: ByteTable<number>): string[] {
  const names: string[] = []
  for (let position = 0; position < WALK_END; ) position = table.walk(position, (key) => names.push(latin1Text(key)))
  return names
}

describe('a table of byte keys', () => {
  test.each([
    [1, 6],
    [2, 12],
    [3, 400],
    [4, 5000]
  ])('is a Map, seed %i, up to %i keys', (seed, keys) => {
    const random = new Random(seed)
    const table = new ByteTable<number>()
    const model = new Map<string, number>()
    for (let step = 0; step < 12_000; step++) {
      const name = `key:${random.below(keys)}`
      // It grows for a while and shrinks for a while.
      if (random.below(10) < (Math.floor(step / 3000) % 2 === 0 ? 7 : 3)) {
        expect(table.set(bytes(name), step)).toBe(!model.has(name))
        model.set(name, step)
      } else {
        expect(table.delete(bytes(name))).toBe(model.get(name))
        model.delete(name)
      }
      expect(table.size).toBe(model.size)
      expect(table.get(bytes(name))).toBe(model.get(name))
      expect(table.has(bytes(name))).toBe(model.has(name))
      if (step % 1000 === 0) expect(walkAll(table).sort()).toEqual([...model.keys()].sort())
    }
    expect(Array.from(table.entries(), ([key, value]) => [latin1Text(key), value] as const).sort()).toEqual([...model].sort())
    expect(Array.from(table.keys(), latin1Text).sort()).toEqual([...model.keys()].sort())
  })

  test('keeps the bytes that it was given, and shows them', () => {
    const table = new ByteTable<number>()
    const key = bytes('k')
    table.set(key, 1)
    table.set(bytes('k'), 2)
    expect(table.storedKey(bytes('k'))).toBe(key)
    table.clear()
    expect([table.size, table.storedKey(key)]).toEqual([0, undefined])
  })

  test.each([5, 200])('draws every one of %i keys now and then', (count) => {
    const random = new Random(5)
    const table = new ByteTable<number>()
    for (let i = 0; i < count; i++) table.set(bytes(`${i}`), i)
    const drawn = new Set<number>()
    for (let i = 0; i < count * 100; i++) drawn.add(table.random((bound) => random.below(bound))?.[1] ?? -1)
    expect(drawn.size).toBe(count)
    expect(new ByteTable().random(() => 0)).toBeUndefined()
  })
})

describe('[TYPE13] a walk meets every key that stays, whatever else comes and goes', () => {
  test.each([1, 2, 3, 4, 5, 6])('while the table grows and shrinks under it, seed %i', (seed) => {
    const random = new Random(seed)
    const table = new ByteTable<number>()
    const staying = Array.from({ length: 1 + random.below(300) }, (_, index) => `stay:${index}`)
    for (const name of staying) table.set(bytes(name), 0)
    const seen = new Map<string, number>()
    let passing = 0
    for (let position = 0; position < WALK_END; ) {
      position = table.walk(position, (key) => seen.set(latin1Text(key), (seen.get(latin1Text(key)) ?? 0) + 1))
      const passed = staying.filter((name) => !seen.has(name) && walkPosition(bytes(name)) < position)
      if (passed.length > 0) expect(passed).toEqual([])
      for (let i = random.below(60); i > 0; i--) {
        if (passing < 600 && random.below(2) === 0) table.set(bytes(`pass:${passing++}`), 0)
        else table.delete(bytes(`pass:${random.below(passing + 1)}`))
      }
    }
    expect(staying.filter((name) => !seen.has(name))).toEqual([])
  })

  test('a table that nobody changes is met once', () => {
    for (const count of [0, 1, 8, 9, 16, 17, 1000]) {
      const table = new ByteTable<number>()
      for (let i = 0; i < count; i++) table.set(bytes(`${i}`), i)
      expect(walkAll(table).length).toBe(count)
    }
  })
})
