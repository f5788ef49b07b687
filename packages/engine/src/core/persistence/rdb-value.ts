import { parseDouble } from '../bytes.ts'
import { NEVER, type Value } from '../keyspace/entry.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { ListValue } from '../keyspace/values/list.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { intsetElements, listpackElements } from './packed.ts'
import type { RdbInput } from './rdb-input.ts'
import { RdbStreamReader } from './rdb-stream-reader.ts'

/** Value types of the format, by their numbers in the file. */
export const RdbType = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  zset2: 5,
  setIntset: 11,
  stream: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listQuicklist2: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  hash2: 22
} as const

/** What we know by name and cannot hold; asked for in an error, not guessed at. */
const UNSUPPORTED = new Map([
  [6, 'module'],
  [7, 'module'],
  [9, 'hash as zipmap, of servers before 7.0'],
  [10, 'list as ziplist, of servers before 7.0'],
  [12, 'sorted set as ziplist, of servers before 7.0'],
  [13, 'hash as ziplist, of servers before 7.0'],
  [14, 'list of ziplists, of servers before 7.0']
])

/**
 * Reads one value element by element, so that a value that arrives in many pieces is not parsed anew with each of them: call
 * `step` until `done`; commit the input after each, unless it is short or has a problem.
 */
export class ValueReader {
  readonly #type: number
  #value: Value | undefined
  /** Elements still to come; -1: not even the count is known. */
  #left = -1
  readonly #stream: RdbStreamReader | undefined

  constructor(type: number, input: RdbInput) {
    this.#type = type
    const unsupported = UNSUPPORTED.get(type)
    if (unsupported) input.fail(`value type ${type} (${unsupported}) is not supported`)
    else if (!KNOWN.has(type)) input.fail(`unknown value type ${type}`)
    const streamForm = STREAM_FORMS.get(type)
    if (streamForm !== undefined) this.#stream = new RdbStreamReader(streamForm)
  }

  get done(): boolean {
    return this.#left === 0
  }

  /** The value; undefined for a collection without elements, which no key may hold. */
  get value(): Value | undefined {
    return this.#value
  }

  /** Reads the next element. When the input comes out short, nothing has changed. */
  step(input: RdbInput): void {
    if (this.#stream) return this.#streamElement(input, this.#stream)
    if (this.#left > 0) return this.#element(input)
    switch (this.#type) {
      case RdbType.string: {
        const bytes = input.string()
        if (input.short || input.problem) return
        this.#value = new StringValue(bytes)
        this.#left = 0
        return
      }
      case RdbType.setIntset:
      case RdbType.setListpack:
      case RdbType.hashListpack:
      case RdbType.zsetListpack: {
        const pack = input.string()
        if (input.short || input.problem) return
        this.#unpack(input, pack)
        this.#left = 0
        return
      }
      default: {
        const count = input.length()
        if (input.short || input.problem) return
        this.#left = count
        if (count > 0) this.#value = this.#emptyValue(count)
      }
    }
  }

  #streamElement(input: RdbInput, reader: RdbStreamReader): void {
    reader.step(input)
    if (!reader.done) return
    this.#value = reader.stream
    this.#left = 0
  }

  #emptyValue(count: number): Value {
    switch (this.#type) {
      case RdbType.list:
      case RdbType.listQuicklist2:
        return new ListValue()
      case RdbType.set: {
        const set = new SetValue()
        set.expect(count)
        return set
      }
      case RdbType.hash:
      case RdbType.hash2:
        return new HashValue()
      default:
        return new SortedSetValue()
    }
  }

  #element(input: RdbInput): void {
    const value = this.#value as Value
    switch (value.type) {
      case 'list':
        return this.#listElement(input, value)
      case 'set': {
        const member = input.string()
        if (input.short || input.problem) return
        if (!value.add(member)) input.fail('a set names a member twice')
        break
      }
      case 'hash': {
        const field = input.string()
        const content = input.string()
        const deadlineMs = this.#type === RdbType.hash2 ? input.int64() : -1
        if (input.short || input.problem) return
        if (deadlineMs < -1) input.fail('a field has a negative deadline')
        else if (!value.set(field, content, deadlineMs === -1 ? NEVER : deadlineMs)) input.fail('a hash names a field twice')
        break
      }
      case 'zset': {
        const member = input.string()
        const score = this.#type === RdbType.zset2 ? input.double() : textScore(input)
        if (input.short || input.problem) return
        if (Number.isNaN(score)) input.fail('a score is not a number')
        else if (!value.set(member, score)) input.fail('a sorted set names a member twice')
        break
      }
      default:
        return
    }
    this.#left--
  }

  #listElement(input: RdbInput, list: ListValue): void {
    const container = this.#type === RdbType.listQuicklist2 ? input.length() : PLAIN
    const bytes = input.string()
    if (input.short || input.problem) return
    if (container === PLAIN) list.pushTail(bytes)
    else if (container === PACKED) {
      const elements = listpackElements(bytes)
      if (!elements) return input.fail('damaged listpack of a list')
      for (const element of elements) list.pushTail(element)
    } else return input.fail(`unknown list container ${container}`)
    this.#left--
    // Nodes may all be empty; then there is no list.
    if (this.#left === 0 && list.length === 0) this.#value = undefined
  }

  #unpack(input: RdbInput, pack: Uint8Array): void {
    const elements = this.#type === RdbType.setIntset ? intsetElements(pack) : listpackElements(pack)
    if (!elements) return input.fail(this.#type === RdbType.setIntset ? 'damaged intset' : 'damaged listpack')
    if (elements.length === 0) return
    if (this.#type === RdbType.setIntset || this.#type === RdbType.setListpack) {
      const set = new SetValue()
      set.expect(elements.length)
      for (const member of elements) if (!set.add(member)) return input.fail('a set names a member twice')
      this.#value = set
      return
    }
    if (elements.length % 2 !== 0) return input.fail('a listpack of pairs has an odd number of elements')
    const isHash = this.#type === RdbType.hashListpack
    const hash = new HashValue()
    const sorted = new SortedSetValue()
    for (let i = 0; i < elements.length; i += 2) {
      const name = elements[i] as Uint8Array
      const content = elements[i + 1] as Uint8Array
      if (isHash) {
        if (!hash.set(name, content)) return input.fail('a hash names a field twice')
        continue
      }
      const score = parseDouble(content)
      if (score === undefined) return input.fail('a score is not a number')
      if (!sorted.set(name, score)) return input.fail('a sorted set names a member twice')
    }
    this.#value = isHash ? hash : sorted
  }
}

const KNOWN: ReadonlySet<number> = new Set(Object.values(RdbType))
/** Forms of streams, each with more than the one before. */
const STREAM_FORMS: ReadonlyMap<number, 1 | 2 | 3> = new Map([
  [RdbType.stream, 1],
  [RdbType.stream2, 2],
  [RdbType.stream3, 3]
])
const PLAIN = 1
const PACKED = 2

/** The score of the old sorted set: one byte of length, then text; 253 to 255 are not-a-number and the infinities. */
function textScore(input: RdbInput): number {
  const length = input.byte()
  if (length === 253) return Number.NaN
  if (length === 254) return Number.POSITIVE_INFINITY
  if (length === 255) return Number.NEGATIVE_INFINITY
  const text = input.take(length)
  return input.short ? 0 : (parseDouble(text) ?? Number.NaN)
}
