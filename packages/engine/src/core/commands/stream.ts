import type { StreamValue } from '../keyspace/values/stream.ts'
import type { StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { xadd, xtrim } from './stream-add.ts'
import { readId, readIds, readInteger } from './stream-arguments.ts'
import { xautoclaim } from './stream-autoclaim.ts'
import { xclaim } from './stream-claim.ts'
import { xgroup } from './stream-group.ts'
import { xinfo } from './stream-info.ts'
import { xack, xpending } from './stream-pending.ts'
import { xrange, xrevrange } from './stream-range.ts'
import { xread, xreadgroup } from './stream-read.ts'

const xlen = defineCommand({
  name: 'XLEN',
  group: 'stream',
  since: '5.0.0',
  summary: 'Returns the number of entries.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const stream = ctx.read('stream', args.bytes(1))
    if (stream !== 'wrong') ctx.reply.integer(stream?.length ?? 0)
  }
})

const xdel = defineCommand({
  name: 'XDEL',
  group: 'stream',
  since: '5.0.0',
  summary: 'Removes entries by their ids.',
  arity: -3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const stream = ctx.write('stream', key)
    if (stream === 'wrong') return
    if (!stream) return ctx.reply.integer(0)
    const ids = readIds(ctx, args, 2)
    if (!ids) return
    const { firstId } = stream
    const deleted = ids.filter((id) => stream.delete(id))
    if (stream.length === 0 || deleted.includes(firstId)) stream.noteFirst()
    if (deleted.length > 0) {
      ctx.changed(key, deleted.length)
      ctx.notify('t', 'xdel', key)
    }
    ctx.reply.integer(deleted.length)
  }
})

type Ends = { readonly lastId: StreamId; readonly entriesAdded: bigint | undefined; readonly maxDeletedId: StreamId }

/** `id [ENTRIESADDED count] [MAXDELETEDID id]`; writes the error and returns undefined when they make no sense. */
function readEnds(ctx: CommandContext, args: Args): Ends | undefined {
  const { reply } = ctx
  const lastId = readId(ctx, args, 2)
  if (lastId === undefined) return undefined
  let entriesAdded: bigint | undefined
  let maxDeletedId: StreamId = 0n
  let problem: string | undefined
  for (let at = 3; at < args.length; at += 2) {
    const more = at + 1 < args.length
    if (args.is(at, 'ENTRIESADDED') && more) {
      const value = readInteger(ctx, args, at + 1)
      if (value === undefined) return undefined
      entriesAdded = BigInt(value)
      if (entriesAdded < 0n) problem = 'ERR entries_added must be positive'
    } else if (args.is(at, 'MAXDELETEDID') && more) {
      const id = readId(ctx, args, at + 1)
      if (id === undefined) return undefined
      maxDeletedId = id
      if (lastId < id) problem = 'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id'
    } else problem = errors.syntax
    if (problem === undefined) continue
    reply.error(problem)
    return undefined
  }
  return { lastId, entriesAdded, maxDeletedId }
}

function problemOf(stream: StreamValue, { lastId, entriesAdded }: Ends): string | undefined {
  if (lastId < stream.maxDeletedId) return 'ERR The ID specified in XSETID is smaller than current max_deleted_entry_id'
  const newestId = stream.newestId()
  if (newestId === undefined) return undefined
  if (lastId < newestId) return 'ERR The ID specified in XSETID is smaller than the target stream top item'
  if (entriesAdded !== undefined && entriesAdded < BigInt(stream.length)) {
    return 'ERR The entries_added specified in XSETID is smaller than the target stream length'
  }
  return undefined
}

const xsetid = defineCommand({
  name: 'XSETID',
  group: 'stream',
  since: '5.0.0',
  summary: 'Sets the id that new entries must exceed: for replication.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    const ends = readEnds(ctx, args)
    if (!ends) return
    const key = args.bytes(1)
    const stream = ctx.write('stream', key)
    if (stream === 'wrong') return
    if (!stream) return reply.error(errors.noSuchKey)
    const problem = problemOf(stream, ends)
    if (problem !== undefined) return reply.error(problem)
    stream.lastId = ends.lastId
    if (ends.entriesAdded !== undefined) stream.entriesAdded = ends.entriesAdded
    if (ends.maxDeletedId > 0n) stream.maxDeletedId = ends.maxDeletedId
    ctx.changedUnwatched()
    ctx.notify('t', 'xsetid', key)
    reply.ok()
  }
})

export const streamCommands: readonly CommandDefinition[] = [
  xadd,
  xlen,
  xrange,
  xrevrange,
  xdel,
  xtrim,
  xsetid,
  xread,
  xreadgroup,
  xgroup,
  xack,
  xpending,
  xclaim,
  xautoclaim,
  xinfo
]
