import type { ValueType } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { readTimeoutMs } from './timeout.ts'

/** A command that waits for a value of one type under one of its keys. */
export type Waiting = {
  readonly type: ValueType
  /** Of the keys among the arguments. */
  readonly keys: readonly number[]
  /** Index of the time, in seconds. */
  readonly timeoutAt: number
  /** Does what the command is for: true when it has replied; false, and nothing written, when there is nothing for it. */
  readonly attempt: (ctx: CommandContext, args: Args) => boolean
  /** Says that there is nothing where nobody waits, in a transaction: a null array by default. */
  readonly nothing?: 'null'
}

/** Does it at once, or when one of the keys gets what it takes, or says after the time that there was nothing. */
export function runOrWait(ctx: CommandContext, args: Args, { type, keys, timeoutAt, attempt, nothing }: Waiting): void {
  const timeoutMs = readTimeoutMs(args, timeoutAt, ctx.nowMs)
  if (typeof timeoutMs === 'string') return ctx.reply.error(timeoutMs)
  if (attempt(ctx, args)) return
  if (ctx.mayBlock) ctx.node.keyWaits.begin(ctx, args, { type, keys: keys.map((index) => args.bytes(index)), timeoutMs, retry: attempt })
  else if (nothing === 'null') ctx.reply.null()
  else ctx.reply.nullArray()
}

/** Indexes of all arguments but the name and the last, which is the time. */
export function keysBeforeTime(args: Args): readonly number[] {
  return Array.from({ length: args.length - 2 }, (_, index) => index + 1)
}
