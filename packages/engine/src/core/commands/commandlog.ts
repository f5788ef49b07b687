import { type CommandLogKind, commandLogKinds } from '../command-log.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'

const ADMIN: readonly CommandFlag[] = ['admin', 'loading', 'stale']
/** Entries that SLOWLOG GET answers when it is not told. */
const DEFAULT_COUNT = 10

/** The kind that an argument names; undefined when the error is written. */
function kindAt({ reply }: CommandContext, args: Args, index: number): CommandLogKind | undefined {
  const kind = commandLogKinds.find((one) => args.is(index, one.toUpperCase()))
  if (!kind) reply.error(`ERR type should be one of the following: ${commandLogKinds.join(', ')}`)
  return kind
}

/** How many entries are wanted, -1 meaning all; undefined when the error is written. */
function countAt({ reply }: CommandContext, args: Args, index: number): number | undefined {
  const count = args.integerBetween(index, -1, Number.MAX_SAFE_INTEGER)
  if (count === undefined) reply.error('ERR count should be greater than or equal to -1')
  return count === -1 ? Number.POSITIVE_INFINITY : count
}

function writeEntries({ node, reply }: CommandContext, kind: CommandLogKind, count: number): void {
  const entries = node.commandLog.entries(kind).slice(0, count)
  reply.array(entries.length)
  for (const entry of entries) {
    reply.array(6)
    reply.integer(entry.id)
    reply.integer(Math.floor(entry.atMs / 1000))
    reply.integer(entry.value)
    reply.array(entry.args.length)
    for (const arg of entry.args) reply.bulk(arg)
    reply.latin1(entry.address)
    reply.latin1(entry.clientName)
  }
}

const get = defineCommand({
  name: 'COMMANDLOG|GET',
  group: 'server',
  since: '8.1.0',
  summary: 'Answers the newest entries of one of the logs.',
  arity: 4,
  flags: ADMIN,
  run: (ctx, args) => {
    const count = countAt(ctx, args, 2)
    if (count === undefined) return
    const kind = kindAt(ctx, args, 3)
    if (kind) writeEntries(ctx, kind, count)
  }
})

const len = defineCommand({
  name: 'COMMANDLOG|LEN',
  group: 'server',
  since: '8.1.0',
  summary: 'Answers how many entries one of the logs has.',
  arity: 3,
  flags: ADMIN,
  run: (ctx, args) => {
    const kind = kindAt(ctx, args, 2)
    if (kind) ctx.reply.integer(ctx.node.commandLog.entries(kind).length)
  }
})

const reset = defineCommand({
  name: 'COMMANDLOG|RESET',
  group: 'server',
  since: '8.1.0',
  summary: 'Empties one of the logs.',
  arity: 3,
  flags: ADMIN,
  run: (ctx, args) => {
    const kind = kindAt(ctx, args, 2)
    if (!kind) return
    ctx.node.commandLog.reset(kind)
    ctx.reply.ok()
  }
})

const slowGet = defineCommand({
  name: 'SLOWLOG|GET',
  group: 'server',
  since: '2.2.12',
  summary: 'Answers the newest commands that took long.',
  arity: -2,
  flags: ADMIN,
  run: (ctx, args) => {
    if (args.length > 3) return ctx.reply.error("ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.")
    const count = args.length === 2 ? DEFAULT_COUNT : countAt(ctx, args, 2)
    if (count !== undefined) writeEntries(ctx, 'slow', count)
  }
})

const slowLen = defineCommand({
  name: 'SLOWLOG|LEN',
  group: 'server',
  since: '2.2.12',
  summary: 'Answers how many commands the log of slow ones holds.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => reply.integer(node.commandLog.entries('slow').length)
})

const slowReset = defineCommand({
  name: 'SLOWLOG|RESET',
  group: 'server',
  since: '2.2.12',
  summary: 'Empties the log of slow commands.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    node.commandLog.reset('slow')
    reply.ok()
  }
})

export const commandlog: CommandDefinition = defineCommand({
  name: 'COMMANDLOG',
  group: 'server',
  since: '8.1.0',
  summary: 'Logs of commands that took long, came large or answered much.',
  arity: -2,
  flags: [],
  subcommands: [
    get,
    len,
    reset,
    helpOf('COMMANDLOG', 'server', '8.1.0', [
      [
        'GET <count> <type>',
        'The newest entries (-1: all) of a log: slow, large-request or large-reply. An entry is a number, the time,',
        'the microseconds or bytes, the arguments, the address and the name of the client.'
      ],
      ['LEN <type>', 'Number of entries.'],
      ['RESET <type>', 'Empty the log.']
    ])
  ]
})

export const slowlog: CommandDefinition = defineCommand({
  name: 'SLOWLOG',
  group: 'server',
  since: '2.2.12',
  summary: 'The log of commands that took long.',
  arity: -2,
  flags: [],
  subcommands: [
    slowGet,
    slowLen,
    slowReset,
    helpOf('SLOWLOG', 'server', '6.2.0', [
      [
        'GET [<count>]',
        'The newest entries (10; -1: all). An entry is a number, the time, the microseconds, the arguments,',
        'the address and the name of the client.'
      ],
      ['LEN', 'Number of entries.'],
      ['RESET', 'Empty the log.']
    ])
  ]
})
