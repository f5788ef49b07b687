import { UNKNOWN_READ } from '../keyspace/values/consumer-group.ts'
import { radixTreeNodes } from '../keyspace/values/radix-tree-size.ts'
import type { StreamEntry, StreamValue } from '../keyspace/values/stream.ts'
import { MAX_ID, MIN_ID, type StreamId } from '../keyspace/values/stream-id.ts'
import { lagOf } from '../keyspace/values/stream-lag.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, type KeySpec } from './define-command.ts'
import { helpOf } from './help.ts'
import { readInteger } from './stream-arguments.ts'
import { writeStreamInFull } from './stream-info-full.ts'
import { writeEntry, writeId } from './stream-reply.ts'

const keyOfSubcommand: KeySpec = { first: 2, last: 2, step: 1 }

/** The stream at the key; writes the error and returns undefined when there is none. */
function existing(ctx: CommandContext, args: Args): StreamValue | undefined {
  const stream = ctx.read('stream', args.bytes(2))
  if (!stream) ctx.reply.error(errors.noSuchKey)
  return stream === 'wrong' ? undefined : stream
}

function describeStream(ctx: CommandContext, args: Args): void {
  const stream = existing(ctx, args)
  if (!stream) return
  const options = args.length - 3
  let count: number | bigint | undefined = 10
  if (options > 0) {
    const isKnown = args.is(3, 'FULL') && (options === 1 || (options === 3 && args.is(4, 'COUNT')))
    if (!isKnown) return ctx.reply.error(errors.subcommandSyntax(args.text(1), 'XINFO'))
    if (options === 3) count = readInteger(ctx, args, 5)
    if (count === undefined) return
  }
  ctx.reply.map(options > 0 ? 9 : 10)
  writeTotals(ctx.reply, stream)
  if (options > 0) writeStreamInFull(ctx.reply, stream, count < 0 ? 10 : Number(count))
  else writeEnds(ctx.reply, stream)
}

/** The seven pairs that both forms begin with. */
function writeTotals(reply: ReplyWriter, stream: StreamValue): void {
  const numbers: [string, number | bigint][] = [
    ['length', stream.length],
    ['radix-tree-keys', stream.nodes.size],
    ['radix-tree-nodes', radixTreeNodes(Array.from(stream.nodes.ascending(), ([id]) => id))]
  ]
  for (const [name, value] of numbers) {
    reply.latin1(name)
    reply.integer(value)
  }
  const writeIdOf = (name: string, id: StreamId) => {
    reply.latin1(name)
    writeId(reply, id)
  }
  writeIdOf('last-generated-id', stream.lastId)
  writeIdOf('max-deleted-entry-id', stream.maxDeletedId)
  reply.latin1('entries-added')
  reply.integer(BigInt.asIntN(64, stream.entriesAdded))
  writeIdOf('recorded-first-entry-id', stream.firstId)
}

function writeEnds(reply: ReplyWriter, stream: StreamValue): void {
  reply.latin1('groups')
  reply.integer(stream.groupCount)
  const ends: [string, StreamEntry | undefined][] = [
    ['first-entry', stream.ascending(MIN_ID, MAX_ID).next().value],
    ['last-entry', stream.descending(MIN_ID, MAX_ID).next().value]
  ]
  for (const [name, entry] of ends) {
    reply.latin1(name)
    if (entry) writeEntry(reply, entry)
    else reply.null()
  }
}

function describeGroups(ctx: CommandContext, args: Args): void {
  const { reply } = ctx
  const stream = existing(ctx, args)
  if (!stream) return
  const { groups } = stream
  reply.array(groups.length)
  for (const group of groups) {
    reply.map(6)
    reply.latin1('name')
    reply.bulk(group.name)
    reply.latin1('consumers')
    reply.integer(group.consumerCount)
    reply.latin1('pending')
    reply.integer(group.pending.size)
    reply.latin1('last-delivered-id')
    writeId(reply, group.lastId)
    writeCount(reply, 'entries-read', group.entriesRead === UNKNOWN_READ ? undefined : group.entriesRead)
    writeCount(reply, 'lag', lagOf(stream, group))
  }
}

/** A counter that may be unknown. */
function writeCount(reply: ReplyWriter, name: string, count: bigint | undefined): void {
  reply.latin1(name)
  if (count === undefined) reply.null()
  else reply.integer(count)
}

function describeConsumers(ctx: CommandContext, args: Args): void {
  const { reply, nowMs } = ctx
  const stream = existing(ctx, args)
  if (!stream) return
  const group = stream.group(args.bytes(3))
  if (!group) return reply.error(errors.noGroup(args.text(2), args.text(3)))
  const { consumers } = group
  reply.array(consumers.length)
  for (const { name, pending, seenAtMs, activeAtMs } of consumers) {
    reply.map(4)
    reply.latin1('name')
    reply.bulk(name)
    reply.latin1('pending')
    reply.integer(pending.size)
    reply.latin1('idle')
    reply.integer(Math.max(0, nowMs - seenAtMs))
    reply.latin1('inactive')
    reply.integer(activeAtMs === -1 ? -1 : nowMs - activeAtMs)
  }
}

const help = helpOf('XINFO', 'stream', '5.0.0', [
  ['CONSUMERS <key> <group>', 'The consumers of a group.'],
  ['GROUPS <key>', 'The groups of a stream.'],
  ['STREAM <key> [FULL [COUNT <count>]]', 'What a stream holds; FULL: with entries, groups and what is pending, <count> of each.']
])

export const xinfo: CommandDefinition = defineCommand({
  name: 'XINFO',
  group: 'stream',
  since: '5.0.0',
  summary: 'Looks into streams and the groups that read them.',
  arity: -2,
  flags: [],
  subcommands: [
    defineCommand({
      name: 'XINFO|CONSUMERS',
      group: 'stream',
      since: '5.0.0',
      summary: 'Returns the consumers of a group.',
      arity: 4,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: describeConsumers
    }),
    defineCommand({
      name: 'XINFO|GROUPS',
      group: 'stream',
      since: '5.0.0',
      summary: 'Returns the groups that read a stream.',
      arity: 3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: describeGroups
    }),
    help,
    defineCommand({
      name: 'XINFO|STREAM',
      group: 'stream',
      since: '5.0.0',
      summary: 'Returns what a stream holds.',
      arity: -3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: describeStream
    })
  ]
})
