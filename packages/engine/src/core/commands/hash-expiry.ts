import { NEVER } from '../keyspace/entry.ts'
import type { HashValue } from '../keyspace/values/hash.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { FIELD_COUNT_ERROR, findFieldsWord, finishRemoval, readFieldCount } from './hash-expiry-fields.ts'
import { hgetdel, hgetex, hsetex } from './hash-expiry-values.ts'
import {
  deadlineText,
  exactInteger,
  isAlreadyPast,
  MILLISECONDS_FROM_NOW,
  readFieldDeadlineMs,
  SECONDS_FROM_NOW,
  type TimeForm,
  toSeconds,
  UNIX_MILLISECONDS,
  UNIX_SECONDS
} from './keys-deadline.ts'
import { type DeadlineCondition, readDeadlineConditions } from './keys-deadline-condition.ts'

/**
 * Deadlines of hash fields. A field whose deadline has passed is hidden from every command here; it goes by active expiry,
 * by being overwritten, or at once when a command gives it a deadline that is not in the future.
 */

const NO_FIELD = -2

/** HEXPIRE's per-field answers. */
const REMOVED = 2
const SET = 1
const UNMET = 0

function expire(ctx: CommandContext, args: Args, form: TimeForm) {
  const { reply } = ctx
  const fieldsAt = findFieldsWord(args, 3)
  if (fieldsAt < 0) return reply.error(FIELD_COUNT_ERROR)
  const conditions = readDeadlineConditions(ctx, args, 3, fieldsAt)
  if (!conditions) return
  const count = readFieldCount(ctx, args, fieldsAt + 1, 1)
  if (count === undefined) return
  const deadlineMs = readFieldDeadlineMs(ctx, args, 2, form)
  if (deadlineMs === undefined) return
  const key = args.bytes(1)
  const hash = ctx.write('hash', key)
  if (hash === 'wrong') return
  reply.array(count)
  const changed: Uint8Array[] = []
  const isPast = isAlreadyPast(ctx, deadlineMs)
  let hidden = 0
  for (let i = fieldsAt + 2; i < args.length; i++) {
    const field = args.bytes(i)
    const outcome = hash ? applyDeadline(ctx, hash, field, deadlineMs, conditions, isPast) : NO_FIELD
    if (outcome === SET || outcome === REMOVED) changed.push(field)
    else if (hash?.hides(field, ctx.visibleNowMs)) hidden++
    reply.integer(outcome)
  }
  if (!hash || changed.length === 0) return
  if (isPast) return finishRemoval(ctx, key, hash, changed)
  ctx.changed(key, changed.length)
  ctx.notify('h', 'hexpire', key)
  const options = Array.from({ length: fieldsAt - 3 }, (_, index) => args.bytes(3 + index))
  // A replica that still shows an expired field would bring it back to life: such a field must not be named.
  const fields = hidden > 0 ? changed : Array.from({ length: count }, (_, index) => args.bytes(fieldsAt + 2 + index))
  ctx.propagateAs('HPEXPIREAT', key, deadlineText(deadlineMs), ...options, 'FIELDS', String(fields.length), ...fields)
}

function applyDeadline(
  ctx: CommandContext,
  hash: HashValue,
  field: Uint8Array,
  deadlineMs: number,
  conditions: ReadonlySet<DeadlineCondition>,
  isPast: boolean
): number {
  const found = hash.peek(field)
  if (!found || ctx.visibleNowMs > found.deadlineMs) return NO_FIELD
  const current = found.deadlineMs
  if (conditions.has('NX') && current !== NEVER) return UNMET
  if (conditions.has('XX') && current === NEVER) return UNMET
  if (conditions.has('GT') && deadlineMs <= current) return UNMET
  if (conditions.has('LT') && deadlineMs >= current) return UNMET
  if (isPast) {
    hash.delete(field)
    return REMOVED
  }
  hash.setDeadline(field, deadlineMs)
  return SET
}

/** Writes one answer per field, made of its deadline; -1 for a field without one, -2 for no field. */
function writeDeadlines(ctx: CommandContext, args: Args, answer: (deadlineMs: number) => number) {
  if (!args.is(2, 'FIELDS')) return ctx.reply.error(errors.syntax)
  const count = readFieldCount(ctx, args, 3, 1, errors.syntax)
  if (count === undefined) return
  const hash = ctx.read('hash', args.bytes(1))
  if (hash === 'wrong') return
  ctx.reply.array(count)
  for (let i = 4; i < args.length; i++) {
    const found = hash?.peek(args.bytes(i))
    if (!found || ctx.visibleNowMs > found.deadlineMs) ctx.reply.integer(NO_FIELD)
    else if (found.deadlineMs === NEVER) ctx.reply.integer(-1)
    else ctx.reply.integer(exactInteger(answer(found.deadlineMs)))
  }
}

function persist(ctx: CommandContext, args: Args) {
  const { reply } = ctx
  if (!args.is(2, 'FIELDS')) return reply.error(errors.syntax)
  const count = readFieldCount(ctx, args, 3, 1)
  if (count === undefined) return
  const key = args.bytes(1)
  const hash = ctx.write('hash', key)
  if (hash === 'wrong') return
  reply.array(count)
  const changed: Uint8Array[] = []
  let hidden = 0
  for (let i = 4; i < args.length; i++) {
    const field = args.bytes(i)
    const found = hash?.peek(field)
    if (!found || ctx.visibleNowMs > found.deadlineMs) {
      if (found) hidden++
      reply.integer(NO_FIELD)
    } else if (found.deadlineMs === NEVER) reply.integer(-1)
    else {
      hash?.setDeadline(field, NEVER)
      changed.push(field)
      reply.integer(1)
    }
  }
  if (changed.length === 0) return
  ctx.changed(key, changed.length)
  ctx.notify('h', 'hpersist', key)
  if (hidden > 0) ctx.propagateAs('HPERSIST', key, 'FIELDS', String(changed.length), ...changed)
}

const expireDefinition = { group: 'hash', since: '9.0.0', arity: -6, flags: ['write', 'fast'], keys: firstKey } as const
const readDefinition = { group: 'hash', since: '9.0.0', arity: -5, flags: ['readonly', 'fast'], keys: firstKey } as const

const hexpire = defineCommand({
  name: 'HEXPIRE',
  summary: 'Lets fields expire after a number of seconds.',
  ...expireDefinition,
  run: (ctx, args) => expire(ctx, args, SECONDS_FROM_NOW)
})

const hpexpire = defineCommand({
  name: 'HPEXPIRE',
  summary: 'Lets fields expire after a number of milliseconds.',
  ...expireDefinition,
  run: (ctx, args) => expire(ctx, args, MILLISECONDS_FROM_NOW)
})

const hexpireat = defineCommand({
  name: 'HEXPIREAT',
  summary: 'Lets fields expire at a unix time in seconds.',
  ...expireDefinition,
  run: (ctx, args) => expire(ctx, args, UNIX_SECONDS)
})

const hpexpireat = defineCommand({
  name: 'HPEXPIREAT',
  summary: 'Lets fields expire at a unix time in milliseconds.',
  ...expireDefinition,
  run: (ctx, args) => expire(ctx, args, UNIX_MILLISECONDS)
})

const httl = defineCommand({
  name: 'HTTL',
  summary: 'Returns how many seconds fields have left.',
  ...readDefinition,
  run: (ctx, args) => writeDeadlines(ctx, args, (deadlineMs) => toSeconds(Math.max(0, deadlineMs - ctx.nowMs)))
})

const hpttl = defineCommand({
  name: 'HPTTL',
  summary: 'Returns how many milliseconds fields have left.',
  ...readDefinition,
  run: (ctx, args) => writeDeadlines(ctx, args, (deadlineMs) => Math.max(0, deadlineMs - ctx.nowMs))
})

const hexpiretime = defineCommand({
  name: 'HEXPIRETIME',
  summary: 'Returns the unix times, in seconds, at which fields expire.',
  ...readDefinition,
  run: (ctx, args) => writeDeadlines(ctx, args, toSeconds)
})

const hpexpiretime = defineCommand({
  name: 'HPEXPIRETIME',
  summary: 'Returns the unix times, in milliseconds, at which fields expire.',
  ...readDefinition,
  run: (ctx, args) => writeDeadlines(ctx, args, (deadlineMs) => deadlineMs)
})

const hpersist = defineCommand({
  name: 'HPERSIST',
  group: 'hash',
  since: '9.0.0',
  summary: 'Clears the deadlines of fields.',
  arity: -5,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: persist
})

export const hashExpiryCommands: readonly CommandDefinition[] = [
  hexpire,
  hexpireat,
  hexpiretime,
  hgetdel,
  hgetex,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  hsetex,
  httl
]
