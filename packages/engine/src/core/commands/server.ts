import { infoText } from '../info/info.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { commandlog, slowlog } from './commandlog.ts'
import { config } from './config.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'
import { latency } from './latency.ts'
import { lolwut } from './lolwut.ts'
import { memory } from './memory.ts'

export const info = defineCommand({
  name: 'INFO',
  group: 'server',
  since: '1.0.0',
  summary: 'Tells about the node, in sections.',
  arity: -1,
  flags: ['loading', 'stale'],
  run: ({ node, reply }, args) => reply.verbatim(infoText(node, texts(args)))
})

function texts(args: Args): string[] {
  return Array.from({ length: args.length - 1 }, (_, index) => args.text(index + 1))
}

export const time = defineCommand({
  name: 'TIME',
  group: 'server',
  since: '2.6.0',
  summary: 'Answers the time of the node: seconds since 1970 and microseconds of the second. It has the grain of a millisecond.',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  run: ({ nowMs, reply }) => {
    const seconds = Math.floor(nowMs / 1000)
    reply.array(2)
    reply.latin1(String(seconds))
    reply.latin1(String(Math.floor((nowMs - seconds * 1000) * 1000)))
  }
})

export const shutdown = defineCommand({
  name: 'SHUTDOWN',
  group: 'server',
  since: '1.0.0',
  summary: 'Ends the node. It keeps no data on disk, so SAVE fails unless FORCE says to end it anyway.',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  run: (ctx, args) => {
    const options = shutdownOptions(args)
    if (!options) return ctx.reply.error(errors.syntax)
    // Ending is one step of the node, so there is never one in progress that could be called off.
    if (options.has('ABORT')) return ctx.reply.error('ERR No shutdown in progress.')
    if (options.has('SAVE') && !options.has('FORCE')) return cannotSave(ctx)
    ctx.node.log('warning', `Client id=${ctx.client.id} asked the node to end`)
    ctx.client.closing = true
    ctx.node.stop(0)
  }
})

function cannotSave({ node, reply }: CommandContext): void {
  node.log('warning', 'SHUTDOWN SAVE refused: the node keeps no data on disk. SHUTDOWN NOSAVE ends it.')
  reply.error('ERR Errors trying to SHUTDOWN. Check logs.')
}

/** Undefined when the words make no sense together. */
function shutdownOptions(args: Args): Set<string> | undefined {
  const options = new Set(texts(args).map((text) => text.toUpperCase()))
  for (const option of options) if (!SHUTDOWN_OPTIONS.has(option)) return undefined
  if (options.has('SAVE') && options.has('NOSAVE')) return undefined
  if (options.has('ABORT') && options.size > 1) return undefined
  return options
}

const SHUTDOWN_OPTIONS = new Set(['SAVE', 'NOSAVE', 'NOW', 'FORCE', 'ABORT'])

export const monitor = defineCommand({
  name: 'MONITOR',
  group: 'server',
  since: '1.0.0',
  summary: 'Shows this connection every command that runs here, until RESET.',
  arity: 1,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run: ({ client, mayBlock, node, reply }) => {
    if (!mayBlock) return reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client")
    // Who is a replica already takes no orders of this kind, and gets no answer (`monitorCommand`).
    if (client.roleFlag.includes('S')) return
    node.monitors.add(client)
    reply.ok()
  }
})

export const serverCommands = [monitor, info, time, shutdown, config, latency, commandlog, slowlog, memory, lolwut]
