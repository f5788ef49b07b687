import { latin1Bytes, parseInteger } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import type { HashValue } from '../keyspace/values/hash.ts'
import { addLongDouble, formatLongDouble, parseLongDouble, ZERO } from '../long-double.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { openHash, setField, storeIfNew } from './hash-write.ts'
import { deadlineText } from './keys-deadline.ts'
import { addIntegers } from './string-number.ts'

/** The value to add to: undefined when there is no such field, or it has expired. */
function currentValue(ctx: CommandContext, hash: HashValue, field: Uint8Array): Uint8Array | undefined {
  return hash.get(field, ctx.visibleNowMs)
}

/**
 * Stores the sum; the field keeps its deadline. Unless `asGiven`, replicas get the result: their copy of an expired
 * field would be added to, and a plain HSET would clear a deadline.
 */
function storeSum(ctx: CommandContext, args: Args, hash: HashValue, text: string, event: string, asGiven: boolean) {
  const [key, field] = [args.bytes(1), args.bytes(2)]
  const wasEmpty = hash.size === 0
  const deadlineMs = hash.hides(field, ctx.visibleNowMs) ? NEVER : (hash.peek(field)?.deadlineMs ?? NEVER)
  const isRevived = setField(ctx, hash, field, latin1Bytes(text), deadlineMs) === 'expired'
  storeIfNew(ctx, args, hash, wasEmpty)
  ctx.changed(key)
  if (isRevived) ctx.notify('h', 'hexpired', key)
  ctx.notify('h', event, key)
  if (deadlineMs !== NEVER) ctx.propagateAs('HSETEX', key, 'PXAT', deadlineText(deadlineMs), 'FIELDS', '1', field, text)
  else if (!asGiven) ctx.propagateAs('HSET', key, field, text)
}

export const hincrby = defineCommand({
  name: 'HINCRBY',
  group: 'hash',
  since: '2.0.0',
  summary: 'Adds to the integer in a field.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const increment = args.integer(3)
    if (increment === undefined) return ctx.reply.error(errors.notAnInteger)
    const hash = openHash(ctx, args)
    if (!hash) return
    const current = currentValue(ctx, hash, args.bytes(2))
    const old = current ? parseInteger(current) : 0
    if (old === undefined) return ctx.reply.error('ERR hash value is not an integer')
    const sum = addIntegers(old, increment)
    if (sum === undefined) return ctx.reply.error(errors.overflow)
    // Read before the change, which may take the last deadline away: an expired field is overwritten without one.
    const hasDeadlines = hash.volatileCount > 0
    storeSum(ctx, args, hash, sum.toString(), 'hincrby', !hasDeadlines)
    ctx.reply.integer(sum)
  }
})

export const hincrbyfloat = defineCommand({
  name: 'HINCRBYFLOAT',
  group: 'hash',
  since: '2.6.0',
  summary: 'Adds to the floating point number in a field.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const increment = parseLongDouble(args.bytes(3))
    if (!increment) return ctx.reply.error(errors.notAFloat)
    if (typeof increment === 'string') return ctx.reply.error('ERR value is NaN or Infinity')
    const hash = openHash(ctx, args)
    if (!hash) return
    const current = currentValue(ctx, hash, args.bytes(2))
    const old = current ? parseLongDouble(current) : ZERO
    if (!old) return ctx.reply.error('ERR hash value is not a float')
    const sum = addLongDouble(old, increment)
    if (!sum) return ctx.reply.error(errors.nanOrInfinity)
    const text = formatLongDouble(sum)
    storeSum(ctx, args, hash, text, 'hincrbyfloat', false)
    ctx.reply.latin1(text)
  }
})
