import type { ConsumerGroup, Pending } from '../keyspace/values/consumer-group.ts'
import type { StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { readBound, readIds, readInteger } from './stream-arguments.ts'
import { writeId } from './stream-reply.ts'

export const xack = defineCommand({
  name: 'XACK',
  group: 'stream',
  since: '5.0.0',
  summary: 'Says that entries have been dealt with: they are pending no more.',
  arity: -4,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const stream = ctx.write('stream', args.bytes(1))
    if (stream === 'wrong') return
    const group = stream?.group(args.bytes(2))
    if (!group) return ctx.reply.integer(0)
    const ids = readIds(ctx, args, 3)
    if (!ids) return
    const count = ids.filter((id) => group.release(id)).length
    ctx.changedUnwatched(count)
    ctx.reply.integer(count)
  }
})

type Page = {
  readonly minIdleMs: number
  readonly from: StreamId
  readonly to: StreamId
  readonly count: number
  /** Index of the consumer's name; 0: all consumers. */
  readonly consumerAt: number
}

/** `[IDLE ms] start end count [consumer]`. */
function readPage(ctx: CommandContext, args: Args): Page | undefined {
  let at = 3
  let minIdleMs: number | bigint | undefined = 0
  if (args.is(at, 'IDLE')) {
    minIdleMs = readInteger(ctx, args, at + 1)
    if (minIdleMs === undefined) return undefined
    if (args.length < 8) {
      ctx.reply.error(errors.syntax)
      return undefined
    }
    at += 2
  }
  const count = readInteger(ctx, args, at + 2)
  if (count === undefined) return undefined
  const from = readBound(ctx, args, at, 'start')
  if (from === undefined) return undefined
  const to = readBound(ctx, args, at + 1, 'end')
  if (to === undefined) return undefined
  return { minIdleMs: Number(minIdleMs), from, to, count: Math.max(0, Number(count)), consumerAt: at + 3 < args.length ? at + 3 : 0 }
}

export const xpending = defineCommand({
  name: 'XPENDING',
  group: 'stream',
  since: '5.0.0',
  summary: 'Tells which entries of a group were delivered and are not acknowledged.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    if (args.length !== 3 && (args.length < 6 || args.length > 9)) return reply.error(errors.syntax)
    const page = args.length === 3 ? undefined : readPage(ctx, args)
    if (args.length > 3 && !page) return
    const stream = ctx.read('stream', args.bytes(1))
    if (stream === 'wrong') return
    const group = stream?.group(args.bytes(2))
    if (!group) return reply.error(errors.noKeyOrGroup(args.text(1), args.text(2)))
    if (!page) return writeSummary(reply, group)
    const consumer = page.consumerAt > 0 ? group.consumer(args.bytes(page.consumerAt)) : undefined
    if (page.consumerAt > 0 && !consumer) return reply.array(0)
    const found: [StreamId, Pending][] = []
    for (const [id, pending] of (consumer ?? group).pending.ascending(page.from)) {
      if (found.length >= page.count || id > page.to) break
      if (page.minIdleMs === 0 || ctx.nowMs - pending.deliveredAtMs >= page.minIdleMs) found.push([id, pending])
    }
    reply.array(found.length)
    for (const [id, pending] of found) {
      reply.array(4)
      writeId(reply, id)
      reply.bulk(pending.consumer.name)
      reply.integer(Math.max(0, ctx.nowMs - pending.deliveredAtMs))
      reply.integer(pending.deliveries)
    }
  }
})

/** How many there are, the first and the last of them, and how many each consumer has. */
function writeSummary(reply: ReplyWriter, { pending, consumers }: ConsumerGroup): void {
  reply.array(4)
  reply.integer(pending.size)
  if (pending.firstId === undefined || pending.lastId === undefined) {
    reply.null()
    reply.null()
    return reply.nullArray()
  }
  writeId(reply, pending.firstId)
  writeId(reply, pending.lastId)
  const busy = consumers.filter((consumer) => consumer.pending.size > 0)
  reply.array(busy.length)
  for (const consumer of busy) {
    reply.array(2)
    reply.bulk(consumer.name)
    reply.latin1(String(consumer.pending.size))
  }
}
