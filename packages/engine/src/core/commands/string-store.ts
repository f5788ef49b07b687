import { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

/** Stores a copy of one argument under another and says so. The caller propagates, if not as given. */
export function store(ctx: CommandContext, args: Args, keyIndex: number, valueIndex: number, deadlineMs: number): void {
  const key = args.bytes(keyIndex)
  // A key that has expired is gone before it is replaced, so that everybody hears of both.
  ctx.lookup(ctx.database, key)
  ctx.database.put(key, new StringValue(args.copy(valueIndex)), deadlineMs)
  ctx.changed(key)
  ctx.notify('$', 'set', key)
}
