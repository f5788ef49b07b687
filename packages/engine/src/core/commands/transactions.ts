import { type Denial, denialOf } from '../acl/access.ts'
import type { Client, QueuedCommand } from '../client.ts'
import type { Node } from '../node.ts'
import { errors } from '../resp/errors.ts'
import { allKeys, defineCommand } from './define-command.ts'

export const multi = defineCommand({
  name: 'MULTI',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Begins a transaction: what follows is queued until EXEC.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_multi', 'allow_busy'],
  run: ({ client, reply }, args) => {
    client.transaction = { queue: [], aborted: false, bytes: args.wireBytes, database: client.database }
    reply.ok()
  }
})

export const exec = defineCommand({
  name: 'EXEC',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Runs the queued commands as one, unless a watched key changed.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'skip_commandlog'],
  run: ({ client, keyspace, node, nowMs, reply }) => {
    const transaction = client.transaction
    if (!transaction) return reply.error('ERR EXEC without MULTI')
    const isBroken = node.watches.isBroken(client, nowMs)
    node.dispatcher.discardTransaction(client)
    if (transaction.aborted) return reply.error(errors.execAborted)
    if (isBroken) return reply.nullArray()
    reply.array(transaction.queue.length)
    for (const queued of transaction.queue) {
      const denial = client.user.unrestricted ? undefined : denialOf(client.user, queued.definition, queued.args, client.database)
      if (denial) refuse(client, denial, queued, node)
      else node.execution.execute(client, queued.definition, queued.name, queued.args, keyspace)
    }
    // A queued command's error is that command's; EXEC itself did its work.
    reply.lastError = undefined
  }
})

/** The rights have changed since the command was queued. */
function refuse(client: Client, denial: Denial, { definition, args }: QueuedCommand, node: Node): void {
  node.acl.note(client, denial, definition, args, 'multi')
  const error = `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${REASONS[denial.reason]}`
  client.reply.error(error)
  node.stats.noteError(error)
}

const REASONS = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments',
  database: 'no permission'
} as const

export const discard = defineCommand({
  name: 'DISCARD',
  group: 'transactions',
  since: '2.0.0',
  summary: 'Drops the queued commands and stops watching.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  run: ({ client, node, reply }) => {
    if (!client.transaction) return reply.error('ERR DISCARD without MULTI')
    node.dispatcher.discardTransaction(client)
    reply.ok()
  }
})

export const watch = defineCommand({
  name: 'WATCH',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Makes the next EXEC do nothing if one of these keys changes before it.',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_multi', 'allow_busy'],
  keys: allKeys,
  run: ({ client, node, nowMs, reply }, args) => {
    // What is broken already cannot break more (`watchCommand`).
    if (!client.watchBroken) for (let i = 1; i < args.length; i++) node.watches.watch(client, client.database, args.bytes(i), nowMs)
    reply.ok()
  }
})

export const unwatch = defineCommand({
  name: 'UNWATCH',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Stops watching every key.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  run: ({ client, node, reply }) => {
    node.watches.forget(client)
    reply.ok()
  }
})

export const transactionCommands = [multi, exec, discard, watch, unwatch]
