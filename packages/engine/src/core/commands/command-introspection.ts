import { latin1Bytes } from '../bytes.ts'
import { Glob } from '../keyspace/glob.ts'
import { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { aclCategories, writeCommandEntry, writeWords } from './command-entry.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand, keyIndexes, namesKeys } from './define-command.ts'
import { helpOf } from './help.ts'
import { usageOfKey } from './key-specs.ts'
import { commandTable } from './table.ts'

const OPEN: readonly CommandFlag[] = ['loading', 'stale']

function writeAll({ reply }: CommandContext): void {
  reply.array(commandTable.size)
  for (const definition of commandTable.all()) writeCommandEntry(reply, definition)
}

const count = defineCommand({
  name: 'COMMAND|COUNT',
  group: 'server',
  since: '2.8.13',
  summary: 'Answers how many commands there are.',
  arity: 2,
  flags: OPEN,
  run: ({ reply }) => reply.integer(commandTable.size)
})

const info = defineCommand({
  name: 'COMMAND|INFO',
  group: 'server',
  since: '2.8.13',
  summary: 'Describes the commands that are named, or all.',
  arity: -2,
  flags: OPEN,
  run: (ctx, args) => {
    if (args.length === 2) return writeAll(ctx)
    ctx.reply.array(args.length - 2)
    for (let i = 2; i < args.length; i++) {
      const definition = commandTable.byName(args.text(i))
      if (definition) writeCommandEntry(ctx.reply, definition)
      else ctx.reply.null()
    }
  }
})

const docs = defineCommand({
  name: 'COMMAND|DOCS',
  group: 'server',
  since: '7.0.0',
  summary: 'Tells what the commands that are named do, or all commands.',
  arity: -2,
  flags: OPEN,
  run: ({ reply }, args) => {
    const named: CommandDefinition[] = []
    for (let i = 2; i < args.length; i++) {
      const definition = commandTable.byName(args.text(i))
      if (definition) named.push(definition)
    }
    const chosen = args.length === 2 ? [...commandTable.all()] : named
    reply.map(chosen.length)
    for (const definition of chosen) writeDocs(reply, definition)
  }
})

function writeDocs(reply: ReplyWriter, { name, summary, since, group, subcommands }: CommandDefinition): void {
  reply.latin1(name.toLowerCase())
  reply.map(subcommands ? 4 : 3)
  reply.latin1('summary')
  reply.text(summary)
  reply.latin1('since')
  reply.latin1(since)
  reply.latin1('group')
  reply.latin1(group)
  if (!subcommands) return
  reply.latin1('subcommands')
  reply.map(subcommands.length)
  for (const subcommand of subcommands) writeDocs(reply, subcommand)
}

const list = defineCommand({
  name: 'COMMAND|LIST',
  group: 'server',
  since: '7.0.0',
  summary: 'Names the commands and subcommands, all or those that a filter lets through.',
  arity: -2,
  flags: OPEN,
  run: ({ reply }, args) => {
    const passes = args.length === 2 ? () => true : filterOf(args)
    if (!passes) return reply.error(errors.syntax)
    const names: string[] = []
    for (const definition of commandTable.all()) {
      for (const one of [definition, ...(definition.subcommands ?? [])]) if (passes(one)) names.push(one.name.toLowerCase())
    }
    reply.array(names.length)
    for (const name of names) reply.latin1(name)
  }
})

/** `FILTERBY MODULE|ACLCAT|PATTERN value`; undefined for anything else. The node has no modules. */
function filterOf(args: Args): ((definition: CommandDefinition) => boolean) | undefined {
  if (args.length !== 5 || !args.is(2, 'FILTERBY')) return undefined
  if (args.is(3, 'MODULE')) return () => false
  if (args.is(3, 'ACLCAT')) {
    const category = `@${args.text(4).toLowerCase()}`
    return (definition) => aclCategories(definition).includes(category)
  }
  if (!args.is(3, 'PATTERN')) return undefined
  const glob = new Glob(latin1Bytes(args.text(4).toLowerCase()))
  return (definition) => glob.matches(latin1Bytes(definition.name.toLowerCase()))
}

/** A whole command as arguments of COMMAND GETKEYS, and where its keys are; undefined when the error is written. */
function keysOfGiven(
  { reply }: CommandContext,
  args: Args
): { definition: CommandDefinition; given: Args; indexes: readonly number[] } | undefined {
  const given = Args.of(args.copies().slice(2))
  const found = commandTable.find(given)
  const problem = (text: string): undefined => {
    reply.error(text)
    return undefined
  }
  if (found.kind !== 'found' || !found.definition.run) return problem('ERR Invalid command specified')
  const { definition } = found
  // Shard channels are routed like keys, yet they are none.
  if (!namesKeys(definition)) return problem('ERR The command has no key arguments')
  const { arity } = definition
  if (arity >= 0 ? given.length !== arity : given.length < -arity) return problem('ERR Invalid number of arguments specified for command')
  const indexes = keyIndexes(definition.keys, given)
  return indexes.length === 0 ? problem('ERR Invalid arguments specified for command') : { definition, given, indexes }
}

const getKeys = defineCommand({
  name: 'COMMAND|GETKEYS',
  group: 'server',
  since: '2.8.13',
  summary: 'Answers which of the arguments of a whole command are keys.',
  arity: -3,
  flags: OPEN,
  run: (ctx, args) => {
    const keys = keysOfGiven(ctx, args)
    if (!keys) return
    ctx.reply.array(keys.indexes.length)
    for (const index of keys.indexes) ctx.reply.bulk(keys.given.bytes(index))
  }
})

const getKeysAndFlags = defineCommand({
  name: 'COMMAND|GETKEYSANDFLAGS',
  group: 'server',
  since: '7.0.0',
  summary: 'Answers the keys of a whole command, and what it does to each.',
  arity: -3,
  flags: OPEN,
  run: (ctx, args) => {
    const keys = keysOfGiven(ctx, args)
    if (!keys) return
    const { definition, given, indexes } = keys
    ctx.reply.array(indexes.length)
    for (const index of indexes) {
      ctx.reply.array(2)
      ctx.reply.bulk(given.bytes(index))
      writeWords(ctx.reply, usageOfKey(definition, given, index) ?? [])
    }
  }
})

const help = helpOf('COMMAND', 'server', '5.0.0', [
  ['(no subcommand)', 'Describe all commands.'],
  ['COUNT', 'Number of commands.'],
  ['DOCS [<command-name> ...]', 'What the commands do; all when none is named.'],
  ['GETKEYS <full-command>', 'The keys in a command.'],
  ['GETKEYSANDFLAGS <full-command>', 'The keys in a command, and what it does to them.'],
  ['INFO [<command-name> ...]', 'Describe the commands; all when none is named.'],
  ['LIST [FILTERBY (MODULE|ACLCAT|PATTERN) <value>]', 'Names of commands and subcommands.']
])

export const command: CommandDefinition = defineCommand({
  name: 'COMMAND',
  group: 'server',
  since: '2.8.13',
  summary: 'Describes all commands.',
  arity: -1,
  flags: OPEN,
  subcommands: [count, docs, getKeys, getKeysAndFlags, help, info, list],
  run: (ctx, args) => {
    if (args.length === 1) writeAll(ctx)
    else ctx.reply.error(errors.unknownSubcommand(args.text(1), 'COMMAND'))
  }
})

export const introspectionCommands = [command]
