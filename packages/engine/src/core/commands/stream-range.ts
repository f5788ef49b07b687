import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { readBound, readInteger } from './stream-arguments.ts'
import { takeUpTo, writeEntries } from './stream-reply.ts'

function range(ctx: CommandContext, args: Args, isReverse: boolean): void {
  const { reply } = ctx
  const from = readBound(ctx, args, isReverse ? 3 : 2, 'start')
  if (from === undefined) return
  const to = readBound(ctx, args, isReverse ? 2 : 3, 'end')
  if (to === undefined) return
  let count: number | undefined
  for (let at = 4; at < args.length; at += 2) {
    if (!args.is(at, 'COUNT') || at + 1 >= args.length) return reply.error(errors.syntax)
    const value = readInteger(ctx, args, at + 1)
    if (value === undefined) return
    count = Math.max(0, Number(value))
  }
  const stream = ctx.read('stream', args.bytes(1))
  if (stream === 'wrong') return
  if (!stream) return reply.array(0)
  if (count === 0) return reply.nullArray()
  writeEntries(reply, takeUpTo(isReverse ? stream.descending(from, to) : stream.ascending(from, to), count ?? 0))
}

export const xrange = defineCommand({
  name: 'XRANGE',
  group: 'stream',
  since: '5.0.0',
  summary: 'Returns the entries of a range of ids.',
  arity: -4,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => range(ctx, args, false)
})

export const xrevrange = defineCommand({
  name: 'XREVRANGE',
  group: 'stream',
  since: '5.0.0',
  summary: 'Returns the entries of a range of ids, the newest first.',
  arity: -4,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => range(ctx, args, true)
})
