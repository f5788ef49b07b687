import { NEVER } from '../keyspace/entry.ts'
import { MAX_NODE_BYTES, StreamValue } from '../keyspace/values/stream.ts'
import { formatId, MAX_ID, MAX_PART, msOf, type StreamId, sequenceOf, streamId } from '../keyspace/values/stream-id.ts'
import { type TrimRule, trimStream } from '../keyspace/values/stream-trim.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { type AddOrTrim, readAddOrTrim, type WantedId } from './stream-trim-arguments.ts'

export const xadd = defineCommand({
  name: 'XADD',
  group: 'stream',
  since: '5.0.0',
  summary: 'Adds an entry to a stream.',
  arity: -5,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    const options = readAddOrTrim(ctx, args, 'XADD')
    if (typeof options === 'string') return reply.error(options)
    const { wanted, idAt, trim } = options
    const fieldCount = args.length - idAt - 1
    if (fieldCount < 2 || fieldCount % 2 === 1) return reply.error(errors.wrongArity('xadd'))
    if (wanted !== 'next' && !wanted.isOpen && wanted.id === 0n) return reply.error('ERR The ID specified in XADD must be greater than 0-0')
    const key = args.bytes(1)
    const found = ctx.write('stream', key)
    if (found === 'wrong') return
    if (!found && !options.createsStream) return reply.null()
    const stream = found ?? new StreamValue()
    if (stream.lastId === MAX_ID) return reply.error('ERR The stream has exhausted the last possible ID, unable to add more items')
    const id = newId(stream, wanted, ctx.nowMs)
    if (id === undefined) return reply.error('ERR The ID specified in XADD is equal or smaller than the target stream top item')
    const fields = Array.from({ length: fieldCount }, (_, index) => args.bytes(idAt + 1 + index))
    if (fields.reduce((bytes, field) => bytes + field.length, 0) > MAX_NODE_BYTES) {
      return reply.error('ERR Elements are too large to be stored')
    }
    stream.append(id, fields, ctx.node.hotSettings.streamNodes)
    if (!found) ctx.database.put(key, stream, NEVER)
    reply.latin1(formatId(id))
    ctx.notify('t', 'xadd', key)
    if (trim && trimStream(stream, trim) > 0) ctx.notify('t', 'xtrim', key)
    ctx.changed(key)
    const isGiven = wanted !== 'next' && !wanted.isOpen
    if (!isGiven || trim?.approximate) ctx.propagateAs(...exactForm(args, stream, options, isGiven ? undefined : id))
  }
})

/** The id that an entry gets; undefined when it would not be the greatest. */
function newId(stream: StreamValue, wanted: WantedId, nowMs: number): StreamId | undefined {
  const { lastId } = stream
  if (wanted === 'next') {
    const ms = BigInt(Math.max(0, nowMs))
    return ms > msOf(lastId) ? streamId(ms, 0n) : lastId + 1n
  }
  if (wanted.isOpen && msOf(wanted.id) === msOf(lastId)) return sequenceOf(lastId) === MAX_PART ? undefined : lastId + 1n
  return wanted.id > lastId ? wanted.id : undefined
}

/**
 * The command as it must be repeated elsewhere: with the id that was given, and with an exact limit in place of an approximate one,
 * since nodes may be others there.
 */
function exactForm(args: Args, stream: StreamValue, { idAt, trim, keepAt }: AddOrTrim, id?: StreamId): (Uint8Array | string)[] {
  const parts: (Uint8Array | string)[] = args.copies()
  if (id !== undefined) parts[idAt] = formatId(id)
  if (trim?.approximate) {
    parts[keepAt - 1] = '='
    parts[keepAt] = exactLimit(stream, trim)
  }
  return parts
}

function exactLimit(stream: StreamValue, { keep }: TrimRule): string {
  return 'maxLength' in keep ? String(stream.length) : formatId(stream.firstPlaceId)
}

export const xtrim = defineCommand({
  name: 'XTRIM',
  group: 'stream',
  since: '5.0.0',
  summary: 'Removes the oldest entries of a stream.',
  arity: -4,
  flags: ['write'],
  keys: firstKey,
  run: (ctx, args) => runTrim(ctx, args)
})

function runTrim(ctx: CommandContext, args: Args): void {
  const { reply } = ctx
  const options = readAddOrTrim(ctx, args, 'XTRIM')
  if (typeof options === 'string') return reply.error(options)
  const key = args.bytes(1)
  const stream = ctx.write('stream', key)
  if (stream === 'wrong') return
  const trim = options.trim as TrimRule
  const removed = stream ? trimStream(stream, trim) : 0
  reply.integer(removed)
  if (!stream || removed === 0) return
  ctx.notify('t', 'xtrim', key)
  ctx.changed(key, removed)
  if (trim.approximate) ctx.propagateAs(...exactForm(args, stream, options))
}
