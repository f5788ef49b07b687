import type { ConsumerGroup } from '../keyspace/values/consumer-group.ts'
import type { StreamValue } from '../keyspace/values/stream.ts'
import { MAX_ID, MIN_ID, parseId, type StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { readInteger } from './stream-arguments.ts'

/** What XREADGROUP takes for `>`: whatever the group has not read yet. */
export const NEW_ENTRIES = MAX_ID

/** `XREAD [BLOCK ms] [COUNT count] STREAMS key ... id ...`, and XREADGROUP with `GROUP group consumer [NOACK]`. */
export type ReadOptions = {
  /** Milliseconds to wait for entries, 0 for ever; undefined: answer at once. */
  readonly blockMs: number | undefined
  /** Entries per stream; 0: all. */
  readonly count: number
  /** Indexes of the group's and the consumer's name; 0 for XREAD. */
  readonly groupAt: number
  readonly acknowledgesAtOnce: boolean
  readonly firstKey: number
  readonly streams: number
}

export type ReadCommand = 'XREAD' | 'XREADGROUP'

/** Writes the error and returns undefined when the options make no sense. */
export function readOptions(ctx: CommandContext, args: Args, command: ReadCommand): ReadOptions | undefined {
  const isGroup = command === 'XREADGROUP'
  const fail = (problem: string): undefined => {
    ctx.reply.error(problem)
  }
  let blockMs: number | undefined
  let count = 0
  let groupAt = 0
  let acknowledgesAtOnce = false
  for (let at = 1; at < args.length; at++) {
    const more = args.length - at - 1
    if (args.is(at, 'BLOCK') && more > 0) {
      blockMs = readTimeout(ctx, args, ++at)
      if (blockMs === undefined) return undefined
    } else if (args.is(at, 'COUNT') && more > 0) {
      const value = readInteger(ctx, args, ++at)
      if (value === undefined) return undefined
      count = Math.max(0, Number(value))
    } else if (args.is(at, 'STREAMS') && more > 0) {
      if (more % 2 !== 0) {
        const symbol = isGroup ? '>' : '$'
        return fail(
          `ERR Unbalanced '${command.toLowerCase()}' list of streams: for each stream key an ID or '${symbol}' must be specified.`
        )
      }
      if (isGroup && groupAt === 0) return fail('ERR Missing GROUP option for XREADGROUP')
      return { blockMs, count, groupAt, acknowledgesAtOnce, firstKey: at + 1, streams: more / 2 }
    } else if (args.is(at, 'GROUP') && more > 1) {
      if (!isGroup) return fail('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.')
      groupAt = at + 1
      at += 2
    } else if (args.is(at, 'NOACK')) {
      if (!isGroup) return fail('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.')
      acknowledgesAtOnce = true
    } else break
  }
  return fail(errors.syntax)
}

function readTimeout(ctx: CommandContext, args: Args, index: number): number | undefined {
  const value = readInteger(ctx, args, index, 'ERR timeout is not an integer or out of range')
  if (value === undefined) return undefined
  if (value >= 0 && BigInt(value) <= 9_223_372_036_854_775_807n - BigInt(ctx.nowMs)) return Number(value)
  ctx.reply.error(value < 0 ? 'ERR timeout is negative' : 'ERR timeout is out of range')
  return undefined
}

/** One stream to read from; entries with a greater id than `after` are wanted. */
export type ReadFrom = { readonly key: Uint8Array; readonly after: StreamId; readonly group: ConsumerGroup | undefined }

/** The streams with their ids resolved. Writes the error and returns undefined when one cannot be read. */
export function readStreams(ctx: CommandContext, args: Args, options: ReadOptions): ReadFrom[] | undefined {
  const { firstKey, streams, groupAt } = options
  const from: ReadFrom[] = []
  for (let i = 0; i < streams; i++) {
    const key = args.bytes(firstKey + i)
    const stream = ctx.read('stream', key)
    if (stream === 'wrong') return undefined
    let group: ConsumerGroup | undefined
    if (groupAt > 0) {
      group = stream?.group(args.bytes(groupAt))
      if (!group) {
        ctx.reply.error(`${errors.noKeyOrGroup(args.text(firstKey + i), args.text(groupAt))} in XREADGROUP with GROUP option`)
        return undefined
      }
    }
    const after = resolveId(stream, args.text(firstKey + streams + i), group !== undefined)
    if (typeof after === 'string') {
      ctx.reply.error(after)
      return undefined
    }
    from.push({ key, after, group })
  }
  return from
}

/** An id, or one of the words that stand for one; a text says why it is none. */
function resolveId(stream: StreamValue | undefined, text: string, isGroup: boolean): StreamId | string {
  if (text === '$' || text === '+') {
    if (isGroup) {
      return (
        `ERR The ${text} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying ` +
        `a proper ID, or use the > ID to get new messages. The ${text} ID would just return an empty result set.`
      )
    }
    const lastId = stream?.lastId ?? MIN_ID
    return text === '$' || lastId === MIN_ID ? lastId : lastId - 1n
  }
  if (text === '>') {
    return isGroup ? NEW_ENTRIES : 'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.'
  }
  return parseId(text, 0n) ?? errors.streamId
}

/** Keys follow the word STREAMS behind known options: one half of what is there (`xreadGetKeys`). */
export function keysAfterStreams(args: Args): number[] {
  for (let at = 1; at < args.length; at++) {
    if (args.is(at, 'STREAMS')) {
      const rest = args.length - at - 1
      return rest % 2 === 0 ? Array.from({ length: rest / 2 }, (_, number) => at + 1 + number) : []
    }
    if (args.is(at, 'BLOCK') || args.is(at, 'COUNT')) at++
    else if (args.is(at, 'GROUP')) at += 2
    else if (!args.is(at, 'NOACK')) break
  }
  return []
}
