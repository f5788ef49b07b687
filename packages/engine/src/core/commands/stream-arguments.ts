import { MAX_ID, MAX_PART, MIN_ID, parseId, type StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

/** Readers of arguments: each writes the error and returns undefined when there is something wrong. */

/** An id in full, or milliseconds alone, which mean the first id of their time. */
export function readId(ctx: CommandContext, args: Args, index: number): StreamId | undefined {
  const id = parseId(args.text(index), 0n)
  if (id === undefined) ctx.reply.error(errors.streamId)
  return id
}

/** As `readId`, and `-` and `+` for the least and the greatest id. */
export function readIdOrEnd(ctx: CommandContext, args: Args, index: number): StreamId | undefined {
  return endOf(args.text(index)) ?? readId(ctx, args, index)
}

/** All ids from `first` on. */
export function readIds(ctx: CommandContext, args: Args, first: number): StreamId[] | undefined {
  const ids: StreamId[] = []
  for (let index = first; index < args.length; index++) {
    const id = readId(ctx, args, index)
    if (id === undefined) return undefined
    ids.push(id)
  }
  return ids
}

/** One end of a range, included; milliseconds alone mean all ids of their time, `(` what lies just inside. */
export function readBound(ctx: CommandContext, args: Args, index: number, side: 'start' | 'end'): StreamId | undefined {
  const text = args.text(index)
  const isExclusive = text.length > 1 && text.startsWith('(')
  const missing = side === 'start' ? 0n : MAX_PART
  const id = isExclusive ? parseId(text.slice(1), missing) : (endOf(text) ?? parseId(text, missing))
  if (id === undefined) ctx.reply.error(errors.streamId)
  if (id === undefined || !isExclusive) return id
  if (id === (side === 'start' ? MAX_ID : MIN_ID)) {
    ctx.reply.error(`ERR invalid ${side} ID for the interval`)
    return undefined
  }
  return side === 'start' ? id + 1n : id - 1n
}

function endOf(text: string): StreamId | undefined {
  return text === '-' ? MIN_ID : text === '+' ? MAX_ID : undefined
}

/** A 64-bit integer. */
export function readInteger(
  ctx: CommandContext,
  args: Args,
  index: number,
  problem: string = errors.notAnInteger
): number | bigint | undefined {
  const value = args.integer(index)
  if (value === undefined) ctx.reply.error(problem)
  return value
}
