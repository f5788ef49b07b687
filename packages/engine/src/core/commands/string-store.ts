import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

/** Stores a copy of one argument under another and says so. The caller propagates, if not as given. */
export function store(ctx: CommandContext, args: Args, keyIndex: number, valueIndex: number, deadlineMs: number): void {
  const { source } = args
  const old = ctx.recordToReplace(args, keyIndex)
  const [value, length] = [args.offset(valueIndex), args.size(valueIndex)]
  ctx.database.putStringAt(old, source, args.offset(keyIndex), args.size(keyIndex), source, value, length, deadlineMs)
  ctx.stored(args, keyIndex, 'set')
}
