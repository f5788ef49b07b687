import type { Client } from '../client.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'

type Wish = {
  redirect: number
  broadcasts: boolean
  optIn: boolean
  optOut: boolean
  noLoop: boolean
  readonly prefixes: string[]
}

export const tracking = defineCommand({
  name: 'CLIENT|TRACKING',
  group: 'connection',
  since: '6.0.0',
  summary: 'Turns on or off that this connection, or another, is told when keys change that this one has read.',
  arity: -3,
  flags: ['noscript', 'loading', 'stale'],
  run: (ctx, args) => {
    const { client, node, reply } = ctx
    const wish = readWish(ctx, args)
    if (typeof wish === 'string') return reply.error(wish)
    if (args.is(2, 'ON')) {
      const problem = problemWith(client, wish, node.tracking.prefixesOf(client))
      if (problem !== undefined) return reply.error(problem)
      const { prefixes, ...state } = wish
      const caching = client.tracking?.caching ?? false
      node.tracking.begin(client, { ...state, caching, redirectBroken: false }, prefixes)
    } else if (args.is(2, 'OFF')) node.tracking.forget(client)
    else return reply.error(errors.syntax)
    reply.ok()
  }
})

/** The options, or the error. */
function readWish({ node }: CommandContext, args: Args): Wish | string {
  const wish: Wish = { redirect: 0, broadcasts: false, optIn: false, optOut: false, noLoop: false, prefixes: [] }
  for (let i = 3; i < args.length; i++) {
    const more = i + 1 < args.length
    if (args.is(i, 'REDIRECT') && more) {
      if (wish.redirect !== 0) return 'ERR A client can only redirect to a single other client'
      const id = args.integer(++i)
      if (id === undefined) return errors.notAnInteger
      if (!node.clientsById.has(Number(id))) return 'ERR The client ID you want redirect to does not exist'
      wish.redirect = Number(id)
    } else if (args.is(i, 'BCAST')) wish.broadcasts = true
    else if (args.is(i, 'OPTIN')) wish.optIn = true
    else if (args.is(i, 'OPTOUT')) wish.optOut = true
    else if (args.is(i, 'NOLOOP')) wish.noLoop = true
    else if (args.is(i, 'PREFIX') && more) wish.prefixes.push(args.text(++i))
    else return errors.syntax
  }
  return wish
}

/** What options do not go together, or with what is in force. */
function problemWith(client: Client, wish: Wish, ownPrefixes: readonly string[]): string | undefined {
  const { tracking } = client
  const another = 'before disabling tracking for this client, and then re-enabling it with a different mode.'
  if (!wish.broadcasts && wish.prefixes.length > 0) return 'ERR PREFIX option requires BCAST mode to be enabled'
  if (tracking && tracking.broadcasts !== wish.broadcasts) return `ERR You can't switch BCAST mode on/off ${another}`
  if (wish.broadcasts && (wish.optIn || wish.optOut)) return 'ERR OPTIN and OPTOUT are not compatible with BCAST'
  if (wish.optIn && wish.optOut) return "ERR You can't specify both OPTIN mode and OPTOUT mode"
  if ((wish.optIn && tracking?.optOut) || (wish.optOut && tracking?.optIn)) return `ERR You can't switch OPTIN/OPTOUT mode ${another}`
  return overlapOf(wish.prefixes, ownPrefixes)
}

function overlapOf(prefixes: readonly string[], own: readonly string[]): string | undefined {
  const overlap = (one: string, other: string) => one.startsWith(other) || other.startsWith(one)
  for (const [index, prefix] of prefixes.entries()) {
    const existing = own.find((known) => overlap(known, prefix))
    if (existing !== undefined) return overlapError(prefix, `an existing prefix '${existing}'`)
    const given = prefixes.slice(index + 1).find((other) => overlap(other, prefix))
    if (given !== undefined) return overlapError(prefix, `another provided prefix '${given}'`)
  }
  return undefined
}

function overlapError(prefix: string, what: string): string {
  return `ERR Prefix '${prefix}' overlaps with ${what}. Prefixes for a single client must not overlap.`
}

export const caching = defineCommand({
  name: 'CLIENT|CACHING',
  group: 'connection',
  since: '6.0.0',
  summary: 'Says, for the next command, that what it reads is cached (OPTIN) or is not (OPTOUT).',
  arity: 3,
  flags: ['noscript', 'loading', 'stale', 'allow_busy'],
  run: ({ client, reply }, args) => {
    const { tracking } = client
    if (!tracking) {
      return reply.error('ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled')
    }
    if (args.is(2, 'YES')) {
      if (!tracking.optIn) return reply.error('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.')
    } else if (args.is(2, 'NO')) {
      if (!tracking.optOut) return reply.error('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.')
    } else return reply.error(errors.syntax)
    tracking.caching = true
    reply.ok()
  }
})

export const getRedir = defineCommand({
  name: 'CLIENT|GETREDIR',
  group: 'connection',
  since: '6.0.0',
  summary: 'Answers the number of the connection that is told instead of this one: 0 for this one, -1 without tracking.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale', 'allow_busy'],
  run: ({ client, reply }) => reply.integer(client.tracking?.redirect ?? -1)
})

export const trackingInfo = defineCommand({
  name: 'CLIENT|TRACKINGINFO',
  group: 'connection',
  since: '6.2.0',
  summary: 'Tells how this connection tracks keys.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  run: ({ client, node, reply }) => {
    const flags = trackingFlags(client)
    reply.map(3)
    reply.latin1('flags')
    reply.set(flags.length)
    for (const flag of flags) reply.latin1(flag)
    reply.latin1('redirect')
    reply.integer(client.tracking?.redirect ?? -1)
    reply.latin1('prefixes')
    const prefixes = node.tracking.prefixesOf(client)
    reply.array(prefixes.length)
    for (const prefix of prefixes) reply.latin1(prefix)
  }
})

function trackingFlags({ tracking }: Client): string[] {
  if (!tracking) return ['off']
  const flags = ['on']
  if (tracking.broadcasts) flags.push('bcast')
  if (tracking.optIn) flags.push('optin', ...(tracking.caching ? ['caching-yes'] : []))
  if (tracking.optOut) flags.push('optout', ...(tracking.caching ? ['caching-no'] : []))
  if (tracking.noLoop) flags.push('noloop')
  if (tracking.redirectBroken) flags.push('broken_redirect')
  return flags
}
