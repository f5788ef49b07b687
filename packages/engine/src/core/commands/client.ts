import type { Client } from '../client.ts'
import { formatAddress } from '../input.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { isPrintableWord, parseClientFilter } from './client-filter.ts'
import { clientLine } from './client-line.ts'
import { caching, getRedir, tracking, trackingInfo } from './client-tracking.ts'
import { pause, unblock, unpause } from './client-waiting.ts'
import { BAD_CLIENT_NAME } from './connection.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'

const OPEN_TO_ALL: readonly CommandFlag[] = ['noscript', 'loading', 'stale', 'allow_busy']
const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const id = defineCommand({
  name: 'CLIENT|ID',
  group: 'connection',
  since: '5.0.0',
  summary: 'Answers the number of this connection; it counts up over the life of the node.',
  arity: 2,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }) => reply.integer(client.id)
})

const info = defineCommand({
  name: 'CLIENT|INFO',
  group: 'connection',
  since: '6.2.0',
  summary: 'Describes this connection.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  run: ({ client, node, reply }) => reply.verbatim(clientLine(node, client))
})

const list = defineCommand({
  name: 'CLIENT|LIST',
  group: 'connection',
  since: '2.4.0',
  summary: 'Describes every connection, or those that the options name.',
  arity: -2,
  flags: ADMIN,
  run: (ctx, args) => {
    const matching = matchingClients(ctx, args, 2, false)
    if (!matching) return
    ctx.reply.verbatim(matching.map((client) => clientLine(ctx.node, client)).join(''))
  }
})

const kill = defineCommand({
  name: 'CLIENT|KILL',
  group: 'connection',
  since: '2.4.0',
  summary: 'Ends the connections that the options name.',
  arity: -3,
  flags: ADMIN,
  run: (ctx, args) => {
    // CLIENT KILL ip:port is the older form, with an answer of its own.
    if (args.length === 3) {
      const address = args.text(2)
      const client = ctx.node.everyClient.find((candidate) => formatAddress(candidate.remote) === address)
      if (!client) return ctx.reply.error('ERR No such client')
      end(ctx, client)
      return ctx.reply.ok()
    }
    const matching = matchingClients(ctx, args, 2, true)
    if (!matching) return
    for (const client of matching) end(ctx, client)
    ctx.reply.integer(matching.length)
  }
})

/** Ends a connection; the caller's own ends after this reply. */
function end(ctx: CommandContext, client: Client): void {
  if (client === ctx.client) client.closing = true
  else ctx.node.closeClient(client, 'killed by CLIENT KILL')
}

/** Writes the error and answers undefined when the options are wrong. */
function matchingClients(ctx: CommandContext, args: Args, from: number, skipMe: boolean): Client[] | undefined {
  const filter = parseClientFilter(ctx.node, args, from, skipMe)
  if (typeof filter === 'string') {
    ctx.reply.error(filter)
    return undefined
  }
  return ctx.node.everyClient.filter((client) => !(filter.skipMe && client === ctx.client) && filter.matches(client))
}

const getName = defineCommand({
  name: 'CLIENT|GETNAME',
  group: 'connection',
  since: '2.6.9',
  summary: 'Answers the name of this connection.',
  arity: 2,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }) => {
    if (client.name === '') reply.null()
    else reply.latin1(client.name)
  }
})

const setName = defineCommand({
  name: 'CLIENT|SETNAME',
  group: 'connection',
  since: '2.6.9',
  summary: 'Names this connection; an empty name takes the name away.',
  arity: 3,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }, args) => {
    if (!isPrintableWord(args.bytes(2))) return reply.error(BAD_CLIENT_NAME)
    client.name = args.text(2)
    reply.ok()
  }
})

const setInfo = defineCommand({
  name: 'CLIENT|SETINFO',
  group: 'connection',
  since: '7.2.0',
  summary: 'Tells the name or the version of the library behind this connection.',
  arity: 4,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }, args) => {
    const isName = args.is(2, 'LIB-NAME')
    if (!isName && !args.is(2, 'LIB-VER')) return reply.error(`ERR Unrecognized option '${args.text(2)}'`)
    if (!isPrintableWord(args.bytes(3))) return reply.error(`ERR ${args.text(2)} cannot contain spaces, newlines or special characters.`)
    if (isName) client.libraryName = args.text(3)
    else client.libraryVersion = args.text(3)
    reply.ok()
  }
})

const capa = defineCommand({
  name: 'CLIENT|CAPA',
  group: 'connection',
  since: '8.0.0',
  summary: 'Tells what this client can do: with `redirect`, a replica outside of a cluster sends it to the primary.',
  arity: -3,
  flags: OPEN_TO_ALL,
  run: ({ client, reply }, args) => {
    for (let i = 2; i < args.length; i++) if (args.is(i, 'REDIRECT')) client.capabilities = 'r'
    reply.ok()
  }
})

const reply = defineCommand({
  name: 'CLIENT|REPLY',
  group: 'connection',
  since: '3.2.0',
  summary: 'Turns replies to this connection off or on, or skips the next one.',
  arity: 3,
  flags: ['noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  run: ({ client, reply }, args) => {
    if (args.is(2, 'ON')) {
      client.replyMode = 'on'
      reply.ok()
    } else if (args.is(2, 'OFF')) client.replyMode = 'off'
    else if (args.is(2, 'SKIP')) {
      if (client.replyMode !== 'off') client.replyMode = 'skip-next'
    } else reply.error(errors.syntax)
  }
})

/** ON or OFF; undefined when it is neither, and then the error is written. */
function onOrOff({ reply }: CommandContext, args: Args): boolean | undefined {
  if (args.is(2, 'ON')) return true
  if (args.is(2, 'OFF')) return false
  reply.error(errors.syntax)
  return undefined
}

const noEvict = defineCommand({
  name: 'CLIENT|NO-EVICT',
  group: 'connection',
  since: '7.0.0',
  summary: 'Keeps this connection from being ended to save memory. The node ends none for that reason.',
  arity: 3,
  flags: [...ADMIN, 'allow_busy'],
  run: (ctx, args) => {
    const wanted = onOrOff(ctx, args)
    if (wanted === undefined) return
    ctx.client.noEvict = wanted
    ctx.reply.ok()
  }
})

const noTouch = defineCommand({
  name: 'CLIENT|NO-TOUCH',
  group: 'connection',
  since: '7.2.0',
  summary: 'Lets this connection read keys without making them look used. Only TOUCH does.',
  arity: 3,
  flags: OPEN_TO_ALL,
  run: (ctx, args) => {
    const wanted = onOrOff(ctx, args)
    if (wanted === undefined) return
    ctx.client.noTouch = wanted
    ctx.reply.ok()
  }
})

const importSource = defineCommand({
  name: 'CLIENT|IMPORT-SOURCE',
  group: 'connection',
  since: '8.1.0',
  summary: 'Says whether this connection brings data from elsewhere. In import mode such a one sees what has expired.',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  run: (ctx, args) => {
    if (!ctx.node.config.enabled('import-mode') && !args.is(2, 'OFF')) return ctx.reply.error('ERR Server is not in import mode')
    const wanted = onOrOff(ctx, args)
    if (wanted === undefined) return
    ctx.client.importSource = wanted
    ctx.reply.ok()
  }
})

const help = helpOf('CLIENT', 'connection', '5.0.0', [
  ['CACHING (YES|NO)', 'Say, for the next command, that its keys are cached (OPTIN) or are not (OPTOUT).'],
  ['CAPA <option> [<option> ...]', 'Tell what the client can do. Option: REDIRECT.'],
  ['GETNAME', 'Name of this connection.'],
  ['GETREDIR', 'Number of the connection that is told of changed keys instead of this one.'],
  ['ID', 'Number of this connection.'],
  ['IMPORT-SOURCE (ON|OFF)', 'Bring data from elsewhere, and see what has expired, while `import-mode` is yes.'],
  ['INFO', 'Description of this connection.'],
  ['KILL <ip:port>', 'End the connection from that address.'],
  [
    'KILL <option> <value> [<option> <value> ...]',
    'End the connections for which all options hold.',
    'Options as for LIST; SKIPME is yes unless said otherwise.'
  ],
  [
    'LIST [<option> <value> ...]',
    'Describe the connections for which all options hold:',
    '* ID <client-id> [<client-id> ...]',
    '* TYPE (NORMAL|PRIMARY|REPLICA|PUBSUB), USER, NAME, LIB-NAME, LIB-VER, DB',
    '* ADDR <ip:port>, LADDR <ip:port>, IP <ip>, FLAGS <letters>, CAPA <letters>',
    '* MAXAGE <seconds>, IDLE <seconds>: at least so long',
    '* SKIPME (YES|NO)',
    'Each but MAXAGE, IDLE and SKIPME also with NOT- before it.'
  ],
  ['NO-EVICT (ON|OFF)', 'Keep this connection when memory is short.'],
  ['NO-TOUCH (ON|OFF)', 'Read keys without making them look used.'],
  ['PAUSE <timeout> [WRITE|ALL]', 'Hold back all commands, or those that may write, for so many milliseconds.'],
  ['REPLY (ON|OFF|SKIP)', 'Turn replies to this connection on or off, or skip one.'],
  ['SETINFO (LIB-NAME|LIB-VER) <value>', 'Tell which library is behind this connection.'],
  ['SETNAME <name>', 'Name this connection.'],
  [
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]',
    'Tell this connection, or another, when keys change that this one has read, or that begin so.'
  ],
  ['TRACKINGINFO', 'How this connection tracks keys.'],
  ['UNBLOCK <client-id> [TIMEOUT|ERROR]', 'End the waiting of that connection, as if its time were over or by an error.'],
  ['UNPAUSE', 'End what PAUSE began.']
])

export const client: CommandDefinition = defineCommand({
  name: 'CLIENT',
  group: 'connection',
  since: '2.4.0',
  summary: 'Questions about connections, and settings of this one.',
  arity: -2,
  flags: [],
  subcommands: [
    id,
    info,
    list,
    kill,
    getName,
    setName,
    setInfo,
    capa,
    reply,
    unblock,
    noEvict,
    noTouch,
    pause,
    unpause,
    tracking,
    caching,
    getRedir,
    trackingInfo,
    importSource,
    help
  ]
})

export const clientCommands = [client]
