import type { HashValue } from '../keyspace/values/hash.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

export const FIELD_COUNT_ERROR = 'ERR numfields should be greater than 0 and match the provided number of fields'

/**
 * The number after FIELDS at `index`, which must equal the number of arguments after it divided by `perField`. Writes the
 * error and returns undefined otherwise.
 */
export function readFieldCount(
  ctx: CommandContext,
  args: Args,
  index: number,
  perField: 1 | 2,
  mismatch = FIELD_COUNT_ERROR
): number | undefined {
  const count = args.integer(index)
  const given = args.length - index - 1
  if (count === undefined) ctx.reply.error(errors.notAnInteger)
  else if (count < 1 || Number(count) * perField !== given) ctx.reply.error(mismatch)
  else return Number(count)
  return undefined
}

const FIELDS = 'FIELDS'

/** Index of the first argument from `from` on that is the word FIELDS; -1 if there is none with something after it. */
export function findFieldsWord(args: Args, from: number): number {
  for (let at = from; at < args.length - 1; at++) if (args.size(at) === FIELDS.length && args.is(at, FIELDS)) return at
  return -1
}

/** After fields were removed because their new deadline lies in the past. */
export function finishRemoval(ctx: CommandContext, key: Uint8Array, hash: HashValue, removed: readonly Uint8Array[]): void {
  if (hash.size === 0) ctx.database.remove(key)
  ctx.node.stats.expiredFields += removed.length
  ctx.changed(key, removed.length)
  ctx.notify('h', 'hexpired', key)
  if (hash.size === 0) ctx.notify('g', 'del', key)
  ctx.propagateAs('HDEL', key, ...removed)
}
