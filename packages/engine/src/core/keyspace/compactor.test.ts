import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { Compactor } from './compactor.ts'
import { NEVER } from './entry.ts'
import { Keyspace } from './keyspace.ts'
import { HashValue } from './values/hash.ts'
import { StringValue } from './values/string.ts'

/** Keys of several sizes, some with deadlines, some of them hashes; in few slots and in many. */
function filled(count: number): Keyspace {
  const keyspace = new Keyspace(2)
  for (let i = 0; i < count; i++) {
    const key = latin1Bytes(i % 2 === 0 ? `{few}${i}` : `key:${i}`)
    const value = i % 50 === 0 ? new HashValue() : new StringValue(latin1Bytes('x'.repeat(i % 90) + i))
    if (value.type === 'hash') value.set(latin1Bytes('f'), latin1Bytes(String(i)), i % 100 === 0 ? 5 : NEVER)
    keyspace.database(i % 2).put(key, value, i % 3 === 0 ? 1_000_000 + i : NEVER)
  }
  return keyspace
}

function pictureOf(keyspace: Keyspace): string[] {
  const lines: string[] = []
  for (const database of keyspace.used()) {
    for (const slot of database.occupiedSlots()) {
      for (const [key, { value, deadlineMs }] of database.entriesOf(slot)) {
        const text =
          value.type === 'string'
            ? latin1Text(value.bytes)
            : value.type === 'hash'
              ? latin1Text(value.peek(latin1Bytes('f'))?.value as Uint8Array)
              : ''
        lines.push(`${database.index} ${latin1Text(key)} ${text} ${deadlineMs}`)
      }
    }
  }
  return lines.sort()
}

test('what is left of many keys is moved together, and is what it was', () => {
  const keyspace = filled(200_000)
  const { arena } = keyspace.store.records
  const before = arena.reservedBytes
  for (const database of keyspace.used()) {
    for (const slot of [...database.occupiedSlots()])
      for (const key of [...database.keysOf(slot)]) if ((key.at(-1) as number) % 2 === 0) database.remove(key)
  }
  const picture = pictureOf(keyspace)
  const counts = [...keyspace.used()].map((database) => [database.size, database.expiringCount, database.volatileCount])
  const compactor = new Compactor(keyspace.store)
  for (let runs = 0; runs < 500; runs++) compactor.run(() => [keyspace], 1_000)
  expect(arena.reservedBytes).toBeLessThan(before * 0.65)
  expect(pictureOf(keyspace)).toEqual(picture)
  expect([...keyspace.used()].map((database) => [database.size, database.expiringCount, database.volatileCount])).toEqual(counts)
  // The indexes of what will be due name the same keys.
  for (const database of keyspace.used()) {
    const due: string[] = []
    for (const slot of database.occupiedSlots()) {
      for (let position = 0; position < 2 ** 32; )
        position = database.walkSlot(slot, position, (key) => due.push(latin1Text(key)), 'expiring')
    }
    expect(due.length).toBe(database.expiringCount)
    for (const key of due) expect(database.peek(latin1Bytes(key))?.deadlineMs).not.toBe(NEVER)
  }
})

test('keys may come and go between any two steps', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: fc.nat(20_000), puts: fc.boolean(), steps: fc.nat(400) }), { maxLength: 300 }), (changes) => {
      const keyspace = filled(20_000)
      // As if much more had been there: every slab with room is left.
      const { arena } = keyspace.store.records
      const ballast = Array.from({ length: 6_000 }, () => arena.allocate(4_096))
      for (const address of ballast) if (address % 5 !== 0) arena.free(address)
      for (let i = 1; i < 20_000; i += 2) keyspace.database(1).remove(latin1Bytes(`key:${i}`))
      const compactor = new Compactor(keyspace.store)
      const model = new Map(pictureOf(keyspace).map((line) => [line.split(' ', 2).join(' '), line]))
      for (const { key, puts, steps } of changes) {
        compactor.run(() => [keyspace], steps)
        const name = `key:${key}`
        if (puts) keyspace.database(1).putString(latin1Bytes(name), latin1Bytes(`new${key}`), key % 2 === 0 ? 77 : NEVER)
        else keyspace.database(1).remove(latin1Bytes(name))
        if (puts) model.set(`1 ${name}`, `1 ${name} new${key} ${key % 2 === 0 ? 77 : NEVER}`)
        else model.delete(`1 ${name}`)
      }
      for (let runs = 0; runs < 100; runs++) compactor.run(() => [keyspace], 1_000)
      expect(pictureOf(keyspace)).toEqual([...model.values()].sort())
    }),
    { numRuns: 5 }
  )
})
