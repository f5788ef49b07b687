import type { Client } from '../client.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { VALKEY_VERSION } from '../version.ts'
import { isPrintableWord } from './client-filter.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'

export const ping = defineCommand({
  name: 'PING',
  group: 'connection',
  since: '1.0.0',
  summary: 'Answers PONG, or the text that was given.',
  arity: -1,
  flags: ['fast'],
  run: ({ client, reply }, args) => {
    if (args.length > 2) return reply.error(errors.wrongArity('ping'))
    if (client.protocol === 2 && client.subscriptions > 0) {
      // A RESP2 subscriber reads messages only, so the answer has the form of one.
      reply.array(2)
      reply.latin1('pong')
      if (args.length === 2) reply.bulk(args.bytes(1))
      else reply.latin1('')
    } else if (args.length === 2) reply.bulk(args.bytes(1))
    else reply.simple('PONG')
  }
})

export const echo = defineCommand({
  name: 'ECHO',
  group: 'connection',
  since: '1.0.0',
  summary: 'Answers the text that was given.',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  run: ({ reply }, args) => reply.bulk(args.bytes(1))
})

export const select = defineCommand({
  name: 'SELECT',
  group: 'connection',
  since: '1.0.0',
  summary: 'Chooses the database that this connection works on.',
  arity: 2,
  flags: ['loading', 'stale', 'fast', 'allow_busy'],
  run: ({ client, keyspace, reply }, args) => {
    const index = args.integer(1)
    if (index === undefined) return reply.error(errors.notAnInteger)
    if (index < INT_MIN || index > INT_MAX) return reply.error(`ERR value is out of range, value must between ${INT_MIN} and ${INT_MAX}`)
    if (index < 0 || index >= keyspace.count) return reply.error(errors.databaseRange)
    client.database = Number(index)
    reply.ok()
  }
})

export const auth = defineCommand({
  name: 'AUTH',
  group: 'connection',
  since: '1.0.0',
  summary: 'Logs this connection in, as `default` when no user is named.',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  run: ({ client, node, reply }, args) => {
    if (args.length > 3) return reply.error(errors.syntax)
    const isNamed = args.length === 3
    if (!isNamed && node.acl.defaultUser.needsNoPassword) return reply.error(NO_PASSWORD_CONFIGURED)
    const name = isNamed ? args.text(1) : 'default'
    if (node.acl.logIn(client, name, args.text(isNamed ? 2 : 1), args.text(0))) reply.ok()
    else reply.error(WRONG_PASSWORD)
  }
})

export const hello = defineCommand({
  name: 'HELLO',
  group: 'connection',
  since: '6.0.0',
  summary: 'Chooses the protocol version, and tells about the node and this connection.',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  run: (ctx, args) => {
    const { client, reply } = ctx
    let protocol: 2 | 3 = client.protocol
    if (args.length > 1) {
      const version = args.integer(1)
      if (version === undefined) return reply.error('ERR Protocol version is not an integer or out of range')
      if (version !== 2 && version !== 3) return reply.error(errors.noProto)
      protocol = version
    }
    const options = helloOptions(args)
    if (typeof options === 'string') return reply.error(options)
    const { acl } = ctx.node
    if (options.user !== undefined && !acl.logIn(client, options.user, options.password ?? '', args.text(0))) {
      return reply.error(WRONG_PASSWORD)
    }
    if (!client.loggedIn && acl.loginRequired) return reply.error(HELLO_BEFORE_LOGIN)
    if (options.name !== undefined) client.name = options.name
    reply.protocol = protocol
    writeGreeting(ctx)
  }
})

/** The options of HELLO, or the error. Names are checked as they are read, as the reference does. */
type HelloOptions = { user?: string; password?: string; name?: string }

function helloOptions(args: Args): HelloOptions | string {
  const options: HelloOptions = {}
  for (let i = 2; i < args.length; ) {
    if (args.is(i, 'AUTH') && i + 2 < args.length) {
      options.user = args.text(i + 1)
      options.password = args.text(i + 2)
      i += 3
    } else if (args.is(i, 'SETNAME') && i + 1 < args.length) {
      if (!isPrintableWord(args.bytes(i + 1))) return BAD_CLIENT_NAME
      options.name = args.text(i + 1)
      i += 2
    } else return `ERR Syntax error in HELLO option '${args.text(i)}'`
  }
  return options
}

function writeGreeting({ client, node, reply }: CommandContext): void {
  reply.map(7)
  reply.latin1('server')
  reply.latin1('valkey')
  reply.latin1('version')
  reply.latin1(VALKEY_VERSION)
  reply.latin1('proto')
  reply.integer(reply.protocol)
  reply.latin1('id')
  reply.integer(client.id)
  reply.latin1('mode')
  reply.latin1(node.clusterEnabled ? 'cluster' : 'standalone')
  reply.latin1('role')
  reply.latin1(node.role === 'primary' ? 'master' : 'replica')
  reply.latin1('modules')
  reply.array(0)
}

export const quit = defineCommand({
  name: 'QUIT',
  group: 'connection',
  since: '1.0.0',
  summary: 'Ends this connection.',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  run: ({ client, reply }) => {
    reply.ok()
    client.closing = true
  }
})

export const reset = defineCommand({
  name: 'RESET',
  group: 'connection',
  since: '6.2.0',
  summary: 'Puts this connection back to how it began.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  run: ({ client, node, reply }) => {
    if (client.origin !== 'client' || client.onClosed) return reply.error('ERR can only reset normal client connections')
    node.dispatcher.discardTransaction(client)
    node.pubsub.forget(client)
    node.tracking.forget(client)
    node.monitors.forget(client)
    node.acl.begin(client)
    resetSettings(client)
    reply.simple('RESET')
  }
})

/** What the protocol lets a client set, back to the values of a new connection. Its library's name stays (`resetCommand`). */
function resetSettings(client: Client): void {
  client.reply.protocol = 2
  client.database = 0
  client.name = ''
  client.readsReplica = false
  client.asking = false
  client.replyMode = 'on'
  client.noEvict = false
  client.noTouch = false
  client.importSource = false
}

const INT_MIN = -2_147_483_648
const INT_MAX = 2_147_483_647
const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.'
const HELLO_BEFORE_LOGIN =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time'
const NO_PASSWORD_CONFIGURED =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?'
/** Text of CLIENT SETNAME and HELLO SETNAME. */
export const BAD_CLIENT_NAME = 'ERR Client names cannot contain spaces, newlines or special characters.'

export const connectionCommands = [ping, echo, select, auth, hello, quit, reset]
