import type { ByteBuffer } from '../byte-buffer.ts'
import { ByteTable } from '../keyspace/byte-table.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

/** HRANDFIELD, SRANDMEMBER, ZRANDMEMBER: what they share. */

/** More repetitions than this in one reply are refused; the reference would go on until the client or memory gave up. */
const REPEATS_LIMIT = 10_000_000
const REPLY_BYTES_LIMIT = 67_108_864

/**
 * The count at `index`, a 64-bit integer other than the lowest. Writes the error and returns undefined for anything else.
 * `isPaired`: each pick gives two elements, so that only half of the range is allowed.
 */
export function readPickCount(ctx: CommandContext, args: Args, index: number): number | bigint | undefined {
  const count = args.integer(index)
  if (count === undefined) ctx.reply.error(errors.notAnInteger)
  else if (count < -LARGEST) ctx.reply.error('ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807')
  else return count
  return undefined
}

const LARGEST = 9_223_372_036_854_775_807n

/** Is a count of pairs beyond what the reference allows? */
export function isTooManyPairs(count: number | bigint): boolean {
  return count < -LARGEST / 2n || count > LARGEST / 2n
}

/**
 * Writes an array of `count` picks that may repeat. When it grows beyond all bounds it is taken back and an error stands
 * in its place.
 */
export function writeRepeats(ctx: CommandContext, count: number | bigint, elementsPerPick: 1 | 2, writeOne: (out: ByteBuffer) => void) {
  const { out } = ctx.reply
  if (count > REPEATS_LIMIT) return ctx.reply.error(errors.outOfRange)
  const start = out.length
  ctx.reply.array(Number(count) * elementsPerPick)
  for (let left = Number(count); left > 0; left--) {
    writeOne(out)
    if (out.length - start <= REPLY_BYTES_LIMIT) continue
    out.truncate(start)
    return ctx.reply.error(errors.outOfRange)
  }
}

/**
 * `count` different ones of `all()`, in no promised order; all of them when there are no more. `pickOne` draws one at
 * random; drawing is cheaper than listing while few of many are wanted.
 */
export function distinctPicks<T>(
  count: number | bigint,
  size: number,
  all: () => Iterable<T>,
  pickOne: () => T | undefined,
  nameOf: (item: T) => Uint8Array,
  pick: (bound: number) => number
): T[] {
  if (count >= size) return [...all()]
  const wanted = Number(count)
  if (wanted * 3 <= size) {
    const seen = new ByteTable<true>()
    const picked: T[] = []
    for (let tries = wanted * 16 + 64; tries > 0 && picked.length < wanted; tries--) {
      const item = pickOne()
      if (item !== undefined && seen.set(nameOf(item), true)) picked.push(item)
    }
    if (picked.length === wanted) return picked
  }
  const items = [...all()]
  for (let i = 0; i < wanted; i++) {
    const other = i + pick(items.length - i)
    const item = items[i] as T
    items[i] = items[other] as T
    items[other] = item
  }
  items.length = Math.min(wanted, items.length)
  return items
}
