import type { ConsumerGroup, Pending } from '../keyspace/values/consumer-group.ts'
import type { StreamEntry, StreamValue } from '../keyspace/values/stream.ts'
import { formatId, MIN_ID, type StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { readBound, readInteger } from './stream-arguments.ts'
import { claimant, forget, writeClaimed } from './stream-claimant.ts'
import { propagateClaim } from './stream-propagation.ts'
import { writeId } from './stream-reply.ts'

/** Pending entries that are looked at for each one that may be claimed. */
const LOOKS_PER_ENTRY = 10
/** What the reference can multiply without overflow: LONG_MAX / sizeof(streamID). */
const MAX_COUNT = 576_460_752_303_423_487n

/** `[COUNT count] [JUSTID]`; a text says what is wrong. */
function readAutoclaimOptions(args: Args): { readonly count: number; readonly justIds: boolean } | string {
  let count = 100
  let justIds = false
  for (let at = 6; at < args.length; at++) {
    if (args.is(at, 'COUNT') && at + 1 < args.length) {
      const value = args.integer(++at)
      if (value === undefined || value < 1 || value > MAX_COUNT) return 'ERR COUNT must be > 0'
      count = Number(value)
    } else if (args.is(at, 'JUSTID')) justIds = true
    else return errors.syntax
  }
  return { count, justIds }
}

type Found = { readonly id: StreamId; readonly pending: Pending; readonly entry: StreamEntry | undefined }

/** Up to `count` entries from `from` on that were delivered no later than `untilMs` or are there no more, and where to go on. */
function lookFor(stream: StreamValue, group: ConsumerGroup, from: StreamId, count: number, untilMs: number) {
  const found: Found[] = []
  let looks = count * LOOKS_PER_ENTRY
  for (const [id, pending] of group.pending.ascending(from)) {
    if (looks-- === 0 || found.length === count) return { found, next: id }
    const entry = stream.entry(id)
    if (!entry || pending.deliveredAtMs <= untilMs) found.push({ id, pending, entry })
  }
  return { found, next: MIN_ID }
}

export const xautoclaim = defineCommand({
  name: 'XAUTOCLAIM',
  group: 'stream',
  since: '6.2.0',
  summary: 'Gives to a consumer what has been pending of others for long.',
  arity: -6,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    // A key that has expired goes even if the rest is wrong (`xautoclaimCommand`).
    ctx.lookup(ctx.database, args.bytes(1))
    const minIdleMs = readInteger(ctx, args, 4, 'ERR Invalid min-idle-time argument for XAUTOCLAIM')
    if (minIdleMs === undefined) return
    const from = readBound(ctx, args, 5, 'start')
    if (from === undefined) return
    const options = readAutoclaimOptions(args)
    if (typeof options === 'string') return reply.error(options)
    const key = args.bytes(1)
    const stream = ctx.write('stream', key)
    if (stream === 'wrong') return
    const group = stream?.group(args.bytes(2))
    if (!stream || !group) return reply.error(errors.noKeyOrGroup(args.text(1), args.text(2)))
    const consumer = claimant(ctx, args, group)
    const { found, next } = lookFor(stream, group, from, options.count, minIdleMs > 0 ? ctx.nowMs - Number(minIdleMs) : ctx.nowMs)
    for (const { id, pending, entry } of found) {
      if (!entry) {
        forget(ctx, key, group, id, formatId(id))
        continue
      }
      const deliveries = options.justIds ? pending.deliveries : pending.deliveries + 1n
      propagateClaim(ctx, key, group, formatId(id), group.assign(id, consumer, ctx.nowMs, deliveries))
      consumer.activeAtMs = ctx.nowMs
      ctx.changedUnwatched()
    }
    if (ctx.dirty > 0) ctx.propagateNothing()
    reply.array(3)
    writeId(reply, next)
    writeClaimed(
      ctx,
      found.flatMap(({ entry }) => entry ?? []),
      options.justIds
    )
    const deleted = found.filter(({ entry }) => !entry)
    reply.array(deleted.length)
    for (const { id } of deleted) writeId(reply, id)
  }
})
