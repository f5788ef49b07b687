import { errors } from '../resp/errors.ts'
import { defineCommand } from './define-command.ts'

export const pause = defineCommand({
  name: 'CLIENT|PAUSE',
  group: 'connection',
  since: '3.0.0',
  summary: "Holds back clients' commands for so many milliseconds: all of them, or those that may write.",
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run: ({ node, reply }, args) => {
    // With more arguments the fourth is passed over, as by the reference.
    const isWrite = args.length === 4 && args.is(3, 'WRITE')
    if (args.length === 4 && !isWrite && !args.is(3, 'ALL')) return reply.error('ERR CLIENT PAUSE mode must be WRITE or ALL')
    const timeoutMs = args.integer(2)
    if (typeof timeoutMs !== 'number') return reply.error('ERR timeout is not an integer or out of range')
    if (timeoutMs < 0) return reply.error('ERR timeout is negative')
    node.pause.begin(isWrite ? 'write' : 'all', timeoutMs)
    reply.ok()
  }
})

export const unpause = defineCommand({
  name: 'CLIENT|UNPAUSE',
  group: 'connection',
  since: '6.2.0',
  summary: 'Ends what CLIENT PAUSE began.',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run: ({ node, reply }) => {
    node.pause.end()
    reply.ok()
  }
})

export const unblock = defineCommand({
  name: 'CLIENT|UNBLOCK',
  group: 'connection',
  since: '5.0.0',
  summary: 'Ends the waiting of a client, as if its time were over or by an error.',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run: ({ node, reply }, args) => {
    // With more arguments the fourth is passed over, as by the reference.
    const byError = args.length === 4 && args.is(3, 'ERROR')
    if (args.length === 4 && !byError && !args.is(3, 'TIMEOUT')) {
      return reply.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
    }
    const wanted = args.integer(2)
    if (wanted === undefined) return reply.error(errors.notAnInteger)
    const client = node.clientsById.get(Number(wanted))
    if (!client) return reply.integer(0)
    const { blocked } = node
    const ended = byError ? blocked.fail(client, 'UNBLOCKED client unblocked via CLIENT UNBLOCK') : blocked.timeOut(client)
    reply.integer(ended ? 1 : 0)
  }
})
