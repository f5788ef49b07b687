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
    client.transaction = { queue: [], aborted: false, bytes: args.wireBytes }
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
    for (const { definition, name, args } of transaction.queue) node.dispatcher.execute(client, definition, name, args, keyspace)
    // A queued command's error is that command's; EXEC itself did its work.
    reply.lastError = undefined
  }
})

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
