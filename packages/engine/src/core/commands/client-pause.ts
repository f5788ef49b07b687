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
