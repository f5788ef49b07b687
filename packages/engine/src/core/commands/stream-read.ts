import type { Consumer, ConsumerGroup } from '../keyspace/values/consumer-group.ts'
import type { StreamEntry, StreamValue } from '../keyspace/values/stream.ts'
import { formatId, MAX_ID, type StreamId } from '../keyspace/values/stream-id.ts'
import { noteRead } from '../keyspace/values/stream-lag.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'
import { propagateClaim, propagateConsumer, propagateGroupId } from './stream-propagation.ts'
import {
  keysAfterStreams,
  NEW_ENTRIES,
  type ReadCommand,
  type ReadFrom,
  type ReadOptions,
  readOptions,
  readStreams
} from './stream-read-arguments.ts'
import { takeUpTo, writeEntry, writeId } from './stream-reply.ts'

/** What one stream has to give; an entry that was deleted while it was pending is only an id. */
type Found = { readonly key: Uint8Array; readonly entries: readonly (StreamEntry | StreamId)[] }

function run(ctx: CommandContext, args: Args, command: ReadCommand): void {
  const options = readOptions(ctx, args, command)
  if (!options) return
  const streams = readStreams(ctx, args, options)
  if (!streams || readAll(ctx, args, options, streams)) return
  if (options.blockMs === undefined || !ctx.mayBlock) return ctx.reply.nullArray()
  waitForEntries(ctx, args, options, streams)
}

/** Writes what the streams have to give; false: nothing, and nothing is written. */
function readAll(ctx: CommandContext, args: Args, options: ReadOptions, streams: readonly ReadFrom[]): boolean {
  const found: Found[] = []
  for (const from of streams) {
    const entries = from.group ? readAsConsumer(ctx, args, from, from.group, options) : readPlain(ctx, from, options.count)
    if (entries) found.push({ key: from.key, entries })
  }
  // What a reader in a group changes has been passed on as its effects.
  if (ctx.dirty > 0) ctx.propagateNothing()
  if (found.length === 0) return false
  writeFound(ctx, found)
  return true
}

/** Until one of the streams has more than it had, or a group that is read in is gone, with its stream or without. */
function waitForEntries(ctx: CommandContext, args: Args, options: ReadOptions, streams: readonly ReadFrom[]): void {
  // `$` is what was newest when the client began to wait.
  const after = streams.map((from) => from.after)
  ctx.node.keyWaits.begin(ctx, args, {
    type: 'stream',
    keys: streams.map(({ key }) => key),
    timeoutMs: options.blockMs ?? 0,
    whenGone: options.groupAt > 0,
    retry: (again, given) => {
      const now = readStreams(again, given, options)
      return (
        !now ||
        readAll(
          again,
          given,
          options,
          now.map((from, index) => ({ ...from, after: after[index] ?? from.after }))
        )
      )
    }
  })
}

function writeFound({ reply }: CommandContext, found: readonly Found[]): void {
  if (reply.protocol === 2) reply.array(found.length)
  else reply.map(found.length)
  for (const { key, entries } of found) {
    if (reply.protocol === 2) reply.array(2)
    reply.bulk(key)
    reply.array(entries.length)
    for (const entry of entries) {
      if (typeof entry !== 'bigint') {
        writeEntry(reply, entry)
        continue
      }
      reply.array(2)
      writeId(reply, entry)
      reply.nullArray()
    }
  }
}

function readPlain(ctx: CommandContext, { key, after }: ReadFrom, count: number): StreamEntry[] | undefined {
  const stream = streamAt(ctx, key)
  if (!stream || (stream.newestId() ?? 0n) <= after) return undefined
  return takeUpTo(stream.ascending(after + 1n, MAX_ID), count)
}

function streamAt(ctx: CommandContext, key: Uint8Array): StreamValue | undefined {
  const value = ctx.lookup(ctx.database, key)?.value
  return value?.type === 'stream' ? value : undefined
}

/** New entries of the group, or what is pending of this consumer; undefined when there is nothing new. */
function readAsConsumer(ctx: CommandContext, args: Args, from: ReadFrom, group: ConsumerGroup, options: ReadOptions) {
  const { key, after } = from
  const stream = streamAt(ctx, key)
  if (!stream) return undefined
  ctx.database.open(key)
  const name = args.bytes(options.groupAt + 1)
  let consumer = group.consumer(name)
  if (!consumer) {
    consumer = group.createConsumer(name, ctx.nowMs) as Consumer
    ctx.changedUnwatched()
    ctx.notify('t', 'xgroup-createconsumer', key)
    // Else the claims that follow make the consumer.
    if (options.acknowledgesAtOnce) propagateConsumer(ctx, key, group, name)
  }
  consumer.seenAtMs = ctx.nowMs
  if (after !== NEW_ENTRIES) return readPending(ctx, stream, consumer, after, options.count)
  if ((stream.newestId() ?? 0n) <= group.lastId) return undefined
  const entries = takeUpTo(stream.ascending(group.lastId + 1n, MAX_ID), options.count)
  for (const { id } of entries) {
    noteRead(stream, group, id)
    if (options.acknowledgesAtOnce) continue
    const pending = group.assign(id, consumer, ctx.nowMs, 1n)
    consumer.activeAtMs = ctx.nowMs
    propagateClaim(ctx, key, group, formatId(id), pending)
  }
  propagateGroupId(ctx, key, group)
  ctx.changedUnwatched()
  return entries
}

/** Once more what this consumer has got and not acknowledged. Others do not hear of it, as in the reference. */
function readPending(ctx: CommandContext, stream: StreamValue, consumer: Consumer, after: StreamId, count: number) {
  ctx.changedUnwatched()
  return takeUpTo(consumer.pending.ascending(after + 1n), count).map(([id, pending]) => {
    const entry = stream.entry(id)
    if (!entry) return id
    pending.deliveredAtMs = ctx.nowMs
    pending.deliveries = BigInt.asIntN(64, pending.deliveries + 1n)
    return entry
  })
}

export const xread = defineCommand({
  name: 'XREAD',
  group: 'stream',
  since: '5.0.0',
  summary: 'Returns what came into streams after the ids that are given.',
  arity: -4,
  flags: ['readonly', 'blocking', 'movablekeys'],
  keys: keysAfterStreams,
  run: (ctx, args) => run(ctx, args, 'XREAD')
})

export const xreadgroup = defineCommand({
  name: 'XREADGROUP',
  group: 'stream',
  since: '5.0.0',
  summary: 'Gives entries of streams to a consumer of a group: new ones, or again those that it has not acknowledged.',
  arity: -7,
  flags: ['write', 'blocking', 'movablekeys'],
  keys: keysAfterStreams,
  run: (ctx, args) => run(ctx, args, 'XREADGROUP')
})
