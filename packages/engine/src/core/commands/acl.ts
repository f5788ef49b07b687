import { denialOf } from '../acl/access.ts'
import { denialInWords } from '../acl/acl.ts'
import { commandsIn } from '../acl/selector-rules.ts'
import { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { deleteUser, getUser, list, setUser, users } from './acl-users.ts'
import { categoryNames } from './command-entry.ts'
import { arityFits, type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'
import { commandTable } from './table.ts'

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const OPEN_TO_ALL: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
/** Entries of ACL LOG when no number is given. */
const SHOWN_ENTRIES = 10

const whoami = defineCommand({
  name: 'ACL|WHOAMI',
  group: 'server',
  since: '6.0.0',
  summary: 'Names the user of this connection.',
  arity: 2,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }) => reply.latin1(client.user.name)
})

const cat = defineCommand({
  name: 'ACL|CAT',
  group: 'server',
  since: '6.0.0',
  summary: 'Names the categories of commands, or the commands of one.',
  arity: -2,
  flags: OPEN_TO_ALL,
  run: ({ reply }, args) => {
    if (args.length > 3) return reply.error(errors.unknownSubcommand(args.text(1), 'acl'))
    const category = args.length === 3 ? args.text(2).toLowerCase() : undefined
    if (category !== undefined && !categoryNames.includes(category)) return reply.error(`ERR Unknown category '${args.text(2)}'`)
    const names = category === undefined ? categoryNames : commandsIn(category).map((definition) => definition.name.toLowerCase())
    reply.array(names.length)
    for (const name of names) reply.latin1(name)
  }
})

const genpass = defineCommand({
  name: 'ACL|GENPASS',
  group: 'server',
  since: '6.0.0',
  summary: 'Makes a password that nobody can guess, of 256 bits or as many as are asked for, in hexadecimal.',
  arity: -2,
  flags: OPEN_TO_ALL,
  run: ({ node, reply }, args) => {
    const bits = args.length > 2 ? args.integer(2) : 256
    if (bits === undefined) return reply.error(errors.notAnInteger)
    if (bits < 1 || bits > 4096) {
      return reply.error('ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096')
    }
    const digits = Math.ceil(Number(bits) / 4)
    const bytes = node.secret(Math.ceil(digits / 2))
    const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    reply.latin1(text.slice(0, digits))
  }
})

const dryRun = defineCommand({
  name: 'ACL|DRYRUN',
  group: 'server',
  since: '7.0.0',
  summary: 'Says whether a user may run a command, without running it.',
  arity: -4,
  flags: ADMIN,
  run: ({ client, node, reply }, args) => {
    const user = node.acl.user(args.text(2))
    if (!user) return reply.error(`ERR User '${args.text(2)}' not found`)
    const given = Args.of(Array.from({ length: args.length - 3 }, (_, index) => args.bytes(index + 3)))
    const found = commandTable.find(given)
    if (found.kind !== 'found') return reply.error(`ERR Command '${args.text(3)}' not found`)
    const { definition, name } = found
    if (!arityFits(definition, given.length)) return reply.error(errors.wrongArity(name))
    const denial = denialOf(user, definition, given, client.database)
    if (denial) reply.latin1(denialInWords(user, denial, definition, given))
    else reply.ok()
  }
})

const log = defineCommand({
  name: 'ACL|LOG',
  group: 'server',
  since: '6.0.0',
  summary: 'Shows what was refused, newest first, or forgets it.',
  arity: -2,
  flags: ADMIN,
  run: ({ node, nowMs, reply }, args) => {
    if (args.is(2, 'RESET')) {
      node.acl.log.reset()
      return reply.ok()
    }
    const count = args.length > 2 ? args.integer(2) : SHOWN_ENTRIES
    if (count === undefined) return reply.error(errors.notAnInteger)
    const entries = node.acl.log.entries.slice(0, Math.max(0, Number(count)))
    reply.array(entries.length)
    for (const entry of entries) {
      const text = (name: string, value: string) => {
        reply.latin1(name)
        reply.latin1(value)
      }
      const number = (name: string, value: number) => {
        reply.latin1(name)
        reply.integer(value)
      }
      reply.map(10)
      number('count', entry.count)
      text('reason', entry.reason)
      text('context', entry.context)
      text('object', entry.object)
      text('username', entry.userName)
      reply.latin1('age-seconds')
      reply.double((nowMs - entry.updatedAtMs) / 1000)
      text('client-info', entry.clientInfo)
      number('entry-id', entry.id)
      number('timestamp-created', entry.createdAtMs)
      number('timestamp-last-updated', entry.updatedAtMs)
    }
  }
})

const NO_FILE =
  'ERR This instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a configuration file set) in order to store users in the configuration.'

const load = defineCommand({
  name: 'ACL|LOAD',
  group: 'server',
  since: '6.0.0',
  summary: 'Makes the users those of the ACL file: all of them, or none when something is wrong in it.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    if (node.config.text('aclfile') === '') return reply.error(NO_FILE)
    const problem = node.acl.load()
    if (problem === undefined) reply.ok()
    else reply.error(`ERR ${problem}`)
  }
})

const save = defineCommand({
  name: 'ACL|SAVE',
  group: 'server',
  since: '6.0.0',
  summary: 'Writes the users to the ACL file.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    if (node.config.text('aclfile') === '') return reply.error(NO_FILE)
    const problem = node.acl.save()
    if (problem === undefined) return reply.ok()
    node.log('warning', `The ACL file cannot be written: ${problem}`)
    reply.error('ERR There was an error trying to save the ACLs. Please check the server logs for more information')
  }
})

const help = helpOf('ACL', 'server', '6.0.0', [
  ['CAT [<category>]', 'Categories of commands, or the commands of one.'],
  ['DELUSER <username> [<username> ...]', 'Remove users, and end their connections.'],
  ['DRYRUN <username> <command> [<arg> ...]', 'May the user run this command? It is not run.'],
  ['GENPASS [<bits>]', 'A password that nobody can guess.'],
  ['GETUSER <username>', 'What a user may do.'],
  ['LIST', 'Every user as the rules that make it.'],
  ['LOAD', 'Read the users anew from the ACL file.'],
  ['LOG [<count> | RESET]', 'What was refused, newest first.'],
  ['SAVE', 'Write the users to the ACL file.'],
  ['SETUSER <username> <rule> [<rule> ...]', 'Make a user, or change one.'],
  ['USERS', 'Names of the users.'],
  ['WHOAMI', 'Name of the user of this connection.']
])

const acl: CommandDefinition = defineCommand({
  name: 'ACL',
  group: 'server',
  since: '6.0.0',
  summary: 'Says who may do what.',
  arity: -2,
  flags: [],
  subcommands: [cat, deleteUser, dryRun, genpass, getUser, list, load, log, save, setUser, users, whoami, help]
})

export const aclCommands = [acl]
