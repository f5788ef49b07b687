import { type Entry, NEVER } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import {
  deadlineText,
  exactInteger,
  isAlreadyPast,
  MILLISECONDS_FROM_NOW,
  removeAsExpired,
  SECONDS_FROM_NOW,
  type TimeForm,
  toDeadlineMs,
  toSeconds,
  UNIX_MILLISECONDS,
  UNIX_SECONDS
} from './keys-deadline.ts'
import { readDeadlineConditions } from './keys-deadline-condition.ts'

function setDeadline(ctx: CommandContext, args: Args, form: TimeForm) {
  const { reply } = ctx
  const conditions = readDeadlineConditions(ctx, args, 3, args.length)
  if (!conditions) return
  const time = args.integer(2)
  if (time === undefined) return reply.error(errors.notAnInteger)
  const deadlineMs = toDeadlineMs(time, form, ctx.nowMs)
  if (deadlineMs === undefined) return reply.error(errors.invalidExpire(ctx.commandName))
  const key = args.bytes(1)
  const entry = ctx.lookup(ctx.database, key)
  if (!entry) return reply.integer(0)
  const current = entry.deadlineMs
  if (
    (conditions.has('NX') && current !== NEVER) ||
    (conditions.has('XX') && current === NEVER) ||
    (conditions.has('GT') && deadlineMs <= current) ||
    (conditions.has('LT') && deadlineMs >= current)
  ) {
    return reply.integer(0)
  }
  reply.integer(1)
  if (isAlreadyPast(ctx, deadlineMs)) return removeAsExpired(ctx, key)
  ctx.database.setDeadline(key, deadlineMs)
  ctx.changed(key)
  ctx.notify('g', 'expire', key)
  const options = Array.from({ length: args.length - 3 }, (_, index) => args.bytes(3 + index))
  ctx.propagateAs('PEXPIREAT', key, deadlineText(deadlineMs), ...options)
}

/** -2 for no key, -1 for a key without a deadline, else what `answer` makes of the deadline. */
function writeDeadline(ctx: CommandContext, args: Args, answer: (deadlineMs: number) => number): void {
  const entry: Entry | undefined = ctx.look(args.bytes(1))
  if (!entry) ctx.reply.integer(-2)
  else if (entry.deadlineMs === NEVER) ctx.reply.integer(-1)
  else ctx.reply.integer(exactInteger(answer(entry.deadlineMs)))
}

const setDefinition = { group: 'generic', arity: -3, flags: ['write', 'fast'], keys: firstKey } as const
const readDefinition = { group: 'generic', arity: 2, flags: ['readonly', 'fast'], keys: firstKey } as const

export const expire = defineCommand({
  name: 'EXPIRE',
  since: '1.0.0',
  summary: 'Lets a key expire after a number of seconds.',
  ...setDefinition,
  run: (ctx, args) => setDeadline(ctx, args, SECONDS_FROM_NOW)
})

export const pexpire = defineCommand({
  name: 'PEXPIRE',
  since: '2.6.0',
  summary: 'Lets a key expire after a number of milliseconds.',
  ...setDefinition,
  run: (ctx, args) => setDeadline(ctx, args, MILLISECONDS_FROM_NOW)
})

export const expireat = defineCommand({
  name: 'EXPIREAT',
  since: '1.2.0',
  summary: 'Lets a key expire at a unix time in seconds.',
  ...setDefinition,
  run: (ctx, args) => setDeadline(ctx, args, UNIX_SECONDS)
})

export const pexpireat = defineCommand({
  name: 'PEXPIREAT',
  since: '2.6.0',
  summary: 'Lets a key expire at a unix time in milliseconds.',
  ...setDefinition,
  run: (ctx, args) => setDeadline(ctx, args, UNIX_MILLISECONDS)
})

export const ttl = defineCommand({
  name: 'TTL',
  since: '1.0.0',
  summary: 'Returns how many seconds a key has left.',
  ...readDefinition,
  run: (ctx, args) => writeDeadline(ctx, args, (deadlineMs) => toSeconds(Math.max(0, deadlineMs - ctx.nowMs)))
})

export const pttl = defineCommand({
  name: 'PTTL',
  since: '2.6.0',
  summary: 'Returns how many milliseconds a key has left.',
  ...readDefinition,
  run: (ctx, args) => writeDeadline(ctx, args, (deadlineMs) => Math.max(0, deadlineMs - ctx.nowMs))
})

export const expiretime = defineCommand({
  name: 'EXPIRETIME',
  since: '7.0.0',
  summary: 'Returns the unix time, in seconds, at which a key expires.',
  ...readDefinition,
  run: (ctx, args) => writeDeadline(ctx, args, toSeconds)
})

export const pexpiretime = defineCommand({
  name: 'PEXPIRETIME',
  since: '7.0.0',
  summary: 'Returns the unix time, in milliseconds, at which a key expires.',
  ...readDefinition,
  run: (ctx, args) => writeDeadline(ctx, args, (deadlineMs) => deadlineMs)
})

export const persist = defineCommand({
  name: 'PERSIST',
  group: 'generic',
  since: '2.2.0',
  summary: 'Clears the deadline of a key.',
  arity: 2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const entry = ctx.lookup(ctx.database, key)
    if (!entry || entry.deadlineMs === NEVER) return ctx.reply.integer(0)
    ctx.database.setDeadline(key, NEVER)
    ctx.changed(key)
    ctx.notify('g', 'persist', key)
    ctx.reply.integer(1)
  }
})
