import { NEVER } from '../keyspace/entry.ts'
import { UNKNOWN_READ } from '../keyspace/values/consumer-group.ts'
import { StreamValue } from '../keyspace/values/stream.ts'
import { MIN_ID } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand, type KeySpec } from './define-command.ts'
import { helpOf } from './help.ts'
import { readId, readIdOrEnd, readInteger } from './stream-arguments.ts'

const keyOfSubcommand: KeySpec = { first: 2, last: 2, step: 1 }

type Options = { readonly makesStream: boolean; readonly entriesRead: bigint }

/** `[MKSTREAM] [ENTRIESREAD count]` of CREATE, the latter also of SETID. */
function readOptions(ctx: CommandContext, args: Args, isCreate: boolean): Options | undefined {
  let makesStream = false
  let entriesRead = UNKNOWN_READ
  for (let at = 5; at < args.length; at++) {
    if (isCreate && args.is(at, 'MKSTREAM')) makesStream = true
    else if (args.is(at, 'ENTRIESREAD') && at + 1 < args.length) {
      const value = readInteger(ctx, args, ++at)
      if (value === undefined) return undefined
      entriesRead = BigInt(value)
      if (entriesRead < UNKNOWN_READ) {
        ctx.reply.error('ERR value for ENTRIESREAD must be positive or -1')
        return undefined
      }
    } else {
      writeSyntaxError(ctx, args)
      return undefined
    }
  }
  return { makesStream, entriesRead }
}

function writeSyntaxError(ctx: CommandContext, args: Args): void {
  ctx.reply.error(errors.subcommandSyntax(args.text(1), 'XGROUP'))
}

/** The stream at the key; writes the error and returns undefined when there is none. */
function existing(ctx: CommandContext, args: Args): StreamValue | undefined {
  const stream = ctx.write('stream', args.bytes(2))
  if (stream === 'wrong') return undefined
  if (!stream) {
    ctx.reply.error(
      'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create ' +
        'an empty stream automatically.'
    )
  }
  return stream
}

/** The group, with the stream; writes the error and returns undefined when one of them is missing. */
function existingGroup(ctx: CommandContext, args: Args) {
  const stream = existing(ctx, args)
  if (!stream) return undefined
  const group = stream.group(args.bytes(3))
  if (!group) ctx.reply.error(errors.noGroup(args.text(2), args.text(3)))
  return group && { stream, group }
}

function create(ctx: CommandContext, args: Args): void {
  const { reply } = ctx
  const options = readOptions(ctx, args, true)
  if (!options) return
  const key = args.bytes(2)
  const found = options.makesStream ? ctx.write('stream', key) : existing(ctx, args)
  if (found === 'wrong' || (!found && !options.makesStream)) return
  if (args.length > 8) return writeSyntaxError(ctx, args)
  const lastId = args.text(4) === '$' ? (found?.lastId ?? MIN_ID) : readId(ctx, args, 4)
  if (lastId === undefined) return
  const stream = found ?? new StreamValue()
  if (!found) ctx.database.put(key, stream, NEVER)
  if (!stream.createGroup(args.bytes(3), lastId, options.entriesRead)) return reply.error('BUSYGROUP Consumer Group name already exists')
  if (found) ctx.changedUnwatched()
  else ctx.changed(key)
  ctx.notify('t', 'xgroup-create', key)
  reply.ok()
}

function setId(ctx: CommandContext, args: Args): void {
  const options = readOptions(ctx, args, false)
  const found = options && existingGroup(ctx, args)
  if (!found) return
  if (args.length !== 5 && args.length !== 7) return writeSyntaxError(ctx, args)
  const { stream, group } = found
  const lastId = args.text(4) === '$' ? stream.lastId : readIdOrEnd(ctx, args, 4)
  if (lastId === undefined) return
  group.lastId = lastId
  group.entriesRead = options.entriesRead
  ctx.changedUnwatched()
  ctx.notify('t', 'xgroup-setid', args.bytes(2))
  ctx.reply.ok()
}

function destroy(ctx: CommandContext, args: Args): void {
  const stream = existing(ctx, args)
  if (!stream) return
  const isGone = stream.deleteGroup(args.bytes(3))
  if (isGone) {
    ctx.changedUnwatched()
    ctx.notify('t', 'xgroup-destroy', args.bytes(2))
    // Who waits for entries in this group learns that it is gone.
    ctx.node.keyWaits.touched(ctx.client.database, args.bytes(2))
  }
  ctx.reply.integer(isGone ? 1 : 0)
}

function createConsumer(ctx: CommandContext, args: Args): void {
  const found = existingGroup(ctx, args)
  if (!found) return
  const consumer = found.group.createConsumer(args.bytes(4), ctx.nowMs)
  if (consumer) {
    ctx.changedUnwatched()
    ctx.notify('t', 'xgroup-createconsumer', args.bytes(2))
  }
  ctx.reply.integer(consumer ? 1 : 0)
}

function deleteConsumer(ctx: CommandContext, args: Args): void {
  const found = existingGroup(ctx, args)
  if (!found) return
  const consumer = found.group.consumer(args.bytes(4))
  if (consumer) {
    found.group.deleteConsumer(consumer)
    ctx.changedUnwatched()
    ctx.notify('t', 'xgroup-delconsumer', args.bytes(2))
  }
  ctx.reply.integer(consumer?.pending.size ?? 0)
}

type Subcommand = {
  readonly name: string
  readonly since?: string
  readonly summary: string
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  readonly run: (ctx: CommandContext, args: Args) => void
}

function subcommand({ name, since = '5.0.0', ...rest }: Subcommand): CommandDefinition {
  return defineCommand({ name: `XGROUP|${name}`, group: 'stream', since, keys: keyOfSubcommand, ...rest })
}

const help = helpOf('XGROUP', 'stream', '5.0.0', [
  [
    'CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]',
    'Creates a group that reads what comes after the id; $: from now on.',
    'MKSTREAM makes the stream, ENTRIESREAD says how many entries count as read.'
  ],
  ['CREATECONSUMER <key> <group> <consumer>', 'Adds a consumer.'],
  ['DELCONSUMER <key> <group> <consumer>', 'Removes a consumer and returns how many entries were pending of it.'],
  ['DESTROY <key> <group>', 'Removes a group.'],
  ['SETID <key> <group> <id|$> [ENTRIESREAD <count>]', 'Says how far the group has read.']
])

export const xgroup: CommandDefinition = defineCommand({
  name: 'XGROUP',
  group: 'stream',
  since: '5.0.0',
  summary: 'Manages the groups that read a stream.',
  arity: -2,
  flags: [],
  subcommands: [
    subcommand({ name: 'CREATE', summary: 'Creates a group of consumers.', arity: -5, flags: ['write', 'denyoom'], run: create }),
    subcommand({
      name: 'CREATECONSUMER',
      since: '6.2.0',
      summary: 'Adds a consumer to a group.',
      arity: 5,
      flags: ['write', 'denyoom'],
      run: createConsumer
    }),
    subcommand({
      name: 'DELCONSUMER',
      summary: 'Removes a consumer and what is pending of it.',
      arity: 5,
      flags: ['write'],
      run: deleteConsumer
    }),
    subcommand({ name: 'DESTROY', summary: 'Removes a group with its consumers.', arity: 4, flags: ['write'], run: destroy }),
    help,
    subcommand({ name: 'SETID', summary: 'Says how far a group has read.', arity: -5, flags: ['write'], run: setId })
  ]
})
