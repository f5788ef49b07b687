import fc from 'fast-check'
import { latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import { NEVER, type Value } from '../src/core/keyspace/entry.ts'
import type { Consumer, ConsumerGroup } from '../src/core/keyspace/values/consumer-group.ts'
import { HashValue } from '../src/core/keyspace/values/hash.ts'
import { ListValue } from '../src/core/keyspace/values/list.ts'
import { SetValue } from '../src/core/keyspace/values/set.ts'
import { SortedSetValue } from '../src/core/keyspace/values/sorted-set.ts'
import { StreamValue } from '../src/core/keyspace/values/stream.ts'
import { MAX_ID, MIN_ID } from '../src/core/keyspace/values/stream-id.ts'
import { StringValue } from '../src/core/keyspace/values/string.ts'

/** Bytes of every kind that the format treats apart: integers of all widths, short, long, empty, any byte. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
  fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }).map((number) => latin1Bytes(String(number))),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => latin1Bytes(String(number))),
  fc.constantFrom('-128', '127', '128', '-129', '32767', '-32768', '32768', '2147483648', '-0', '007', '+1', ' 1').map(latin1Bytes),
  fc.tuple(fc.nat(255), fc.constantFrom(63, 64, 65, 300, 16_383, 16_384)).map(([byte, length]) => new Uint8Array(length).fill(byte))
)

const deadline = fc.oneof(fc.constant(NEVER), fc.integer({ min: 0, max: 4_000_000_000_000 }))
const some = { minLength: 1, maxLength: 12 }
const distinct = (bytes: Uint8Array): string => latin1Text(bytes)

const ids = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
const times = fc.integer({ min: -1, max: 4_000_000_000_000 })

/** A stream of several nodes, with deleted entries, and with groups that have read in any order. */
export const anyStream: fc.Arbitrary<StreamValue> = fc
  .record({
    added: fc.array(
      fc.tuple(fc.oneof(fc.bigInt(1n, 300n), fc.bigInt(1n, 2n ** 100n)), fc.array(anyBytes, { minLength: 2, maxLength: 6 })),
      {
        maxLength: 12
      }
    ),
    sameFields: fc.boolean(),
    maxEntries: fc.integer({ min: 0, max: 4 }),
    deleted: fc.array(fc.nat(11), { maxLength: 6 }),
    groups: fc.uniqueArray(
      fc.record({
        name: anyBytes,
        lastId: ids,
        entriesRead: fc.bigInt(-1n, 2n ** 63n - 1n),
        pending: fc.array(ids),
        consumers: anyConsumers()
      }),
      { maxLength: 3, selector: ({ name }) => distinct(name) }
    )
  })
  .map(({ added, sameFields, maxEntries, deleted, groups }) => {
    const stream = new StreamValue()
    for (const [gap, given] of added) {
      const fields = sameFields ? [latin1Bytes('field'), given[0] as Uint8Array] : given.slice(0, given.length - (given.length % 2))
      stream.append(stream.lastId + gap, fields, { maxBytes: 4096, maxEntries })
    }
    const there = [...stream.ascending(MIN_ID, MAX_ID)]
    for (const index of deleted) if (there[index]) stream.delete(there[index].id)
    stream.noteFirst()
    for (const { name, lastId, entriesRead, pending, consumers } of groups) {
      const group = stream.createGroup(name, lastId, entriesRead) as ConsumerGroup
      const made = consumers.map(([consumer, seenAtMs, activeAtMs]) => {
        const one = group.createConsumer(consumer, seenAtMs) as Consumer
        one.activeAtMs = activeAtMs
        return one
      })
      const first = made[0]
      if (first) for (const [index, id] of pending.entries()) group.assign(id, made[index % made.length] ?? first, index * 1e11, id & 7n)
    }
    return stream
  })

function anyConsumers(): fc.Arbitrary<[Uint8Array, number, number][]> {
  return fc.uniqueArray(fc.tuple(anyBytes, times, times), { maxLength: 3, selector: ([name]) => distinct(name) })
}

/** A value of any type; no collection but a stream is empty. */
export const anyValue: fc.Arbitrary<Value> = fc.oneof(
  anyBytes.map((bytes) => new StringValue(bytes)),
  fc.array(anyBytes, some).map((elements) => {
    const list = new ListValue()
    for (const element of elements) list.pushTail(element)
    return list
  }),
  fc.uniqueArray(anyBytes, { ...some, selector: distinct }).map((members) => {
    const set = new SetValue()
    for (const member of members) set.add(member)
    return set
  }),
  fc.uniqueArray(fc.tuple(anyBytes, anyBytes, deadline), { ...some, selector: ([field]) => distinct(field) }).map((fields) => {
    const hash = new HashValue()
    for (const [field, content, deadlineMs] of fields) hash.set(field, content, deadlineMs)
    return hash
  }),
  fc.uniqueArray(fc.tuple(anyBytes, fc.double({ noNaN: true })), { ...some, selector: ([member]) => distinct(member) }).map((members) => {
    const sorted = new SortedSetValue()
    for (const [member, score] of members) sorted.set(member, score)
    return sorted
  }),
  anyStream
)
