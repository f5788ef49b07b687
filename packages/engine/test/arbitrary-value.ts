import fc from 'fast-check'
import { latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import { NEVER, type Value } from '../src/core/keyspace/entry.ts'
import { HashValue } from '../src/core/keyspace/values/hash.ts'
import { ListValue } from '../src/core/keyspace/values/list.ts'
import { SetValue } from '../src/core/keyspace/values/set.ts'
import { SortedSetValue } from '../src/core/keyspace/values/sorted-set.ts'
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

/** A value of any type; no collection is empty. */
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
  })
)
