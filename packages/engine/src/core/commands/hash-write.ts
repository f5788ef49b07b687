import { NEVER } from '../keyspace/entry.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

/**
 * The hash at the key that is argument 1, or a new one that is not stored yet, so that a command that sets nothing leaves no empty key
 * behind: `storeIfNew` must follow when it did. When the key holds something else, the error is written and undefined comes back.
 */
export function openHash(ctx: CommandContext, args: Args): HashValue | undefined {
  const found = ctx.writeAt('hash', args, 1)
  return found === 'wrong' ? undefined : (found ?? new HashValue())
}

/** Puts a hash that was not there when it was opened, and `wasEmpty` then, into the database. */
export function storeIfNew(ctx: CommandContext, args: Args, hash: HashValue, wasEmpty: boolean): void {
  if (wasEmpty) ctx.database.put(args.bytes(1), hash, NEVER)
}

export type SetOutcome = 'new' | 'replaced' | 'expired'

/** Sets a field, to copies, and counts, when an expired field was overwritten, one field as expired. */
export function setField(ctx: CommandContext, hash: HashValue, field: Uint8Array, value: Uint8Array, deadlineMs = NEVER): SetOutcome {
  return counted(ctx, hash.overwrite(field, 0, field.length, value, 0, value.length, deadlineMs, ctx.visibleNowMs))
}

/** As `setField`, of a field that is one of the arguments, to the argument behind it. */
export function setFieldAt(ctx: CommandContext, hash: HashValue, args: Args, index: number, deadlineMs: number): SetOutcome {
  const { source } = args
  const [field, value] = [args.offset(index), args.offset(index + 1)]
  return counted(ctx, hash.overwrite(source, field, args.size(index), source, value, args.size(index + 1), deadlineMs, ctx.visibleNowMs))
}

function counted(ctx: CommandContext, outcome: SetOutcome): SetOutcome {
  if (outcome === 'expired') ctx.node.stats.expiredFields++
  return outcome
}
