import type { HashValue } from './values/hash.ts'
import type { ListValue } from './values/list.ts'
import type { SetValue } from './values/set.ts'
import type { SortedSetValue } from './values/sorted-set.ts'
import type { StreamValue } from './values/stream.ts'
import type { StringValue } from './values/string.ts'

/** What a key holds. Each class is the whole interface that commands see, so that packed forms can take its place inside. */
export type Value = StringValue | ListValue | SetValue | HashValue | SortedSetValue | StreamValue

export type ValueType = Value['type']

/** No deadline. Every comparison with a clock is then false without a special case. */
export const NEVER = Number.POSITIVE_INFINITY

/** A key's value and deadline. Commands change the value inside. */
export type Holding = {
  readonly value: Value
  /** Unix milliseconds; NEVER when there is none. */
  readonly deadlineMs: number
}

export type Entry = Holding & {
  /** When or how often the key was used; only `UsageClock` can read it. */
  readonly usage: number
  /** Where the key lies, until something changes. */
  readonly record: number
}
