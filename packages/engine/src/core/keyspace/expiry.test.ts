import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { keySlot } from '../cluster/slot.ts'
import { ExpiryCycle, type ExpiryNode, expireFieldsNow, expireKeyNow } from './expiry.ts'
import { Keyspace } from './keyspace.ts'
import { HashValue } from './values/hash.ts'
import { StringValue } from './values/string.ts'

const bytes = latin1Bytes

/** A node of which only active expiry is real, and a clock that moves by one microsecond with every look at it. */
class Scene implements ExpiryNode {
  readonly keyspace = new Keyspace(16)
  readonly stats = { expiredKeys: 0, expiredFields: 0, expiredTimeCapReached: 0, expireCycleUs: 0 }
  readonly propagated: string[] = []
  readonly events: string[] = []
  readonly touched: string[] = []
  readonly cycle = new ExpiryCycle(this)
  pausedSlot = -1
  us = 0
  /** What one removal costs. */
  removalUs = 1

  expiryPaused(key: Uint8Array): boolean {
    return keySlot(key) === this.pausedSlot
  }

  propagate(database: number, slot: number, commands: readonly (readonly (Uint8Array | string)[])[]): void {
    this.us += this.removalUs
    const lines = commands.map((parts) => parts.map((part) => (typeof part === 'string' ? part : latin1Text(part))).join(' '))
    expect(slot).toBe(keySlot(commands[0]?.[1] as Uint8Array))
    this.propagated.push(`${database} ${lines.join(' + ')}`)
  }

  notifyKeyspace(eventClass: string, event: string, key: Uint8Array, database: number): void {
    this.events.push(`${database} ${eventClass} ${event} ${latin1Text(key)}`)
  }

  noteKeyChanged(database: number, key: Uint8Array): void {
    this.touched.push(`${database} ${latin1Text(key)}`)
  }

  text(key: string, deadlineMs: number, database = 0): void {
    this.keyspace.database(database).put(bytes(key), new StringValue(bytes('v')), deadlineMs)
  }

  hash(key: string, fields: Readonly<Record<string, number>>, database = 0): HashValue {
    const hash = new HashValue()
    for (const [field, deadlineMs] of Object.entries(fields)) hash.set(bytes(field), bytes('v'), deadlineMs)
    this.keyspace.database(database).put(bytes(key), hash)
    return hash
  }

  run(nowMs: number, budgetUs = 1_000_000): void {
    this.cycle.run(nowMs, budgetUs, () => ++this.us)
  }
}

const NEVER = Number.POSITIVE_INFINITY

describe('[EXP1] a key past its deadline goes, and everybody hears of it', () => {
  test('with UNLINK, an event, and the watchers told', () => {
    const scene = new Scene()
    scene.text('gone', 100, 3)
    scene.text('there', 101, 3)
    scene.text('forever', NEVER, 3)
    scene.run(101)
    expect(scene.propagated).toEqual(['3 UNLINK gone'])
    expect(scene.events).toEqual(['3 x expired gone'])
    expect(scene.touched).toEqual(['3 gone'])
    expect([scene.keyspace.size, scene.stats.expiredKeys]).toEqual([2, 1])
    scene.run(102)
    expect(scene.keyspace.size).toBe(1)
  })

  test('a key that is not there any more is not announced', () => {
    const scene = new Scene()
    expireKeyNow(scene, scene.keyspace.database(0), bytes('nothing'))
    expect(expireFieldsNow(scene, scene.keyspace.database(0), bytes('nothing'), 5, 10)).toBe(0)
    expect([scene.propagated, scene.events]).toEqual([[], []])
  })

  test('a deadline that comes sooner later is noticed', () => {
    const scene = new Scene()
    scene.text('a', 10_000)
    scene.run(500)
    scene.keyspace.database(0).setDeadline(bytes('a'), 600)
    scene.run(601)
    expect(scene.keyspace.size).toBe(0)
  })

  test('keys that came with their slot are noticed', () => {
    const scene = new Scene()
    scene.run(50)
    const other = scene.keyspace.aside()
    other.database(2).put(bytes('moved'), new StringValue(bytes('v')), 60)
    other.moveSlotTo(scene.keyspace, keySlot(bytes('moved')))
    scene.run(70)
    expect(scene.propagated).toEqual(['2 UNLINK moved'])
  })
})

describe('[HFE8] fields past their deadlines go', () => {
  test('soonest first, in HDELs of 1024, the last with the key', () => {
    const scene = new Scene()
    const deadlines = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${index}`, 2000 - index]))
    scene.hash('h', deadlines)
    scene.run(3000)
    expect(scene.propagated.map((line) => line.split(' ').length)).toEqual([3 + 1024, 3 + 476 + 3])
    expect(scene.propagated[0]).toMatch(/^0 HDEL h f1499 f1498 /)
    expect(scene.propagated[1]).toMatch(/ \+ UNLINK h$/)
    expect(scene.events).toEqual(['0 x hexpired h', '0 x hexpired h', '0 g del h'])
    expect([scene.stats.expiredFields, scene.keyspace.size]).toEqual([1500, 0])
  })

  test('a new deadline of a field is noticed when the command says that it changed the key', () => {
    const scene = new Scene()
    const hash = scene.hash('h', { a: NEVER, b: 10_000 })
    scene.run(500)
    hash.setDeadline(bytes('a'), 600)
    scene.keyspace.database(0).noteChanged(bytes('h'))
    scene.run(601)
    expect(scene.propagated).toEqual(['0 HDEL h a'])
    expect([hash.size, hash.volatileCount]).toEqual([1, 1])
  })
})

describe('[EXP4] a run keeps to its time', () => {
  test('it stops at its budget and goes on where it stopped', () => {
    const scene = new Scene()
    scene.removalUs = 10
    for (let i = 0; i < 10_000; i++) scene.text(`key:${i}`, 100, i % 4)
    let runs = 0
    for (; scene.keyspace.size > 0; runs++) {
      const before = scene.us
      scene.run(200, 5000)
      // One removal beyond, at most.
      expect(scene.us - before).toBeLessThan(5000 + 50)
    }
    expect(runs).toBeGreaterThan(10)
    expect(scene.stats.expiredTimeCapReached).toBe(runs - 1)
    expect(scene.stats.expiredKeys).toBe(10_000)
  })

  test('keys do not starve fields, nor fields keys', () => {
    const scene = new Scene()
    scene.removalUs = 10
    for (let i = 0; i < 5000; i++) scene.text(`key:${i}`, 100)
    for (let i = 0; i < 5000; i++) scene.hash(`hash:${i}`, { f: 100, g: NEVER })
    scene.run(200, 10_000)
    expect(scene.stats.expiredKeys).toBeGreaterThan(300)
    expect(scene.stats.expiredFields).toBeGreaterThan(300)
  })

  test('while nothing is due it costs next to nothing', () => {
    const scene = new Scene()
    for (let i = 0; i < 20_000; i++) scene.text(`key:${i}`, 10_000)
    scene.run(200)
    const before = scene.us
    scene.run(300)
    expect(scene.us - before).toBeLessThan(20)
  })

  test('looking through many keys of one slot for few that are due takes a tenth of it', () => {
    const scene = new Scene()
    for (let i = 0; i < 50_000; i++) scene.text(`{slot}${i}`, 10_000)
    scene.text('{slot}due', 100)
    let runs = 0
    for (; scene.stats.expiredKeys === 0; runs++) {
      const before = scene.us
      scene.run(200, 2000)
      expect(scene.us - before).toBeLessThan(300)
    }
    expect(runs).toBeGreaterThan(1)
  })
})

describe('[EXP5] expiry stands still for slots whose writes are paused', () => {
  test('and takes up what it left when the pause is over', () => {
    const scene = new Scene()
    scene.pausedSlot = keySlot(bytes('{p}'))
    scene.text('{p}a', 100)
    scene.hash('{p}h', { f: 100 })
    scene.text('other', 100)
    scene.run(200)
    expect(scene.propagated).toEqual(['0 UNLINK other'])
    scene.pausedSlot = -1
    scene.run(201)
    expect(scene.propagated.sort()).toEqual(['0 HDEL {p}h f + UNLINK {p}h', '0 UNLINK other', '0 UNLINK {p}a'])
  })
})
