import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { keySlot, type SlotRange } from '../cluster/slot.ts'
import type { Entry } from './entry.ts'
import { Keyspace } from './keyspace.ts'
import { SnapshotCursor } from './snapshot-cursor.ts'
import { HashValue } from './values/hash.ts'
import { StringValue } from './values/string.ts'

/** `database:key` to everything that the entry says. */
type Picture = Map<string, string>

function imageOf(entry: Entry): string {
  const { value } = entry
  if (value.type === 'hash')
    return `${[...value.entries()]
      .map(([field, bytes, at]) => `${latin1Text(field)}=${latin1Text(bytes)}@${at}`)
      .sort()
      .join()}|${entry.deadlineMs}`
  return value.type === 'string' ? `${latin1Text(value.bytes)}|${entry.deadlineMs}` : value.type
}

function pictureOf(keyspace: Keyspace, wants: (slot: number) => boolean): Picture {
  const picture: Picture = new Map()
  for (const database of keyspace.used()) {
    for (const slot of database.occupiedSlots()) {
      if (!wants(slot)) continue
      for (const [key, entry] of database.entriesOf(slot)) picture.set(`${database.index}:${latin1Text(key)}`, imageOf(entry))
    }
  }
  return picture
}

/** A cursor that writes down what it is given and refuses to be given a key twice. */
function recorded(keyspace: Keyspace, slots: readonly SlotRange[] | 'all'): { cursor: SnapshotCursor; picture: Picture } {
  const picture: Picture = new Map()
  const cursor = new SnapshotCursor(keyspace, slots, (database, slot, key, entry) => {
    const name = `${database}:${latin1Text(key)}`
    expect(picture.has(name), `${name} was emitted twice`).toBe(false)
    expect(slot).toBe(keySlot(key))
    picture.set(name, imageOf(entry))
  })
  return { cursor, picture }
}

const DATABASES = 3
const action = fc.record({
  kind: fc.constantFrom('put', 'put', 'append', 'field', 'remove', 'deadline', 'advance', 'detach', 'move-in', 'burst', 'thin-out'),
  database: fc.nat(DATABASES - 1),
  /** Few tags, so that slots hold many keys and their tables grow and shrink. */
  tag: fc.nat(3),
  key: fc.nat(200),
  value: fc.nat(1000)
})
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

function apply(keyspace: Keyspace, { kind, database: index, tag, key: number, value }: Action, cursor: SnapshotCursor | undefined): void {
  const database = keyspace.database(index)
  const key = latin1Bytes(`{${tag}}${number}`)
  const slot = keySlot(key)
  switch (kind) {
    case 'put':
      database.put(key, new StringValue(latin1Bytes(String(value))), value % 3 === 0 ? value : Number.POSITIVE_INFINITY)
      break
    case 'append': {
      const entry = database.open(key)
      if (entry?.value.type === 'string') entry.value.replace(latin1Bytes(`${latin1Text(entry.value.bytes)}+`))
      database.noteChanged(key)
      break
    }
    case 'field': {
      const entry = database.open(key)
      if (entry?.value.type === 'hash') entry.value.set(latin1Bytes(`f${value % 5}`), latin1Bytes(String(value)), value)
      else {
        const hash = new HashValue()
        hash.set(latin1Bytes('f'), latin1Bytes(String(value)))
        database.put(key, hash)
      }
      database.noteChanged(key)
      break
    }
    case 'remove':
      database.remove(key)
      break
    case 'deadline':
      database.setDeadline(key, value)
      break
    case 'advance': {
      let left = value % 20
      cursor?.advance(() => left-- <= 0)
      break
    }
    case 'detach':
      if (value % 4 === 0) keyspace.dropSlot(slot)
      break
    case 'move-in': {
      if (keyspace.sizeOfSlot(slot) > 0) break
      const aside = keyspace.aside()
      for (let i = 0; i < 20; i++) aside.database(index).put(latin1Bytes(`{${tag}}${i}`), new StringValue(latin1Bytes('moved in')))
      aside.moveSlotTo(keyspace, slot)
      break
    }
    case 'burst':
      for (let i = 0; i < value; i++) {
        if (i % 2 === number % 2) database.remove(latin1Bytes(`{${tag}}${i}`))
        else database.put(latin1Bytes(`{${tag}}${i}`), new StringValue(latin1Bytes('burst')))
      }
      break
    case 'thin-out':
      for (let i = 0; i < 1000; i++) if (i % 32 !== number % 32) database.remove(latin1Bytes(`{${tag}}${i}`))
  }
}

test('[SNAP1] the images are the state at the start, each key once, whatever is written meanwhile', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.array(action, { maxLength: 120 }), fc.boolean(), (before, during, all) => {
      const keyspace = new Keyspace(DATABASES)
      for (const one of before) apply(keyspace, one, undefined)
      const slots: SlotRange[] = [0, 2].map((tag) => keySlot(latin1Bytes(`{${tag}}`))).map((slot) => [slot, slot])
      const expected = pictureOf(keyspace, (slot) => all || slots.some(([first]) => first === slot))
      const { cursor, picture } = recorded(keyspace, all ? 'all' : slots)
      for (const one of during) apply(keyspace, one, cursor)
      expect(cursor.advance(() => false)).toBe(true)
      expect(picture).toEqual(expected)
      expect(keyspace.watchers.size).toBe(0)
    }),
    { numRuns: 300 }
  )
})

test('[SNAP1] a key has passed once it was emitted, or was made ahead of the walk', () => {
  const keyspace = new Keyspace(1)
  const database = keyspace.database(0)
  for (let i = 0; i < 100; i++) database.put(latin1Bytes(`{a}${i}`), new StringValue(latin1Bytes('v')))
  const slot = keySlot(latin1Bytes('{a}'))
  const { cursor, picture } = recorded(keyspace, [[slot, slot]])
  expect(cursor.advance(() => picture.size >= 10)).toBe(false)
  for (let i = 0; i < 100; i++) expect(cursor.hasPassed(0, slot, latin1Bytes(`{a}${i}`))).toBe(picture.has(`0:{a}${i}`))
  expect(cursor.hasPassed(0, slot + 1, latin1Bytes('elsewhere'))).toBe(true)
  const unreached = [...Array(100).keys()].find((i) => !picture.has(`0:{a}${i}`))
  database.remove(latin1Bytes(`{a}${unreached}`))
  expect(picture.get(`0:{a}${unreached}`)).toBe('v|Infinity')
  expect(cursor.hasPassed(0, slot, latin1Bytes(`{a}${unreached}`))).toBe(true)
  cursor.close()
  expect(keyspace.watchers.size).toBe(0)
})

test('[SNAP2] a walk stops when it is told to and goes on where it stood', () => {
  const keyspace = new Keyspace(2)
  for (let i = 0; i < 1000; i++) keyspace.database(i % 2).put(latin1Bytes(`k${i}`), new StringValue(latin1Bytes(String(i))))
  const { cursor, picture } = recorded(keyspace, 'all')
  let slices = 0
  let largest = 0
  for (let seen = 0; !cursor.advance(() => picture.size - seen >= 10); seen = picture.size) {
    slices++
    largest = Math.max(largest, picture.size - seen)
  }
  expect(picture.size).toBe(1000)
  expect(slices).toBeGreaterThan(50)
  expect(largest).toBeLessThan(20)
})

test('[SNAP1] tables that grow and shrink under the walk lose nothing and repeat nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 8, max: 64 }),
      fc.integer({ min: 0, max: 3000 }),
      (reached, keepEvery, grown) => {
        const keyspace = new Keyspace(1)
        const database = keyspace.database(0)
        for (let i = 0; i < 1000; i++) database.put(latin1Bytes(`{a}${i}`), new StringValue(latin1Bytes('v')))
        const { cursor, picture } = recorded(keyspace, 'all')
        cursor.advance(() => picture.size >= reached)
        for (let i = 0; i < 1000; i++) if (i % keepEvery !== 0) database.remove(latin1Bytes(`{a}${i}`))
        for (let i = 0; i < grown; i++) database.put(latin1Bytes(`{a}new${i}`), new StringValue(latin1Bytes('w')))
        cursor.advance(() => false)
        expect(picture.size).toBe(1000)
      }
    ),
    { numRuns: 40 }
  )
})
