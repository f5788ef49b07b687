import { parseId, parseOpenId, type StreamId, streamId } from '../keyspace/values/stream-id.ts'
import type { TrimRule } from '../keyspace/values/stream-trim.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

/** The id of a new entry: given, its milliseconds given, or the next. */
export type WantedId = { readonly id: StreamId; readonly isOpen: boolean } | 'next'

export type AddOrTrim = {
  wanted: WantedId
  createsStream: boolean
  /** Where the id stands; behind the last argument when there is none. */
  idAt: number
  trim: TrimRule | undefined
  /** Where the limit of the trim rule stands. */
  keepAt: number
}

const BOTH_RULES = 'ERR syntax error, MAXLEN and MINID options at the same time are not compatible'

/** Options of XADD, up to its id, and of XTRIM; a text says what is wrong with them, in the order of the reference. */
export function readAddOrTrim(ctx: CommandContext, args: Args, command: 'XADD' | 'XTRIM'): AddOrTrim | string {
  const isAdd = command === 'XADD'
  const read: AddOrTrim = { wanted: 'next', createsStream: true, idAt: args.length, trim: undefined, keepAt: 0 }
  let keep: TrimRule['keep'] | undefined
  let approximate = false
  let limit: number | undefined
  for (let at = 2; at < args.length; at++) {
    const more = args.length - 1 - at
    if (isAdd && args.is(at, '*')) {
      read.idAt = at
      break
    }
    const isLength = args.is(at, 'MAXLEN')
    if ((isLength || args.is(at, 'MINID')) && more > 0) {
      if (keep) return BOTH_RULES
      approximate = more > 1 && args.is(at + 1, '~')
      if (approximate || (more > 1 && args.is(at + 1, '='))) at++
      at++
      const found = isLength ? readMaxLength(args, at) : readMinId(args, at)
      if (typeof found === 'string') return found
      keep = found
      read.keepAt = at
    } else if (args.is(at, 'LIMIT') && more > 0) {
      const value = args.integer(++at)
      if (value === undefined) return errors.notAnInteger
      if (value < 0) return 'ERR The LIMIT argument must be >= 0.'
      limit = Number(value)
    } else if (isAdd && args.is(at, 'NOMKSTREAM')) read.createsStream = false
    else if (isAdd) {
      const wanted = readWantedId(args, at)
      if (!wanted) return errors.streamId
      read.wanted = wanted
      read.idAt = at
      break
    } else return errors.syntax
  }
  if (!keep && limit !== undefined && limit > 0) return 'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy'
  if (!keep && !isAdd) return 'ERR syntax error, XTRIM must be called with a trimming strategy'
  const limited = limitOf(ctx, limit, approximate)
  if (typeof limited === 'string') return limited
  if (keep) read.trim = { keep, approximate, limit: limited }
  return read
}

function readMaxLength(args: Args, at: number): TrimRule['keep'] | string {
  const maxLength = args.integer(at)
  if (maxLength === undefined) return errors.notAnInteger
  return maxLength < 0 ? 'ERR The MAXLEN argument must be >= 0.' : { maxLength: Number(maxLength) }
}

function readMinId(args: Args, at: number): TrimRule['keep'] | string {
  const minId = parseId(args.text(at), 0n)
  return minId === undefined ? errors.streamId : { minId }
}

function readWantedId(args: Args, at: number): WantedId | undefined {
  const text = args.text(at)
  const ms = parseOpenId(text)
  if (ms !== undefined) return { id: streamId(ms, 0n), isOpen: true }
  const id = parseId(text, 0n)
  return id === undefined ? undefined : { id, isOpen: false }
}

/**
 * How many entries may go at once: what keeps an approximate trim short. What a primary or a migration sends was limited where it
 * came from.
 */
function limitOf(ctx: CommandContext, given: number | undefined, approximate: boolean): number | string {
  if (ctx.client.origin !== 'client') return 0
  if (given !== undefined) return approximate ? given : 'ERR syntax error, LIMIT cannot be used without the special ~ option'
  if (!approximate) return 0
  const entries = 100 * ctx.node.hotSettings.streamNodes.maxEntries
  return entries <= 0 ? 10_000 : Math.min(entries, 1_000_000)
}
