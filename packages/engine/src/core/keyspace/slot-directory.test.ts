import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { keyPosition, WALK_END } from './byte-table.ts'
import { NEVER } from './entry.ts'
import { KeyRecords } from './key-records.ts'
import { SlotDirectory } from './slot-directory.ts'

/** A directory of one slot beside the Map that it should be. */
class Scene {
  readonly records = new KeyRecords()
  readonly directory = new SlotDirectory(this.records)
  readonly model = new Map<string, number>()
  slot = 7

  find(name: string): number {
    const key = latin1Bytes(name)
    return this.directory.find(this.slot, keyPosition(key) | 0, key, 0, key.length)
  }

  add(name: string): void {
    if (this.model.has(name)) return
    const key = latin1Bytes(name)
    const record = this.records.addString(key, 0, key.length, key, 0, key.length, NEVER)
    this.directory.add(this.slot, keyPosition(key) | 0, record)
    this.model.set(name, record)
  }

  remove(name: string): void {
    const record = this.model.get(name)
    if (record === undefined) return
    expect(this.directory.remove(this.slot, keyPosition(latin1Bytes(name)) | 0, record)).toBe(true)
    this.records.free(record)
    this.model.delete(name)
  }

  /** One step of a walk; the names that it gave. */
  step(position: number): { next: number; names: string[] } {
    const names: string[] = []
    const next = this.directory.walk(this.slot, position, (record, place) => {
      expect(place).toBe(keyPosition(this.records.key(record)))
      names.push(latin1Text(this.records.key(record)))
    })
    expect(next).toBeGreaterThan(position)
    return { next, names }
  }

  walk(): string[] {
    const names: string[] = []
    for (let position = 0; position < WALK_END; ) {
      const step = this.step(position)
      names.push(...step.names)
      position = step.next
    }
    return names
  }

  mustBeTheModel(): void {
    const names = [...this.model.keys()].sort()
    expect(this.directory.sizeOfSlot(this.slot)).toBe(names.length)
    expect(this.directory.size).toBe(names.length)
    expect(this.walk().sort()).toEqual(names)
    expect([...this.directory.recordsOf(this.slot)].map((record) => latin1Text(this.records.key(record))).sort()).toEqual(names)
    for (const [name, record] of this.model) expect(this.find(name)).toBe(record)
    if (names.length > 0)
      expect(this.model.has(latin1Text(this.records.key(this.directory.random(this.slot, (bound) => bound >>> 1))))).toBe(true)
  }
}

/** Names `first` to `first + count`, added or removed. */
const burst = fc.record({ adds: fc.boolean(), first: fc.nat(6_000), count: fc.oneof(fc.nat(12), fc.nat(4_000)) })

test('is a Map under bursts of additions and removals, over pages that split', () => {
  fc.assert(
    fc.property(fc.array(burst, { maxLength: 12 }), (bursts) => {
      const scene = new Scene()
      for (const { adds, first, count } of bursts) {
        for (let i = first; i < first + count; i++) adds ? scene.add(`k${i}`) : scene.remove(`k${i}`)
      }
      scene.mustBeTheModel()
      for (const name of [...scene.model.keys()]) scene.remove(name)
      // Records and pages are all that was allocated, and all of it is given back.
      expect(scene.records.arena.liveBytes).toBe(0)
    }),
    { numRuns: 25 }
  )
})

test('a walk gives what is there all the time exactly once, whatever the pages do meanwhile', () => {
  fc.assert(
    fc.property(fc.nat(3_000), fc.array(burst, { maxLength: 12 }), (staying, bursts) => {
      const scene = new Scene()
      for (let i = 0; i < staying; i++) scene.add(`stays${i}`)
      const seen: string[] = []
      const rest = [...bursts]
      for (let position = 0, steps = 0; position < WALK_END; steps++) {
        const { next, names } = scene.step(position)
        seen.push(...names.filter((name) => name.startsWith('stays')))
        position = next
        const change = steps % 7 === 0 ? rest.pop() : undefined
        if (change)
          for (let i = change.first; i < change.first + change.count; i++) change.adds ? scene.add(`k${i}`) : scene.remove(`k${i}`)
      }
      expect(seen.sort()).toEqual(Array.from({ length: staying }, (_, i) => `stays${i}`).sort())
    }),
    { numRuns: 25 }
  )
})

test('a slot that is detached and attached elsewhere is the same slot', () => {
  const scene = new Scene()
  for (let i = 0; i < 5_000; i++) scene.add(`k${i}`)
  const other = new SlotDirectory(scene.records)
  other.attach(9, scene.directory.detach(7))
  expect(scene.directory.size).toBe(0)
  expect(scene.find('k1')).toBe(0)
  expect(other.sizeOfSlot(9)).toBe(5_000)
  scene.directory.attach(7, other.detach(9))
  scene.mustBeTheModel()
})

test('no step of a growing slot takes more than two pages', () => {
  const scene = new Scene()
  const { arena } = scene.records
  let mostBytes = 0
  for (let i = 0; i < 300_000; i++) {
    const key = latin1Bytes(`key:${i}`)
    const record = scene.records.addString(key, 0, key.length, key, 0, key.length, NEVER)
    const before = arena.liveBytes
    scene.directory.add(7, keyPosition(key) | 0, record)
    mostBytes = Math.max(mostBytes, arena.liveBytes - before)
  }
  expect(mostBytes).toBeLessThanOrEqual(2 * 8192)
  expect(scene.directory.sizeOfSlot(7)).toBe(300_000)
  // A record of 24 bytes or 32, and a place of 8 at a load between a half and seven eighths.
  expect(arena.liveBytes / 300_000).toBeLessThan(32 + 16)
})

test('thousands of keys with one and the same position are found and removed', () => {
  const records = new KeyRecords()
  const directory = new SlotDirectory(records)
  const added = Array.from({ length: 3_000 }, (_, i) => {
    const key = latin1Bytes(String(i))
    const record = records.addString(key, 0, key.length, key, 0, key.length, NEVER)
    directory.add(0, 5, record)
    return { key, record }
  })
  for (const { key, record } of added) expect(directory.find(0, 5, key, 0, key.length)).toBe(record)
  for (const { record } of added) expect(directory.remove(0, 5, record)).toBe(true)
  expect(directory.size).toBe(0)
})
